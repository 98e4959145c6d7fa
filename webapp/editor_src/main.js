// The editor: finds [data-editor] (a document's page) and [data-editor-field] (a field of a form) and brings them to life.
import { conflictPanel } from "./conflict.js";
import { startField } from "./field.js";
import { countWords, makeEditor } from "./making.js";
import { Saving } from "./saving.js";

function start(root) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const data = JSON.parse(part("data").value);
  const editor = makeEditor(root, data, part("source").value, {
    "aria-label": data.label,
    "aria-describedby": "editor-ajuda",
  });

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

  part("save").addEventListener("click", () => saving.save());

  const count = countWords(editor, part("count"));

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
for (const root of document.querySelectorAll("[data-editor-field]")) startField(root);
