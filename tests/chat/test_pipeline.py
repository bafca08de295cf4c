"""The whole story of a turn, as events."""

import asyncio

import pytest

from ragbot.chat.settings import AnswerSettings
from ragbot.core.errors import ConfigError
from ragbot.core.events import ChatEvent, Cited, Completed, Delta, Retrieved
from ragbot.core.readiness import Readiness
from ragbot.core.types import Message, Turn
from ragbot.testing.passages import MemoryPassages, passage
from tests.chat.kit import answered, events_of, make_pipeline

REFUNDS = passage("refunds", "Refunds take five business days. Ask the desk for the form.", heading_path=("Refunds",))
SECRET = passage("secret", "The refunds ceiling is 900 euros.", labels=("staff",))


ALWAYS = AnswerSettings.model_validate({"threshold": 0})
"""The hash embedder knows no meaning: its cosines are lower than those the threshold was set for."""


def check_order(events: list[ChatEvent]) -> str:
    """Every rule of ``ragbot.core.events``; gives the text."""
    assert [type(event) for event in events].count(Completed) == 1
    last = events[-1]
    assert isinstance(last, Completed)
    text = ""
    for event in events:
        if isinstance(event, Delta):
            text += event.text
        if isinstance(event, Cited):
            assert f"[{event.citation.n}]" in text
    assert text == last.answer.text
    assert tuple(event.citation for event in events if isinstance(event, Cited)) == last.answer.citations
    return text


async def test_an_answer_is_retrieved_said_cited_and_completed() -> None:
    events = await events_of(
        make_pipeline(MemoryPassages([REFUNDS]), ALWAYS), Turn("How many business days do refunds take?")
    )
    assert check_order(events).startswith("Refunds take five business days. [1]")
    assert [type(event) for event in events[:3]] == [Retrieved, Delta, Cited]


async def test_an_abstention_is_said_in_the_roles_words_and_names_what_is_missing() -> None:
    events = await events_of(make_pipeline(MemoryPassages([REFUNDS])), Turn("Who painted the Mona Lisa?"))
    assert "I don't know" in check_order(events)
    last = events[-1]
    assert isinstance(last, Completed)
    assert (last.answer.outcome, last.answer.citations) == ("abstained", ())
    assert last.answer.reason


@pytest.mark.parametrize(
    ("said", "returned"),
    [("Hi there!", "Hello!"), ("Thank you so much!", "You are welcome."), ("Bye", "Goodbye!"), ("Hallo", "Hello!")],
)
async def test_smalltalk_is_returned_without_searching(said: str, returned: str) -> None:
    index = MemoryPassages([REFUNDS])
    events = await events_of(make_pipeline(index), Turn(said))
    assert check_order(events) == returned
    assert not index.asked
    assert not any(isinstance(event, Retrieved) for event in events)
    last = events[-1]
    assert isinstance(last, Completed)
    assert last.answer.outcome == "smalltalk"


async def test_a_question_behind_a_greeting_is_answered() -> None:
    answer = await answered(
        make_pipeline(MemoryPassages([REFUNDS]), ALWAYS), "Hello, how many days do refunds take, please?"
    )
    assert answer.outcome == "answered"


async def test_only_readable_passages_are_used() -> None:
    pipeline = make_pipeline(MemoryPassages([REFUNDS, SECRET]), ALWAYS)
    question = "What is the refunds ceiling in euros?"
    public = await events_of(pipeline, Turn(question))
    assert "900 euros" not in str(public)
    staff = await events_of(pipeline, Turn(question, principals=frozenset({"staff"})))
    assert "900" in check_order(staff)


async def test_a_follow_up_knows_what_was_said() -> None:
    hours = passage("hours", "The shop opens at nine. It closes at five.")
    pipeline = make_pipeline(MemoryPassages([REFUNDS, hours]), ALWAYS)
    earlier = [Message("user", "How many business days do refunds take?"), Message("assistant", "Five.")]
    answer = await answered(pipeline, "And which form, from which desk?", earlier)
    assert answer.citations[0].source == "refunds.md"


async def test_an_unknown_role_is_an_error_before_anything_else() -> None:
    with pytest.raises(ConfigError, match="nobody"):
        await events_of(make_pipeline(MemoryPassages([REFUNDS])), Turn("Refunds?", role="nobody"))


async def test_what_keywords_do_not_answer_waits_for_the_models() -> None:
    readiness = Readiness(models=False)
    pipeline = make_pipeline(
        MemoryPassages([REFUNDS]), AnswerSettings.model_validate({"threshold": 0.3}), readiness=readiness, patience=5
    )
    asking = asyncio.ensure_future(answered(pipeline, "Refunds: five business days or what else, please, and why?"))
    await asyncio.sleep(0.1)
    waited = not asking.done()
    readiness.models = True
    answer = await asking
    assert waited
    assert not answer.notes
