/**
 * The one place where a string becomes elements. The server has rendered and cleaned the HTML of an answer; what is not
 * in the list below is dropped here once more, so that one mistake alone lets nothing through.
 */

const TAGS = new Set(
  "p br hr em strong b i s del code pre blockquote ul ol li table thead tbody tr th td a".split(" "),
);
/** Their text is no text of the answer. */
const DROPPED = new Set("script style template iframe object embed svg math noscript textarea title".split(" "));
const HEADING = /^h([1-6])$/;
const SAFE_LINK = /^(https?:|mailto:)/i;

/**
 * @param {string} html an answer's `answer_html`
 * @returns {DocumentFragment}
 */
export function answerHtml(html) {
  // A document without a window: nothing in it runs or loads, and elements are made anew rather than moved.
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  copyChildren(parsed.body, fragment);
  return fragment;
}

/** Browsers nest what they parse some hundred levels deep and no deeper. */
function copyChildren(from, to) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE) copyElement(child, to);
  }
}

function copyElement(from, to) {
  const tag = from.localName;
  if (DROPPED.has(tag)) return;
  const heading = HEADING.exec(tag);
  if (!heading && !TAGS.has(tag)) {
    copyChildren(from, to);
    return;
  }
  // The page's own headings end at level 2: those of an answer lie below.
  const element = document.createElement(heading ? `h${Math.min(6, Number(heading[1]) + 2)}` : tag);
  if (tag === "a") copyLink(from, element);
  if (tag === "ol" && /^\d{1,6}$/.test(from.getAttribute("start") ?? "")) element.start = Number(from.getAttribute("start"));
  copyChildren(from, element);
  to.append(tag === "table" || tag === "pre" ? scrollable(element) : element);
}

function copyLink(from, link) {
  const address = from.getAttribute("href") ?? "";
  if (!SAFE_LINK.test(address)) return;
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

/** Wide tables and code scroll by themselves, by keyboard too, rather than widening the page. */
function scrollable(element) {
  const frame = document.createElement("div");
  frame.className = "wide";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", element.localName === "table" ? "Table" : "Code");
  frame.append(element);
  return frame;
}
