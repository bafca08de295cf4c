/** Markers `[n]` as buttons, and where a citation stands in words. */

import { el } from "./dom.js";

/**
 * @typedef {{n: number, document_id: string, revision: number, title: string, source: string, uri: string,
 *   page_start: number|null, page_end: number|null, heading_path: string[], quote: string,
 *   char_start: number, char_end: number, support: string}} Citation
 */

const MARKER = /\[(\d{1,4})\]/g;
/** What may still become a marker when more text arrives. */
const HALF = /\[\d{0,4}$/;
const VERBATIM = "code, pre, a";

/**
 * The title a reader knows a document by.
 * @param {{title?: string, source?: string}} place
 */
export const titleOf = ({ title, source }) => title || source || "Untitled document";

/**
 * Page and headings in words, empty where neither is known.
 * @param {{page?: number|null, page_start?: number|null, page_end?: number|null, heading_path?: string[], title?: string}} place
 * @returns {string}
 */
export function placeOf({ page, page_start: first = page, page_end: last = first, heading_path: path = [], title }) {
  const pages = first ? (last && last !== first ? `pages ${first}–${last}` : `page ${first}`) : "";
  const isTitle = (heading, level) => level === 0 && title?.startsWith(heading);
  const headings = path.filter((heading, level) => heading && !isTitle(heading, level)).join(" › ");
  return [pages, headings].filter(Boolean).join(" · ");
}

/**
 * A button that opens a citation.
 * @param {Citation} citation
 * @param {(citation: Citation, opener: HTMLElement) => void} open
 * @returns {HTMLElement}
 */
export function chip(citation, open) {
  const place = [titleOf(citation), placeOf(citation)].filter(Boolean).join(", ");
  const name = `Source ${citation.n}: ${place}`;
  const props = { type: "button", class: "chip", title: place, "aria-label": name, "aria-haspopup": "dialog" };
  const made = el("button", { ...props, data: { n: citation.n } }, String(citation.n));
  made.addEventListener("click", () => open(citation, made));
  return made;
}

/**
 * Replaces the markers in finished text by chips; markers without a citation, and those in code, stay text.
 * @param {HTMLElement} root
 * @param {Map<number, Citation>} citations
 * @param {(citation: Citation, opener: HTMLElement) => void} open
 */
export function linkMarkers(root, citations, open) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts.filter((each) => !each.parentElement?.closest(VERBATIM))) {
    const pieces = split(text.data, (n) => (citations.has(n) ? chip(citations.get(n), open) : null));
    if (pieces.length > 1 || typeof pieces[0] !== "string") text.replaceWith(...pieces);
  }
}

/** Text with each marker that `make` gives a node for replaced by it. */
function split(text, make) {
  const pieces = [];
  let start = 0;
  for (const found of text.matchAll(MARKER)) {
    const node = make(Number(found[1]));
    if (!node) continue;
    // No line break between a word and its source.
    pieces.push(text.slice(start, found.index).replace(/[ \t]+$/, "\u00A0"), node);
    start = found.index + found[0].length;
  }
  pieces.push(text.slice(start));
  return pieces.filter((piece) => piece !== "");
}

/** Text that arrives piece by piece; a marker becomes a chip as soon as text and citation are both there. */
export class StreamedText {
  /**
   * @param {HTMLElement} root
   * @param {(citation: Citation, opener: HTMLElement) => void} open
   */
  constructor(root, open) {
    this.root = root;
    this.text = "";
    this.citations = /** @type {Map<number, Citation>} */ (new Map());
    this.#open = open;
  }

  #open;
  #held = "";

  /** @param {string} piece */
  add(piece) {
    this.text += piece;
    const text = this.#held + piece;
    const half = HALF.exec(text);
    this.#held = half ? half[0] : "";
    this.#append(half ? text.slice(0, half.index) : text);
  }

  /** @param {Citation} citation */
  cite(citation) {
    this.citations.set(citation.n, citation);
    for (const waiting of this.root.querySelectorAll(`[data-waiting="${Number(citation.n)}"]`)) {
      waiting.replaceWith(chip(citation, this.#open));
    }
  }

  /** No more will come: what was held back is text. */
  end() {
    this.#append(this.#held);
    this.#held = "";
  }

  #append(text) {
    const pieces = split(text, (n) =>
      this.citations.has(n) ? chip(this.citations.get(n), this.#open) : el("span", { data: { waiting: n } }, `[${n}]`),
    );
    for (const piece of pieces) {
      const last = this.root.lastChild;
      if (typeof piece === "string" && last?.nodeType === Node.TEXT_NODE) last.appendData(piece);
      else this.root.append(piece);
    }
  }
}
