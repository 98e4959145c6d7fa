// A field of a form that holds the text of documents: the textarea stays the form's, the editor writes into it.
import { countWords, makeEditor } from "./making.js";

export function startField(root) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const source = part("source");
  const label = root.querySelector(`label[for="${source.id}"]`);
  const attributes = { id: source.id, "aria-label": label.textContent.trim() };
  for (const name of ["aria-describedby", "aria-invalid"]) {
    const value = source.getAttribute(name);
    if (value) attributes[name] = value;
  }
  attributes["aria-describedby"] = [attributes["aria-describedby"], "editor-ajuda"].filter(Boolean).join(" ");
  source.removeAttribute("id"); // what leads to the field leads to the box that is written in
  source.hidden = true;
  part("writing").hidden = false;
  const editor = makeEditor(root, JSON.parse(part("data").value), source.value, attributes);
  countWords(editor, part("count"));
  label.addEventListener("click", () => editor.commands.focus());
  editor.on("update", () => {
    source.value = editor.isEmpty ? "" : editor.getHTML();
    source.dispatchEvent(new Event("input", { bubbles: true })); // the page's draft follows
  });
  root.dataset.ready = "yes";
}
