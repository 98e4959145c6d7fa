// The inbox: keyboard, selection that survives the list's own refresh, the help of the shortcuts.
"use strict";

(() => {
  const list = () => document.querySelector("[data-inbox]");
  const OFF = "carimbo.atalhos.desligados";
  const help = document.querySelector("[data-shortcuts]");
  const toggle = document.querySelector("[data-shortcuts-on]");
  const search = document.querySelector("[data-shortcut-search]");

  const off = () => localStorage.getItem(OFF) === "1";
  if (toggle) {
    toggle.checked = !off();
    toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "0" : "1"));
  }

  const openHelp = () => { if (help && !help.open) help.showModal(); };
  document.querySelectorAll("[data-shortcuts-open]").forEach((button) => button.addEventListener("click", openHelp));

  const lines = () => [...(list()?.querySelectorAll("[data-line]") || [])];

  function move(step) {
    const all = lines();
    if (!all.length) return;
    const here = all.findIndex((line) => line.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(all.length - 1, here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step))];
    next.querySelector("[data-open]").focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const current = () => lines().find((line) => line.contains(document.activeElement));

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => current()?.querySelector("input[type=checkbox]")?.click(),
    c: () => current()?.querySelector("[data-claim]")?.click(),
    "/": () => search?.focus(),
    "?": openHelp,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || off() || !list()) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // Selection: the bar appears with it; the refresh waits while something is selected.
  const chosen = () => [...document.querySelectorAll("[data-inbox] input[name=tarefa]:checked")];

  function showBar() {
    const bar = document.querySelector("[data-bulk]");
    if (!bar) return;
    const many = chosen().length;
    bar.hidden = many === 0;
    bar.querySelector("[data-bulk-count]").textContent = many === 1 ? "1 tarefa selecionada" : `${many} tarefas selecionadas`;
  }

  document.addEventListener("change", (event) => { if (event.target.matches("input[name=tarefa]")) showBar(); });
  document.querySelector("[data-bulk-clear]")?.addEventListener("click", () => {
    chosen().forEach((box) => { box.checked = false; });
    showBar();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches?.("[data-inbox]") && chosen().length) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", showBar);
  showBar();
})();
