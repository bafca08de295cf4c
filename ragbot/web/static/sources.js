/** What stands below an answer: its sources, or the passages that came nearest. */

import { chip, placeOf, titleOf } from "./citations.js";
import { button, el } from "./dom.js";

const NEAREST = 3;

/** @typedef {(place: any, opener: HTMLElement) => void} Open */

/**
 * The sources of an answer, one row for each place in a document.
 * @param {Iterable<import("./citations.js").Citation>} citations
 * @param {Open} open
 * @returns {HTMLElement|null} null where there are none
 */
export function sourceList(citations, open) {
  const places = new Map();
  for (const citation of citations) {
    const key = JSON.stringify([citation.document_id, placeOf(citation)]);
    places.set(key, [...(places.get(key) ?? []), citation]);
  }
  if (places.size === 0) return null;
  return section("Sources", [...places.values()].map((group) => sourceRow(group, open)));
}

function sourceRow(group, open) {
  const [first] = group;
  const chips = group.map((citation) => chip(citation, open));
  const partly = group.every(({ support }) => support === "partial");
  // The chips are the controls; a click anywhere on the row is a convenience for the mouse.
  const row = el(
    "li",
    { class: "place clickable" },
    el("span", { class: "chips" }, ...chips),
    words(first, partly ? "supports this in part" : ""),
  );
  row.addEventListener("click", (event) => event.target.closest("button") ?? chips[0].click());
  return row;
}

/**
 * The passages that came nearest to a question nothing answers.
 * @param {Array<any>} hits as the event `retrieved` has them
 * @param {Open} open
 * @returns {HTMLElement|null}
 */
export function nearestList(hits, open) {
  const seen = new Set();
  const different = hits.filter((hit) => {
    const key = JSON.stringify([hit.document_id, placeOf(hit)]);
    return !seen.has(key) && seen.add(key);
  });
  if (different.length === 0) return null;
  const rows = different.slice(0, NEAREST).map((hit) => nearestRow(hit, open));
  return section("Nearest passages", rows);
}

function nearestRow(hit, open) {
  if (!Number.isInteger(hit.char_start) || !Number.isInteger(hit.revision)) {
    return el("li", { class: "place" }, words(hit));
  }
  const opener = button({ class: "link", onClick: () => open(hit, opener), "aria-haspopup": "dialog" });
  opener.append(words(hit));
  return el("li", { class: "place" }, opener);
}

function words(place, remark = "") {
  const where = [placeOf(place), remark].filter(Boolean).join(" · ");
  return el(
    "span",
    { class: "words", dir: "auto" },
    el("span", { class: "title" }, titleOf(place)),
    where ? el("span", { class: "where" }, where) : null,
  );
}

function section(title, rows) {
  return el("section", { class: "sources", "aria-label": title }, el("h3", {}, title), el("ul", {}, ...rows));
}
