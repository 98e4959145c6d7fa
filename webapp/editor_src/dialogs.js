// Dialogues of the editor: link, table, standard text, variable. Each is a <dialog> of the page with its own form.
import { allowedLink } from "./schema.js";
import { matching } from "./suggestions.js";

function open(dialog, invoker, editor) {
  dialog.showModal();
  dialog.querySelector("[data-first]")?.focus();
  dialog.addEventListener("close", () => (dialog.returnValue === "done" ? editor.commands.focus() : invoker?.focus()), {
    once: true,
  });
}

function onSubmit(dialog, act) {
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.value === "cancel") dialog.close("cancel");
    else if (act() !== false) dialog.close("done");
  });
}

export function linkDialog(dialog, editor) {
  const address = dialog.querySelector("[name=address]");
  const text = dialog.querySelector("[name=text]");
  const error = dialog.querySelector("[data-error]");
  const remove = dialog.querySelector("[data-remove]");
  const complete = (typed) => {
    const value = typed.trim();
    if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(value)) return `mailto:${value}`;
    return /^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`;
  };
  onSubmit(dialog, () => {
    const href = complete(address.value);
    if (!address.value.trim() || !allowedLink(href)) {
      error.textContent = "Digite um endereço que comece com https:// ou um e-mail.";
      error.hidden = false;
      address.setAttribute("aria-invalid", "true");
      address.focus();
      return false;
    }
    const chain = editor.chain().focus();
    if (editor.isActive("link")) chain.extendMarkRange("link").setLink({ href }).run();
    else if (editor.state.selection.empty)
      chain.insertContent({ type: "text", text: text.value.trim() || address.value.trim(), marks: [{ type: "link", attrs: { href } }] }).run();
    else chain.setLink({ href }).run();
    return true;
  });
  remove.addEventListener("click", () => {
    editor.chain().focus().extendMarkRange("link").unsetLink().run();
    dialog.close("done");
  });
  return (invoker) => {
    const current = editor.getAttributes("link").href || "";
    address.value = current;
    text.value = "";
    text.closest(".field").hidden = !editor.state.selection.empty || Boolean(current);
    remove.hidden = !current;
    error.hidden = true;
    address.removeAttribute("aria-invalid");
    open(dialog, invoker, editor);
  };
}

export function tableDialog(dialog, editor) {
  const value = (name) => Math.min(50, Math.max(1, Number.parseInt(dialog.querySelector(`[name=${name}]`).value, 10) || 1));
  onSubmit(dialog, () => {
    const withHeaderRow = dialog.querySelector("[name=header]").checked;
    editor.chain().focus().insertTable({ rows: value("rows"), cols: Math.min(12, value("cols")), withHeaderRow }).run();
  });
  return (invoker) => open(dialog, invoker, editor);
}

export function widthDialog(dialog, editor) {
  onSubmit(dialog, () => setColumnWidth(editor, Number(dialog.querySelector("[name=width]").value)));
  return (invoker) => open(dialog, invoker, editor);
}

/** The same width class on every cell of the columns that are selected, or of the one with the cursor. */
function setColumnWidth(editor, width) {
  editor
    .chain()
    .focus()
    .command(({ state, tr }) => {
      const { $from } = state.selection;
      for (let depth = $from.depth; depth > 0; depth -= 1) {
        if ($from.node(depth).type.name !== "table") continue;
        const column = $from.index(depth + 1);
        const start = $from.start(depth);
        $from.node(depth).forEach((row, at) => {
          if (column >= row.childCount) return;
          let inside = start + at + 1;
          for (let index = 0; index < column; index += 1) inside += row.child(index).nodeSize;
          tr.setNodeMarkup(inside, undefined, { ...row.child(column).attrs, width });
        });
        return true;
      }
      return false;
    })
    .run();
}

/** A list to search and choose from: standard texts and variables. `pick(item)` puts the chosen one in. */
export function choiceDialog(dialog, editor, items, pick) {
  const search = dialog.querySelector("[name=q]");
  const list = dialog.querySelector("[data-choices]");
  const none = dialog.querySelector("[data-none]");
  const draw = () => {
    const found = matching(items, search.value, 200);
    none.hidden = found.length > 0;
    list.replaceChildren(
      ...found.map((item) => {
        const line = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "ed-choice";
        button.append(item.name);
        if (item.about) {
          const about = document.createElement("span");
          about.className = "ed-choice-about";
          about.textContent = item.about;
          button.append(about);
        }
        button.addEventListener("click", () => {
          dialog.close("done");
          pick(item);
        });
        line.append(button);
        return line;
      }),
    );
  };
  search.addEventListener("input", draw);
  onSubmit(dialog, () => {
    list.querySelector("button")?.click();
    return false;
  });
  return (invoker) => {
    search.value = "";
    draw();
    open(dialog, invoker, editor);
  };
}
