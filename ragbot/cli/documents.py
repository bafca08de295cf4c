"""``ragbot list``, ``show`` and ``rm``."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, settings_for
from ragbot.core.errors import EmptyIndexError
from ragbot.index.catalog import Catalog, DocumentRow
from ragbot.index.layout import DataDir
from ragbot.index.opening import open_catalog
from ragbot.terminal import console, emit, emit_json, say, shown
from ragbot.wiring import open_writer_components


def list_documents(
    ctx: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None, config: ConfigOption = None
) -> None:
    """List the documents in the index."""
    settings = settings_for(ctx, data_dir, config)
    with open_catalog(DataDir(settings.data_dir)) as catalog:
        rows = catalog.documents() if catalog else []
    if as_json:
        emit_json([document_json(row) for row in rows])
    elif not rows:
        emit(f"Nothing has been ingested into {settings.data_dir} yet. Run: ragbot ingest PATH")
    else:
        _print(rows)


def show(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="As `ragbot list` names it.")],
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the stored text of a document; with --json its chunks too."""
    settings = settings_for(ctx, data_dir, config)
    with open_catalog(DataDir(settings.data_dir)) as catalog:
        document = _existing(catalog, settings.data_dir).document(_as_listed(source))
        assert catalog is not None
        text = catalog.text(document)
        if as_json:
            chunks = [asdict(chunk) for chunk in catalog.chunks_of(document)]
            emit_json(document_json(document) | {"text": text, "chunks_stored": chunks})
        else:
            emit(text)


def remove(
    ctx: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="As `ragbot list` names them.")],
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Delete documents from the index: text, keywords, vectors. The files themselves are left alone."""
    settings = settings_for(ctx, data_dir, config)
    with open_catalog(DataDir(settings.data_dir)) as catalog:
        # Looked up before anything is deleted, so that one misspelt name deletes nothing.
        existing = _existing(catalog, settings.data_dir)
        found = {row.document_id: row for row in (existing.document(_as_listed(source)) for source in sources)}
    with open_writer_components(settings) as parts:
        count = parts.writer.delete(list(found))
        parts.writer.forget_unused_vectors(0)
        parts.writer.tidy_keywords()
        if any(row.chunks for row in found.values()):
            # At once, and not when the next build is due: a deleted text must leave the disk too.
            parts.writer.gather(force=True)
            parts.writer.recover()
    if as_json:
        emit_json({"deleted": count, "sources": [row.source for row in found.values()]})
    else:
        say(f"{count} document(s) deleted.")


def document_json(row: DocumentRow) -> dict[str, Any]:
    """A document as ``list`` and ``show`` print it."""
    return {
        "source": row.source,
        "title": row.title,
        "sha256": row.sha256,
        "state": row.state,
        "reason": row.reason,
        "revision": row.revision,
        "chunks": row.chunks,
        "bytes": row.bytes,
        "updated": row.updated,
        "labels": list(row.labels),
    }


def _as_listed(source: str) -> str:
    """A name from the command line as ``list`` shows it: bytes that are no UTF-8 stand there escaped."""
    return os.fsencode(source).decode("utf-8", "backslashreplace")


def _existing(catalog: Catalog | None, data_dir: Path) -> Catalog:
    if catalog is None:
        raise EmptyIndexError(f"There is no index in {data_dir} yet.", remedy="Run `ragbot ingest PATH` first.")
    return catalog


def _print(rows: list[DocumentRow]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, align in (
        ("source", "left"),
        ("title", "left"),
        ("state", "left"),
        ("rev", "right"),
        ("chunks", "right"),
    ):
        table.add_column(name, justify=align, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(
            escape(shown(row.source)), escape(shown(row.title, 50)), row.state, str(row.revision), str(row.chunks)
        )
    console().print(table)
    for row in rows:
        if row.reason:
            emit(f"{shown(row.source)}: {row.reason}")
