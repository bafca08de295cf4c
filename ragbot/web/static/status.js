/** Whether the service can answer, said above the conversation while it cannot. */

import { readiness } from "./api.js";
import { announce, byId } from "./dom.js";

const SOON_MS = 1500;
const LATER_MS = 10_000;

const WORDS = {
  starting: "The service is still starting. You can ask already; until it is ready, answers may be less complete.",
  unavailable: "The service cannot answer at the moment.",
  unreachable: "The service cannot be reached. Trying again…",
};

/**
 * Shows the state, and asks again until the service is ready.
 * @param {number} [tries] how often it was asked before
 */
export async function watchReadiness(tries = 0) {
  const banner = byId("banner");
  const { status, reason = "" } = await readiness();
  if (status === "ready") {
    if (!banner.hidden) announce("The service is ready.");
    banner.hidden = true;
    return;
  }
  const text = `${WORDS[status] ?? WORDS.unavailable} ${reason}`.trim();
  if (banner.textContent !== text) banner.textContent = text; // said once, not at each try
  banner.dataset.status = status;
  banner.hidden = false;
  setTimeout(() => watchReadiness(tries + 1), tries < 20 ? SOON_MS : LATER_MS);
}
