"""``ragbot rm`` leaves nothing of a document behind, on disk either."""

from pathlib import Path

from tests.cli.kit import RagbotCommand

SECRET = b"zanzibarite"


def _holding(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and SECRET in path.read_bytes()]


def test_a_removed_document_is_gone_from_every_file(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    documents, data_dir = tmp_path / "docs", tmp_path / "data"
    documents.mkdir()
    (documents / "kept.md").write_text("# Hours\n\nWe open at nine.\n")
    (documents / "gone.md").write_text(f"# Minerals\n\nThe vault holds {SECRET.decode()}.\n")
    ragbot_command("--data-dir", data_dir, "ingest", documents, code=0)
    assert _holding(data_dir)

    ragbot_command("--data-dir", data_dir, "rm", "gone.md", code=0)

    assert not _holding(data_dir)
    assert len(list((data_dir / "vectors").iterdir())) == 1
    hits = ragbot_command("--data-dir", data_dir, "search", SECRET.decode(), "--json", code=0).json()["hits"]
    assert [hit["source"] for hit in hits] == ["kept.md"]
