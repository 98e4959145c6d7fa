// Saving: a local draft at each pause, a version when asked (Ctrl+S) or after some minutes, both texts kept in a conflict.
import { draftOf } from "./drafts.js";
import { postForm, Refused } from "./server.js";

const LOCAL_PAUSE = 800;
const VERSION_EVERY = 3 * 60 * 1000;
const RETRY = 15 * 1000;

const clock = (at) => new Date(at).toLocaleTimeString("pt-BR", { hour: "2-digit", minute: "2-digit" }).replace(":", "h");

export class Saving {
  constructor({ editor, url, base, account, documentId, byItself, say, onConflict }) {
    Object.assign(this, { editor, url, base, byItself, say, onConflict });
    this.draft = draftOf(account, documentId);
    this.saved = editor.getHTML();
    this.busy = null;
    this.failed = false;
    this.timers = {};
    editor.on("update", () => this.changed());
    addEventListener("online", () => this.failed && this.save());
    addEventListener("pagehide", () => this.dirty() && this.keep());
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty() && this.keep());
  }

  dirty() {
    return this.editor.getHTML() !== this.saved;
  }

  keep() {
    return this.draft.write(this.editor.getHTML(), this.base);
  }

  changed() {
    if (!this.failed) this.say("neutral", "Há alterações ainda não salvas.");
    clearTimeout(this.timers.local);
    this.timers.local = setTimeout(() => {
      if (!this.dirty()) return this.clean();
      if (!this.keep()) this.say("warning", "Este navegador não guarda rascunhos: salve com frequência.");
    }, LOCAL_PAUSE);
    if (this.byItself) this.timers.version ??= setTimeout(() => {
      this.timers.version = null;
      if (this.dirty()) this.save("Salvo automaticamente");
    }, VERSION_EVERY);
  }

  clean() {
    this.draft.drop();
    this.say("ok", "Tudo salvo.");
  }

  /** Puts back what an earlier visit left unsaved; returns that draft, or null. */
  restore() {
    const found = this.draft.read();
    if (!found || found.html === this.saved) {
      if (found) this.draft.drop();
      return null;
    }
    this.editor.commands.setContent(found.html, { emitUpdate: false });
    this.base = found.base;
    return { ...found, when: clock(found.at), outdated: false };
  }

  discard(base) {
    this.editor.commands.setContent(this.saved, { emitUpdate: false });
    this.base = base;
    this.clean();
  }

  /** Saves a version; true when the server has the text. Two calls at once are one. */
  async save(comment = "") {
    if (this.busy) return this.busy.then(() => (this.dirty() ? this.save(comment) : true));
    if (!this.dirty() && !this.failed) {
      this.say("ok", "Tudo salvo.");
      return true;
    }
    this.busy = this.send(comment);
    try {
      return await this.busy;
    } finally {
      this.busy = null;
    }
  }

  /** Over a version that is signed already, which the person has seen and chooses against. */
  insist(version) {
    this.base = version;
    this.failed = true;
    return this.save("Ficou este texto");
  }

  async send(comment) {
    clearTimeout(this.timers.version);
    this.timers.version = null;
    const html = this.editor.getHTML();
    this.keep();
    this.say("neutral", "Salvando…");
    let answer;
    try {
      answer = await postForm(this.url, { html, based_on: this.base, comment });
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      this.refused(problem);
      return false;
    }
    this.failed = false;
    this.base = answer.version;
    this.saved = html;
    if (this.dirty()) this.keep();
    else this.draft.drop();
    this.say("ok", `Salvo às ${clock(Date.now())} (versão ${answer.version}).`);
    if (answer.conflict) this.onConflict(answer, html);
    return true;
  }

  refused(problem) {
    this.failed = true;
    const kept = "O texto está guardado neste computador.";
    if (problem.kind === "session") {
      this.say("error", `A sua sessão terminou. ${kept} Entre de novo e ele volta a esta página.`, problem.address);
    } else if (problem.kind === "offline") {
      this.say("warning", `${problem.message} ${kept} Vamos tentar salvar de novo sozinhos.`);
      clearTimeout(this.timers.retry);
      this.timers.retry = setTimeout(() => this.failed && this.save(), RETRY);
    } else {
      this.say("error", `${problem.message} ${kept}`);
    }
  }
}
