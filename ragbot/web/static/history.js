/** The list of stored conversations: opening and deleting them. */

import { deleteConversation, listConversations } from "./api.js";
import { announce, button, byId, el } from "./dom.js";

const PAGE = 30;
const NONE = "Your conversations will be listed here.";
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** The list in index.html. */
export class ConversationList {
  #list = byId("conversations");
  #more = byId("more");
  #remark = byId("history-remark");
  #rows = /** @type {any[]} */ ([]);
  #current = () => /** @type {string|null} */ (null);
  #deleted;
  #asked = 0;

  /**
   * @param {{current: () => string|null, deleted: (id: string) => void}} parts `deleted` hears which one is gone
   */
  constructor({ current, deleted }) {
    this.#current = current;
    this.#deleted = deleted;
    this.#more.addEventListener("click", () => this.#append());
  }

  /** Asks for the newest ones again. */
  async refresh() {
    await this.#fetch(null, (rows) => {
      // What was listed further down stays listed.
      const ids = new Set(rows.map(({ id }) => id));
      const oldest = rows.at(-1)?.updated ?? "";
      this.#rows = [...rows, ...this.#rows.filter((row) => !ids.has(row.id) && row.updated < oldest)];
    });
  }

  async #append() {
    const first = this.#rows.length;
    await this.#fetch(this.#rows.at(-1)?.id ?? null, (rows) => {
      this.#rows = [...this.#rows, ...rows];
    });
    this.#list.children[first]?.querySelector("a").focus();
  }

  async #fetch(before, take) {
    this.#asked += 1;
    const turn = this.#asked;
    try {
      const { conversations } = await listConversations(PAGE, before);
      if (turn !== this.#asked) return; // a later answer is the truer one
      take(conversations);
      if (before || this.#rows.length <= PAGE) this.#more.hidden = conversations.length < PAGE;
      this.#remark.textContent = this.#rows.length === 0 ? NONE : "";
    } catch (error) {
      this.#remark.textContent = `The list could not be loaded. ${error.message}`;
    }
    this.draw();
  }

  /** Draws the list anew, with the current one marked. */
  draw() {
    const kept = this.#list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    if (this.#list.querySelector(".confirm")) return; // not while the reader is being asked
    this.#list.replaceChildren(...this.#rows.map((row) => this.#row(row)));
    if (kept) this.#list.querySelector(`[data-key="${CSS.escape(kept)}"]`)?.focus();
  }

  #row({ id, title, updated }) {
    const current = id === this.#current();
    const name = title || "Untitled";
    const props = { href: `#/c/${encodeURIComponent(id)}`, dir: "auto", data: { key: id } };
    const item = el(
      "li",
      {},
      el(
        "a",
        { ...props, "aria-current": current ? "page" : null },
        el("span", { class: "title" }, name),
        el("span", { class: "where" }, when(updated)),
      ),
      button({
        icon: "trash",
        label: `Delete the conversation “${name}”`,
        class: "quiet delete",
        onClick: () => this.#confirm(item, id),
      }),
    );
    return item;
  }

  #confirm(item, id) {
    const no = button({ text: "Keep", class: "secondary", onClick: () => this.#unask(id) });
    const yes = button({ text: "Delete", class: "danger", onClick: () => this.#delete(item, id) });
    const question = el("p", { id: "confirm-text" }, "Delete this conversation for good?");
    const box = el("div", { class: "confirm", role: "group", "aria-labelledby": "confirm-text" }, question, yes, no);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // it would close the drawer too, or stop an answer
      this.#unask(id);
    });
    this.#list.querySelector(".confirm")?.remove();
    item.append(box);
    no.focus();
  }

  #unask(id) {
    this.#list.querySelector(".confirm")?.remove();
    this.draw();
    this.#list.querySelector(`[data-key="${CSS.escape(id)}"] + .delete`)?.focus();
  }

  async #delete(item, id) {
    const at = this.#rows.findIndex((row) => row.id === id);
    for (const each of item.querySelectorAll("button")) each.disabled = true;
    try {
      await deleteConversation(id);
    } catch (error) {
      if (error.status !== 404) {
        this.#unask(id);
        this.#remark.textContent = `Not deleted: ${error.message}`;
        return;
      }
    }
    this.#asked += 1; // a list asked for before still holds it
    this.#rows = this.#rows.filter((row) => row.id !== id);
    this.#remark.textContent = this.#rows.length === 0 ? NONE : "";
    this.#unask(id);
    announce("The conversation is deleted.");
    (this.#list.querySelectorAll("a")[Math.min(at, this.#rows.length - 1)] ?? byId("new")).focus();
    this.#deleted(id);
  }
}

function when(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  return date.toDateString() === new Date().toDateString() ? TIME.format(date) : DAY.format(date);
}
