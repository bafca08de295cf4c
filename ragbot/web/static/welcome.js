/** What stands where there is no conversation yet: what can be asked, and how. */

import { sampleDocuments } from "./api.js";
import { button, byId } from "./dom.js";
import { titleOf } from "./citations.js";

const BEGINNINGS = ["How do I ", "What are the rules for ", "Where can I find "];

/**
 * Fills the welcome in index.html; a beginning goes into the field for the reader to finish.
 * @param {(text: string) => void} begin
 */
export async function fillWelcome(begin) {
  const examples = byId("examples");
  const show = (beginnings) => {
    const made = beginnings.map((text) =>
      button({ text: `${text.trimEnd()} …`, class: "example", dir: "auto", onClick: () => begin(text) }),
    );
    examples.replaceChildren(...made);
  };
  show(BEGINNINGS);
  let found;
  try {
    found = await sampleDocuments();
  } catch {
    return; // the welcome says what it can without it
  }
  const { documents, total } = found;
  byId("extent").textContent =
    total === 0
      ? "There are no documents yet. Once some have been ingested, you can ask about them here."
      : `Ask about ${total === 1 ? "the document" : `the ${total.toLocaleString()} documents`} you may read.`;
  if (total > 0) show([...BEGINNINGS.slice(0, 2), ...documents.slice(0, 1).map((each) => `What does “${titleOf(each)}” say about `)]);
}
