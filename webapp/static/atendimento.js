// The desk's camera and upload: guided burst, thumbnails, an upload that survives a lost connection.
// Everything here improves plain forms that work without it; the pictures live in memory only, never in the browser's storage.
"use strict";

(() => {
  const TIMEOUT_MS = 20000;
  const RETRY_MS = [500, 1000, 2000, 4000, 8000];
  const PAUSE_MS = 900;
  const LONGEST_SIDE = 1280;
  const SIGNED_OUT = "Sua sessão terminou. Entre de novo em outra aba e volte: as fotos aceitas continuam aqui.";
  const TOO_LARGE = "O arquivo passa de 10 MB. Envie uma foto menor.";
  const UNUSABLE = "Não foi possível usar esta foto. Tente outra.";
  const MOST_LINES = 12;
  const FAILED = "A página não conseguiu enviar a foto. Recarregue a página e tente de novo.";

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  const online = () =>
    navigator.onLine === false
      ? new Promise((resolve) => window.addEventListener("online", resolve, { once: true }))
      : Promise.resolve();

  // One picture to the server. When an answer got lost, the picture may be there already: the judge then says "repetida".
  async function send(url, blob, name, field, token, tell) {
    for (let attempt = 0; ; attempt += 1) {
      const form = new FormData();
      form.append("csrf_token", token);
      form.append(field, blob, name);
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
      try {
        const answer = await fetch(url, {
          method: "POST", body: form, signal: stop.signal, credentials: "same-origin", headers: { Accept: "application/json" },
        });
        const json = (answer.headers.get("Content-Type") || "").includes("application/json");
        if (answer.status < 500 && json) {
          const body = await answer.json();
          if (attempt > 0 && body.code === "repetida") return { ...body, accepted: true, message: "Foto recebida." };
          return body;
        }
        if (answer.redirected) return { accepted: false, closed: true, message: SIGNED_OUT };
        if (answer.status < 500) return { accepted: false, message: answer.status === 413 ? TOO_LARGE : FAILED };
      } catch { /* lost connection or no answer in time: tried again below */ } finally {
        clearTimeout(timer);
      }
      tell("Sem conexão com o servidor. A foto está guardada nesta página e será enviada quando a conexão voltar.", "espera");
      await wait(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      await online();
    }
  }

  class Capture {
    constructor(root) {
      this.root = root;
      this.find = (name) => root.querySelector(`[data-${name}]`);
      this.video = this.find("video");
      this.stage = this.find("stage");
      this.guide = this.find("guide");
      this.counter = this.find("count");
      this.list = this.find("thumbs");
      this.upload = this.find("upload");
      this.judgements = this.find("judgements");
      this.needed = Number(root.dataset.needed || 1);
      this.token = root.querySelector("input[name=csrf_token]").value;
      this.running = false;
      this.stopped = false;
      this.chain = Promise.resolve();
      this.upload.addEventListener("submit", (event) => this.onUpload(event));
      this.upload.querySelector("input[type=file]").addEventListener("change", () => this.upload.requestSubmit());
      this.upload.querySelector("button").hidden = true; // choosing a file sends it
      root.addEventListener("submit", (event) => this.onRemove(event));
      this.find("start")?.addEventListener("click", () => this.toggleBurst());
      this.find("shot")?.addEventListener("click", () => { this.forget(); this.shoot(); });
      this.find("open")?.addEventListener("click", () => this.openCamera());
      window.addEventListener("pagehide", () => this.closeCamera());
      if (navigator.mediaDevices?.getUserMedia) this.find("open").hidden = false;
      else this.say("Este navegador não dá acesso à câmera. Envie fotos do computador.", "aviso");
      if ("autostart" in root.dataset) this.openCamera();
    }

    say(text, tone = "guia") {
      if (this.guide.textContent !== text) this.guide.textContent = text;
      this.guide.dataset.tone = tone;
    }

    // One line for each picture, which stays until the next act; the same judgement twice in a row is one line.
    note(answer, name) {
      if (this.needed === 1) return; // a single picture's judgement stays in the guide
      const text = `${name ? `${name}: ` : ""}${answer.message || UNUSABLE}`;
      if (this.judgements.lastElementChild?.textContent === text) return;
      const line = document.createElement("li");
      line.textContent = text;
      line.dataset.tone = answer.accepted ? "bom" : "aviso";
      this.judgements.append(line);
      while (this.judgements.children.length > MOST_LINES) this.judgements.firstElementChild.remove();
    }

    forget() { this.judgements.replaceChildren(); }

    async openCamera() {
      try {
        this.stream = await navigator.mediaDevices.getUserMedia({
          audio: false,
          video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: this.root.dataset.facing || "user" },
        });
      } catch (error) {
        const refused = error.name === "NotAllowedError";
        this.say(refused
          ? "O navegador não permitiu usar a câmera. Libere a câmera no cadeado do endereço, ou envie fotos do computador."
          : "Nenhuma câmera foi encontrada. Ligue a câmera e tente de novo, ou envie fotos do computador.", "aviso");
        return;
      }
      this.video.srcObject = this.stream;
      await this.video.play();
      this.stage.hidden = false;
      this.find("open").hidden = true;
      for (const name of ["start", "shot"]) if (this.find(name)) this.find(name).hidden = false;
      if (this.judged) return; // a judgement is being read: the camera that opens late doesn't talk over it
      this.say(this.root.dataset.ready || "Olhe para a câmera.");
      (this.find("start") || this.find("shot")).focus();
    }

    closeCamera() {
      this.stopped = true;
      this.stream?.getTracks().forEach((track) => track.stop());
    }

    picture() {
      const { videoWidth: width, videoHeight: height } = this.video;
      if (!width) return Promise.resolve(null);
      const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.getContext("2d").drawImage(this.video, 0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    }

    // One after the other: the server judges each picture against those before it.
    submit(blob, name, shown = "") {
      const work = async () => {
        this.root.setAttribute("aria-busy", "true");
        const tell = (text, tone) => this.say(text, tone);
        const answer = await send(this.root.dataset.url, blob, name, this.root.dataset.field || "foto", this.token, tell);
        this.root.removeAttribute("aria-busy");
        if (answer) { this.show(answer); this.note(answer, shown); }
        return answer;
      };
      const result = this.chain.then(work, work);
      this.chain = result.catch(() => null);
      return result;
    }

    async shoot() {
      const blob = await this.picture();
      if (!blob) { this.say("A câmera ainda está abrindo. Aguarde um instante.", "aviso"); return null; }
      this.flash();
      return this.submit(blob, "camera.jpg");
    }

    flash() {
      this.stage.classList.remove("desk-flash");
      void this.stage.offsetWidth;
      this.stage.classList.add("desk-flash");
    }

    async toggleBurst() {
      const button = this.find("start");
      if (this.running) { this.running = false; return; }
      this.running = true;
      this.forget();
      button.textContent = button.dataset.stopText;
      while (this.running && !this.stopped) {
        const answer = await this.shoot();
        if (answer?.ready || answer?.full || answer?.closed) break;
        await wait(answer?.accepted ? PAUSE_MS * 1.6 : PAUSE_MS);
      }
      this.running = false;
      button.textContent = button.dataset.startText;
    }

    async onUpload(event) {
      event.preventDefault();
      const input = this.upload.querySelector("input[type=file]");
      const files = [...input.files];
      if (!files.length) { this.say("Escolha ao menos uma foto.", "aviso"); input.focus(); return; }
      input.value = "";
      this.forget();
      let good = 0;
      for (const [index, file] of files.entries()) {
        this.say(`Enviando ${files.length > 1 ? `${index + 1} de ${files.length}` : "a foto"}…`, "espera");
        const answer = await this.submit(file, file.name, file.name);
        if (answer?.accepted) good += 1;
      }
      if (files.length > 1) {
        clearTimeout(this.hinting);
        this.say(`${good} de ${files.length} fotos aceitas. O resultado de cada uma está abaixo.`, good === files.length ? "bom" : "aviso");
      }
    }

    async onRemove(event) {
      const form = event.target.closest("form[data-remove]");
      if (!form) return;
      event.preventDefault();
      this.forget();
      try {
        const answer = await fetch(form.action, {
          method: "POST", body: new FormData(form), credentials: "same-origin", headers: { Accept: "application/json" },
        });
        this.show(await answer.json());
        (this.list.querySelector("button") || this.find("shot") || this.upload.querySelector("input[type=file]")).focus();
      } catch {
        this.say("Sem conexão com o servidor. A foto continua aqui; tente remover de novo.", "aviso");
      }
    }

    show(answer) {
      this.judged = true;
      this.say(answer.message || UNUSABLE,
        answer.accepted ? "bom" : "aviso");
      if (answer.html !== undefined) this.list.innerHTML = answer.html;
      if (answer.count_text !== undefined) this.counter.textContent = answer.count_text;
      this.root.dataset.good = answer.good ?? this.root.dataset.good;
      document.querySelectorAll("[data-when-ready]").forEach((item) => { item.hidden = !answer.ready; });
      document.querySelectorAll("[data-until-ready]").forEach((item) => { item.hidden = Boolean(answer.ready); });
      this.find("start")?.classList.toggle("button-second", Boolean(answer.ready));
      this.find("start")?.classList.toggle("button", !answer.ready);
      if (answer.next) this.hint(answer.next);
      if (answer.location) location.assign(answer.location);
    }

    // The next pose, a moment after the judgement was read.
    hint(text) {
      clearTimeout(this.hinting);
      this.hinting = setTimeout(() => { if (!this.stopped && this.stream) this.say(text); }, 1400);
    }
  }

  // What was searched for goes with the person into the form of the details, inside this tab.
  for (const form of document.querySelectorAll("form[data-carry]")) {
    form.addEventListener("submit", () => {
      const values = {};
      for (const field of form.querySelectorAll("input[type=hidden]")) {
        if (field.name !== "csrf_token" && field.value) values[field.name] = [field.value];
      }
      sessionStorage.setItem(`draft:${form.dataset.carry}`, JSON.stringify(values));
    });
  }

  const start = () => document.querySelectorAll("[data-capture]").forEach((root) => new Capture(root));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
