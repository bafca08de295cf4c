/**
 * Server-sent events read from a fetch response, as the HTML standard defines the format: lines end in LF, CR or CRLF,
 * `data` lines join with LF, comments and unknown fields are skipped, and an event the connection cut off is dropped.
 */

/**
 * @typedef {{event: string, data: string, id: string}} ServerEvent
 */

/** Turns bytes, cut anywhere, into events. */
export class EventParser {
  #decoder = new TextDecoder("utf-8");
  #line = "";
  #afterCR = false;
  #event = "";
  #data = /** @type {string[]} */ ([]);
  #id = "";

  /**
   * @param {Uint8Array} bytes the next piece
   * @returns {ServerEvent[]} the events that are complete by now
   */
  feed(bytes) {
    const events = [];
    const text = this.#line + this.#decoder.decode(bytes, { stream: true });
    let start = 0;
    // What was held holds no line end, so the search begins behind it.
    for (let at = this.#line.length; at < text.length; at += 1) {
      const character = text[at];
      if (character === "\n" && this.#afterCR) {
        start = at + 1; // the second half of a CRLF that may have been cut in two
        this.#afterCR = false;
        continue;
      }
      this.#afterCR = character === "\r";
      if (character !== "\n" && character !== "\r") continue;
      const event = this.#take(text.slice(start, at));
      if (event) events.push(event);
      start = at + 1;
    }
    this.#line = text.slice(start);
    return events;
  }

  #take(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    // A comment begins with a colon: its field has no name, and is skipped like any unknown one.
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch() {
    const event = { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = "";
    this.#data = [];
    return empty ? null : event;
  }
}

/**
 * The events of a response body. Leaving the loop early closes the connection.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<ServerEvent, void, void>}
 */
export async function* readEvents(body) {
  const parser = new EventParser();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.feed(value);
    }
  } finally {
    // A connection that broke rejects the cancellation too; the read has said so already.
    reader.cancel().catch(() => undefined);
  }
}
