// The document's schema. Alignment, indentation and column widths are classes: no style attribute exists anywhere.
import { Extension, Mark, mergeAttributes } from "@tiptap/core";
import { Blockquote } from "@tiptap/extension-blockquote";
import { Bold } from "@tiptap/extension-bold";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { HorizontalRule } from "@tiptap/extension-horizontal-rule";
import { Italic } from "@tiptap/extension-italic";
import { Link } from "@tiptap/extension-link";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Strike } from "@tiptap/extension-strike";
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import { Text } from "@tiptap/extension-text";
import { Underline } from "@tiptap/extension-underline";
import { Dropcursor, Gapcursor, TrailingNode, UndoRedo } from "@tiptap/extensions";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

import { ALIGN, ALIGNMENTS, FIRST_LINE, INDENT, MAX_INDENT, PAGE_BREAK, VARIABLE, WIDTH } from "./words.js";

const number = (element, prefix, most) => {
  const found = [...element.classList].find((name) => name.startsWith(prefix));
  const value = found ? Number.parseInt(found.slice(prefix.length), 10) : 0;
  return value > 0 && value <= most ? value : 0;
};

/** Alignment and indentation of paragraphs and headings, by class. */
const Layout = Extension.create({
  name: "layout",
  addGlobalAttributes() {
    const align = {
      default: null,
      parseHTML: (element) => ALIGNMENTS.find((side) => element.classList.contains(ALIGN + side)) || null,
      renderHTML: ({ align: side }) => (side ? { class: ALIGN + side } : {}),
    };
    const indent = {
      default: 0,
      parseHTML: (element) => number(element, INDENT, MAX_INDENT),
      renderHTML: ({ indent: depth }) => (depth ? { class: `${INDENT}${depth}` } : {}),
    };
    const firstLine = {
      default: false,
      parseHTML: (element) => element.classList.contains(FIRST_LINE),
      renderHTML: ({ firstLine: drawn }) => (drawn ? { class: FIRST_LINE } : {}),
    };
    return [
      { types: ["paragraph", "heading"], attributes: { align, indent } },
      { types: ["paragraph"], attributes: { firstLine } },
    ];
  },
  addCommands() {
    const everywhere = (change) => ({ state, tr, dispatch }) => {
      const { from, to } = state.selection;
      let changed = false;
      state.doc.nodesBetween(from, to, (node, at) => {
        if (!["paragraph", "heading"].includes(node.type.name)) return;
        const attributes = change(node.attrs);
        if (Object.keys(attributes).every((name) => attributes[name] === node.attrs[name])) return;
        if (dispatch) tr.setNodeMarkup(at, undefined, { ...node.attrs, ...attributes });
        changed = true;
      });
      return changed;
    };
    return {
      alignTo: (align) => everywhere((now) => ({ align: now.align === align ? null : align })),
      toggleFirstLine: () => everywhere((now) => ("firstLine" in now ? { firstLine: !now.firstLine } : {})),
      moveIndent: (by) => everywhere((now) => ({ indent: Math.min(MAX_INDENT, Math.max(0, now.indent + by)) })),
    };
  },
  addKeyboardShortcuts() {
    return {
      "Mod-Shift-l": () => this.editor.commands.alignTo("left"),
      "Mod-Shift-e": () => this.editor.commands.alignTo("center"),
      "Mod-Shift-r": () => this.editor.commands.alignTo("right"),
      "Mod-Shift-j": () => this.editor.commands.alignTo("justify"),
      "Mod-]": () => this.editor.commands.moveIndent(1),
      "Mod-[": () => this.editor.commands.moveIndent(-1),
    };
  },
});

const script = (name, tag, shortcut) =>
  Mark.create({
    name,
    excludes: name === "subscript" ? "superscript" : "subscript",
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, mergeAttributes(HTMLAttributes), 0],
    addKeyboardShortcuts() {
      return { [shortcut]: () => this.editor.commands.toggleMark(name) };
    },
  });

/** The width of a column, in per cent, as a class of each of its cells. */
const width = {
  default: 0,
  parseHTML: (element) => number(element, WIDTH, 100),
  renderHTML: ({ width: chosen }) => (chosen ? { class: WIDTH + chosen } : {}),
};
const cell = (Node, more = {}) =>
  Node.extend({
    addAttributes() {
      const { colspan, rowspan } = this.parent();
      return { colspan, rowspan, width, colwidth: { default: null, rendered: false, parseHTML: () => null }, ...more };
    },
  });
const Break = HorizontalRule.extend({
  addAttributes: () => ({
    page: {
      default: false,
      parseHTML: (element) => element.classList.contains(PAGE_BREAK),
      renderHTML: ({ page }) => (page ? { class: PAGE_BREAK } : {}),
    },
  }),
});
const PlainTable = Table.extend({
  renderHTML: ({ HTMLAttributes }) => ["table", mergeAttributes(HTMLAttributes), ["tbody", 0]],
});

/** «processo.numero» is plain text; it is only painted, so that the server's merge finds it as it was typed. */
const Variables = Extension.create({
  name: "variables",
  addProseMirrorPlugins() {
    const painted = (doc) => {
      const found = [];
      doc.descendants((node, at) => {
        if (!node.isText) return;
        for (const match of node.text.matchAll(VARIABLE))
          found.push(Decoration.inline(at + match.index, at + match.index + match[0].length, { class: "variavel" }));
      });
      return DecorationSet.create(doc, found);
    };
    return [
      new Plugin({
        state: {
          init: (_, { doc }) => painted(doc),
          apply: (tr, old) => (tr.docChanged ? painted(tr.doc) : old),
        },
        props: {
          decorations(state) {
            return this.getState(state);
          },
        },
      }),
    ];
  },
});

/** https and mailto only; whatever else is typed or pasted stays text. */
export const allowedLink = (address) => /^(https:\/\/|mailto:)[^\s]+$/i.test(address || "");

const SafeLink = Link.configure({
  openOnClick: false,
  autolink: false,
  linkOnPaste: true,
  protocols: ["https", "mailto"],
  isAllowedUri: (address) => allowedLink(address),
  HTMLAttributes: { target: null, rel: "noopener noreferrer", class: null },
});

export const extensions = [
  Document,
  Paragraph,
  Text,
  Heading.configure({ levels: [1, 2, 3, 4] }),
  Bold,
  Italic,
  Underline,
  Strike,
  script("subscript", "sub", "Mod-,"),
  script("superscript", "sup", "Mod-."),
  BulletList,
  OrderedList,
  ListItem,
  ListKeymap,
  Blockquote,
  HardBreak,
  Break,
  SafeLink,
  PlainTable.configure({ resizable: false }),
  TableRow,
  cell(TableHeader, { scope: { default: "col" } }),
  cell(TableCell),
  UndoRedo,
  TrailingNode.configure({ notAfter: ["heading", "blockquote", "bulletList", "orderedList"] }), // a table at the end leaves room below it
  Dropcursor.configure({ color: false, class: "ed-drop" }),
  Gapcursor,
  Layout,
  Variables,
];
