// Ctrl+K on every page of the staff: pages, commands, search. `g` and a letter go straight to a page.
"use strict";

(() => {
  const dialog = document.getElementById("paleta");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const box = dialog.querySelector("[role=listbox]");
  const said = dialog.querySelector("[data-palette-status]");
  let asked = 0;
  let waiting = 0;

  const options = () => [...box.querySelectorAll("[role=option]")];
  const chosen = () => box.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    const mine = ++asked;
    const answer = await fetch(`${dialog.dataset.palette}?q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (mine !== asked) return;
    if (!answer || !answer.ok || answer.status === 204) { said.textContent = "Não foi possível procurar agora."; return; }
    box.innerHTML = await answer.text();
    choose(options()[0]);
    const many = options().length;
    said.textContent = many === 1 ? "1 opção" : `${many} opções`;
  }

  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    input.value = "";
    dialog.showModal();
    input.focus();
    ask();
  }

  const go = (option) => { if (option) location.assign(option.dataset.url); };

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const here = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(here + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(here - 1 + all.length) % all.length]);
    else if (event.key === "Enter") go(chosen());
    else return;
    event.preventDefault();
  });
  box.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  for (const button of document.querySelectorAll("[data-palette-open]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }

  let after = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      if (event.target.closest?.("[contenteditable]")) return; // the editor makes links with it
      event.preventDefault();
      if (dialog.open) dialog.close(); else open();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || localStorage.getItem("carimbo.atalhos.desligados") === "1") return;
    if (event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]")) return;
    if (event.key === "g") { after = Date.now(); return; }
    if (Date.now() - after < 1500) {
      after = 0;
      const link = document.querySelector(`[data-goes] [data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); event.stopImmediatePropagation(); location.assign(link.href); }
    }
  }, true);
})();
