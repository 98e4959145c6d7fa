"use strict";
(function () {
  const form = document.getElementById("formulario");
  const field = document.getElementById("cpf");
  const problem = document.getElementById("erro");
  const asked = document.getElementById("pedido");
  const result = document.getElementById("resultado");
  const notice = document.getElementById("aviso");
  let timer = null;

  async function watchOpening() {
    try {
      const answer = await fetch("/opening", { headers: { Accept: "application/json" } });
      const said = answer.ok ? (await answer.json()).message || "" : notice.dataset.abertura;
      if (said !== notice.dataset.abertura && result.hidden && !(field && field.value)) { location.reload(); return; }
    } catch (error) { /* the bridge restarts: what is shown stays until it answers */ }
    setTimeout(watchOpening, 10000);
  }
  setTimeout(watchOpening, 10000);
  if (!form) { return; }

  function mask(text) {
    const digits = text.replace(/\D/g, "").slice(0, 11);
    return digits.replace(/^(\d{3})(\d)/, "$1.$2").replace(/^(\d{3}\.\d{3})(\d)/, "$1.$2").replace(/(\.\d{3})(\d{1,2})$/, "$1-$2");
  }

  function say(text) {
    problem.textContent = text;
    if (text) { field.setAttribute("aria-invalid", "true"); field.focus(); } else { field.removeAttribute("aria-invalid"); }
  }

  function again() {
    clearTimeout(timer);
    result.hidden = true;
    asked.hidden = false;
    notice.hidden = false;
    field.value = "";
    say("");
    field.focus();
  }

  function show(claim) {
    asked.hidden = true;
    notice.hidden = true;
    result.hidden = false;
    result.className = "resultado " + claim.tone;
    result.querySelector(".sinal").textContent = claim.sign;
    result.querySelector(".palavra").textContent = claim.word;
    result.querySelector(".mensagem").textContent = claim.message;
    result.focus();
  }

  async function follow(id) {
    try {
      const answer = await fetch("/claim/" + encodeURIComponent(id), { headers: { Accept: "application/json" } });
      if (!answer.ok) { again(); return; }
      const claim = await answer.json();
      show(claim);
      timer = setTimeout(claim.waiting ? function () { follow(id); } : again, claim.waiting ? 400 : 8000);
    } catch (error) {
      timer = setTimeout(function () { follow(id); }, 1500);
    }
  }

  async function send(event) {
    event.preventDefault();
    try {
      const answer = await fetch("/claim", {
        method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ cpf: field.value }),
      });
      const claim = await answer.json();
      if (!answer.ok) { say(claim.error || "Tente de novo ou chame o atendente."); return; }
      say("");
      show(claim);
      if (claim.waiting) { follow(claim.id); } else { timer = setTimeout(again, 8000); }
    } catch (error) {
      say("Sem resposta da ponte. Tente de novo ou chame o atendente.");
    }
  }

  function press(key) {
    const digits = field.value.replace(/\D/g, "");
    if (key === "limpar") { field.value = ""; } else if (key === "apagar") { field.value = mask(digits.slice(0, -1)); } else { field.value = mask(digits + key); }
    say("");
  }

  document.querySelector(".teclas").hidden = false;
  document.querySelectorAll(".tecla").forEach(function (button) {
    button.addEventListener("click", function () { press(button.dataset.tecla); });
  });
  field.addEventListener("input", function () { field.value = mask(field.value); });
  document.getElementById("recomecar").addEventListener("click", again);
  form.addEventListener("submit", send);
}());
