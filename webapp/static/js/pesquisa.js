// Search by keyboard: `/` goes to the box, `j` and `k` from result to result, `n` to the next page. They rest while somebody types.
"use strict";

(() => {
  const box = document.querySelector("[data-search-box]");
  const help = document.getElementById("dicas");
  document.querySelector("[data-open-help]")?.addEventListener("click", () => { if (help) help.open = true; });

  // What is not filled in stays out of the address.
  document.querySelector(".pq-form")?.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value && name !== "q") event.formData.delete(name);
  });

  const results = () => [...document.querySelectorAll("[data-result]")];
  function step(by) {
    const all = results();
    if (!all.length) return;
    const here = all.indexOf(document.activeElement);
    all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)].focus();
  }
  const keys = {
    "/": () => { box?.focus(); box?.select(); },
    j: () => step(1),
    k: () => step(-1),
    n: () => document.querySelector("[data-next]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || localStorage.getItem("carimbo.atalhos.desligados") === "1") return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable=true]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
