"""What readers see at each step of a document's life."""

from pathlib import Path

from ragbot.testing.embedder import HashModel
from tests.index.kit import (
    by_keyword,
    by_vector,
    contents,
    delete,
    embed,
    failure,
    publish,
    reading,
    root_of,
    stage,
    staged,
    writing,
)

OLD = {"a.md": "the old zebra text\n\nsecond old paragraph"}
NEW = {"a.md": "the new giraffe text\n\nsecond new paragraph"}


async def test_a_staged_document_is_invisible(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        stage(writer, OLD)
        assert await by_keyword(reader, "zebra") == []
        assert await by_vector(reader, "zebra") == []
        assert [row.state for row in writer.documents()] == ["queued"]


async def test_a_listed_document_is_found_by_keyword_and_by_vector_only_once_embedded(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        stage(writer, OLD)
        switched = writer.publish_listed()
        assert (len(switched.added), len(switched.updated)) == (1, 0)
        assert await by_keyword(reader, "zebra") == ["the old zebra text"]
        assert await by_vector(reader, "zebra", waiting=2) == []
        assert [row.state for row in writer.documents()] == ["embedding"]
        embed(writer, HashModel())
        assert (await by_vector(reader, "the old zebra text"))[0] == "the old zebra text"
        assert [row.state for row in writer.documents()] == ["indexed"]


async def test_a_replacing_revision_takes_over_whole_and_only_when_embedded(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OLD, gather=True)
        stage(writer, NEW)
        assert writer.publish_listed().added == ()
        embed(writer, HashModel(), limit=1)
        for find in (by_keyword, by_vector):
            assert set(await find(reader, "text paragraph")) == set(OLD["a.md"].split("\n\n"))
        assert [row.state for row in writer.documents()] == ["updating"]
        embed(writer, HashModel())
        for find in (by_keyword, by_vector):
            assert set(await find(reader, "text paragraph")) == set(NEW["a.md"].split("\n\n"))
        assert [row.revision for row in writer.documents()] == [2]
        assert await by_keyword(reader, "zebra") == []


async def test_an_old_text_never_comes_back_through_the_collection_it_is_still_in(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OLD, gather=True)
        publish(writer, NEW)
        found = await by_vector(reader, "the old zebra text")
        assert set(found) == set(NEW["a.md"].split("\n\n"))
        assert await reader.cosines([f"{'0' * 24}-00000"], HashModel().embed_query("x")) == {}


async def test_a_deleted_document_is_invisible_at_once_to_a_reader_opened_before(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OLD | {"b.md": "a lion remains"}, gather=True)
        assert "the old zebra text" in await by_vector(reader, "zebra")
        before = [each.chunk_id for each in await reader.keyword([("zebra", 1.0)], 5, frozenset({"public"}))]
        delete(writer, "a.md")
        assert await by_vector(reader, "zebra") == ["a lion remains"]
        assert await by_keyword(reader, "zebra paragraph") == []
        assert await reader.chunks(before, frozenset({"public"})) == {}
        assert await reader.cosines(before, HashModel().embed_query("zebra")) == {}


async def test_what_was_deleted_is_found_again_after_it_is_added_again(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OLD, gather=True)
        delete(writer, "a.md")
        publish(writer, OLD)
        assert (await by_vector(reader, "the old zebra text"))[0] == "the old zebra text"
        assert await by_keyword(reader, "zebra") == ["the old zebra text"]
    assert contents(tmp_path).leftovers == []


def test_staging_the_same_reading_twice_changes_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, OLD)
        stage(writer, OLD)
        assert [row.revision for row in writer.documents()] == [1]
        assert writer.pending_count() == 0


def test_going_back_to_the_current_text_withdraws_what_was_staged(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, OLD)
        stage(writer, NEW)
        stage(writer, OLD)
        writer.publish_listed()
        embed(writer, HashModel())
        assert writer.text(writer.document("a.md")) == OLD["a.md"]
    assert contents(tmp_path).leftovers == []


def test_a_staged_text_replaced_before_it_was_listed_leaves_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        stage(writer, OLD)
        publish(writer, NEW)
    found = contents(tmp_path)
    assert [row[2] for row in found.chunks] == NEW["a.md"].split("\n\n")
    assert found.leftovers == []
    assert found.keywords == {row[0] for row in found.chunks}


def test_each_text_is_embedded_once_however_often_it_stands(tmp_path: Path) -> None:
    model = HashModel()
    with writing(tmp_path) as writer:
        root = root_of(writer)
        same = [staged(root, "a.md", "one\n\none\n\ntwo"), staged(root, "b.md", "one")]
        writer.stage(same)
        writer.publish_listed()
        assert writer.pending_count() == 3  # "a.md" stands in front of some, "b.md" in front of one
        embed(writer, model)
        assert len(model.embedded) == 3


def test_a_failure_row_is_kept_beside_the_serving_revision_and_cleared(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, OLD)
        root = root_of(writer)
        writer.record_failure(root.id, "a.md", root.document_uri("a.md"), failure("its table is broken"))
        (row,) = writer.documents()
        assert (row.state, row.reason, row.chunks) == ("failed", "its table is broken", 2)
        assert row.failure is not None
        assert row.failure["page"] == 3
        writer.clear_failure([row.document_id])
        assert [row.state for row in writer.documents()] == ["indexed"]


def test_a_failed_document_without_a_revision_is_listed_and_a_good_reading_clears_it(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        root = root_of(writer)
        writer.record_failure(root.id, "a.md", root.document_uri("a.md"), failure())
        assert [(row.source, row.state, row.chunks) for row in writer.documents()] == [("a.md", "failed", 0)]
        publish(writer, OLD)
        assert [(row.source, row.state, row.chunks) for row in writer.documents()] == [("a.md", "indexed", 2)]


async def test_a_withdrawn_document_is_found_no_more(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, OLD, gather=True)
        root = root_of(writer)
        writer.record_failure(root.id, "a.md", root.document_uri("a.md"), failure(), withdraw=True)
        assert await by_keyword(reader, "zebra") == []
        assert await by_vector(reader, "zebra") == []
        assert [(row.state, row.chunks) for row in writer.documents()] == [("failed", 0)]
