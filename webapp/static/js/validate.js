// The hash of a PDF is made here; the file never leaves the computer. Without JavaScript the code alone is checked.
"use strict";

(() => {
  const form = document.querySelector("[data-validate]");
  const box = form.querySelector("[data-file-check]");
  const drop = form.querySelector("[data-drop]");
  const input = form.querySelector("#arquivo");
  const state = form.querySelector("[data-file-state]");
  const hash = form.querySelector("[name=sha256]");
  const LIMIT = 20 * 1024 * 1024;
  box.hidden = false;

  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

  // FIPS 180-4, for browsers that offer crypto.subtle to https only.
  function sha256(data) {
    const rotate = (x, n) => (x >>> n) | (x << (32 - n));
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
    const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
    const k = primes.map((p) => fraction(Math.cbrt(p)));
    const h = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
    const length = ((data.length + 72) >> 6) << 6;
    const padded = new Uint8Array(length);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(length - 8, Math.floor(data.length / 2 ** 29));
    view.setUint32(length - 4, data.length << 3);
    const w = new Uint32Array(64);
    for (let at = 0; at < length; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i);
      for (let i = 16; i < 64; i++) {
        const a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) + w[i - 7] + (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10));
      }
      let [a, b, c, d, e, f, g, z] = h;
      for (let i = 0; i < 64; i++) {
        const t1 = (z + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [z, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
      }
      [a, b, c, d, e, f, g, z].forEach((value, i) => { h[i] = (h[i] + value) >>> 0; });
    }
    const out = new Uint8Array(32);
    h.forEach((value, i) => new DataView(out.buffer).setUint32(4 * i, value));
    return out;
  }

  // ISO 32000-1, 7.5.2; readers accept the header anywhere in the first 1024 bytes.
  const isPdf = (data) => String.fromCharCode(...data.subarray(0, 1024)).includes("%PDF-");

  async function read(file) {
    hash.disabled = true;
    hash.value = "";
    if (!file) { state.textContent = ""; return; }
    if (file.size > LIMIT) { state.textContent = "O arquivo é grande demais para ser um documento nosso. Escolha outro."; return; }
    state.textContent = "Lendo o arquivo…";
    let data;
    try { data = new Uint8Array(await file.arrayBuffer()); } catch {
      state.textContent = `Não foi possível ler ${file.name}. Escolha um arquivo PDF.`;
      return;
    }
    if (!isPdf(data)) {
      input.value = "";
      state.textContent = `${file.name} não é um PDF e não foi conferido. Escolha o arquivo PDF do documento.`;
      return;
    }
    const digest = globalThis.crypto?.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", data)) : sha256(data);
    hash.value = hex(digest);
    hash.disabled = false;
    state.textContent = `Arquivo lido: ${file.name}. Agora clique em Validar documento.`;
  }

  let reading = null;
  const take = (file) => {
    const mine = read(file).finally(() => { if (reading === mine) reading = null; });
    reading = mine;
  };

  // A click while the file is still being read waits for it.
  form.addEventListener("submit", (event) => {
    if (!reading) return;
    event.preventDefault();
    event.stopPropagation();
    reading.then(() => form.requestSubmit());
  });

  input.addEventListener("change", () => take(input.files[0]));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files[0]); });
})();
