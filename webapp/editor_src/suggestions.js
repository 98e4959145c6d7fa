// Typing # offers the standard texts whose name begins so: arrows choose, Enter inserts, Escape closes.
import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const TYPED = /(?:^|\s)#([\p{L}\p{N}.-]{0,30})$/u;
const MOST = 8;

/** What of `items` ([{name, html}]) a person may mean by `typed`. */
export function matching(items, typed, most = MOST) {
  const wanted = fold(typed);
  return items.filter((item) => fold(item.name).includes(wanted)).slice(0, most);
}

/** `list`: the ul[role=listbox] that shows them; `items()` the texts; `insert(editor, item, range)` puts one in. */
export function standardTexts({ list, items, insert, announce }) {
  return Extension.create({
    name: "standardTexts",
    priority: 1000,
    addProseMirrorPlugins() {
      const editor = this.editor;
      let shown = [];
      let range = null;
      let chosen = 0;
      let dismissed = null;

      const close = () => {
        if (list.hidden) return;
        list.hidden = true;
        shown = [];
        editor.view.dom.removeAttribute("aria-activedescendant");
        editor.view.dom.removeAttribute("aria-controls");
      };
      const pick = (index) => {
        const item = shown[index];
        const at = range;
        close();
        insert(editor, item, at);
      };
      const draw = () => {
        list.replaceChildren(
          ...shown.map((item, index) => {
            const option = document.createElement("li");
            option.id = `${list.id}-${index}`;
            option.setAttribute("role", "option");
            option.setAttribute("aria-selected", String(index === chosen));
            option.textContent = item.name;
            option.addEventListener("mousedown", (event) => {
              event.preventDefault();
              pick(index);
            });
            return option;
          }),
        );
        editor.view.dom.setAttribute("aria-controls", list.id);
        editor.view.dom.setAttribute("aria-activedescendant", `${list.id}-${chosen}`);
      };
      const place = (view) => {
        const spot = view.coordsAtPos(range.from);
        const frame = list.offsetParent.getBoundingClientRect();
        list.style.top = `${spot.bottom - frame.top + 4}px`;
        list.style.left = `${Math.max(0, Math.min(spot.left - frame.left, frame.width - list.offsetWidth))}px`;
      };

      return [
        new Plugin({
          key: new PluginKey("standardTexts"),
          view: () => ({
            update(view) {
              const { $from, empty } = view.state.selection;
              const before = empty ? $from.parent.textBetween(0, $from.parentOffset, null, "\ufffc") : "";
              const typed = TYPED.exec(before);
              if (!typed || !view.hasFocus()) {
                dismissed = null;
                close();
                return;
              }
              range = { from: $from.pos - typed[1].length - 1, to: $from.pos };
              if (dismissed === range.from) return;
              const found = matching(items(), typed[1]);
              if (!found.length) {
                close();
                return;
              }
              const fresh = list.hidden || found.length !== shown.length;
              if (fresh) chosen = 0;
              shown = found;
              list.hidden = false;
              draw();
              place(view);
              if (fresh) announce(`${found.length === 1 ? "1 texto padrão" : `${found.length} textos padrão`}. Setas escolhem, Enter insere.`);
            },
            destroy: close,
          }),
          props: {
            handleKeyDown(_, event) {
              if (list.hidden) return false;
              if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
                draw();
                return true;
              }
              if (event.key === "Enter" || event.key === "Tab") {
                pick(chosen);
                return true;
              }
              if (event.key === "Escape") {
                dismissed = range.from;
                close();
                return true;
              }
              return false;
            },
            handleDOMEvents: {
              blur: () => {
                close();
                return false;
              },
            },
          },
        }),
      ];
    },
  });
}
