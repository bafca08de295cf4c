"""Several processes and stores at work on one database."""

import asyncio
from pathlib import Path

from ragbot.core.errors import ConflictError
from ragbot.core.types import TurnRecord
from ragbot.testing.contracts.turn_store import NOON, OWNER, ended
from tests.persistence.kit import heard, opened, start, told

ROUNDS = 15


async def test_of_two_stores_that_ask_at_once_exactly_one_is_taken(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        turn = await one.begin(OWNER, None, "first", NOON)
        await one.finish(ended(turn))
        for number in range(2, 2 + ROUNDS):
            given = await asyncio.gather(
                *(each.begin(OWNER, turn.conversation_id, "next", NOON) for each in (one, other, one, other)),
                return_exceptions=True,
            )
            [taken] = [each for each in given if isinstance(each, TurnRecord)]
            assert sum(isinstance(each, ConflictError) for each in given) == 3
            assert taken.number == number
            await other.finish(ended(taken))
        assert len(await one.turns(OWNER, turn.conversation_id)) == 1 + ROUNDS


async def test_of_two_processes_that_ask_at_once_exactly_one_is_taken(tmp_path: Path) -> None:
    program = """
async def main():
    async with opened() as store:
        say("ready")
        while talk := wait().strip():
            try:
                turn = await store.begin(OWNER, talk, "next", NOON)
                say("taken", turn.id)
            except ConflictError:
                say("conflict")
"""
    processes = [start(tmp_path, program) for _ in range(2)]
    assert [heard(each) for each in processes] == ["ready", "ready"]
    async with opened(tmp_path) as store:
        turn = await store.begin(OWNER, None, "first", NOON)
        await store.finish(ended(turn))
        for _ in range(ROUNDS):
            for each in processes:
                told(each, turn.conversation_id)
            said = sorted(heard(each) for each in processes)
            assert [line.split()[0] for line in said] == ["conflict", "taken"]
            await store.finish(ended(await store.turn(OWNER, said[1].split()[1])))
        assert len(await store.turns(OWNER, turn.conversation_id)) == 1 + ROUNDS
    for each in processes:
        each.communicate("\n", timeout=30)
        assert each.returncode == 0


async def test_many_conversations_at_once_keep_apart(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as other:

        async def talk(number: int) -> None:
            owner, store = f"owner {number % 5}", (one, other)[number % 2]
            turn = await store.begin(owner, None, f"q{number}", NOON)
            await store.finish(ended(turn, answer=f"a{number}"))
            turn = await store.begin(owner, turn.conversation_id, f"q{number} again", NOON)
            await store.finish(ended(turn, answer=f"a{number} again"))
            turns = await (one, other)[number % 3 % 2].turns(owner, turn.conversation_id)
            said = [(each.number, each.question, each.answer) for each in turns]
            assert said == [(1, f"q{number}", f"a{number}"), (2, f"q{number} again", f"a{number} again")]

        await asyncio.gather(*(talk(number) for number in range(40)))
        for owner in range(5):
            assert len(await one.conversations(f"owner {owner}", limit=100)) == 8
