"""What every ``TurnStore`` must do. Subclass it in your tests and say how one is opened:

    class TestMyStore(TurnStoreContract):
        def open_store(self, directory: Path) -> AbstractAsyncContextManager[TurnStore]:
            return my_store(directory)

The tests are coroutines: run them with pytest-asyncio or the like. Each failing assertion says what to mend.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ragbot.core.errors import ConflictError, NotFoundError, RagbotError, UsageError
from ragbot.core.types import Citation, Feedback, Outcome, TurnRecord

if TYPE_CHECKING:
    from ragbot.core.ports import TurnStore

E = TypeVar("E", bound=RagbotError)

NOON = datetime(2024, 5, 17, 12, 0, 0, 123456, tzinfo=UTC)
OWNER, OTHER = "local", "key"

ODD_TEXTS = {
    "NUL and controls": "a\x00b\x01\x1b[31m\x7f",
    "emoji": "👩‍👩‍👧‍👦 🇨🇭 1️⃣",
    "line ends": "one\r\ntwo\rthree\n\u2028four\n",
    "right to left and combining": "שלום \u202eabc\u202c e\u0301",
    "quotes and markup": "'; DROP TABLE turns; -- \"<script>alert(1)</script> \\u0000 %s {x} ?",
    "nothing": "",
    "100 kB": "Ünïcode 密码. " * 7_000,
}


def a_citation(quote: str = "Refunds take five days.") -> Citation:
    return Citation(
        n=1,
        source="billing.html",
        document_id="d1",
        revision=2,
        title="Billing",
        uri="file:///kb/billing.html",
        page_start=None,
        page_end=3,
        heading_path=("Billing", "Refunds"),
        quote=quote,
        char_start=10,
        char_end=10 + len(quote),
        answer_start=0,
        answer_end=len(quote),
        score=0.1 + 0.2,
        support="supported",
    )


def ended(record: TurnRecord, outcome: str = "answered", **more: Any) -> TurnRecord:
    """The turn as its writer would end it, three seconds after it was asked."""
    values = {"finished": record.asked + timedelta(seconds=3), "answer": "Five days. [1]", **more}
    return replace(record, outcome=cast(Outcome, outcome), **values)


class TurnStoreContract:
    """Tests named after what they hold; they need pytest's ``tmp_path`` and nothing else."""

    def open_store(self, directory: Path) -> "AbstractAsyncContextManager[TurnStore]":
        """An empty store that keeps what it keeps under ``directory``."""
        raise NotImplementedError

    async def test_a_question_is_stored_before_its_answer(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "How long do refunds take?", NOON)
            assert begun == TurnRecord(begun.id, begun.conversation_id, 1, "How long do refunds take?", NOON), (
                "begin() gives the turn as it stands: numbered from 1, without an end"
            )
            assert await store.turns(OWNER, begun.conversation_id) == [begun], "a begun turn can be read at once"

    async def test_ids_can_not_be_guessed(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            turns = [await store.begin(OWNER, None, "?", NOON) for _ in range(20)]
            ids = {text for each in turns for text in (each.id, each.conversation_id)}
            assert len(ids) == 40, "every turn and every conversation has an id of its own"
            assert min(map(len, ids)) >= 22, "an id needs 128 random bits: whoever can guess one can ask for it"

    async def test_a_finished_turn_comes_back_as_it_was(self, tmp_path: Path) -> None:
        details = {"query": "q", "hits": [{"chunk_id": "c", "score": 0.1}], "prompt": None, "timings": {"total": 1e-9}}
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "How long?", NOON)
            citations = (a_citation(), replace(a_citation("ü"), n=2, page_start=1, heading_path=()))
            record = ended(begun, citations=citations, details=details)
            await store.finish(record)
            assert await store.turn(OWNER, begun.id) == record, "every field must survive, tuples and floats included"
            assert await store.turns(OWNER, begun.conversation_id) == [record], "turns() and turn() must agree"

    async def test_times_of_any_zone_come_back_as_the_same_moment_in_utc(self, tmp_path: Path) -> None:
        there = timezone(timedelta(hours=-7, minutes=-30))
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "?", NOON.astimezone(there))
            await store.finish(ended(begun, finished=(NOON + timedelta(days=1)).astimezone(there)))
            kept = await store.turn(OWNER, begun.id)
            [info] = await store.conversations(OWNER, limit=5)
        assert kept.finished is not None
        for moment in (begun.asked, kept.asked, kept.finished, info.started, info.updated):
            assert moment.utcoffset() == timedelta(0), f"{moment} must be aware and in UTC"
        assert (kept.asked, kept.finished - NOON) == (NOON, timedelta(days=1)), "to the microsecond"

    async def test_a_time_without_a_zone_is_refused(self, tmp_path: Path) -> None:
        naive = NOON.replace(tzinfo=None)
        async with self.open_store(tmp_path) as store:
            await refused(UsageError, store.begin(OWNER, None, "?", naive))
            assert await store.conversations(OWNER, limit=5) == [], "what is refused leaves nothing behind"

    async def test_a_conversation_goes_on_after_each_answer(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            first = await store.begin(OWNER, None, "one", NOON)
            await store.finish(ended(first))
            second = await store.begin(OWNER, first.conversation_id, "two", NOON)
            await store.finish(ended(second, "failed", details={"error": {"code": "cancelled"}}))
            third = await store.begin(OWNER, first.conversation_id, "three", NOON)
            assert [each.question for each in await store.turns(OWNER, first.conversation_id)] == [
                "one",
                "two",
                "three",
            ], "turns() gives them in order"
            assert (second.number, third.number) == (2, 3), "a failed turn counts too"

    async def test_one_answer_at_a_time(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            first = await store.begin(OWNER, None, "one", NOON)
            error = await refused(ConflictError, store.begin(OWNER, first.conversation_id, "two", NOON))
            assert error.retryable, "the caller may try again"
            assert len(await store.turns(OWNER, first.conversation_id)) == 1, "a refused question is not stored"

    async def test_of_many_questions_at_once_exactly_one_is_taken(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            first = await store.begin(OWNER, None, "one", NOON)
            await store.finish(ended(first))
            asking = [store.begin(OWNER, first.conversation_id, f"two {i}", NOON) for i in range(8)]
            given = await asyncio.gather(*asking, return_exceptions=True)
            kinds = sorted(type(each).__name__ for each in given)
            assert kinds == ["ConflictError"] * 7 + ["TurnRecord"], f"begin() must be atomic, but gave {kinds}"
            assert len(await store.turns(OWNER, first.conversation_id)) == 2

    async def test_conversations_of_others_are_as_unknown_as_ones_that_never_were(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            mine = await store.begin(OWNER, None, "mine", NOON)
            await store.finish(ended(mine))
            good = Feedback(1)
            for real, owner in ((mine, OTHER), (TurnRecord("0" * 32, "f" * 32, 1, "", NOON), OWNER)):
                talk, turn = real.conversation_id, real.id
                said = [
                    await refused(NotFoundError, store.begin(owner, talk, "?", NOON)),
                    await refused(NotFoundError, store.turns(owner, talk)),
                    await refused(NotFoundError, store.delete(owner, talk)),
                    await refused(NotFoundError, store.conversations(owner, limit=5, before=talk)),
                ]
                assert {str(each).replace(talk, "ID") for each in said} == {str(said[0]).replace(talk, "ID")}
                said = [
                    await refused(NotFoundError, store.turn(owner, turn)),
                    await refused(NotFoundError, store.rate(owner, turn, good, NOON)),
                ]
                assert str(said[0]) == str(said[1])
            assert await store.conversations(OTHER, limit=5) == [], "a list holds the owner's own only"
            assert [each.feedback for each in await store.turns(OWNER, mine.conversation_id)] == [None]

    async def test_unknown_and_foreign_ids_get_the_same_words(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            mine = await store.begin(OWNER, None, "mine", NOON)
            talk = mine.conversation_id
            foreign = str(await refused(NotFoundError, store.turns(OTHER, talk)))
            await store.finish(ended(mine))
            await store.delete(OWNER, talk)
            assert str(await refused(NotFoundError, store.turns(OTHER, talk))) == foreign, (
                "the message must not tell that somebody else has it"
            )

    async def test_the_first_end_of_a_turn_stays(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            record = ended(await store.begin(OWNER, None, "?", NOON))
            await store.finish(record)
            await store.finish(ended(record, "failed", answer="", finished=NOON + timedelta(hours=1)))
            assert await store.turn(OWNER, record.id) == record, "a second finish() must change nothing"
            [info] = await store.conversations(OWNER, limit=1)
            assert info.updated == record.finished, "nor move the conversation"

    async def test_a_turn_without_an_end_can_not_be_finished(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "?", NOON)
            await refused(UsageError, store.finish(begun))

    async def test_a_conversation_deleted_while_it_is_answered_stays_deleted(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "?", NOON)
            await store.delete(OWNER, begun.conversation_id)
            await store.finish(ended(begun))
            await refused(NotFoundError, store.turns(OWNER, begun.conversation_id))
            await refused(NotFoundError, store.turn(OWNER, begun.id))
            assert await store.conversations(OWNER, limit=5) == [], "finish() must not bring it back"

    async def test_deleting_takes_everything_of_one_conversation_and_nothing_of_others(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            gone, kept = [ended(await store.begin(OWNER, None, text, NOON)) for text in ("gone", "kept")]
            for each in (gone, kept):
                await store.finish(each)
                await store.rate(OWNER, each.id, Feedback(1), NOON)
            await store.delete(OWNER, gone.conversation_id)
            await refused(NotFoundError, store.turn(OWNER, gone.id))
            await refused(NotFoundError, store.delete(OWNER, gone.conversation_id))
            assert [each.title for each in await store.conversations(OWNER, limit=5)] == ["kept"]
            assert (await store.turn(OWNER, kept.id)).feedback == Feedback(1)

    async def test_conversations_are_listed_by_their_latest_question_or_answer(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            old = await store.begin(OWNER, None, "old " * 60, NOON)
            new = await store.begin(OWNER, None, "new", NOON + timedelta(minutes=1))
            assert [each.id for each in await store.conversations(OWNER, limit=5)] == [
                new.conversation_id,
                old.conversation_id,
            ]
            await store.finish(ended(old, finished=NOON + timedelta(minutes=2)))
            again = await store.begin(OWNER, old.conversation_id, "again", NOON - timedelta(days=1))
            first, second = await store.conversations(OWNER, limit=5)
            assert (first.id, second.id) == (again.conversation_id, new.conversation_id)
            assert first.title == ("old " * 60)[:120], "the title is the first question, cut to 120 characters"
            assert (first.started, first.updated) == (NOON, NOON + timedelta(minutes=2)), (
                "a clock that was set back must not move a conversation down"
            )
            assert (first.turns, second.turns) == (2, 1)

    async def test_pages_hold_each_conversation_once_also_at_equal_times(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            made = {(await store.begin(OWNER, None, str(i), NOON)).conversation_id for i in range(7)}
            await store.begin(OTHER, None, "not mine", NOON)
            seen: list[str] = []
            while page := await store.conversations(OWNER, limit=3, before=seen[-1] if seen else None):
                assert len(page) <= 3
                seen += [each.id for each in page]
            assert (len(seen), set(seen)) == (7, made), "order by id where times are equal, and page by both"
            whole = [each.id for each in await store.conversations(OWNER, limit=100)]
            assert whole == seen, "pages and the whole list must have one order"
            assert await store.conversations(OWNER, limit=0) == []

    async def test_a_rating_waits_for_the_answer_and_replaces_an_earlier_one(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "?", NOON)
            await refused(ConflictError, store.rate(OWNER, begun.id, Feedback(1), NOON))
            record = ended(begun, "abstained")
            await store.finish(record)
            await store.rate(OWNER, begun.id, Feedback(-1, ("wrong", "too long"), "Ünusable 🙄"), NOON)
            rated = await store.rate(OWNER, begun.id, Feedback(1, (), ""), NOON + timedelta(days=2))
            assert rated == replace(record, feedback=Feedback(1)), "rate() gives the turn with the new feedback"
            assert await store.turns(OWNER, begun.conversation_id) == [rated]
            await refused(UsageError, store.rate(OWNER, begun.id, Feedback(cast(Any, 5)), NOON))
            assert await store.turn(OWNER, begun.id) == rated, "what is refused changes nothing"

    async def test_text_of_any_kind_comes_back_as_it_was(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            for name, text in ODD_TEXTS.items():
                begun = await store.begin(text, None, text, NOON)
                record = ended(begun, answer=text, citations=(a_citation(text),), details={text: [text]})
                await store.finish(record)
                good = Feedback(-1, (text,), text)
                await store.rate(text, begun.id, good, NOON)
                assert await store.turn(text, begun.id) == replace(record, feedback=good), name
                [info] = await store.conversations(text, limit=5)
                assert info.title == text[:120], name

    async def test_what_is_no_text_is_refused_and_leaves_nothing(self, tmp_path: Path) -> None:
        bad = "half a pair: \ud83d"
        async with self.open_store(tmp_path) as store:
            await refused(UsageError, store.begin(OWNER, None, bad, NOON))
            await refused(UsageError, store.begin(bad, None, "?", NOON))
            assert await store.conversations(OWNER, limit=5) == []
            odd: tuple[dict[str, Any], ...] = (
                {"answer": bad},
                {"citations": (a_citation(bad),)},
                {"details": {"query": bad}},
                {"details": {"score": float("nan")}},
                {"details": {"hits": {object()}}},
            )
            for end in odd:
                begun = await store.begin(OWNER, None, "?", NOON)
                await refused(UsageError, store.finish(ended(begun, **end)))
                assert (await store.turn(OWNER, begun.id)).answer == "", "what is refused leaves nothing behind"
            for call in (store.turn(OWNER, bad), store.turns(bad, begun.conversation_id), store.delete(OWNER, bad)):
                await refused(UsageError, call)

    async def test_a_conversation_goes_on_where_an_end_was_refused(self, tmp_path: Path) -> None:
        async with self.open_store(tmp_path) as store:
            begun = await store.begin(OWNER, None, "?", NOON)
            await refused(UsageError, store.finish(ended(begun, answer="\udc00")))
            after = await store.begin(OWNER, begun.conversation_id, "and now?", NOON)
            first = (await store.turns(OWNER, begun.conversation_id))[0]
            assert (after.number, first.outcome) == (2, "failed"), "nobody will end that turn: do not wait for it"


async def refused(kind: type[E], call: Awaitable[Any]) -> E:
    """The error, which must be of this kind."""
    try:
        given = await call
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} must be raised, but the call gave {given!r}")
