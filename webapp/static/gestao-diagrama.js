// The diagram of a case, read only: where it is, where it went. The list beside it says the same in words.
"use strict";

(async () => {
  const canvas = document.querySelector("[data-diagram]");
  if (!canvas || !window.BpmnJS) return;
  const status = document.querySelector("[data-diagram-status]");
  const fail = () => { status.textContent = "Não foi possível desenhar o diagrama. A lista abaixo diz o mesmo em palavras."; };
  const answer = await fetch(canvas.dataset.diagram, { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) { fail(); return; }
  const view = await answer.json();
  const viewer = new window.BpmnJS({ container: canvas });
  try { await viewer.importXML(view.xml); } catch { fail(); return; }

  const diagram = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  const mark = (id, marker) => { if (registry.get(id)) diagram.addMarker(id, marker); };
  const sign = (id, kind, text, title) => {
    if (!registry.get(id)) return;
    const badge = document.createElement("span");
    badge.className = `diagram-sign diagram-sign-${kind}`;
    badge.textContent = text;
    badge.title = title;
    // Where a drawing leaves room: labels of events are below them, those of gateways anywhere but at the lower right.
    // On a task it stays within the task: the label of the gateway that follows may begin right after.
    const width = registry.get(id).width;
    const position = width < 45 ? { top: -14, left: -14 } : width < 60 ? { bottom: 20, right: 12 } : { top: -12, right: 40 };
    overlays.add(id, { position, html: badge });
  };

  const green = "#216e1f";
  for (const id of view.flows) {
    const arrow = registry.get(id);
    if (!arrow) continue;
    arrow.di.set("bioc:stroke", green);  // so that the head of the arrow has the colour, too
    viewer.get("graphicsFactory").update("connection", arrow, registry.getGraphics(arrow));
    mark(id, "taken");
  }
  for (const [id, count] of Object.entries(view.passed)) {
    mark(id, "passed");
    sign(id, "passed", count > 1 ? `✓ ${count}×` : "✓", count > 1 ? `Passou aqui ${count} vezes` : "Passou aqui");
  }
  for (const id of view.where) { mark(id, "where"); sign(id, "where", "▶", "Está aqui"); }
  for (const id of view.failed) { mark(id, "failed"); sign(id, "failed", "!", "Com incidente"); }

  const fit = () => {
    diagram.zoom("fit-viewport", "auto");
    if (diagram.zoom() > 1) diagram.zoom(1);
  };
  const focusHere = () => {
    const element = registry.get(view.failed[0] || view.where[0]);
    if (!element) { fit(); return; }
    diagram.zoom(1);
    const size = diagram.getSize();
    diagram.viewbox({ x: element.x + element.width / 2 - size.width / 2, y: element.y + element.height / 2 - size.height / 2,
      width: size.width, height: size.height });
  };
  const bind = (name, act) => document.querySelector(`[data-diagram-${name}]`)?.addEventListener("click", act);
  bind("fit", fit);
  bind("here", focusHere);
  bind("in", () => diagram.zoom(Math.min(3, diagram.zoom() * 1.25)));
  bind("out", () => diagram.zoom(Math.max(0.2, diagram.zoom() / 1.25)));
  // Too small to read when it is fitted into a narrow screen: begin where the case is.
  const begin = () => { fit(); if (diagram.zoom() < 0.45) focusHere(); };
  begin();
  let width = canvas.clientWidth;
  new ResizeObserver(() => {
    if (canvas.clientWidth === width || !canvas.clientWidth || !canvas.clientHeight) return;
    width = canvas.clientWidth;
    diagram.resized();
    begin();
  }).observe(canvas);
  document.querySelector("[data-diagram-tools]").hidden = false;
  canvas.dataset.drawn = "1";
  status.textContent = "";
})();
