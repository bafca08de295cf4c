/** The panel that shows a cited passage in its document: beside the conversation, or over it on small screens. */

import { getPassage } from "./api.js";
import { placeOf, titleOf } from "./citations.js";
import { button, byId, el } from "./dom.js";

/** Wide enough to read answer and source side by side. */
const BESIDE = matchMedia("(min-width: 75rem)");

/** A heading's line, or bold words. */
const STRONG = /^#{1,6} +(.+)$|\*\*([^*\s](?:[^*\n]*[^*\s])?)\*\*(?!\w)/gm;

const GONE = {
  changed:
    "The document has been changed since this answer was written. This is the passage as it was quoted; the document may say something else now.",
  not_found:
    "The document is no longer in the knowledge base, or you may no longer read it. This is the passage as it was quoted.",
};

/** One panel for the whole page. */
export class PassagePanel {
  #dialog = /** @type {HTMLDialogElement} */ (byId("passage"));
  #body = byId("passage-body");
  #title = byId("passage-title");
  #place = byId("passage-place");
  #focusBack = () => byId("question");
  #shown = 0;

  constructor() {
    byId("passage-close").addEventListener("click", () => this.close());
    // However it was closed: the button, Escape, the backdrop, a phone's back gesture. Not while it changes its layout.
    this.#dialog.addEventListener("close", () => this.isOpen || this.#left());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog && !BESIDE.matches) this.close(); // on the backdrop
    });
    BESIDE.addEventListener("change", () => {
      if (!this.isOpen) return;
      this.#dialog.close();
      this.#show();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /**
   * @param {import("./citations.js").Citation} citation one without a `quote` (a retrieved passage) opens too
   * @param {() => HTMLElement|null} focusBack where the reader came from
   */
  async open(citation, focusBack) {
    this.#shown += 1;
    const turn = this.#shown;
    this.#focusBack = focusBack;
    this.#mark(focusBack());
    this.#head(citation);
    this.#body.replaceChildren(el("p", { class: "muted" }, "Opening the document…"));
    this.#body.setAttribute("aria-busy", "true");
    if (!this.isOpen) this.#show();
    focusBack()?.scrollIntoView({ block: "nearest" }); // the conversation may have become narrower
    this.#title.focus();
    const content = await this.#content(citation);
    if (turn !== this.#shown) return; // another passage, or none, by now
    this.#body.removeAttribute("aria-busy");
    this.#body.replaceChildren(...content);
    this.#body.querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  /** Closes the panel and gives the focus back. */
  close() {
    this.#dialog.close();
  }

  #left() {
    this.#shown += 1;
    document.body.classList.remove("with-passage");
    this.#mark(null);
    (this.#focusBack() ?? byId("question")).focus();
  }

  /** Shows which source is open. */
  #mark(opener) {
    for (const before of document.querySelectorAll(".chip.current")) before.classList.remove("current");
    opener?.classList.add("current");
  }

  #show() {
    if (BESIDE.matches) this.#dialog.show();
    else this.#dialog.showModal();
    document.body.classList.toggle("with-passage", BESIDE.matches);
  }

  #head(place) {
    this.#title.textContent = titleOf(place);
    this.#place.textContent = placeOf(place);
  }

  async #content(citation) {
    try {
      const passage = await getPassage(citation);
      const { before, quote, after } = passage;
      const marked = el("mark", {}, ...lightly(quote));
      const text = el("div", { class: "excerpt", dir: "auto" }, ...lightly(before), marked, ...lightly(after));
      return [text, this.#source(passage)];
    } catch (error) {
      const why = GONE[error.code] ?? `The document could not be opened. ${error.message} This is the passage as it was quoted.`;
      const again = button({ icon: "retry", text: "Try again", onClick: () => this.open(citation, this.#focusBack) });
      return [
        el("p", { class: "notice", role: "status" }, why),
        citation.quote ? el("blockquote", { class: "excerpt", dir: "auto" }, el("mark", {}, ...lightly(citation.quote))) : null,
        this.#source(citation),
        error.code in GONE ? null : again,
      ].filter(Boolean);
    }
  }

  #source({ source, uri }) {
    const line = el("p", { class: "muted source", dir: "auto" }, source ?? "");
    if (/^https?:\/\//i.test(uri ?? "")) {
      const props = { href: uri, target: "_blank", rel: "noopener noreferrer" };
      line.append(" · ", el("a", props, "Open the original"));
    }
    return line;
  }
}

/** Text with headings and bold words as such; nothing else of the documents' light Markdown is interpreted. */
function lightly(text) {
  const pieces = [];
  let start = 0;
  for (const found of text.matchAll(STRONG)) {
    pieces.push(text.slice(start, found.index), el("strong", {}, found[1] ?? found[2]));
    start = found.index + found[0].length;
  }
  return [...pieces, text.slice(start)];
}
