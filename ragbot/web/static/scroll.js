/** Follows the end of the conversation while the reader is there, and leaves them alone where they are not. */

import { byId } from "./dom.js";

const AT_END_PX = 8;

/** Watches the scroller of index.html. */
export class Follower {
  #scroller = byId("scroller");
  #latest = byId("latest");
  #following = true;
  #top = 0;
  #width = 0;

  constructor() {
    this.#scroller.addEventListener("scroll", () => this.#moved(), { passive: true });
    const observer = new ResizeObserver(() => this.#resized());
    observer.observe(byId("log"));
    observer.observe(this.#scroller); // which a phone's keyboard makes lower
    this.#latest.addEventListener("click", () => this.follow());
  }

  /** Goes to the end and stays there. */
  follow() {
    this.#following = true;
    this.#grown();
  }

  get #distance() {
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller;
    return scrollHeight - clientHeight - scrollTop;
  }

  #moved() {
    const { scrollTop } = this.#scroller;
    if (this.#distance <= AT_END_PX) this.#following = true;
    else if (scrollTop < this.#top) this.#following = false; // only the reader scrolls up
    this.#top = scrollTop;
    this.#latest.hidden = this.#following;
  }

  /** Where the page changed its width (a passage was opened), the reader's place matters, and not the end. */
  #resized() {
    const { clientWidth } = this.#scroller;
    const reflowed = clientWidth !== this.#width;
    this.#width = clientWidth;
    if (!reflowed) this.#grown();
  }

  #grown() {
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#latest.hidden = this.#following || this.#distance <= AT_END_PX;
  }
}
