// Somebody else saved meanwhile: both texts rest on the server; here they stand side by side and the person chooses.
import { fragment } from "./server.js";

export function conflictPanel(panel, editor, saving) {
  const part = (name) => panel.querySelector(`[data-${name}]`);
  let told = null;

  async function show(answer) {
    for (const place of panel.querySelectorAll("[data-who]")) place.textContent = answer.other.author;
    part("other-version").textContent = answer.other.version;
    part("mine-version").textContent = answer.version;
    told = answer;
    part("message").textContent = answer.message;
    panel.hidden = false;
    part("title").focus();
    const [theirs, mine, compared] = await Promise.all([
      fragment(answer.other.url),
      fragment(answer.mine_url),
      fragment(answer.compare_url),
    ]);
    part("theirs").innerHTML = theirs; // clean on the server, and no script runs from innerHTML under this policy
    part("mine").innerHTML = mine;
    part("compared").innerHTML = compared;
  }

  const done = () => {
    panel.hidden = true;
    editor.commands.focus();
  };
  part("keep-mine").addEventListener("click", async () => {
    if (told.in_force || (await saving.insist(told.other.version))) done();
  });
  part("merge").addEventListener("click", () => {
    panel.classList.add("ed-conflict-beside");
    part("choices").hidden = true;
    part("close").hidden = false;
    editor.commands.focus();
  });
  part("close").addEventListener("click", () => {
    panel.classList.remove("ed-conflict-beside");
    part("choices").hidden = false;
    part("close").hidden = true;
    done();
  });
  part("keep-theirs").addEventListener("click", async () => {
    editor.commands.setContent(part("theirs").querySelector("[data-text]").innerHTML);
    if (await saving.save(`Ficou o texto da versão ${told.other.version}`)) done();
  });
  return show;
}
