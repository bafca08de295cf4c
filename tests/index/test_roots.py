"""Documents are known by root and path; folders inside folders stay one root."""

from pathlib import Path

import pytest

from ragbot.core.errors import NotFoundError
from ragbot.index.roots import adopt_root, known_paths
from ragbot.index.writer import IndexWriter
from ragbot.testing.embedder import HashModel
from tests.index.kit import delete, embed, publish, reading, root_of, staged, writing


def _ingest(writer: IndexWriter, uri: str, name: str, texts: dict[str, str]) -> None:
    root = root_of(writer, uri, name)
    writer.stage([staged(root, path, text) for path, text in texts.items()])
    writer.publish_listed()
    embed(writer, HashModel())


def _sources(writer: IndexWriter) -> list[str]:
    return [row.source for row in writer.documents()]


def test_a_path_two_roots_hold_is_shown_with_its_root(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        _ingest(writer, "file:///one", "one", {"index.md": "first", "only.md": "alone"})
        assert _sources(writer) == ["index.md", "only.md"]
        _ingest(writer, "file:///two", "two", {"index.md": "second"})
        assert _sources(writer) == ["one/index.md", "only.md", "two/index.md"]
        assert writer.text(writer.document("two/index.md")) == "second"


def test_an_ambiguous_path_names_the_documents_it_could_mean(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        _ingest(writer, "file:///one", "one", {"index.md": "first"})
        _ingest(writer, "file:///two", "two", {"index.md": "second"})
        with pytest.raises(NotFoundError, match=r"one/index\.md, two/index\.md"):
            writer.document("index.md")
        delete(writer, "one/index.md")
        assert writer.text(writer.document("index.md")) == "second"
        assert _sources(writer) == ["index.md"]


def test_a_document_is_found_by_its_id_and_uri_and_a_wrong_name_gets_the_nearest(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, {"refunds.md": "money"})
        row = writer.document("refunds.md")
        assert writer.document(row.document_id) == writer.document(row.uri) == row
        with pytest.raises(NotFoundError, match=r"Did you mean 'refunds\.md'"):
            writer.document("refund.md")


def test_roots_of_one_name_are_told_apart(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        _ingest(writer, "file:///x/docs", "docs", {"a.md": "first"})
        _ingest(writer, "file:///y/docs", "docs", {"a.md": "second"})
        assert _sources(writer) == ["docs-2/a.md", "docs/a.md"]


def test_a_folder_inside_a_known_root_is_a_part_of_it(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        _ingest(writer, "file:///kb", "kb", {"faq/a.md": "one", "b.md": "two"})
        _ingest(writer, "file:///kb/faq", "faq", {"a.md": "one"})
        assert _sources(writer) == ["b.md", "faq/a.md"]
        assert [row.revision for row in writer.documents()] == [1, 1]
        inner = root_of(writer, "file:///kb/faq", "faq")
        assert list(known_paths(writer, inner)) == ["a.md"]


async def test_a_folder_around_known_roots_takes_them_in(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        _ingest(writer, "file:///kb/faq", "faq", {"a.md": "zebra"})
        _ingest(writer, "file:///kb/sub/deep", "deep", {"c.md": "lion"})
        before = {row.document_id for row in writer.documents()}
        _ingest(writer, "file:///kb", "kb", {"faq/a.md": "zebra", "sub/deep/c.md": "lion", "b.md": "giraffe"})
        assert _sources(writer) == ["b.md", "faq/a.md", "sub/deep/c.md"]
        assert before < {row.document_id for row in writer.documents()}
        assert [row["uri"] for row in writer.rows("SELECT uri FROM roots")] == ["file:///kb"]
        found = await reader.keyword([("zebra lion giraffe", 1.0)], 10, frozenset({"public"}))
        assert len(found) == 3


def test_a_folder_whose_name_only_begins_alike_is_a_root_of_its_own(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        adopt_root(writer, "file:///kb", "kb")
        root = adopt_root(writer, "file:///kb-old", "kb-old")
        assert (root.uri, root.prefix) == ("file:///kb-old", "")
        assert known_paths(writer, root) == {}


def test_the_root_of_the_file_system_takes_in_every_folder(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        _ingest(writer, "file:///kb", "kb", {"a.md": "one"})
        _ingest(writer, "file://", "root", {"kb/a.md": "one"})
        assert _sources(writer) == ["kb/a.md"]
        assert [row.revision for row in writer.documents()] == [1]


@pytest.mark.parametrize("path", ["with space.md", "emoji 🙂.md", "line\nbreak.md", "100%.md", "a#b?c.md", "ünï/ß.md"])
def test_odd_paths_give_well_formed_uris_and_are_found_again(tmp_path: Path, path: str) -> None:
    with writing(tmp_path) as writer:
        publish(writer, {path: "text"})
        row = writer.document(path)
        assert row.uri.isascii()
        assert not set(" \n#?") & set(row.uri)
        assert list(known_paths(writer, root_of(writer))) == [path]
