"""A model writes; nothing leaves that the passages do not support, and every marker is ours."""

import re
from collections.abc import AsyncGenerator, Sequence

import pytest

from ragbot.chat.generative import GenerativeAnswerer
from ragbot.chat.settings import AnswerSettings
from ragbot.core.errors import ModelOutputError
from ragbot.core.events import ChatEvent, Cited, Completed, Delta
from ragbot.core.types import Answer, Message, ModelPart, Turn, Usage
from ragbot.testing.grounding import WordGrounder
from ragbot.testing.passages import MemoryPassages, passage
from ragbot.testing.roles import ABSTAINED
from tests.chat.kit import events_of, make_pipeline

REFUNDS = passage("refunds", "Refunds take five business days. They go to your card.", char_start=100)
HOURS = passage("hours", "The desk opens at nine. It closes at five.", char_start=40)
QUESTION = "How many business days do refunds take, and when does the desk open?"


class Writer:
    """A ``ChatModel`` that writes these pieces, then breaks if told to."""

    name = "scripted:writer"
    context_tokens = 4000
    reply_tokens = 300

    def __init__(self, *pieces: str, error: Exception | None = None, finish: str = "stop") -> None:
        self._pieces = pieces
        self._error = error
        self._finish = finish
        self.asked: list[tuple[Message, ...]] = []
        self.written = 0
        self.closed = False

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[ModelPart, None]:
        self.asked.append(tuple(messages))
        try:
            for piece in self._pieces:
                self.written += 1
                yield ModelPart(piece)
            if self._error:
                raise self._error
            yield ModelPart(usage=Usage(10, 5), finish=self._finish)
        finally:
            self.closed = True

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


def makes_claim(sentence: str) -> bool:
    return not sentence.endswith(":") and len(sentence.split()) > 1


async def play(writer: Writer, **settings: str | int) -> list[ChatEvent]:
    chosen = AnswerSettings.model_validate({"threshold": 0, **settings})
    answerer = GenerativeAnswerer(writer, WordGrounder(), makes_claim, chosen)
    return await events_of(make_pipeline(MemoryPassages([REFUNDS, HOURS]), chosen, answerer=answerer), Turn(QUESTION))


async def written(*pieces: str, **settings: str | int) -> Answer:
    last = (await play(Writer(*pieces), **settings))[-1]
    assert isinstance(last, Completed)
    check(last.answer)
    return last.answer


def check(answer: Answer) -> None:
    """What must hold of every answer, whatever the model wrote."""
    assert [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)] == [each.n for each in answer.citations]
    chunks = {hit.chunk.source: hit.chunk for hit in answer.hits}
    for each in answer.citations:
        chunk = chunks[each.source]
        assert chunk.text[each.char_start - chunk.char_start : each.char_end - chunk.char_start] == each.quote
        assert f"[{each.n}]" in answer.text[each.answer_end :]
        assert not re.search(r"\[\d+\]", answer.text[each.answer_start : each.answer_end])


async def test_each_sentence_gets_a_marker_of_our_own_and_its_place() -> None:
    answer = await written("Refunds take five bus", "iness days [1]. The desk opens at nine. [2]")
    assert answer.text == "Refunds take five business days. [1] The desk opens at nine. [2]"
    assert [each.source for each in answer.citations] == ["refunds.md", "hours.md"]
    assert (answer.outcome, answer.model, answer.usage) == ("answered", "scripted:writer", Usage(10, 5))
    assert answer.prompt is not None
    assert (answer.dropped_markers, answer.withheld) == (0, ())


async def test_text_leaves_sentence_by_sentence_while_the_model_writes() -> None:
    writer = Writer("Refunds take five business days. [1] ", "The desk ", "opens at nine. [2]")
    seen: list[tuple[str, int]] = []
    answerer = GenerativeAnswerer(writer, WordGrounder(), makes_claim, AnswerSettings.model_validate({}))
    settings = AnswerSettings.model_validate({"threshold": 0})
    pipeline = make_pipeline(MemoryPassages([REFUNDS, HOURS]), settings, answerer=answerer)
    async for event in pipeline.stream(Turn(QUESTION)):
        if isinstance(event, Delta | Cited):
            seen.append((type(event).__name__, writer.written))
    assert seen == [("Delta", 2), ("Cited", 2), ("Delta", 3), ("Cited", 3)]


async def test_what_no_passage_supports_is_withheld_and_counted() -> None:
    answer = await written("Refunds take five business days. [1] Octopus is best in Lisbon. [1]")
    assert answer.text == "Refunds take five business days. [1]"
    assert answer.withheld == ("Octopus is best in Lisbon.",)
    assert any("withheld" in note for note in answer.notes)


async def test_an_answer_of_nothing_but_inventions_is_an_abstention() -> None:
    answer = await written("Octopus is best in Lisbon. [1] Try the old harbour! [2]")
    assert (answer.outcome, answer.text, answer.citations) == ("abstained", ABSTAINED, ())
    assert len(answer.withheld) == 2
    assert "supported" in answer.reason


async def test_invented_markers_are_dropped_and_counted_and_the_right_passage_is_found() -> None:
    answer = await written("Refunds take five business days [7][9]. The desk opens at nine. [1]")
    assert answer.dropped_markers == 2
    assert [each.source for each in answer.citations] == ["refunds.md", "hours.md"]


async def test_a_sentence_without_a_marker_is_cited_where_it_stands() -> None:
    answer = await written("The desk opens at nine.")
    assert [each.source for each in answer.citations] == ["hours.md"]


async def test_partly_supported_sentences_are_said_as_such_or_withheld_as_set() -> None:
    reply = "The desk opens at nine sharp. [2]"
    answer = await written(reply, support="partial")
    assert [each.support for each in answer.citations] == ["partial"]
    assert (await written(reply)).outcome == "abstained"


async def test_the_model_may_say_that_it_does_not_know() -> None:
    answer = await written(ABSTAINED)
    assert (answer.outcome, answer.text) == ("abstained", ABSTAINED)
    assert "does not answer" in answer.reason or "do not answer" in answer.reason
    assert answer.withheld == ()


async def test_a_lead_in_waits_for_what_it_leads_to() -> None:
    answer = await written("Here is what I found:\n\n- Refunds take five business days [1]\n- Buy gold now\n\nBye")
    assert answer.text == "Here is what I found:\n\n- Refunds take five business days [1]"
    assert (await written("Here is what I found:\n- Buy gold now")).outcome == "abstained"


async def test_markers_a_document_holds_do_not_pass_for_ours() -> None:
    noted = passage("noted", "Refunds take five business days, says note[3] of the desk.")
    chosen = AnswerSettings.model_validate({"threshold": 0})
    writer = Writer("Refunds take five business days, says note[3] of the desk. [1]")
    answerer = GenerativeAnswerer(writer, WordGrounder(), makes_claim, chosen)
    events = await events_of(make_pipeline(MemoryPassages([noted]), chosen, answerer=answerer), Turn(QUESTION))
    last = events[-1]
    assert isinstance(last, Completed)
    check(last.answer)


async def test_a_model_that_goes_round_in_circles_is_stopped() -> None:
    writer = Writer(*["Refunds take five business days. [1] "] * 50)
    last = (await play(writer))[-1]
    assert isinstance(last, Completed)
    assert last.answer.text == "Refunds take five business days. [1]"
    assert writer.written < 10
    assert writer.closed


async def test_a_reply_cut_at_its_limit_says_so() -> None:
    last = (await play(Writer("The desk opens at nine. [2] And", finish="length")))[-1]
    assert isinstance(last, Completed)
    assert any("llm.reply_tokens" in note for note in last.answer.notes)


async def test_what_breaks_in_the_middle_is_raised_after_what_was_said() -> None:
    writer = Writer("The desk opens at nine. [2] Re", "funds", error=ModelOutputError("The stream was cut."))
    chosen = AnswerSettings.model_validate({"threshold": 0})
    answerer = GenerativeAnswerer(writer, WordGrounder(), makes_claim, chosen)
    pipeline = make_pipeline(MemoryPassages([REFUNDS, HOURS]), chosen, answerer=answerer)
    said: list[str] = []

    async def read() -> None:
        async for event in pipeline.stream(Turn(QUESTION)):
            if isinstance(event, Delta):
                said.append(event.text)

    with pytest.raises(ModelOutputError, match="cut"):
        await read()
    assert said == ["The desk opens at nine. [1]"]


async def test_closing_the_answer_stops_the_model() -> None:
    writer = Writer("The desk opens at nine. [2] ", "Refunds take five business days. [1] ", "More.")
    chosen = AnswerSettings.model_validate({"threshold": 0})
    answerer = GenerativeAnswerer(writer, WordGrounder(), makes_claim, chosen)
    stream = make_pipeline(MemoryPassages([REFUNDS, HOURS]), chosen, answerer=answerer).stream(Turn(QUESTION))
    async for event in stream:
        if isinstance(event, Delta):
            break
    await stream.aclose()
    assert writer.closed
    assert writer.written < 3


async def test_a_question_nothing_answers_never_reaches_the_model() -> None:
    writer = Writer("Octopus is best in Lisbon.")
    chosen = AnswerSettings.model_validate({})
    answerer = GenerativeAnswerer(writer, WordGrounder(), makes_claim, chosen)
    pipeline = make_pipeline(MemoryPassages([REFUNDS, HOURS]), chosen, answerer=answerer)
    last = (await events_of(pipeline, Turn("Who painted the Mona Lisa?")))[-1]
    assert isinstance(last, Completed)
    assert last.answer.outcome == "abstained"
    assert writer.asked == []
