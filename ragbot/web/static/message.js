/** One turn on the page: the question, and its answer while it is written and afterwards. */

import { StreamedText, linkMarkers } from "./citations.js";
import { copyButton } from "./copy.js";
import { announce, el } from "./dom.js";
import { FeedbackControls } from "./feedback.js";
import { answerHtml } from "./html.js";
import { label, problem, remarks } from "./outcomes.js";
import { nearestList, sourceList } from "./sources.js";

const LONGEST_SPOKEN = 1500;
const NO_FEEDBACK = new Set(["failed", "smalltalk"]);

/**
 * @typedef {{openPassage: (place: any, focusBack: () => HTMLElement) => void, ask: (question: string) => void}} Actions
 */

/** A turn; `root` is what stands in the conversation. */
export class TurnView {
  #actions;
  #text = el("div", { class: "text plain", dir: "auto" });
  #progress = el("p", { class: "progress" }, el("span", { class: "dots" }), el("span", { class: "doing" }, "Sending…"));
  #head = el("div");
  #foot = el("div", { class: "foot" });
  #streamed;
  #hits = [];
  #messageId = "";

  /**
   * @param {string} question
   * @param {Actions} actions
   */
  constructor(question, actions) {
    this.question = question;
    this.#actions = actions;
    this.#streamed = new StreamedText(this.#text, this.#open);
    this.answer = el(
      "article",
      { class: "answer", "aria-busy": "true" },
      el("h2", { class: "visually-hidden" }, "Answer"),
      this.#head,
      this.#text,
      this.#progress,
      this.#foot,
    );
    this.root = el(
      "div",
      { class: "turn" },
      el("div", { class: "question" }, el("h2", { class: "visually-hidden" }, "You asked"), el("p", { dir: "auto" }, question)),
      this.answer,
    );
  }

  /** What is being done until there is text. @param {string} words */
  doing(words) {
    this.#progress.hidden = false;
    this.#progress.lastChild.textContent = words;
  }

  /** @param {{message_id: string}} started */
  started({ message_id: id }) {
    this.#messageId = id;
    this.doing("Searching the documents…");
  }

  /** @param {{hits: any[]}} retrieved */
  retrieved({ hits }) {
    this.#hits = hits ?? [];
    this.doing("Reading what was found…");
  }

  /** @param {{text: string}} delta */
  delta({ text }) {
    this.#progress.classList.add("writing"); // the dots stay below the text until it ends
    this.#streamed.add(text);
  }

  /** @param {import("./citations.js").Citation} citation */
  citation(citation) {
    this.#streamed.cite(citation);
  }

  /** @param {any} result the object of `completed`, or a stored message */
  completed(result) {
    const { outcome, answer = "", answer_html: html, citations = [], message_id: id = this.#messageId } = result;
    const byNumber = new Map(citations.map((citation) => [citation.n, citation]));
    const focused = this.#text.contains(document.activeElement) ? document.activeElement.dataset.n : null;
    if (html) {
      this.#text.replaceChildren(answerHtml(html));
      this.#text.classList.remove("plain");
    } else {
      this.#text.replaceChildren(answer);
    }
    linkMarkers(this.#text, byNumber, this.#open);
    if (focused) this.#chip(focused)?.focus();
    this.#ended(outcome);
    const nearest = outcome === "abstained" ? nearestList(result.hits ?? this.#hits, this.#open) : null;
    this.#head.replaceChildren(...[label(outcome)].filter(Boolean));
    this.#foot.replaceChildren(
      ...[remarks(result, this.question), sourceList(citations, this.#open), nearest].filter(Boolean),
      ...(id && !NO_FEEDBACK.has(outcome) ? this.#controls(id, answer, result.feedback ?? null) : []),
    );
  }

  /**
   * The answer will not be finished. What was said stays.
   * @param {{code?: string, message?: string, remedy?: string}} error
   */
  failed(error) {
    this.#streamed.end();
    this.#ended("failed");
    const again = { text: "Ask again", onClick: () => this.#actions.ask(this.question) };
    this.#foot.replaceChildren(problem(error, again));
  }

  /** Reads the end aloud: the whole answer at once, not piece by piece. */
  speak() {
    const said = [this.#head, this.#text, this.#foot.querySelector(".remarks, .notice")]
      .map((part) => part?.textContent.trim())
      .filter(Boolean);
    announce(`Answer: ${said.join(". ").slice(0, LONGEST_SPOKEN)}`);
  }

  #ended(outcome) {
    this.#progress.hidden = true;
    this.answer.dataset.outcome = outcome;
    this.answer.removeAttribute("aria-busy");
  }

  #controls(id, answer, stored) {
    const feedback = new FeedbackControls(id, stored);
    return [el("div", { class: "actions" }, copyButton(answer), feedback.buttons), feedback.form];
  }

  #chip(n) {
    return this.#text.querySelector(`.chip[data-n="${Number(n)}"]`);
  }

  /** The chip may have been drawn anew since, when the finished answer took the streamed one's place. */
  #open = (place, opener) => {
    this.#actions.openPassage(place, () => (opener.isConnected ? opener : this.#chip(place.n)));
  };
}
