"""What a folder on disk holds, however oddly it is made."""

import os
from pathlib import Path

import pytest

from ingest.sources.files import FileSource
from ragbot.core.errors import DocumentError, SourceError

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {path.name}")


def test_every_file_is_listed_once_in_a_stable_order_and_read(tmp_path: Path) -> None:
    _write(tmp_path, "b.md", "a.md", "sub/c.md", "sub/deep/d.md", "Z.md")
    source = FileSource(tmp_path)
    paths = list(source.paths())
    assert paths == list(FileSource(tmp_path).paths())
    assert sorted(paths) == ["Z.md", "a.md", "b.md", "sub/c.md", "sub/deep/d.md"]
    assert source.read("sub/deep/d.md").data == b"text of d.md"
    assert source.read("sub/c.md").uri == f"{source.root_uri}/sub/c.md"
    assert source.ignored == {}


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        FileSource(tmp_path / "nowhere")


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("gone")
    with pytest.raises(SourceError, match="leads nowhere"):
        FileSource(tmp_path / "link")


def test_a_link_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match="loop"):
        FileSource(tmp_path / "loop")


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    _write(tmp_path, "a/x.md")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self.md").symlink_to("self.md")
    source = FileSource(tmp_path)
    assert list(source.paths()) == ["a/x.md"]
    assert source.ignored == {
        "a/up": "a symbolic link to a folder is not followed",
        "a/self.md": "a symbolic link that leads nowhere",
    }


def test_a_link_out_of_the_folder_is_left_out_and_one_inside_is_read(tmp_path: Path) -> None:
    _write(tmp_path, "secret.md", "kb/a.md")
    (tmp_path / "kb" / "out.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "kb" / "in.md").symlink_to("a.md")
    source = FileSource(tmp_path / "kb")
    assert sorted(source.paths()) == ["a.md", "in.md"]
    assert source.ignored == {"out.md": "a symbolic link that leads out of the folder"}


def test_hidden_and_ignored_names_are_left_out_with_their_reason(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", ".env", ".git/config", "node_modules/x/readme.md", "old.bak", "sub/.hidden.md")
    source = FileSource(tmp_path, ignore=("node_modules", "*.bak"))
    assert list(source.paths()) == ["a.md"]
    assert source.ignored == {
        ".env": "hidden",
        ".git/": "hidden",
        "node_modules/": "ingest.ignore has 'node_modules'",
        "old.bak": "ingest.ignore has '*.bak'",
        "sub/.hidden.md": "hidden",
    }


@pytest.mark.parametrize(
    "name", ["with space.md", "emoji 🙂.md", "line\nbreak.md", "tab\t.md", "ünï.md", "-dash.md", "'q\".md"]
)
def test_odd_names_are_listed_and_read(tmp_path: Path, name: str) -> None:
    _write(tmp_path, name)
    source = FileSource(tmp_path)
    assert list(source.paths()) == [name]
    assert source.read(name).data == f"text of {name}".encode()


def test_names_that_are_no_utf8_are_shown_escaped_and_read(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("coffee")
    source = FileSource(tmp_path)
    assert list(source.paths()) == ["caf\\xe9.md"]
    assert source.read("caf\\xe9.md").data == b"coffee"


def test_a_folder_whose_name_is_no_utf8_is_shown_escaped(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    _write(folder, "a.md")
    source = FileSource(folder)
    assert list(source.paths()) == ["a.md"]
    for text in (source.name, source.root_uri):
        assert "caf\\xe9" in text
        assert text.encode("utf-8")


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    source = FileSource(tmp_path)
    assert list(source.paths()) == []
    assert source.ignored == {"pipe.md": "not a regular file"}


def test_a_pipe_given_by_name_is_an_error_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(SourceError, match=r"pipe\.md"):
        list(FileSource(tmp_path / "pipe.md").paths())


def test_a_single_file_is_itself_in_its_folder(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "b.md")
    source = FileSource(tmp_path / "a.md")
    assert list(source.paths()) == ["a.md"]
    assert source.root_uri == FileSource(tmp_path).root_uri
    assert source.covers("a.md")
    assert not source.covers("b.md")


def test_a_link_given_by_name_is_read_where_it_leads(tmp_path: Path) -> None:
    _write(tmp_path, "real/a.md")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    source = FileSource(tmp_path / "link")
    assert list(source.paths()) == ["a.md"]
    assert source.root_uri == FileSource(tmp_path / "real").root_uri


def test_the_data_directory_inside_the_folder_is_left_out(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "data/catalog.sqlite3")
    source = FileSource(tmp_path, exclude=(tmp_path / "sub" / ".." / "data",))
    assert list(source.paths()) == ["a.md"]
    assert source.ignored == {"data/": "ragbot's own data directory"}


def test_a_file_larger_than_allowed_is_a_failure_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "big.md").write_bytes(b"x" * 1001)
    source = FileSource(tmp_path, max_bytes=1000)
    with pytest.raises(DocumentError, match="1,001") as caught:
        source.read(next(source.paths()))
    assert (caught.value.reason_code, caught.value.permanent) == ("too_large", True)


def test_a_file_that_vanishes_before_it_is_read_is_a_passing_failure(tmp_path: Path) -> None:
    _write(tmp_path, "a.md")
    source = FileSource(tmp_path)
    paths = list(source.paths())
    (tmp_path / "a.md").unlink()
    with pytest.raises(DocumentError, match=r"a\.md") as caught:
        source.read(paths[0])
    assert (caught.value.reason_code, caught.value.permanent) == ("unreadable", False)


@needs_permissions
def test_an_unreadable_file_is_a_passing_failure(tmp_path: Path) -> None:
    _write(tmp_path, "a.md")
    (tmp_path / "a.md").chmod(0)
    source = FileSource(tmp_path)
    with pytest.raises(DocumentError, match="Permission") as caught:
        source.read(next(source.paths()))
    assert not caught.value.permanent


@needs_permissions
def test_an_unreadable_folder_is_ignored_with_its_reason_and_never_pruned(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "closed/b.md")
    (tmp_path / "closed").chmod(0)
    source = FileSource(tmp_path)
    try:
        assert list(source.paths()) == ["a.md"]
        assert "Permission" in source.ignored["closed/"]
        assert not source.covers("closed/b.md")
        assert source.covers("a.md")
    finally:
        (tmp_path / "closed").chmod(0o700)
