// What every page does: appearance, focus on the error summary, drafts that survive an expired session, htmx notices.
"use strict";

(() => {
  const root = document.documentElement;

  // Light or dark: the choice is a cookie, so the next page comes painted right from the server.
  document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `carimbo_aparencia=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  });

  document.querySelector("[data-focus]")?.focus();

  // <form data-draft="name">: what is typed stays in this tab until the server has taken it, also through an expired
  // session. Never passwords or files; signing out forgets everything.
  const keeps = (field) => field.name && field.name !== "csrf_token" && !["password", "file", "hidden", "submit"].includes(field.type);
  const sent = sessionStorage.getItem("draft-sent");
  if (sent) {
    const again = [...document.querySelectorAll("form[data-draft]")].some((form) => form.dataset.draft === sent);
    if (!again && location.pathname !== "/entrar") sessionStorage.removeItem(`draft:${sent}`);
    sessionStorage.removeItem("draft-sent");
  }
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = `draft:${form.dataset.draft}`;
    const saved = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const field of form.elements) {
      if (!keeps(field) || !(field.name in saved)) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = saved[field.name].includes(field.value);
      else if (!field.value) field.value = saved[field.name][0];
    }
    form.addEventListener("input", () => {
      const values = {};
      for (const field of form.elements) {
        if (!keeps(field)) continue;
        values[field.name] ??= [];
        if (!["checkbox", "radio"].includes(field.type) || field.checked) values[field.name].push(field.value);
      }
      sessionStorage.setItem(key, JSON.stringify(values));
    });
    form.addEventListener("submit", () => sessionStorage.setItem("draft-sent", form.dataset.draft));
  }
  for (const form of document.querySelectorAll("form[data-forgets]")) form.addEventListener("submit", () => sessionStorage.clear());

  // On a phone the menu is one row: where one is stands in view.
  const here = document.querySelector(".menu [aria-current]");
  if (here) { const row = here.closest("ul"); row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2; }

  // A second click on the same button sends nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent === "yes") { event.preventDefault(); return; }
    if (!form.matches("[hx-post], [hx-get], [data-local]")) form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

  const tell = (text) => {
    const place = document.getElementById("avisos");
    const notice = document.createElement("p");
    notice.className = "notice notice-error";
    notice.setAttribute("role", "alert");
    notice.textContent = text;
    place.replaceChildren(notice);
  };
  document.addEventListener("htmx:sendError", () => tell("Sem conexão com o servidor. O que você digitou continua aqui: espere um pouco e tente de novo."));
  document.addEventListener("htmx:timeout", () => tell("O servidor demorou a responder. O que você digitou continua aqui: tente de novo."));

  // <button data-print>: the browser's print window.
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
})();
