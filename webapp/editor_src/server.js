// Requests to the server. What can go wrong comes back as a kind, so that the page says what to do and keeps the text.
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

export class Refused extends Error {
  /** kind: "offline" | "session" | "refused" */
  constructor(kind, message, address = "") {
    super(message);
    this.kind = kind;
    this.address = address;
  }
}

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, {
      ...options,
      credentials: "same-origin",
      headers: { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": token(), ...options.headers },
    });
  } catch {
    throw new Refused("offline", "Sem conexão com o servidor.");
  }
  const signIn = answer.headers.get("HX-Redirect");
  if (signIn) throw new Refused("session", "A sua sessão terminou.", signIn);
  if (answer.status >= 500) throw new Refused("offline", "O servidor não respondeu.");
  if (!answer.ok) {
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim();
    throw new Refused("refused", told || "O servidor recusou o texto.");
  }
  return answer;
}

export const postForm = async (url, values) => (await ask(url, { method: "POST", body: new URLSearchParams(values) })).json();

export const fragment = async (url) => (await ask(url, { method: "GET" })).text();
