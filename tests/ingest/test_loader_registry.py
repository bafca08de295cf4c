"""Which loader reads what, and what is said when none does."""

import subprocess
import sys

import pytest

from ingest.loaders.registry import all_loaders, loader_named, pick
from ragbot.core.errors import ConfigError, DocumentError, UnsupportedError
from tests.ingest.loader_helpers import PNG, ZIP, blob, load, make_pdf

PDF = make_pdf([["Hello"]])


@pytest.mark.parametrize(
    ("name", "data", "loader"),
    [
        ("a.md", b"x", "markdown"),
        ("a.MDX", b"x", "markdown"),
        ("a.html", b"x", "html"),
        ("a.htm", b"x", "html"),
        ("page", b"<!DOCTYPE html><p>x", "html"),
        ("LICENSE", b"Apache", "text"),
        ("a.txt", b"x", "text"),
        ("a.txt", PNG, "text"),
        ("a.pdf", b"", "pdf"),
        ("a.bin", PDF, "pdf"),
        ("scan", PDF, "pdf"),
        ("a.txt", PDF, "pdf"),
        ("note.txt", b"a PDF starts with %PDF-1.7", "text"),
    ],
)
def test_the_loader_is_picked_by_content_and_name(name: str, data: bytes, loader: str) -> None:
    assert pick(blob(name, data)).name == loader


def test_a_media_type_decides_where_there_is_no_ending() -> None:
    assert pick(blob("help/start", "# x", "text/markdown; charset=utf-8")).name == "markdown"
    assert pick(blob("help/start", "<p>x", "text/html")).name == "html"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("song.mp3", b"ID3\x03\x00", ".mp3 files (MP3 audio)"),
        ("a.png", PNG, ".png files (PNG image)"),
        ("a.docx", ZIP, ".docx files (ZIP container)"),
        ("a.bin", bytes(range(256)), ".bin files (binary file)"),
        ("a.csv", b"a,b", ".csv files"),
        ("picture", PNG, "picture (PNG image)"),
    ],
)
def test_what_no_loader_reads_is_named(name: str, data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedError, match="No loader reads") as caught:
        pick(blob(name, data))
    assert caught.value.reason_code == "unsupported_type"
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@pytest.mark.parametrize("data", [PNG, ZIP, bytes(range(256)) * 4], ids=["png", "zip", "bytes"])
def test_a_binary_file_named_as_text_is_refused_by_content(name: str, data: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        load(name, data)
    assert caught.value.reason_code == "binary"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.pdf"])
@pytest.mark.parametrize("data", [b"", b" \r\n\t\n"])
def test_an_empty_file_is_a_failure_that_says_so(name: str, data: bytes) -> None:
    with pytest.raises(DocumentError, match="is empty") as caught:
        load(name, data)
    assert caught.value.reason_code == "empty"
    assert caught.value.permanent
    assert caught.value.remedy


@pytest.mark.parametrize(("name", "data"), [("a.md", "<!-- nothing -->"), ("a.html", "<html><script>1</script>")])
def test_a_file_without_text_is_a_failure_that_says_so(name: str, data: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load(name, data)
    assert caught.value.reason_code == "no_text"


def test_an_unknown_loader_name_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="nothing"):
        loader_named("nothing")


def test_loader_names_are_unique_and_versions_positive() -> None:
    loaders = all_loaders()
    assert len({loader.name for loader in loaders}) == len(loaders)
    assert all(loader.version >= 1 for loader in loaders)


def test_the_registry_imports_no_heavy_library() -> None:
    code = (
        "import sys; from ingest.loaders.registry import all_loaders; all_loaders();"
        "print([m for m in ('lxml','bs4','pypdf','pypdfium2','yaml','markdown_it','charset_normalizer','numpy')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
