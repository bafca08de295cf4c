"""Playing questions: several at once, in order, whatever breaks."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from evals.dataset import GoldQuestion
from evals.playing import play, unknown_sources
from ragbot.core.errors import ModelTimeoutError
from ragbot.core.types import Answer, DocumentInfo, Message
from tests.evals.answers import answer
from tests.evals.progress import Quiet


class Talker:
    """Answers after a while, or breaks when told to; remembers how many asked at once, and who."""

    def __init__(self) -> None:
        self.asking = 0
        self.most = 0
        self.read_with: list[tuple[str, ...]] = []

    async def ask(self, question: str, *, conversation: Sequence[Message], principals: Iterable[str]) -> Answer:
        self.asking += 1
        self.most = max(self.most, self.asking)
        self.read_with.append(tuple(principals))
        await asyncio.sleep(0.05 if "slow" in question else 0.01)
        self.asking -= 1
        if "timeout" in question:
            raise ModelTimeoutError("The model fell silent.", remedy="Try again.")
        if "bug" in question:
            raise ZeroDivisionError("division by zero")
        if "stop" in question:
            raise asyncio.CancelledError
        return answer(text=question)

    async def documents(self, principals: Iterable[str]) -> list[DocumentInfo]:
        sources = ["open.md", *(["secret.md"] if "staff" in set(principals) else [])]
        return [DocumentInfo(source, source, source, source, 1, 1, 1, "2025-01-01T00:00:00Z") for source in sources]


def questions(*texts: str) -> list[GoldQuestion]:
    return [GoldQuestion(line=n, id=str(n), question=text, principals=("staff",)) for n, text in enumerate(texts)]


async def test_answers_come_in_the_order_of_the_questions_and_so_many_at_a_time() -> None:
    bot = Talker()
    played = await play(bot, questions("slow", "b", "c", "d", "e"), concurrency=2, progress=Quiet())
    assert [each.answer and each.answer.text for each in played] == ["slow", "b", "c", "d", "e"]
    assert bot.most == 2
    assert set(bot.read_with) == {("staff",)}
    assert played[0].seconds > 0.04


async def test_what_breaks_is_recorded_with_its_code_and_the_rest_is_played() -> None:
    played = await play(Talker(), questions("timeout", "bug", "fine"), concurrency=1, progress=Quiet())
    silent, bug, fine = played
    assert silent.broken is not None
    assert (silent.broken.code, silent.broken.exit_code) == ("model_timeout", 4)
    assert silent.broken.message == "The model fell silent. Try again."
    assert bug.broken is not None
    assert (bug.broken.code, bug.broken.message) == ("error", "ZeroDivisionError: division by zero")
    assert [each.outcome for each in played] == ["failed", "failed", "answered"]
    assert fine.broken is None


async def test_a_run_that_is_stopped_stops() -> None:
    with pytest.raises(asyncio.CancelledError):
        await play(Talker(), questions("stop", "fine"), concurrency=1, progress=Quiet())


async def test_a_source_is_unknown_that_no_reader_of_the_set_may_see() -> None:
    public = GoldQuestion(line=1, id="1", question="a", expected_sources=("open.md", "secret.md", "gone.md"))
    staff = GoldQuestion(line=2, id="2", question="b", principals=("staff",))
    assert list(await unknown_sources(Talker(), [public])) == ["secret.md", "gone.md"]
    assert await unknown_sources(Talker(), [public, staff]) == {"gone.md": [public]}
