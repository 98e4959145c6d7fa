// Copying what is shown once. Without scripts the text is there to be selected: a click selects it whole.
for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const told = document.getElementById(button.dataset.tells);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    let copied = false;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      copied = true;
    } catch {
      copied = document.execCommand("copy"); // no permission, or not over TLS
    }
    told.textContent = copied ? "Copiada." : "Selecionada: copie com Ctrl+C.";
  });
}
