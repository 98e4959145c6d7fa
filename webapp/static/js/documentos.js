// Pages of documents and blocks: lists that typing shortens, fields that a choice reveals, files sent with progress.
"use strict";

(() => {
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  // A list of types: typing shortens it, Enter opens the first left.
  for (const input of document.querySelectorAll("[data-filter-list]")) {
    input.closest("[data-filter-box]").hidden = false;
    const none = document.querySelector("[data-filter-none]");
    const lines = () => [...document.querySelectorAll("[data-word]")];
    input.addEventListener("input", () => {
      const words = fold(input.value).split(/\s+/).filter(Boolean);
      for (const line of lines()) line.hidden = !words.every((word) => fold(line.textContent).includes(word));
      for (const group of document.querySelectorAll("[data-filter-group]")) group.hidden = !group.querySelector("[data-word]:not([hidden])");
      none.hidden = lines().some((line) => !line.hidden);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      lines().find((line) => !line.hidden)?.querySelector("a").click();
    });
  }

  // <div data-shown-by="name" data-shown-for="value value">: there when one of these is chosen.
  const reveal = () => {
    for (const part of document.querySelectorAll("[data-shown-by]")) {
      const chosen = document.querySelector(`[name="${part.dataset.shownBy}"]:checked`);
      part.hidden = !part.dataset.shownFor.split(" ").includes(chosen?.value);
    }
  };
  document.addEventListener("change", reveal);
  addEventListener("pageshow", reveal);
  reveal();

  // Check boxes: all, none, those that wait for a signature; the button says how many.
  for (const form of document.querySelectorAll("[data-picks]")) {
    const boxes = () => [...form.querySelectorAll("input[type=checkbox][data-pick]")];
    const count = () => {
      const many = boxes().filter((box) => box.checked).length;
      for (const place of form.querySelectorAll("[data-picked]")) place.textContent = many === 1 ? "1 documento" : `${many} documentos`;
    };
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-pick-these]");
      if (!button) return;
      for (const box of boxes()) box.checked = button.dataset.pickThese === "all" || (button.dataset.pickThese === "unsigned" && box.dataset.pick === "unsigned");
      count();
    });
    form.addEventListener("change", count);
    count();
  }

  // Files: one request each, with its progress; one that is refused stays in the list with the reason and can be tried again.
  const form = document.querySelector("[data-uploads]");
  if (!form) return;
  const list = form.querySelector("[data-list]");
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const say = (text) => { form.querySelector("[data-told]").textContent = text; };
  let waiting = [];
  form.querySelector("[data-drop-hint]").hidden = false;

  function add(files) {
    for (const file of files) {
      const line = document.createElement("li");
      const name = document.createElement("span");
      name.className = "up-name";
      name.textContent = file.name;
      const bar = document.createElement("progress");
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", `Envio de ${file.name}`);
      const words = document.createElement("span");
      words.className = "hint";
      words.textContent = `${Math.max(1, Math.round(file.size / 1000)).toLocaleString("pt-BR")} kB`;
      const out = document.createElement("button");
      out.type = "button";
      out.className = "button-quiet";
      const which = document.createElement("span");
      which.className = "visually-hidden";
      which.textContent = `: ${file.name}`;
      out.append("Tirar da lista", which);
      const item = { file, line, bar, words, out };
      out.addEventListener("click", () => { waiting = waiting.filter((other) => other !== item); line.remove(); list.hidden = !waiting.length; });
      line.append(name, bar, words, out);
      list.append(line);
      waiting.push(item);
    }
    list.hidden = !waiting.length;
  }

  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); add(event.dataTransfer.files); });

  const send = (item) => new Promise((resolve) => {
    const values = new FormData(form);
    values.set("files", item.file);
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", values.get("csrf_token"));
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Current-URL", location.href);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) item.bar.value = Math.round((100 * event.loaded) / event.total); });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* told below */ }
      if (request.status === 201) resolve({ ok: true, words: `Incluído como documento ${answer.number}.` });
      else if (request.getResponseHeader("HX-Redirect")) resolve({ words: "A sua sessão terminou. Entre de novo em outra aba e tente outra vez." });
      else if (request.status === 413) resolve({ words: "O arquivo é grande demais. Divida-o ou reduza a resolução." });
      else resolve({ words: answer.message || "O servidor recusou o arquivo. Tente outra vez." });
    });
    request.addEventListener("error", () => resolve({ words: "Sem conexão. Tente outra vez." }));
    request.send(values);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    if (!waiting.length) { say("Escolha ao menos um arquivo."); input.focus(); form.querySelector("[data-drop]").classList.add("over"); return; }
    form.dataset.busy = "yes";
    let refused = 0;
    for (const item of [...waiting]) {
      item.words.textContent = "Enviando…";
      item.out.hidden = true;
      say(`Enviando ${item.file.name}.`);
      const answer = await send(item);
      item.words.textContent = answer.words;
      item.words.className = answer.ok ? "hint" : "field-error";
      if (answer.ok) { item.bar.value = 100; waiting = waiting.filter((other) => other !== item); } else { refused += 1; item.out.hidden = false; item.bar.value = 0; }
    }
    delete form.dataset.busy;
    if (!refused) { say("Todos os arquivos foram incluídos."); location.assign(form.dataset.doneUrl); return; }
    say(refused === 1 ? "Um arquivo não foi incluído. Veja o motivo na lista." : `${refused} arquivos não foram incluídos. Veja os motivos na lista.`);
  });
})();
