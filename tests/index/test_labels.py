"""Access before content: nothing of a document comes back to someone who may not read it."""

from pathlib import Path

import pytest

from ragbot.index.reader import IndexReader
from ragbot.testing.embedder import HashModel
from tests.index.kit import EVERYONE, by_keyword, by_vector, publish, reading, writing

STAFF = EVERYONE | {"staff"}
OPEN = {f"open{i}.md": f"open salary notes number{i}" for i in range(6)}
CLOSED = {f"closed{i}.md": f"secret salary of person{i}" for i in range(4)}


async def _everything(reader: IndexReader, principals: frozenset[str]) -> set[str]:
    """Whatever any channel gives for a question that all texts answer."""
    question = HashModel().embed_query("secret salary person1 open notes")
    dense, _ = await reader.dense(question, 100, principals)
    keyword = await reader.keyword([("secret salary open", 1.0)], 100, principals)
    ids = [each.chunk_id for each in (*dense, *keyword)]
    chunks = await reader.chunks(ids, principals)
    assert set(ids) == set(chunks)
    return {chunk.source for chunk in chunks.values()}


@pytest.mark.parametrize("gather", [False, True], ids=["in the tail", "in the collection"])
async def test_a_reader_without_the_label_sees_nothing_of_it(tmp_path: Path, gather: bool) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OPEN)
        publish(writer, CLOSED, ("staff", "board"), gather=gather)
        assert await _everything(reader, EVERYONE) == set(OPEN)
        assert await _everything(reader, STAFF) == {*OPEN, *CLOSED}
        assert await _everything(reader, frozenset({"board"})) == set(CLOSED)
        assert await _everything(reader, frozenset({"nobody"})) == set()
        assert await _everything(reader, frozenset()) == set()


async def test_known_ids_give_a_reader_without_the_label_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OPEN | {})
        publish(writer, CLOSED, ("staff",))
        ids = sorted(writer.live_ids())
        assert len(await reader.chunks(ids, STAFF)) == 10
        assert {each.source for each in (await reader.chunks(ids, EVERYONE)).values()} == set(OPEN)


async def test_restricted_neighbours_do_not_crowd_out_what_may_be_read(tmp_path: Path) -> None:
    """A limit counts readable passages: all of the nearest being restricted must not give an empty page."""
    near = {f"closed{i:03d}.md": f"secret salary of person number{i}" for i in range(90)}
    far = {f"open{i:03d}.md": f"salary holidays canteen garden number{i}" for i in range(70)}
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, far)
        publish(writer, near, ("staff",), gather=True)
        assert len(await by_vector(reader, "secret salary of person", limit=10)) == 10
        assert len(await by_keyword(reader, "secret salary of person", limit=10)) == 10


async def test_a_label_that_is_taken_away_counts_at_once(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, {"a.md": "salary table"}, gather=True)
        assert await by_vector(reader, "salary table") == ["salary table"]
        publish(writer, {"a.md": "salary table v2"}, ("staff",))
        assert await by_vector(reader, "salary table") == []
        assert await by_keyword(reader, "salary table") == []
        assert await by_keyword(reader, "salary table", STAFF) == ["salary table v2"]


@pytest.mark.parametrize("label", ["it's", 'a"b', "a,b", "[x]", "naïve", "%", ""])
async def test_odd_labels_are_compared_as_they_are(tmp_path: Path, label: str) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, {"a.md": "salary"}, (label,))
        assert await by_keyword(reader, "salary", frozenset({label})) == ["salary"]
        assert await by_keyword(reader, "salary", frozenset({"public", "a", "b", "x"})) == []
