// Controle de processos: keyboard, selection, acts without reloading, new lines that appear by themselves.
// A refreshed list is merged line by line: what is selected stays selected, what has the focus keeps it.
"use strict";

(() => {
  const list = document.getElementById("lista");
  const form = document.querySelector("form[data-acts]");
  if (!list || !form) return;
  const OFF = "carimbo.atalhos.desligados";
  const WINDOW = 300;
  const help = document.querySelector("[data-help]");
  const news = document.querySelector("[data-news]");
  const told = document.getElementById("feito");
  const bar = form.querySelector("[data-bulk]");
  const ul = list.querySelector("[data-lines]");
  const raw = new WeakMap(); // a line as the server wrote it
  let busy = false;

  const lines = () => [...ul.querySelectorAll("[data-line]")];
  const current = () => document.activeElement?.closest?.("[data-line]");
  const chosen = () => lines().filter((line) => line.querySelector("input").checked);
  for (const line of ul.children) raw.set(line, line.outerHTML);

  // --- selection -----------------------------------------------------------------------------------------------------
  const count = bar.querySelector("[data-bulk-count]");
  const clear = bar.querySelector("[data-bulk-clear]");
  const panels = () => [...bar.querySelectorAll("[data-panel]")];
  const fold = () => { for (const one of panels()) one.open = false; };
  clear.hidden = false;

  function showBar() {
    const many = chosen().length;
    bar.hidden = many === 0;
    count.textContent = many === 1 ? "1 item selecionado" : `${many} itens selecionados`;
    if (!many) fold();
  }
  function unselect() {
    for (const line of lines()) line.querySelector("input").checked = false;
    showBar();
  }
  let last = null;
  ul.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=item]");
    if (!box) return;
    const all = lines();
    if (event.shiftKey && last?.isConnected) {
      const [from, to] = [all.indexOf(last), all.indexOf(box.closest("[data-line]"))].sort((a, b) => a - b);
      for (const line of all.slice(from, to + 1)) line.querySelector("input").checked = box.checked;
    }
    last = box.closest("[data-line]");
    showBar();
  });
  clear.addEventListener("click", unselect);

  // --- merging ---------------------------------------------------------------------------------------------------------
  function renewed(line, selected) {
    const made = document.importNode(line, true);
    raw.set(made, line.outerHTML);
    const box = made.querySelector("input");
    if (box && selected) box.checked = true;
    return made;
  }

  function merge(next, announce) {
    const had = new Map([...ul.children].map((line) => [line.dataset.key, line]));
    const selected = new Set(chosen().map((line) => line.dataset.key));
    const focused = current();
    const at = focused ? lines().indexOf(focused) : -1;
    const part = focused && document.activeElement.id;
    const incoming = [...next.querySelector("[data-lines]").children];
    const beyond = had.size > WINDOW ? [...ul.children].slice(WINDOW) : [];
    let place = ul.firstElementChild;
    let fresh = 0;
    const kept = new Set();
    for (const line of incoming) {
      const old = had.get(line.dataset.key);
      let node = old;
      if (!old || raw.get(old) !== line.outerHTML) {
        node = renewed(line, selected.has(line.dataset.key));
        if (!old && line.matches("[data-line]")) { fresh += 1; if (announce) node.classList.add("cx-new"); }
        if (old) { if (place === old) place = old.nextElementSibling; old.replaceWith(node); }
      }
      kept.add(node);
      if (node === place) place = place.nextElementSibling;
      else ul.insertBefore(node, place);
    }
    for (const line of [...ul.children]) if (!kept.has(line) && !beyond.includes(line)) line.remove();
    if (!beyond.length) tail(next);
    list.dataset.version = next.dataset.version;
    if (focused && !current()) {
      const same = part && document.getElementById(part);
      const line = ul.querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"]`) || lines()[Math.min(at, lines().length - 1)];
      (same || line?.querySelector("[data-open]"))?.focus({ preventScroll: true });
    }
    if (announce && fresh) news.textContent = fresh === 1 ? "1 item novo na lista." : `${fresh} itens novos na lista.`;
    showBar();
    htmx.trigger(document.body, "lista-mudou");
  }

  function tail(next) {
    const place = list.querySelector("[data-tail]");
    place.replaceChildren(...next.querySelector("[data-tail]").childNodes);
    htmx.process(place);
  }

  function follow(next) {
    const known = new Set([...ul.children].map((line) => line.dataset.key));
    const fresh = [...next.querySelector("[data-lines]").children].filter((line) => !known.has(line.dataset.key));
    const first = fresh.find((line) => line.matches("[data-line]"));
    const asked = document.activeElement?.matches("[data-more]");
    ul.append(...fresh.map((line) => renewed(line, false)));
    tail(next);
    if (asked && first) document.getElementById(first.querySelector("[data-open]").id)?.focus();
    const many = fresh.filter((line) => line.matches("[data-line]")).length;
    news.textContent = `Mais ${many} itens no fim da lista.`;
  }

  const page = (html) => new DOMParser().parseFromString(html, "text/html");
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt !== list) return;
    event.detail.parameters.versao = list.dataset.version;
    event.detail.parameters.mostrar = Math.min(lines().length, WINDOW);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, requestConfig, xhr } = event.detail;
    const asker = requestConfig?.elt || elt;
    if (xhr.status === 304) { event.detail.shouldSwap = false; return; }
    if (xhr.status !== 200) return;
    const isMore = asker.matches?.("[data-more]");
    if (asker !== list && !isMore) return;
    event.detail.shouldSwap = false;
    const next = page(xhr.responseText).getElementById("lista");
    if (!next) return;
    if (isMore) follow(next); else merge(next, true);
  });

  // --- acts ------------------------------------------------------------------------------------------------------------
  async function send(action, data) {
    if (busy) return;
    busy = true;
    data.set("mostrar", Math.min(lines().length, WINDOW));
    try {
      const answer = await fetch(action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
      const redirect = answer.headers.get("HX-Redirect");
      if (redirect) { location.assign(redirect); return; }
      const html = page(await answer.text());
      const next = html.getElementById("lista");
      if (!next) { document.getElementById("avisos").replaceChildren(...html.body.childNodes); return; }
      told.replaceChildren(...html.querySelector("[data-told]").childNodes);
      document.getElementById("avisos").replaceChildren();
      for (const line of lines()) line.querySelector("input").checked = false;
      for (const field of bar.querySelectorAll("input[type=text], textarea")) field.value = "";
      fold();
      merge(next, false);
    } catch {
      const notice = document.createElement("p");
      notice.className = "notice notice-error";
      notice.setAttribute("role", "alert");
      notice.textContent = "Sem conexão com o servidor. Nada foi mudado: espere um pouco e tente de novo.";
      document.getElementById("avisos").replaceChildren(notice);
    } finally {
      busy = false;
    }
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-acts], form[data-undo]")) return;
    event.preventDefault();
    send(event.target.action, new FormData(event.target, event.submitter));
  });

  function act(name) {
    const picked = chosen();
    const items = picked.length ? picked : [current()].filter(Boolean);
    if (!items.length) return;
    const data = new FormData(form);
    data.delete("item");
    data.set("acao", name);
    for (const line of items) data.append("item", line.dataset.key);
    send(form.action, data);
  }
  function panel(name) {
    if (!chosen().length && current()) current().querySelector("input").checked = true;
    if (!chosen().length) return;
    showBar();
    const found = bar.querySelector(`[data-panel="${name}"]`);
    if (!found) return;
    fold();
    found.open = true;
    found.querySelector("select, input, textarea, button").focus();
  }
  document.addEventListener("click", (event) => { if (!event.target.closest("[data-panel]")) fold(); });

  // --- keyboard --------------------------------------------------------------------------------------------------------
  function move(step) {
    const all = lines();
    if (!all.length) return;
    const here = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step))];
    next.querySelector("[data-open]").focus();
    next.scrollIntoView({ block: "nearest" });
  }
  const openHelp = () => { if (help && !help.open) help.showModal(); };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => current()?.querySelector("input").click(),
    c: () => act("claim"),
    e: () => act("conclude"),
    u: () => act("unread"),
    a: () => panel("assign"),
    s: () => panel("send"),
    m: () => panel("mark"),
    n: () => panel("note"),
    z: () => told.querySelector("form[data-undo]")?.requestSubmit(),
    "/": () => document.querySelector("[data-filter]")?.focus(),
    "?": openHelp,
    Escape: unselect,
  };
  const toggle = document.querySelector("[data-keys-on]");
  if (toggle) {
    toggle.checked = localStorage.getItem(OFF) !== "1";
    toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "0" : "1"));
  }
  for (const button of document.querySelectorAll("[data-help-open]")) {
    button.hidden = false;
    button.addEventListener("click", openHelp);
  }
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault(); // Enter in a field does that panel's act; on a box it opens the line
    const drop = event.target.closest(".cx-drop");
    if (drop) drop.querySelector("button[name=acao]").click();
    else event.target.closest("[data-line]")?.querySelector("[data-open]").click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && bar.contains(event.target)) { fold(); (chosen()[0] || lines()[0])?.querySelector("[data-open]").focus(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || localStorage.getItem(OFF) === "1") return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]")) return;
    const run = keys[event.key];
    if (run) { event.preventDefault(); run(); }
  });

  for (const line of document.querySelectorAll("[data-line]")) if (line.querySelector("input").checked) showBar();
  showBar();
})();
