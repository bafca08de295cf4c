"""Greetings are returned; whatever asks something is not one."""

import pytest

from ragbot.chat.smalltalk import smalltalk

SAID = {
    "hi": "greeting",
    "Hello!": "greeting",
    "Good morning": "greeting",
    "hey there 👋": "greeting",
    "Guten Tag": "greeting",
    "Bonjour": "greeting",
    "How are you?": "greeting",
    "Hello, is somebody there?": "greeting",
    "Hi! Anyone here?": "greeting",
    "Thanks!": "thanks",
    "thank you very much": "thanks",
    "ok thanks, that was helpful": "thanks",
    "Perfect, thank you so much": "thanks",
    "Vielen Dank": "thanks",
    "Great, that fixed the problem. Thank you!": "thanks",
    "thx, exactly what I needed": "thanks",
    "bye": "goodbye",
    "Goodbye and thanks": "goodbye",
    "have a nice day": "goodbye",
}
NONE = (
    "hi, how do I reset my password",
    "Hello? Is anyone reading the invoices?",
    "thanks, but where is the form",
    "Refunds?",
    "goodbye refund policy",
    "what is a greeting card",
    "hi 5",
    "thanks for the invoice 4711",
    "is it good?",
    "that is all",
    "",
    "👋",
    "?",
    "how long is the day",
    "is it helpful?",
    "What is a tag?",
    "And for one day?",
    "What day is it?",
    "And this evening?",
    "And the morning?",
    "Is it all day?",
    "What is Hola?",
    "What is later",
    "did it work",
    "does the problem come back?",
    "is anyone there",
    "what is the issue?",
    "it worked, now what",
    "yes",
    "it",
)


@pytest.mark.parametrize("text", SAID)
def test_smalltalk_is_recognised(text: str) -> None:
    assert smalltalk(text) == SAID[text]


@pytest.mark.parametrize("text", NONE)
def test_what_asks_something_is_no_smalltalk(text: str) -> None:
    assert smalltalk(text) is None
