/** The field for the question: what may be sent, and the draft that is never lost. */

import { announce, byId } from "./dom.js";

/** Characters (code points), as the service counts them. */
const LONGEST = 20_000;
const TELL_FROM = 18_000;
const MOST_ROWS = 8;
const DRAFT = "ragbot.draft";

/** The form at the foot of the page. */
export class Composer {
  #form = byId("composer");
  #field = /** @type {HTMLTextAreaElement} */ (byId("question"));
  #send = /** @type {HTMLButtonElement} */ (byId("send"));
  #stop = byId("stop");
  #count = byId("count");
  #problem = byId("problem");
  #busy = false;

  /**
   * @param {{onSend: (question: string) => void, onStop: () => void}} actions
   */
  constructor({ onSend, onStop }) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(onSend);
    });
    this.#field.addEventListener("keydown", (event) => {
      // 229 is what Safari gives the Enter that ends a composition.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit(onSend);
    });
    this.#field.addEventListener("input", () => this.#changed());
    // The second click of a double click on Send lands on Stop, which has taken its place.
    this.#stop.addEventListener("click", (event) => event.detail > 1 || onStop());
    this.#field.value = kept();
    this.#changed();
  }

  #submit(onSend) {
    const question = this.#field.value.trim();
    if (this.#busy || question === "" || length(question) > LONGEST) return;
    this.#field.value = "";
    this.#changed();
    this.tell(null);
    onSend(question);
  }

  #changed() {
    const { value } = this.#field;
    const count = length(value.trim());
    const tooLong = count > LONGEST;
    const words = `${count.toLocaleString()} of ${LONGEST.toLocaleString()} characters`;
    this.#field.rows = Math.min(MOST_ROWS, value.split("\n", MOST_ROWS).length); // where the field does not grow by itself
    this.#count.textContent = count < TELL_FROM ? "" : tooLong ? `Too long to send: ${words}` : words;
    this.#count.classList.toggle("bad", tooLong);
    const wasTooLong = this.#field.getAttribute("aria-invalid") === "true";
    if (tooLong && !wasTooLong) announce("The question is too long to send."); // once, not at each key
    this.#field.setAttribute("aria-invalid", String(tooLong));
    this.#send.disabled = count === 0 || tooLong;
    keep(value);
  }

  /** While an answer is written, Stop stands in the place of Send. @param {boolean} busy */
  set busy(busy) {
    const focused = document.activeElement === this.#stop || document.activeElement === this.#send;
    this.#busy = busy;
    this.#send.hidden = busy;
    this.#stop.hidden = !busy;
    if (focused) this.focus();
  }

  /** Gives a question that could not be asked back, before what was typed since. @param {string} question */
  restore(question) {
    const { value } = this.#field;
    this.#field.value = value.trim() ? `${question}\n\n${value}` : question;
    this.#changed();
  }

  /** A beginning for the reader to go on from. @param {string} text */
  begin(text) {
    this.#field.value = text;
    this.#changed();
    this.focus();
  }

  /**
   * Why the question could not be asked, until the next one is; null takes it away.
   * @param {Node|null} notice
   */
  tell(notice) {
    this.#problem.replaceChildren(...(notice ? [notice] : []));
  }

  focus() {
    this.#field.focus();
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }
}

function length(text) {
  return text.length <= LONGEST ? text.length : [...text].length;
}

/** A draft survives a reload, for the sake of signing in again. Storage may be forbidden: then it does not. */
function keep(draft) {
  try {
    if (draft) sessionStorage.setItem(DRAFT, draft);
    else sessionStorage.removeItem(DRAFT);
  } catch {
    // no storage, no draft
  }
}

function kept() {
  try {
    return sessionStorage.getItem(DRAFT) ?? "";
  } catch {
    return "";
  }
}
