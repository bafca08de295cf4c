"""The conversations share their folder with the index; whichever comes first must not spoil it for the other."""

import asyncio
from pathlib import Path

from ragbot.testing.contracts.turn_store import NOON, OWNER, ended
from tests.cli.kit import KnowledgeBase, RagbotCommand
from tests.persistence.kit import FILE, opened


def store_a_turn(data_dir: Path) -> None:
    async def work() -> None:
        async with opened(data_dir) as store:
            await store.finish(ended(await store.begin(OWNER, None, "Hello?", NOON)))

    asyncio.run(work())


def turns_stored(data_dir: Path) -> int:
    async def work() -> int:
        async with opened(data_dir) as store:
            return len(await store.conversations(OWNER, limit=100))

    return asyncio.run(work())


def test_conversations_that_come_first_spoil_nothing_for_the_index(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "a.md").write_text("# Opening hours\n\nThe desk opens at nine.\n")
    base = ["--data-dir", "data"]
    store_a_turn(tmp_path / "data")
    assert ragbot_command(*base, "status", "--json", code=0).json()["documents"] == 0
    for command in (["doctor"], ["rm", "a.md"]):
        assert "ragbot ingest PATH" in ragbot_command(*base, *command, code=2).stderr
    assert ragbot_command(*base, "ingest", "kb", "--json", code=0).json()["added"] == 1
    assert ragbot_command(*base, "doctor", "--json", code=0).json()["findings"] == []
    assert ragbot_command(*base, "search", "opening hours", "--json", code=0).json()["hits"]
    assert turns_stored(tmp_path / "data") == 1


def test_an_index_that_comes_first_takes_conversations_in(
    ragbot_command: RagbotCommand, own_base: KnowledgeBase
) -> None:
    store_a_turn(own_base.data_dir)
    base = ["--data-dir", str(own_base.data_dir)]
    assert ragbot_command(*base, "doctor", "--json", code=0).json()["findings"] == []
    again = ragbot_command(*base, "ingest", own_base.documents, "--json", code=0).json()
    assert (again["added"], again["skipped"], again["failed"]) == (0, 5, 0)


def test_conversations_alone_can_be_put_back_into_a_new_folder(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    store_a_turn(tmp_path / "old")
    (tmp_path / "data").mkdir()
    (tmp_path / "old" / FILE).rename(tmp_path / "data" / FILE)
    assert turns_stored(tmp_path / "data") == 1
    (tmp_path / "a.md").write_text("# A\n\nWords.\n")
    ragbot_command("--data-dir", "data", "ingest", "a.md", code=0)
