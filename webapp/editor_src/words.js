// What the stored text may look like: the classes that documents/texts/sanitising.py lets through and the PDF knows.
export const ALIGNMENTS = ["left", "center", "right", "justify"];
export const ALIGN = "align-";
export const INDENT = "indent-";
export const MAX_INDENT = 6;
export const FIRST_LINE = "first-line";
export const PAGE_BREAK = "page-break";
export const WIDTH = "width-";
export const VARIABLE = /«[^«»\n]{1,80}»/g;
