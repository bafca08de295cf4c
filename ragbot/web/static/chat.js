/** One conversation: asking, stopping, showing a stored one. */

import { ApiError, getConversation } from "./api.js";
import { Run } from "./asking.js";
import { announce } from "./dom.js";
import { problem } from "./outcomes.js";

const STOPPED = { code: "cancelled" };
const POLL_MS = 1500;

/** The conversation the page shows. */
export class Chat {
  #parts;
  #running = /** @type {Run|null} */ (null);
  #settling = false;
  #shown = 0;
  id = /** @type {string|null} */ (null);

  /**
   * @param {{composer: import("./composer.js").Composer, follower: import("./scroll.js").Follower,
   *   log: import("./log.js").Log, changed: () => void}} parts `changed` hears when there is something new to list
   */
  constructor(parts) {
    this.#parts = parts;
  }

  get isAnswering() {
    return this.#running !== null;
  }

  /** Asks, and shows the answer as it comes. One question at a time. @param {string} question */
  async ask(question) {
    if (this.#running) return;
    const { composer, follower, log } = this.#parts;
    const run = new Run();
    this.#running = run;
    composer.busy = true;
    const view = log.add(question);
    follower.follow();
    announce("Sent. The answer is being written.");
    try {
      const onStarted = ({ conversation_id }) => this.#started(conversation_id);
      await run.follow(view, { question, conversation_id: this.id }, { settling: this.#settling, onStarted });
      if (!run.left) view.speak();
    } catch (error) {
      if (!run.left) this.#broken(error, run, view);
    } finally {
      if (!run.left) {
        this.#running = null;
        composer.busy = false;
        this.#parts.changed();
      }
    }
  }

  #started(id) {
    this.#settling = false;
    this.id = id;
    history.replaceState(null, "", `#/c/${encodeURIComponent(id)}`);
    this.#parts.changed();
  }

  #broken(error, run, view) {
    if (run.stopped) {
      this.#settling = true;
      view.failed(STOPPED);
      announce("Stopped.");
      return;
    }
    if (run.started) {
      view.failed(error);
      view.speak();
    } else {
      // Refused before it began, so nothing is stored: the reader gets the question back, and Send is the retry.
      view.root.remove();
      this.#parts.composer.restore(view.question);
      this.#parts.composer.tell(problem(error, wayOut(error)));
    }
    if (!(error instanceof ApiError)) throw error; // a mistake in this page
  }

  /** Ends the answer that is being written; what was said stays. */
  stop() {
    this.#running?.stop();
  }

  /** Shows a stored conversation, or an empty one. @param {string|null} id */
  async show(id) {
    const { composer, follower, log } = this.#parts;
    if (this.#running) {
      this.#running.leave();
      this.#running = null;
      this.#settling = true;
      composer.busy = false;
    }
    this.#shown += 1;
    this.id = id;
    log.clear();
    composer.tell(null);
    follower.follow();
    if (id) await this.#load(id, this.#shown);
  }

  async #load(id, shown) {
    const { composer, follower, log } = this.#parts;
    const isShown = () => shown === this.#shown;
    log.loading = true;
    try {
      const { messages } = await getConversation(id);
      if (!isShown()) return;
      const unfinished = log.show(messages);
      follower.follow();
      // Another tab is asking, or the service is still storing what a reload stopped.
      if (unfinished) setTimeout(() => isShown() && !this.#running && this.#load(id, shown), POLL_MS);
    } catch (error) {
      if (!isShown()) return;
      composer.tell(problem(error, wayOut(error)));
      if (!(error instanceof ApiError)) throw error;
    } finally {
      if (isShown()) log.loading = false;
    }
  }
}

function wayOut({ status }) {
  if (status === 401) return { icon: "retry", text: "Reload", onClick: () => location.reload() };
  if (status === 404) return { icon: "new", text: "New conversation", onClick: () => location.assign("#/") };
  return null;
}
