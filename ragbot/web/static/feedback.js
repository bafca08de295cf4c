/** What the reader thinks of an answer: helped or not, why, and in their words. It can be changed at any time. */

import { sendFeedback } from "./api.js";
import { button, el } from "./dom.js";

/** Stored as the key, shown as the value. */
const TAGS = {
  wrong: "Wrong",
  incomplete: "Incomplete",
  outdated: "Outdated",
  source_mismatch: "Source does not match",
};
const LONGEST_COMMENT = 4000;

/** @typedef {{rating: 1|-1, tags: string[], comment: string}} Feedback */

/** The controls below one answer. */
export class FeedbackControls {
  #messageId;
  #stored;
  #form = el("form", { class: "feedback-form", hidden: true, "aria-label": "Feedback on this answer" });
  #state = el("span", { class: "muted", role: "status" });
  #thumbs;

  /**
   * @param {string} messageId
   * @param {Feedback|null} stored
   */
  constructor(messageId, stored) {
    this.#messageId = messageId;
    this.#stored = stored;
    const thumb = (rating, icon, label) => button({ icon, label, "aria-pressed": "false", onClick: () => this.#rate(rating) });
    this.#thumbs = new Map([
      [1, thumb(1, "up", "This answer helped")],
      [-1, thumb(-1, "down", "This answer did not help")],
    ]);
    this.buttons = el("span", { class: "thumbs" }, ...this.#thumbs.values(), this.#state);
    this.form = this.#form;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#details();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault(); // it would close a passage too, or stop an answer
      this.#closeForm();
    });
    this.#show();
  }

  #show() {
    const rating = this.#stored?.rating;
    for (const [value, thumb] of this.#thumbs) thumb.setAttribute("aria-pressed", String(value === rating));
  }

  async #rate(rating) {
    const same = this.#stored?.rating === rating;
    if (same && !this.#form.hidden) {
      this.#closeForm();
      return;
    }
    const comment = this.#stored?.comment ?? "";
    if (same || (await this.#store({ rating, tags: [], comment }, "Thank you."))) this.#openForm();
  }

  /** Stores what the form says; what was typed stays there where that fails. */
  async #details() {
    const fields = new FormData(this.#form);
    const feedback = { rating: this.#stored.rating, tags: fields.getAll("tag"), comment: String(fields.get("comment")).trim() };
    if (await this.#store(feedback, "Thank you. Your feedback is saved.")) this.#closeForm();
  }

  async #store(feedback, thanks) {
    const controls = [...this.#thumbs.values(), ...this.#form.elements];
    const focused = document.activeElement;
    for (const control of controls) control.disabled = true; // one at a time, so that the last one wins
    try {
      const { feedback: stored } = await sendFeedback(this.#messageId, feedback);
      this.#stored = stored ?? feedback;
      this.#state.textContent = thanks;
      return true;
    } catch (error) {
      this.#state.textContent = `Not saved: ${error.message}`;
      return false;
    } finally {
      for (const control of controls) control.disabled = false;
      focused?.focus(); // disabling took it away
      this.#show();
    }
  }

  #openForm() {
    const { rating, tags, comment } = this.#stored;
    // Tags another program stored are kept and shown as they are.
    const names = new Set([...(rating < 0 ? Object.keys(TAGS) : []), ...tags]);
    const boxes = [...names].map((name) =>
      el(
        "label",
        { class: "tag" },
        el("input", { type: "checkbox", name: "tag", value: name, checked: tags.includes(name) }),
        TAGS[name] ?? name,
      ),
    );
    const legend = rating < 0 ? "What was wrong with it?" : "What was good?";
    const words = el("textarea", { name: "comment", rows: 2, maxlength: LONGEST_COMMENT, dir: "auto" });
    words.value = comment;
    this.#form.replaceChildren(
      boxes.length > 0 ? el("fieldset", {}, el("legend", {}, legend), ...boxes) : "",
      el("label", { class: "comment" }, "Comment (optional)", words),
      el(
        "div",
        { class: "buttons" },
        el("button", { type: "submit", class: "primary" }, "Save feedback"),
        button({ text: "Close", onClick: () => this.#closeForm() }),
      ),
    );
    this.#form.hidden = false;
    this.#form.querySelector("input, textarea").focus();
  }

  #closeForm() {
    const within = this.#form.contains(document.activeElement);
    this.#form.hidden = true;
    if (within) this.#thumbs.get(this.#stored.rating).focus();
  }
}
