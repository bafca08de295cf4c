"""Answering without a model: what is quoted, and when the bot says that it does not know."""

from dataclasses import replace
from typing import Any

import pytest

from ragbot.chat.answerability import WEIGHTS, Evidence, answerability, reason
from ragbot.chat.settings import AnswerSettings
from ragbot.core.readiness import STILL_LOADING, Readiness
from ragbot.core.types import Answer, Query
from ragbot.testing.passages import MemoryPassages, passage
from ragbot.testing.roles import ABSTAINED
from tests.chat.kit import answered, make_pipeline

REFUNDS = passage("refunds", "Refunds take five business days. Ask the desk for the form.", heading_path=("Refunds",))
HOURS = passage("hours", "The help desk answers from nine to five. It is closed on Sundays.")
TOMATOES = passage("tomatoes", "Water tomatoes daily in July.\n\n- Use rain water.\n- Water in the morning.")
BASE = [REFUNDS, HOURS, TOMATOES]


async def ask(
    question: str, *, index: MemoryPassages | None = None, query: Query | None = None, **settings: Any
) -> Answer:
    pipeline = make_pipeline(index or MemoryPassages(BASE), AnswerSettings.model_validate(settings), query=query)
    return await answered(pipeline, question)


async def test_the_sentence_that_answers_is_quoted_with_its_place() -> None:
    answer = await ask("How many business days do refunds take?", threshold=0)
    assert answer.outcome == "answered"
    first = answer.citations[0]
    assert first.quote == "Refunds take five business days."
    assert (first.source, first.char_start, first.char_end) == ("refunds.md", 0, len(first.quote))
    assert answer.text.startswith("Refunds take five business days. [1]")
    assert first.support == "supported"


async def test_answerable_questions_score_higher_than_unanswerable_ones() -> None:
    good = [await ask(text) for text in ("Refunds take how many business days?", "The help desk answers from when?")]
    bad = [await ask(text) for text in ("Who painted the Mona Lisa?", "Quantum chromodynamics lattice simulation?")]
    assert min(answer.answerability for answer in good) > max(answer.answerability for answer in bad)
    assert all(answer.outcome == "abstained" for answer in bad)


async def test_an_abstention_names_what_is_missing_and_cites_nothing() -> None:
    answer = await ask("Who painted the Mona Lisa?")
    assert (answer.outcome, answer.text, answer.citations) == ("abstained", ABSTAINED, ())
    assert "'Lisa'" in answer.reason or "'Mona'" in answer.reason or "'painted'" in answer.reason
    assert answer.hits, "what was nearest is still there to be shown"


async def test_the_threshold_decides() -> None:
    question = "How many business days do refunds take?"
    assert (await ask(question, threshold=0)).outcome == "answered"
    assert (await ask(question, threshold=1)).outcome == "abstained"


async def test_an_empty_index_abstains_whatever_the_threshold() -> None:
    answer = await ask("Anything?", index=MemoryPassages([]), threshold=0)
    assert answer.outcome == "abstained"
    assert answer.reason


async def test_no_more_sentences_than_allowed_and_none_twice() -> None:
    copies = [replace(REFUNDS, chunk_id=name, text=f"{REFUNDS.text} {name}.") for name in ("a", "b", "c")]
    answer = await ask("How many days do refunds take?", index=MemoryPassages(copies), threshold=0, sentences=2)
    assert len(answer.citations) <= 2
    quoted = [citation.quote for citation in answer.citations]
    assert len(set(quoted)) == len(quoted)


async def test_only_the_first_passages_are_quoted_from() -> None:
    answer = await ask("water tomatoes daily", threshold=0, passages=1)
    assert {citation.source for citation in answer.citations} == {"tomatoes.md"}


async def test_a_follow_up_is_answered_with_the_turn_before_it() -> None:
    query = Query("And how long?", "And how long? / refunds", (("How many business days do refunds take?", 0.5),))
    answer = await ask("", query=query, threshold=0)
    assert answer.citations[0].source == "refunds.md"
    assert answer.query is query


async def test_timings_cover_every_stage() -> None:
    assert set((await ask("refunds")).timings) == {"search", "fuse", "examine", "first_token", "total"}


async def test_while_the_models_load_words_alone_decide_and_the_answer_says_so() -> None:
    pipeline = make_pipeline(MemoryPassages(BASE), readiness=Readiness(models=False))
    good = await answered(pipeline, "Refunds take five business days?")
    assert (good.outcome, good.citations[0].source) == ("answered", "refunds.md")
    assert STILL_LOADING in good.notes
    assert (await answered(pipeline, "Who painted the Mona Lisa?")).outcome == "abstained"


def evidence(nearness: float = 0.0, covered: float = 0.0, sentence: float = 0.0) -> Evidence:
    return Evidence(nearness, covered, sentence)


NOTHING = Evidence(nearness=0.0, covered=0.0, sentence=0.0)
ALL = Evidence(nearness=1.0, covered=1.0, sentence=1.0)


def test_answerability_is_a_probability_from_unlikely_to_likely() -> None:
    assert 0 <= answerability(NOTHING) < 0.1
    assert 0.9 < answerability(ALL) <= 1


@pytest.mark.parametrize("feature", sorted(WEIGHTS))
def test_more_evidence_never_speaks_against_an_answer(feature: str) -> None:
    levels = [answerability(evidence(**{feature: level / 10})) for level in range(11)]
    assert levels == sorted(levels)


def test_the_reason_says_what_is_missing_first() -> None:
    assert "100%" in reason(ALL, 0.9, 0.5)
    missing = replace(NOTHING, missing=("zebra", "okapi", "gnu", "yak"))
    assert reason(missing, 0.1, 0.5) == "No retrieved passage speaks of 'zebra', 'okapi', 'gnu'."
    assert "other things" in reason(NOTHING, 0.1, 0.5)


async def test_a_new_topic_is_judged_without_the_old_one() -> None:
    old = "Water tomatoes daily in July, with rain water, in the morning, every week of the summer?"
    query = Query("How many business days do refunds take?", "…", ((old, 0.5),))
    alone = await ask("How many business days do refunds take?", threshold=0)
    assert (await ask("", query=query, threshold=0)).answerability >= alone.answerability - 0.05


@pytest.mark.parametrize(("code", "answerable"), [("E204", True), ("E412", False)])
async def test_an_identifier_that_stands_nowhere_is_never_answered_by_its_neighbour(
    code: str, answerable: bool
) -> None:
    errors = passage("errors", "Error E204 means that the battery is low. Error E305 means that the valve is stuck.")
    pipeline = make_pipeline(MemoryPassages([errors, *BASE]), readiness=Readiness(models=False))
    answer = await answered(pipeline, f"Error {code} means that the battery is low?")
    assert (answer.outcome == "answered") is answerable
    if not answerable:
        assert answer.answerability <= 0.2
        assert answer.reason == "No retrieved passage speaks of 'E412'."
