"""An ingest brings the index to what is on disk, does nothing twice, and finishes what was interrupted."""

import shutil
from pathlib import Path

import pytest

from ingest.sources.files import FileSource
from ragbot.core.errors import DocumentError
from ragbot.core.types import Blob
from ragbot.index.layout import DataDir
from ragbot.testing.embedder import HashModel
from tests.index.kit import by_keyword, by_vector, contents, reading, writing
from tests.ingest.pipeline_kit import InterruptedModel, counts, ingest, run_sources, write

BROKEN = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    write(
        folder,
        refunds="# Refunds\nMoney comes back in days.",
        sub__hours="# Hours\nOpen at nine.",
        terms="# Terms\nRules.",
    )
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _sections(count: int, word: str = "fact") -> str:
    """A page of ``count`` sections, each long enough to be a chunk of its own."""
    return "\n\n".join(f"## Part {i}\n\n" + f"{word}{i} " * 45 for i in range(count))


def test_a_first_run_adds_everything_and_counts_it(kb: Path, data: Path) -> None:
    (kb / "picture.png").write_bytes(BROKEN)
    (kb / ".hidden.md").write_text("x")
    report, embedded = ingest(data, kb)
    assert counts(report) == {"added": 3, "ignored": 2}
    assert report.chunks == len(embedded) == 3
    assert report.bytes == sum(path.stat().st_size for path in kb.rglob("*.md") if path.name[0] != ".")
    assert {each.source: each.reason for each in report.ignored_files}.keys() == {"picture.png", ".hidden.md"}
    assert report.seconds > 0


def test_a_second_run_changes_nothing_and_embeds_nothing(kb: Path, data: Path) -> None:
    ingest(data, kb, prune=True)
    before = contents(data)
    report, embedded = ingest(data, kb, prune=True)
    assert counts(report) == {"skipped": 3}
    assert (report.chunks, report.bytes, embedded) == (0, 0, [])
    assert contents(data) == before


def test_an_edited_file_embeds_only_its_changed_texts(kb: Path, data: Path) -> None:
    write(kb, long="# Long\n\n" + _sections(6))
    ingest(data, kb, merge=0)
    write(kb, long="# Long\n\n" + _sections(6).replace("fact3 ", "news3 "))
    report, embedded = ingest(data, kb, merge=0)
    assert counts(report) == {"updated": 1, "skipped": 3}
    assert len(embedded) == 1
    assert "news3" in embedded[0]
    assert report.chunks == 6
    assert report.bytes == (kb / "long.md").stat().st_size


def test_a_renamed_file_embeds_nothing_again(kb: Path, data: Path) -> None:
    ingest(data, kb)
    (kb / "refunds.md").rename(kb / "money-back.md")
    report, embedded = ingest(data, kb, prune=True)
    assert counts(report) == {"added": 1, "skipped": 2, "deleted": 1}
    assert embedded == []
    assert [row[0] for row in contents(data).documents] == ["money-back.md", "sub/hours.md", "terms.md"]


def test_a_text_that_comes_back_is_not_embedded_again(kb: Path, data: Path) -> None:
    original = (kb / "terms.md").read_text()
    ingest(data, kb)
    before = contents(data)
    write(kb, terms="# Terms\nOther rules.")
    assert len(ingest(data, kb)[1]) == 1
    write(kb, terms=original)
    report, embedded = ingest(data, kb)
    assert (counts(report), embedded) == ({"updated": 1, "skipped": 2}, [])
    assert contents(data) == before


def test_a_file_that_left_stays_without_prune_and_goes_with_it(kb: Path, data: Path) -> None:
    ingest(data, kb)
    (kb / "terms.md").unlink()
    assert counts(ingest(data, kb)[0]) == {"skipped": 2}
    assert len(contents(data).documents) == 3
    assert counts(ingest(data, kb, prune=True)[0]) == {"skipped": 2, "deleted": 1}
    assert len(contents(data).documents) == 2


def test_prune_removes_only_within_the_roots_it_was_given(kb: Path, data: Path, tmp_path: Path) -> None:
    write(tmp_path / "other", a="# A\nOther things.")
    ingest(data, kb, tmp_path / "other")
    (kb / "terms.md").unlink()
    (tmp_path / "other" / "a.md").unlink()
    assert counts(ingest(data, kb / "sub", prune=True)[0]) == {"skipped": 1}
    assert counts(ingest(data, kb / "refunds.md", prune=True)[0]) == {"skipped": 1}
    assert counts(ingest(data, kb, prune=True)[0]) == {"skipped": 2, "deleted": 1}
    assert [row[0] for row in contents(data).documents] == ["a.md", "refunds.md", "sub/hours.md"]


async def test_a_failing_file_keeps_its_old_revision_and_the_run_goes_on(kb: Path, data: Path) -> None:
    ingest(data, kb)
    (kb / "refunds.md").write_bytes(BROKEN)
    write(kb, zebra="# Zebra\nStripes.")
    report, _ = ingest(data, kb)
    assert counts(report) == {"added": 1, "skipped": 2, "failed": 1}
    (failure,) = report.failures
    assert (failure.source, failure.permanent) == ("refunds.md", True)
    assert failure.code
    assert failure.remedy
    with reading(data) as reader:
        assert len(await by_keyword(reader, "money")) == 1
    assert [row[3] for row in contents(data).documents] == ["failed", "indexed", "indexed", "indexed"]


async def test_with_prune_a_permanent_failure_withdraws_the_old_revision(kb: Path, data: Path) -> None:
    ingest(data, kb)
    original = (kb / "refunds.md").read_bytes()
    (kb / "refunds.md").write_bytes(BROKEN)
    report, _ = ingest(data, kb, prune=True)
    assert counts(report) == {"skipped": 2, "failed": 1}
    with reading(data) as reader:
        assert await by_keyword(reader, "money") == []
        assert all("Money" not in text for text in await by_vector(reader, "money"))
    assert contents(data).leftovers == []
    (kb / "refunds.md").write_bytes(original)
    report, embedded = ingest(data, kb, prune=True)
    assert (counts(report), embedded) == ({"added": 1, "skipped": 2}, [])
    assert [row[3] for row in contents(data).documents] == ["indexed"] * 3


class _Unsteady(FileSource):
    """A folder on a network drive that is away for the moment."""

    def read(self, path: str) -> Blob:
        raise DocumentError(f"{path} cannot be read now.", reason_code="unreadable", permanent=False)


async def test_with_prune_a_passing_failure_keeps_the_old_revision(kb: Path, data: Path) -> None:
    ingest(data, kb)
    with writing(data) as writer:
        report = run_sources(writer, [_Unsteady(kb)], HashModel(), prune=True)
    assert counts(report) == {"failed": 3}
    with reading(data) as reader:
        assert len(await by_keyword(reader, "money")) == 1
    assert counts(ingest(data, kb, prune=True)[0]) == {"skipped": 3}
    assert [row[3] for row in contents(data).documents] == ["indexed"] * 3


def test_a_file_too_large_is_a_failure_like_any_other(kb: Path, data: Path) -> None:
    ingest(data, kb)
    (kb / "terms.md").write_text("x" * 1_000_001)
    report, _ = ingest(data, kb, prune=True)
    assert counts(report) == {"skipped": 2, "failed": 1}
    assert [(each.code, each.permanent) for each in report.failures] == [("too_large", True)]


def test_a_failure_ends_when_the_file_is_back_to_what_the_index_holds(kb: Path, data: Path) -> None:
    ingest(data, kb)
    original = (kb / "terms.md").read_bytes()
    (kb / "terms.md").write_bytes(b"")
    assert counts(ingest(data, kb)[0]) == {"skipped": 2, "failed": 1}
    (kb / "terms.md").write_bytes(original)
    assert counts(ingest(data, kb)[0]) == {"skipped": 3}
    assert [row[3] for row in contents(data).documents] == ["indexed"] * 3


def test_a_failed_file_that_is_removed_is_forgotten_by_prune(kb: Path, data: Path) -> None:
    write(kb, empty="")
    assert counts(ingest(data, kb)[0]) == {"added": 3, "failed": 1}
    (kb / "empty.md").unlink()
    ingest(data, kb, prune=True)
    assert len(contents(data).documents) == 3


async def test_a_file_that_no_loader_takes_any_more_goes_with_prune(kb: Path, data: Path) -> None:
    ingest(data, kb)
    (kb / "refunds.md").rename(kb / "refunds.png")
    report, _ = ingest(data, kb, prune=True)
    assert counts(report) == {"skipped": 2, "deleted": 1, "ignored": 1}
    with reading(data) as reader:
        assert await by_keyword(reader, "money") == []


async def test_a_run_interrupted_before_any_vector_is_searchable_and_completed(kb: Path, data: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ingest(data, kb, model=InterruptedModel(0))
    with reading(data) as reader:
        assert await by_keyword(reader, "money") != []
    report, embedded = ingest(data, kb)
    assert counts(report) == {"added": 3}
    assert (report.chunks, len(embedded)) == (3, 3)
    assert [row[3] for row in contents(data).documents] == ["indexed"] * 3


def test_a_run_interrupted_between_vectors_embeds_only_the_rest(
    kb: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.pipeline._WINDOW", 10)
    write(kb, sub__long="# Long\n\n" + _sections(40))  # read last
    stopped = InterruptedModel(3)
    with pytest.raises(KeyboardInterrupt):
        ingest(data, kb, model=stopped, merge=0)
    assert len(stopped.embedded) == 30
    report, embedded = ingest(data, kb, merge=0)
    assert counts(report) == {"added": 1, "skipped": 3}
    assert set(embedded).isdisjoint(stopped.embedded)
    assert len(embedded) + len(stopped.embedded) == 43
    ingest(tmp_path / "fresh", kb, merge=0)
    assert contents(data) == contents(tmp_path / "fresh")


async def test_an_interrupted_replacement_leaves_the_old_text_serving(kb: Path, data: Path) -> None:
    ingest(data, kb)
    write(kb, refunds="# Refunds\nNothing is returned.")
    with pytest.raises(KeyboardInterrupt):
        ingest(data, kb, model=InterruptedModel(0))
    with reading(data) as reader:
        assert await by_keyword(reader, "returned") == []
        assert len(await by_keyword(reader, "money")) == 1
    report, embedded = ingest(data, kb)
    assert (counts(report), len(embedded)) == ({"updated": 1, "skipped": 2}, 1)
    with reading(data) as reader:
        assert len(await by_keyword(reader, "returned")) == 1
        assert await by_keyword(reader, "money") == []


def test_an_interrupted_replacement_that_is_edited_again_leaves_only_the_last(
    kb: Path, data: Path, tmp_path: Path
) -> None:
    ingest(data, kb)
    for text in ("first try", "second try"):
        write(kb, refunds=f"# Refunds\n{text}", new=f"# New\n{text}")
        with pytest.raises(KeyboardInterrupt):
            ingest(data, kb, model=InterruptedModel(0))
    ingest(data, kb)
    ingest(tmp_path / "fresh", kb)
    assert contents(data) == contents(tmp_path / "fresh")


def test_nested_folders_in_one_run_hold_every_page_once(kb: Path, data: Path) -> None:
    report, _ = ingest(data, kb / "sub", kb)
    assert report.added == 3
    assert [row[0] for row in contents(data).documents] == ["refunds.md", "sub/hours.md", "terms.md"]
    assert counts(ingest(data, kb, kb / "sub", prune=True)[0]) == {"skipped": 4}


def test_two_folders_with_the_same_file_are_told_apart(kb: Path, data: Path, tmp_path: Path) -> None:
    write(tmp_path / "more", terms="# Terms\nRules.")
    ingest(data, kb, tmp_path / "more")
    assert [row[0] for row in contents(data).documents] == [
        "kb/terms.md",
        "more/terms.md",
        "refunds.md",
        "sub/hours.md",
    ]


def test_a_changed_splitter_reads_unchanged_files_again(kb: Path, data: Path) -> None:
    ingest(data, kb, merge=40)
    assert counts(ingest(data, kb, merge=0)[0]) == {"updated": 3}


def test_many_documents_are_found_by_keyword_before_the_last_is_read(kb: Path, data: Path) -> None:
    for number in range(130):
        write(kb, **{f"page{number:03d}": f"# Page {number}\nText of number{number}."})
    with pytest.raises(KeyboardInterrupt):
        ingest(data, kb, model=InterruptedModel(0))
    with writing(data) as writer:
        assert len(writer.live_ids()) == 133


async def test_a_keyword_index_that_was_lost_is_built_anew_by_the_next_run(kb: Path, data: Path) -> None:
    """Opening makes an empty one, and a search by keyword would find nothing without saying so."""
    ingest(data, kb)
    shutil.rmtree(DataDir(data).keywords)

    ingest(data, kb)

    with reading(data) as reader:
        assert await by_keyword(reader, "refunds")
