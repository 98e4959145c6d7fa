"use strict";
(function () {
  document.querySelectorAll("img[data-quadro]").forEach(function (image) {
    function next() {
      const fresh = new Image();
      fresh.onload = function () { image.src = fresh.src; setTimeout(next, 300); };
      fresh.onerror = function () { setTimeout(next, 2000); };
      fresh.src = image.dataset.quadro + "?" + Date.now();
    }
    next();
  });
}());
