/** How an answer ended, in words. */

import { button, el, icon } from "./dom.js";

/**
 * An answer with sources and a greeting need no label. An outcome this page does not know yet gets none either: its
 * text is shown.
 */
const LABELS = {
  abstained: { icon: "search", title: "Not found in the documents" },
  blocked: { icon: "alert", title: "Not answered" },
  clarify: { icon: "info", title: "A question back" },
  handoff: { icon: "person", title: "Passed on to a person" },
};

/** Reasons are about the documents; for an answer with sources, those say more. */
const EXPLAINED = new Set(["abstained", "blocked", "clarify", "handoff"]);

const ENDED = {
  cancelled: "This answer was stopped before it was complete.",
  interrupted: "The service was restarted while this answer was being written.",
};

/**
 * The label above an answer.
 * @param {string} outcome
 * @returns {HTMLElement|null}
 */
export function label(outcome) {
  const words = Object.hasOwn(LABELS, outcome) ? LABELS[outcome] : null;
  return words && el("p", { class: "outcome" }, icon(words.icon), words.title);
}

/**
 * What the answer rests on, and what was degraded on the way.
 * @param {{outcome: string, reason?: string, notes?: string[], query?: string}} result
 * @param {string} question
 * @returns {HTMLElement|null}
 */
export function remarks({ outcome, reason, notes, query }, question) {
  const lines = [...(notes ?? [])];
  if (reason && EXPLAINED.has(outcome)) lines.unshift(reason);
  if (query && outcome !== "smalltalk") lines.push(...understood(oneLine(query), oneLine(question), outcome));
  if (lines.length === 0) return null;
  return el("div", { class: "remarks", dir: "auto" }, ...lines.map((line) => el("p", {}, line)));
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();

/** A follow-up is searched for together with what was asked before, or reworded: where that matters, it is said. */
function understood(query, question, outcome) {
  if (!query.startsWith(question)) return [`Searched for: ${query}`];
  if (query === question || outcome !== "abstained") return [];
  return ["Your earlier questions were taken into account. If this is another subject, begin a new conversation."];
}

/**
 * What went wrong, what to do about it, and the way to do it.
 * @param {{code?: string, message?: string, remedy?: string}} error
 * @param {{text: string, onClick: () => void}|null} action
 * @returns {HTMLElement}
 */
export function problem({ code = "", message, remedy }, action) {
  const calm = Object.hasOwn(ENDED, code);
  return el(
    "div",
    { class: calm ? "notice" : "notice failed", data: { code } },
    el(
      "p",
      {},
      icon(calm ? "stop" : "alert"),
      el("strong", {}, calm ? ENDED[code] : message || "Something went wrong."),
      !calm && remedy ? ` ${remedy}` : null,
    ),
    action ? button({ icon: "retry", class: "secondary", ...action }) : null,
  );
}
