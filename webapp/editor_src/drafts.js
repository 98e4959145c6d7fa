// What was typed and not yet saved rests in this browser, under the account and the document, until the server has it.
const PREFIX = "carimbo:texto:";

export function draftOf(account, documentId) {
  const key = `${PREFIX}${account}:${documentId}`;
  return {
    read() {
      try {
        const found = JSON.parse(localStorage.getItem(key));
        return found && typeof found.html === "string" ? found : null;
      } catch {
        return null;
      }
    },
    /** False when the browser keeps nothing (private window, full disk): the page then says so. */
    write(html, base) {
      try {
        localStorage.setItem(key, JSON.stringify({ html, base, at: Date.now() }));
        return true;
      } catch {
        return false;
      }
    },
    drop() {
      try {
        localStorage.removeItem(key);
      } catch {
        /* nothing rests there */
      }
    },
  };
}
