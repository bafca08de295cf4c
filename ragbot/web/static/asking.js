/** One question on its way: the events of its answer, brought to its view. */

import { CUT, streamAnswer } from "./api.js";

/** A stopped answer is still being stored for a moment, and until then its conversation takes no question. */
const SETTLING_MS = 400;
const SETTLING_TRIES = 8;

/** What is being answered. `started`: the service has taken it on and stores it. `left`: nobody looks any more. */
export class Run {
  #controller = new AbortController();
  started = false;
  left = false;

  get stopped() {
    return this.#controller.signal.aborted;
  }

  /** Closes the connection; the service stores what was said until then. */
  stop() {
    this.#controller.abort();
  }

  /** Stops, and shows nothing more. */
  leave() {
    this.left = true;
    this.stop();
  }

  /**
   * Asks and shows until the end.
   * @param {import("./message.js").TurnView} view
   * @param {{question: string, conversation_id: string|null}} body
   * @param {{settling: boolean, onStarted: (data: any) => void}} more `settling`: an answer of this conversation was
   *   stopped just before
   * @throws {import("./api.js").ApiError} where the question is refused or the connection breaks
   */
  async follow(view, body, { settling, onStarted }) {
    for await (const { event, data } of this.#events(body, settling)) {
      if (this.left) return;
      switch (event) {
        case "started":
          this.started = true;
          view.started(data);
          onStarted(data);
          break;
        case "retrieved":
          view.retrieved(data);
          break;
        case "delta":
          view.delta(data);
          break;
        case "citation":
          view.citation(data);
          break;
        case "completed":
          view.completed(data);
          return;
        case "failed":
          view.failed(data.error);
          return;
        default: // a kind this page does not know is no reason to stop
      }
    }
    throw CUT;
  }

  async *#events(body, settling) {
    const { signal } = this.#controller;
    for (let tries = settling ? SETTLING_TRIES : 0; ; tries -= 1) {
      try {
        yield* streamAnswer(body, signal);
        return;
      } catch (error) {
        if (error.status !== 409 || tries <= 0) throw error;
        await new Promise((done) => setTimeout(done, SETTLING_MS));
        signal.throwIfAborted();
      }
    }
  }
}
