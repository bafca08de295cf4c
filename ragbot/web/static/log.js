/** The turns of the conversation that is shown, oldest first. */

import { byId } from "./dom.js";
import { TurnView } from "./message.js";

/** The list of turns in index.html. The welcome below it shows while it is empty, by the style sheet. */
export class Log {
  #element = byId("log");
  #stored = /** @type {TurnView[]} */ ([]);
  #actions;

  /** @param {import("./message.js").Actions} actions */
  constructor(actions) {
    this.#actions = actions;
  }

  /** A new turn at the end. @param {string} question */
  add(question) {
    const view = new TurnView(question, this.#actions);
    this.#element.append(view.root);
    return view;
  }

  clear() {
    this.#stored = [];
    this.#element.replaceChildren();
  }

  /** @param {boolean} loading */
  set loading(loading) {
    this.#element.setAttribute("aria-busy", String(loading));
  }

  /**
   * Stored turns, in the place of those shown before; turns added since stay behind them.
   * @param {any[]} messages as the service has them
   * @returns {boolean} whether an answer among them is still being written
   */
  show(messages) {
    for (const view of this.#stored) view.root.remove();
    this.#stored = messages.map((message) => this.#view(message));
    this.#element.prepend(...this.#stored.map((view) => view.root));
    return messages.some(isUnfinished);
  }

  #view(message) {
    const view = new TurnView(message.question, this.#actions);
    if (isUnfinished(message)) view.doing("This answer is still being written…");
    else if (message.outcome === "failed") {
      view.delta({ text: message.answer ?? "" });
      for (const citation of message.citations ?? []) view.citation(citation);
      view.failed(message.error ?? {});
    } else view.completed(message);
    return view;
  }
}

const isUnfinished = ({ outcome }) => outcome === null || outcome === undefined;
