/** Copying an answer. */

import { announce, button, icon } from "./dom.js";

const SHOWN_MS = 2000;

/**
 * A button that copies; null where the browser offers no clipboard (a page that came over plain HTTP).
 * @param {string} text
 * @returns {HTMLButtonElement|null}
 */
export function copyButton(text) {
  if (!navigator.clipboard) return null;
  const made = button({ icon: "copy", label: "Copy this answer", onClick: () => copy(text, made) });
  return made;
}

async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    announce("The browser did not allow copying.");
    return;
  }
  announce("Copied.");
  shown.replaceChildren(icon("check"));
  setTimeout(() => shown.replaceChildren(icon("copy")), SHOWN_MS);
}
