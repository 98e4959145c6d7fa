// The editor of documents: finds [data-editor] in the page and brings it to life.
import { Editor } from "@tiptap/core";

import { conflictPanel } from "./conflict.js";
import { choiceDialog, linkDialog, tableDialog, widthDialog } from "./dialogs.js";
import { cleanPaste } from "./pasting.js";
import { Saving } from "./saving.js";
import { extensions } from "./schema.js";
import { standardTexts } from "./suggestions.js";
import { bindToolbar } from "./toolbar.js";

function start(root) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const data = JSON.parse(part("data").value);
  const dialog = (name) => root.querySelector(`dialog[data-dialog=${name}]`);
  const announce = (text) => {
    part("announce").textContent = text;
  };
  const insertText = (editor, item, range) => {
    const chain = editor.chain().focus();
    if (range) chain.deleteRange(range);
    chain.insertContent(item.html).run();
    announce(`${item.name}: texto inserido.`);
  };

  const editor = new Editor({
    element: part("area"),
    content: part("source").value,
    injectCSS: false, // css/documentos.css holds what it would inject: no style element without the page's nonce
    extensions: [
      ...extensions,
      standardTexts({ list: part("suggestions"), items: () => data.texts, insert: insertText, announce }),
    ],
    editorProps: {
      transformPastedHTML: cleanPaste,
      attributes: {
        class: "texto ed-text",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": data.label,
        "aria-describedby": "editor-ajuda",
        lang: "pt-BR",
        spellcheck: "true",
      },
    },
  });

  editor.view.dispatch(editor.state.tr); // what the schema adds by itself is no change of the person's

  const say = (kind, text, address = "") => {
    const place = part("status");
    place.className = `status status-${kind}`;
    place.querySelector("[data-words]").textContent = text;
    const link = part("sign-in");
    link.hidden = !address;
    if (address) link.href = address;
  };
  let conflicted = () => {};
  const saving = new Saving({
    editor,
    say,
    url: data.save_url,
    base: data.version,
    account: data.account,
    byItself: !data.signed, // a save drops signatures: only when the person asks
    documentId: data.document,
    onConflict: (answer) => conflicted(answer),
  });
  conflicted = conflictPanel(part("conflict"), editor, saving);

  bindToolbar(part("toolbar"), editor, {
    link: linkDialog(dialog("link"), editor),
    table: tableDialog(dialog("table"), editor),
    width: widthDialog(dialog("width"), editor),
    texts: choiceDialog(dialog("texts"), editor, data.texts, (item) => insertText(editor, item)),
    variables: choiceDialog(dialog("variables"), editor, data.variables, (item) =>
      editor.chain().focus().insertContent({ type: "text", text: item.value || `«${item.key}»` }).run(),
    ),
  });
  part("save").addEventListener("click", () => saving.save());

  const count = () => {
    const words = editor.state.doc.textBetween(0, editor.state.doc.content.size, " ", " ").match(/[\p{L}\p{N}]+/gu);
    const many = words ? words.length : 0;
    part("count").textContent = many === 1 ? "1 palavra" : `${many.toLocaleString("pt-BR")} palavras`;
  };
  editor.on("update", count);
  count();

  const left = saving.restore();
  if (left) {
    const since = left.base === data.version ? "" : " Enquanto isso, outra versão foi salva: ao salvar, os dois textos ficam guardados e você compara.";
    part("restored").hidden = false;
    part("restored-words").textContent = `Recuperamos o que você escreveu às ${left.when} e não tinha sido salvo.${since}`;
    say("warning", "Há alterações ainda não salvas.");
    count();
    part("discard").addEventListener("click", () => {
      saving.discard(data.version);
      part("restored").hidden = true;
      count();
      editor.commands.focus();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    saving.save();
  });
  for (const leave of root.querySelectorAll("[data-leave]")) {
    leave.addEventListener("click", async (event) => {
      if (!saving.dirty()) return;
      event.preventDefault();
      if ((await saving.save()) && part("conflict").hidden) location.assign(leave.href);
    });
  }
  part("writing").hidden = false;
  root.dataset.ready = "yes";
}

for (const root of document.querySelectorAll("[data-editor]")) start(root);
