// What the stored text may look like: the class names that documents/texts lets through and the PDF knows.
export const ALIGN = { left: "", center: "centro", right: "direita", justify: "justificado" };
export const INDENT = "recuo-";
export const MAX_INDENT = 4;
export const WIDTH = "largura-";
export const WIDTHS = [10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90];
export const VARIABLE = /«[^«»\n]{1,80}»/g;
