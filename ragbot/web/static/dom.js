/**
 * Building elements. Every text that comes from a question, a document or a title passes through here as text;
 * nothing in this file, or in a caller of it, interprets it as HTML.
 */

/** An attribute that could run code or needs an inline style would be refused by the policy; this says so earlier. */
const REFUSED = /^(on|style$|srcdoc$)/i;

/**
 * Makes an element.
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes by name; `class`, `data` (an object) and `on` (listeners by event);
 *   true sets an empty attribute, false and null leave it out
 * @param {...(Node|string|null|undefined)} children strings become text
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (REFUSED.test(name)) {
      throw new TypeError(`attribute ${name} is not set here`);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * The element with this id, which index.html holds.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/**
 * A button with an icon and a text; `label` alone is read aloud and shown as a tooltip where there is no text.
 * @param {{icon?: string, text?: string, label?: string, class?: string, onClick: (event: MouseEvent) => void}} options
 * @returns {HTMLButtonElement}
 */
export function button({ icon: name, text, label, class: className = "quiet", onClick, ...props }) {
  return /** @type {HTMLButtonElement} */ (
    el(
      "button",
      { type: "button", class: className, "aria-label": label, title: text ? null : label, ...props, on: { click: onClick } },
      name ? icon(name) : null,
      text ? el("span", {}, text) : null,
    )
  );
}

const SVG = "http://www.w3.org/2000/svg";
/** Outlines on a 24 by 24 grid. */
const ICONS = {
  up: "M7 11v9H4v-9zM7 11l4-8a2.4 2.4 0 0 1 2.4 2.8L13 9h5.6a2 2 0 0 1 2 2.4l-1.3 7A2 2 0 0 1 17.3 20H7",
  down: "M7 13V4H4v9zM7 13l4 8a2.4 2.4 0 0 0 2.4-2.8L13 15h5.6a2 2 0 0 0 2-2.4l-1.3-7A2 2 0 0 0 17.3 4H7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  retry: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.2 16.2L21 21",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 7.6v.1",
  alert: "M12 4L2.5 20h19zM12 10v4.5M12 17.2v.1",
  stop: "M7 7h10v10H7z",
  document: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM5 20c.5-4 3.5-6 7-6s6.5 2 7 6",
  new: "M12 5v14M5 12h14",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
};

/**
 * A decorative icon; what it means must stand beside it or in a label.
 * @param {keyof typeof ICONS} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name] ?? ICONS.info);
  svg.append(path);
  return svg;
}

/**
 * Says something to people who listen to the page, once, without interrupting them.
 * @param {string} text
 */
export function announce(text) {
  byId("announcer").textContent = text;
}
