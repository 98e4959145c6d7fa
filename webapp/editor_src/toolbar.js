// The toolbar: WAI-ARIA toolbar pattern. One tab stop, arrows inside it, Alt+F10 to reach it, Escape back to the text.
import { MAX_INDENT } from "./words.js";

const HEADINGS = ["1", "2", "3", "4"];

/** data-act → what it does; `on` says whether it is pressed, `can` whether it makes sense here. */
export const acts = {
  bold: toggle("bold", "toggleBold"),
  italic: toggle("italic", "toggleItalic"),
  underline: toggle("underline", "toggleUnderline"),
  strike: toggle("strike", "toggleStrike"),
  subscript: mark("subscript"),
  superscript: mark("superscript"),
  bulletList: toggle("bulletList", "toggleBulletList"),
  orderedList: toggle("orderedList", "toggleOrderedList"),
  blockquote: toggle("blockquote", "toggleBlockquote"),
  left: align("left"),
  center: align("center"),
  right: align("right"),
  justify: align("justify"),
  indent: {
    run: (chain, editor) =>
      editor.can().sinkListItem("listItem") ? chain.sinkListItem("listItem") : chain.moveIndent(1),
    can: (editor) => !(editor.isActive({ indent: MAX_INDENT })),
  },
  outdent: {
    run: (chain, editor) =>
      editor.can().liftListItem("listItem") ? chain.liftListItem("listItem") : chain.moveIndent(-1),
  },
  firstLine: { run: (chain) => chain.toggleFirstLine(), on: (editor) => editor.isActive({ firstLine: true }) },
  rule: { run: (chain) => chain.setHorizontalRule() },
  pageBreak: { run: (chain) => chain.insertContent({ type: "horizontalRule", attrs: { page: true } }) },
  undo: { run: (chain) => chain.undo(), can: (editor) => editor.can().undo() },
  redo: { run: (chain) => chain.redo(), can: (editor) => editor.can().redo() },
  addRowBefore: inTable("addRowBefore"),
  addRowAfter: inTable("addRowAfter"),
  deleteRow: inTable("deleteRow"),
  addColumnBefore: inTable("addColumnBefore"),
  addColumnAfter: inTable("addColumnAfter"),
  deleteColumn: inTable("deleteColumn"),
  toggleHeaderRow: inTable("toggleHeaderRow"),
  mergeOrSplit: inTable("mergeOrSplit"),
  deleteTable: inTable("deleteTable"),
};

function toggle(name, command) {
  return { run: (chain) => chain[command](), on: (editor) => editor.isActive(name) };
}
function mark(name) {
  return { run: (chain) => chain.toggleMark(name), on: (editor) => editor.isActive(name) };
}
function align(side) {
  return { run: (chain) => chain.alignTo(side), on: (editor) => editor.isActive({ align: side }) };
}
function inTable(command) {
  return { run: (chain) => chain[command](), can: (editor) => editor.can()[command]() };
}

/** Binds the buttons of `bar` to `editor`; `others` are acts that open a dialogue. */
export function bindToolbar(bar, editor, others) {
  const stops = () => [...bar.querySelectorAll("button, select")].filter((stop) => stop.offsetParent !== null);
  const tableTools = bar.querySelector("[data-table-tools]");
  const styles = bar.querySelector("[data-style]");

  for (const button of bar.querySelectorAll("[data-act]")) {
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      const name = button.dataset.act;
      if (others[name]) others[name](button);
      else acts[name].run(editor.chain().focus(), editor).run();
    });
  }
  styles.addEventListener("change", () => {
    const chain = editor.chain().focus();
    if (styles.value === "p") chain.setParagraph().run();
    else chain.setHeading({ level: Number(styles.value) }).run();
  });

  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      editor.commands.focus();
      return;
    }
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: 0, End: 0 }[event.key];
    if (step === undefined || (event.target === styles && event.altKey)) return;
    event.preventDefault();
    const all = stops();
    const now = all.indexOf(document.activeElement);
    const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : (now + step + all.length) % all.length;
    rove(all[next]);
    all[next].focus();
  });
  bar.addEventListener("focusin", (event) => rove(event.target));

  function rove(chosen) {
    for (const stop of bar.querySelectorAll("button, select")) stop.tabIndex = stop === chosen ? 0 : -1;
  }

  function refresh() {
    tableTools.hidden = !editor.isActive("table");
    for (const button of bar.querySelectorAll("[data-act]")) {
      const act = acts[button.dataset.act];
      if (act?.on) button.setAttribute("aria-pressed", String(act.on(editor)));
      if (act?.can) button.setAttribute("aria-disabled", String(!act.can(editor)));
    }
    styles.value = HEADINGS.find((level) => editor.isActive("heading", { level: Number(level) })) || "p";
    if (![...bar.querySelectorAll("[tabindex='0']")].some((stop) => stop.offsetParent !== null)) rove(stops()[0]);
  }
  rove(stops()[0]);
  editor.on("transaction", refresh);
  refresh();

  document.addEventListener("keydown", (event) => {
    if (event.key !== "F10" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!event.altKey && !editor.isFocused) return; // F10 alone only while writing
    event.preventDefault();
    (bar.querySelector("[tabindex='0']") || stops()[0]).focus();
  });
}
