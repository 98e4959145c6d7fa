// The processo: the tree's keyboard, acts in a dialog, parts that renew themselves, the diagram when it is asked for.
"use strict";

(() => {
  const narrow = matchMedia("(max-width: 61.99rem)");

  // The tree (WAI-ARIA authoring practices, tree view): one stop of the Tab key; arrows, Home, End, letters inside.
  const tree = () => document.querySelector("[role=tree]");
  const hiddenBy = (item) => item.parentElement.closest("ul[role=group][hidden]");
  const items = () => [...(tree()?.querySelectorAll("[role=treeitem]") || [])].filter((item) => !hiddenBy(item));
  const groupOf = (item) => item.parentElement.querySelector(":scope > [role=group]");
  const parentOf = (item) => item.closest("ul[role=group]")?.parentElement.querySelector(":scope > [role=treeitem]");

  function rove(to) {
    for (const item of tree()?.querySelectorAll("[role=treeitem]") || []) item.tabIndex = item === to ? 0 : -1;
  }
  function focusOn(item) { if (item) { rove(item); item.focus(); } }
  function unfold(item, open) {
    const group = groupOf(item);
    if (!group || !item.hasAttribute("aria-expanded")) return;
    item.setAttribute("aria-expanded", String(open));
    group.hidden = !open;
  }
  function asked() { return new URLSearchParams(location.search).get("documento") || ""; }
  function select() {
    const wanted = asked();
    for (const item of tree()?.querySelectorAll("[role=treeitem]") || []) {
      item.setAttribute("aria-selected", String((item.dataset.document || "") === wanted && !item.dataset.elsewhere));
    }
    const chosen = tree()?.querySelector("[aria-selected=true]");
    if (!tree()?.contains(document.activeElement)) rove(chosen || items()[0]);
    else rove(document.activeElement);
  }

  let typed = "";
  let typedAt = 0;
  function find(letter, all, here) {
    const now = Date.now();
    typed = now - typedAt > 600 ? letter : typed + letter;
    typedAt = now;
    const from = typed.length > 1 ? here : here + 1;
    const ring = [...all.slice(from), ...all.slice(0, from)];
    focusOn(ring.find((item) => item.querySelector(".tree-name").textContent.trim().toLowerCase().startsWith(typed)));
  }

  document.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("[role=treeitem]");
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = items();
    const here = all.indexOf(item);
    const moves = {
      ArrowDown: () => focusOn(all[here + 1]),
      ArrowUp: () => focusOn(all[here - 1]),
      Home: () => focusOn(all[0]),
      End: () => focusOn(all[all.length - 1]),
      ArrowRight: () => {
        if (item.getAttribute("aria-expanded") === "false") unfold(item, true);
        else if (groupOf(item)) focusOn(all[here + 1]);
      },
      ArrowLeft: () => {
        if (item.getAttribute("aria-expanded") === "true" && !item.closest(".tree-root")?.isSameNode(item.parentElement)) unfold(item, false);
        else focusOn(parentOf(item));
      },
      " ": () => item.click(),
    };
    if (moves[event.key]) { event.preventDefault(); moves[event.key](); } else if (event.key.length === 1 && /\S/.test(event.key)) { find(event.key.toLowerCase(), all, here); }
  });

  // A document opened from the tree: the address follows, so that it can be kept and sent.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "proc-meio") return;
    const address = event.detail.requestConfig?.path;
    if (address) history.replaceState(null, "", address);
    select();
    if (narrow.matches) {
      document.querySelector(".proc-box")?.removeAttribute("open");
      document.getElementById("proc-meio").scrollIntoView({ block: "start" });
      document.querySelector("#proc-meio h2")?.focus();
    }
  });
  if (narrow.matches && asked()) document.querySelector(".proc-box")?.removeAttribute("open");
  narrow.addEventListener("change", () => { if (!narrow.matches) document.querySelector(".proc-box")?.setAttribute("open", ""); });
  // On a wide screen the summary is not shown, so the list must be open.
  if (!narrow.matches) document.querySelector(".proc-box")?.setAttribute("open", "");

  // Acts: the link's page comes as a part into the dialog; the link itself works without scripts.
  const dialog = document.querySelector("[data-act-dialog]");
  let opener = null;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-act]");
    if (link) opener = link.id;
    if (event.target.closest?.("[data-act-close]") && dialog?.open) { event.preventDefault(); dialog.close(); }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "ato-corpo" || !dialog) return;
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector("[data-focus]") || dialog.querySelector("h2");
    first?.focus();
    startFilters(dialog);
    recall(dialog.querySelector("form[hx-post]"));
  });

  // What was typed in a dialog stays in this tab until it was sent: through Escape, and through an expired session.
  const kept = (form) => `ato:${form.getAttribute("hx-post")}`;
  const keeps = (field) => field.name && !["password", "file", "hidden", "submit", "search"].includes(field.type);
  dialog?.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form) return;
    const texts = [...form.elements].filter((field) => keeps(field) && !["checkbox", "radio"].includes(field.type));
    sessionStorage.setItem(kept(form), JSON.stringify(Object.fromEntries(texts.map((field) => [field.name, field.value]))));
  });
  function recall(form) {
    if (!form) return;
    const typed = JSON.parse(sessionStorage.getItem(kept(form)) || "{}");
    for (const [name, value] of Object.entries(typed)) {
      const field = form.elements[name];
      if (field && keeps(field) && field.tagName !== "SELECT" && !field.value) field.value = value;
    }
  }
  dialog?.addEventListener("close", () => {
    document.getElementById("ato-corpo").replaceChildren();
    const from = opener && document.getElementById(opener);
    const menu = from?.closest("details:not([open])");
    (menu?.querySelector("summary") || from || document.getElementById("conteudo"))?.focus();
  });

  document.addEventListener("processo-feito", (event) => {
    const place = document.getElementById("avisos");
    const notice = document.createElement("p");
    notice.className = "notice notice-ok";
    notice.textContent = event.detail.frase;
    place.replaceChildren(notice);
    const form = dialog?.querySelector("form[hx-post]");
    if (form) sessionStorage.removeItem(kept(form));
    if (dialog?.open) dialog.close();
    place.scrollIntoView({ block: "nearest" });
  });

  // A form refused in the dialog comes back into it, with what to correct: no error of the page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
    if (event.detail.xhr.status === 422 && event.detail.target?.id === "ato-corpo") event.detail.isError = false;
  });

  // Parts that renew themselves: what was unfolded stays so.
  let unfolded = [];
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "proc-vivo") return;
    unfolded = [...document.querySelectorAll(".tree [aria-expanded=true]")].map((item) => item.id);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of unfolded) { const item = document.getElementById(id); if (item) unfold(item, true); }
    select();
  });

  // A long list of units or types: typing shortens it.
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  function startFilters(root) {
    for (const tools of root.querySelectorAll("[data-select-tools]")) tools.hidden = false;
    for (const input of root.querySelectorAll("[data-filter]")) {
      if (input.dataset.on) continue;
      input.dataset.on = "1";
      input.closest(".field, form")?.removeAttribute("hidden");
      const lines = () => [...document.querySelectorAll(`${input.dataset.filter} [data-word]`)];
      const none = document.querySelector(`${input.dataset.filter}-nada`);
      input.addEventListener("input", () => {
        const words = fold(input.value).split(/\s+/).filter(Boolean);
        let left = 0;
        for (const line of lines()) {
          const keep = words.every((word) => fold(line.textContent).includes(word)) || Boolean(line.querySelector("input:checked"));
          line.hidden = !keep;
          if (keep) left += 1;
        }
        if (none) none.hidden = left > 0;
      });
    }
  }

  // Mark or unmark a whole list at once.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-select]");
    if (!button) return;
    for (const box of document.querySelectorAll(`${button.dataset.select} input[type=checkbox]`)) {
      if (!box.closest("[hidden]")) box.checked = button.dataset.way === "todos";
    }
  });

  // The diagram: drawn when the figure is opened (the viewer is large).
  document.querySelector("[data-figure]")?.addEventListener("toggle", (event) => {
    const figure = event.currentTarget;
    if (!figure.open || figure.dataset.started) return;
    figure.dataset.started = "1";
    const nonce = document.querySelector("script[nonce]").nonce;
    const load = (address) => new Promise((resolve) => {
      const script = document.createElement("script");
      script.nonce = nonce;
      script.src = address;
      script.addEventListener("load", resolve);
      document.body.append(script);
    });
    load(figure.dataset.viewer).then(() => load(figure.dataset.drawing));
  });

  startFilters(document);
  select();
})();
