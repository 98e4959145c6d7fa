// A working editor out of the page's parts (documentos/_editor.html): area, toolbar, dialogs, count of words.
import { Editor } from "@tiptap/core";

import { choiceDialog, linkDialog, tableDialog, widthDialog } from "./dialogs.js";
import { cleanPaste } from "./pasting.js";
import { extensions } from "./schema.js";
import { standardTexts } from "./suggestions.js";
import { bindToolbar } from "./toolbar.js";

/** `root` holds the parts, `data` has `variables` and perhaps `texts`; `attributes` are those of the box written in. */
export function makeEditor(root, data, content, attributes) {
  const part = (name) => root.querySelector(`[data-${name}]`);
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
  const offered = data.texts
    ? [standardTexts({ list: part("suggestions"), items: () => data.texts, insert: insertText, announce })]
    : [];

  const editor = new Editor({
    element: part("area"),
    content,
    injectCSS: false, // css/documentos.css holds what it would inject: no style element without the page's nonce
    extensions: [...extensions, ...offered],
    editorProps: {
      transformPastedHTML: cleanPaste,
      attributes: {
        class: "texto ed-text",
        role: "textbox",
        "aria-multiline": "true",
        lang: "pt-BR",
        spellcheck: "true",
        ...attributes,
      },
    },
  });
  editor.view.dispatch(editor.state.tr); // what the schema adds by itself is no change of the person's

  bindToolbar(part("toolbar"), editor, {
    link: linkDialog(dialog("link"), editor),
    table: tableDialog(dialog("table"), editor),
    width: widthDialog(dialog("width"), editor),
    variables: choiceDialog(dialog("variables"), editor, data.variables, (item) =>
      editor.chain().focus().insertContent({ type: "text", text: item.value || `«${item.key}»` }).run(),
    ),
    ...(data.texts && { texts: choiceDialog(dialog("texts"), editor, data.texts, (item) => insertText(editor, item)) }),
  });
  return editor;
}

/** Keeps `place` saying how many words the text has; the returned function says it again. */
export function countWords(editor, place) {
  const count = () => {
    const words = editor.state.doc.textBetween(0, editor.state.doc.content.size, " ", " ").match(/[\p{L}\p{N}]+/gu);
    const many = words ? words.length : 0;
    place.textContent = many === 1 ? "1 palavra" : `${many.toLocaleString("pt-BR")} palavras`;
  };
  editor.on("update", count);
  count();
  return count;
}
