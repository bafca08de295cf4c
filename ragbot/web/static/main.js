/** The chat page: puts the parts together. */

import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { ConversationList } from "./history.js";
import { Log } from "./log.js";
import { PassagePanel } from "./passage.js";
import { Follower } from "./scroll.js";
import { watchReadiness } from "./status.js";
import { fillWelcome } from "./welcome.js";

const CONVERSATION = /^#\/c\/([^/]+)$/;

const follower = new Follower();
const passage = new PassagePanel();
const composer = new Composer({ onSend: (question) => chat.ask(question), onStop: () => chat.stop() });
const log = new Log({
  openPassage: (place, focusBack) => passage.open(place, focusBack),
  ask: (question) => chat.ask(question),
});
const list = new ConversationList({
  current: () => chat.id,
  deleted: (id) => id === chat.id && location.assign("#/"),
});
const chat = new Chat({ composer, follower, log, changed: () => list.refresh() });

function conversationOfAddress() {
  const found = CONVERSATION.exec(location.hash);
  try {
    return found && decodeURIComponent(found[1]);
  } catch {
    return null; // a broken % sequence
  }
}

async function showAddressed() {
  passage.close();
  byId("history").hidePopover?.();
  const shown = chat.show(conversationOfAddress());
  list.draw();
  await shown;
}

/** On small screens the list lies over the page, and Escape closes that first. */
function isDrawerOpen() {
  const list = byId("history");
  return Boolean(list.hidePopover) && list.matches(":popover-open");
}

addEventListener("hashchange", showAddressed);

byId("new").addEventListener("click", () => {
  if (conversationOfAddress()) location.assign("#/");
  else showAddressed();
  composer.focus();
});

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address holds the conversation
  composer.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (passage.isOpen) {
    event.preventDefault();
    passage.close();
  } else if (chat.isAnswering && !isDrawerOpen()) chat.stop();
});

watchReadiness();
fillWelcome((text) => composer.begin(text));
list.refresh();
showAddressed();
composer.focus();
