// <input data-mask="000.000.000-00">: typed with or without points, shown with them. Needs vendor/imask before it.
"use strict";

for (const field of document.querySelectorAll("[data-mask]")) IMask(field, { mask: field.dataset.mask });
