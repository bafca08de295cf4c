"""Answers that nobody will end: found, said, and no obstacle; answers that somebody is still writing are let be."""

import asyncio
import fcntl
import os
import random
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ragbot.core.errors import ConflictError, StorageError
from ragbot.core.types import Feedback
from ragbot.persistence.opening import open_turn_store
from ragbot.persistence.runners import Runners
from ragbot.testing.contracts.turn_store import NOON, OWNER, ended, refused
from tests.persistence.kit import FILE, heard, opened, remaining, settings, start

ANSWERING = """
async def main():
    async with opened() as store:
        first = await store.begin(OWNER, None, "finished", NOON)
        await store.finish(ended(first))
        turn = await store.begin(OWNER, first.conversation_id, "half answered", NOON)
        say(turn.conversation_id, turn.id)
        await asyncio.sleep(60)
"""
LATER = NOON + timedelta(hours=5)


async def test_a_killed_process_leaves_an_interrupted_turn(tmp_path: Path) -> None:
    process = start(tmp_path, ANSWERING)
    talk, turn = heard(process).split()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    async with open_turn_store(tmp_path, settings(), now=lambda: LATER) as store:
        with sqlite3.connect(tmp_path / FILE) as connection:
            assert connection.execute("SELECT count(*) FROM turns WHERE outcome IS NULL").fetchone() == (0,)
        connection.close()
        kept, left = await store.turns(OWNER, talk)
        [info] = await store.conversations(OWNER, limit=5)
        assert (kept.outcome, kept.answer) == ("answered", "Five days. [1]")
        assert (left.id, left.question, left.outcome, left.answer) == (turn, "half answered", "failed", "")
        assert left.finished == LATER
        assert left.details["error"]["code"] == "interrupted"
        assert left.details["error"]["message"]
        assert info.updated == kept.finished, "a restart must not reorder the list"
        assert (await store.begin(OWNER, talk, "again", NOON)).number == 3
        assert len(os.listdir(tmp_path / f"{FILE}-runners")) == 1, "what the dead process left is tidied away"


async def test_what_was_stored_stays_stored_whenever_the_process_is_killed(tmp_path: Path) -> None:
    program = """
async def main():
    async with opened() as store:
        talk = None
        while True:
            turn = await store.begin(OWNER, talk, "?" * 5000, NOON)
            await store.finish(ended(turn, answer="!" * 5000))
            talk = turn.conversation_id
            say(talk, turn.id)
"""
    generator = random.Random(7)
    for _ in range(3):
        process = start(tmp_path, program)
        said = [heard(process)]
        await asyncio.sleep(generator.uniform(0.02, 0.2))
        process.send_signal(signal.SIGKILL)
        said += remaining(process)
        stored = [line.split()[1] for line in said if len(line) == 65]
        async with opened(tmp_path) as store:
            turns = await store.turns(OWNER, said[0].split()[0])
            assert [each.id for each in turns if each.outcome == "answered"][: len(stored)] == stored
            assert [each.outcome for each in turns[:-1]] == ["answered"] * (len(turns) - 1)
            assert len(turns) <= len(stored) + 2
            assert turns[-1].outcome in ("answered", "failed")
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_what_a_living_process_is_answering_is_let_be_until_it_dies(tmp_path: Path) -> None:
    process = start(tmp_path, ANSWERING)
    talk, turn = heard(process).split()
    async with opened(tmp_path) as store:
        assert (await store.turn(OWNER, turn)).outcome is None
        await refused(ConflictError, store.begin(OWNER, talk, "mine", NOON))
        await refused(ConflictError, store.rate(OWNER, turn, Feedback(1), NOON))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert (await store.begin(OWNER, talk, "mine", NOON)).number == 3, "without opening anything again"
        assert (await store.turn(OWNER, turn)).details["error"]["code"] == "interrupted"


@pytest.mark.parametrize("meeting", ["turn", "turns", "rate"])
async def test_a_turn_left_behind_is_seen_as_such_by_whoever_meets_it(tmp_path: Path, meeting: str) -> None:
    async with opened(tmp_path) as store:
        async with opened(tmp_path) as other:
            begun = await other.begin(OWNER, None, "half answered", NOON)
            assert (await store.turn(OWNER, begun.id)).outcome is None, "two stores of one process are two runners"
        if meeting == "turn":
            seen = await store.turn(OWNER, begun.id)
        elif meeting == "turns":
            [seen] = await store.turns(OWNER, begun.conversation_id)
        else:
            seen = await store.rate(OWNER, begun.id, Feedback(-1), NOON)
        assert (seen.outcome, seen.details["error"]["code"]) == ("failed", "interrupted")
        await store.finish(ended(begun))
        assert (await store.turn(OWNER, begun.id)).outcome == "failed", "an end that comes too late changes nothing"


async def test_the_moment_of_interruption_is_that_of_the_clock(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        begun = await store.begin(OWNER, None, "?", datetime.now(UTC))
    async with opened(tmp_path) as store:
        finished = (await store.turn(OWNER, begun.id)).finished
    assert finished is not None
    assert timedelta(0) <= finished - begun.asked < timedelta(minutes=1)


async def test_a_question_whose_asker_went_away_blocks_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        first = ended(await store.begin(OWNER, None, "one", NOON))
        await store.finish(first)
        for steps in range(12):
            asking = asyncio.create_task(store.begin(OWNER, first.conversation_id, "gone", NOON))
            for _ in range(steps):
                await asyncio.sleep(0.0005)
            if asking.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await asking
            else:
                await store.finish(ended(asking.result()))
            await store.finish(ended(await store.begin(OWNER, first.conversation_id, "here", NOON)))
        turns = await store.turns(OWNER, first.conversation_id)
    assert [each.number for each in turns] == list(range(1, len(turns) + 1))
    assert sum(each.question == "here" for each in turns) == 12
    for each in turns:
        if each.question == "gone" and each.outcome == "failed":
            assert each.details["error"]["code"] == "interrupted"


async def test_an_end_that_was_given_is_stored_though_the_giver_is_cancelled(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        begun = await store.begin(OWNER, None, "?", NOON)
        finishing = asyncio.create_task(store.finish(ended(begun)))
        await asyncio.sleep(0)
        finishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finishing
    async with opened(tmp_path) as store:
        assert (await store.turn(OWNER, begun.id)).outcome == "answered"


async def test_closing_waits_for_what_is_being_stored(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        begun = await store.begin(OWNER, None, "?", NOON)
        finishing = asyncio.create_task(store.finish(ended(begun)))
        await asyncio.sleep(0)
    await finishing
    async with opened(tmp_path) as store:
        assert (await store.turn(OWNER, begun.id)).outcome == "answered"


async def test_an_end_that_could_not_be_stored_may_be_given_again(tmp_path: Path) -> None:
    async with opened(tmp_path, busy_timeout=0.05) as store:
        begun = await store.begin(OWNER, None, "?", NOON)
        blocker = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        error = await refused(StorageError, store.finish(ended(begun)))
        assert f"The conversations in {tmp_path / FILE} are busy" in error.message
        assert "store.busy_timeout" in error.remedy
        blocker.execute("ROLLBACK")
        blocker.close()
        await store.finish(ended(begun))
        assert await store.turn(OWNER, begun.id) == ended(begun)


def test_a_runner_is_alive_exactly_while_its_block_lasts(tmp_path: Path) -> None:
    runners, seen_by_another = Runners(tmp_path / FILE), Runners(tmp_path / FILE)
    with runners.one() as name:
        assert runners.alive(name)
        assert seen_by_another.alive(name)
        seen_by_another.tidy()
        assert runners.alive(name), "tidying leaves the living alone"
    assert not runners.alive(name)
    assert not runners.alive("never-was")


def test_two_who_ask_at_once_do_not_take_each_other_for_the_runner(tmp_path: Path) -> None:
    runners = Runners(tmp_path / FILE)
    with runners.one():
        [path] = (tmp_path / f"{FILE}-runners").iterdir()
    path.touch()
    with path.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert not runners.alive(path.stem)


def test_a_runner_that_is_tidied_away_before_it_holds_its_lock_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runners = Runners(tmp_path / FILE)
    taken: list[int] = []
    lock = fcntl.flock

    def slow(descriptor: int, how: int) -> None:
        if how == fcntl.LOCK_EX and not taken:
            taken.append(descriptor)
            Runners(tmp_path / FILE).tidy()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", slow)
    with runners.one() as name:
        assert taken
        assert Runners(tmp_path / FILE).alive(name)
