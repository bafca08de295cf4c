"""``ragbot ingest``."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ingest.isolation import LoaderProcess
from ingest.loaders.registry import load_document, pick
from ingest.pipeline import IngestPipeline, Reading
from ingest.report import IngestReport
from ingest.settings import IngestSettings
from ingest.sources.files import FileSource
from ingest.splitters.structure import StructureSplitter
from ragbot.core.errors import UsageError
from ragbot.settings import Settings, load_settings
from ragbot.terminal import SOME_FAILED, TerminalProgress, emit, emit_json, say, shown
from ragbot.wiring import open_writer_components


def ingest(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete from the index what these folders no longer hold.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Where the index lives.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file.")] = None,
) -> None:
    """Bring files and folders into the index; what has not changed is skipped."""
    before = ctx.obj or {}
    settings = load_settings(
        config=config or before.get("config"), flags={"data_dir": data_dir or before.get("data_dir")}
    )
    report = run(settings, paths, prune=prune)
    if as_json:
        emit_json(report.to_json())
    else:
        _print(report)
    if report.failed:
        raise SystemExit(SOME_FAILED)


def run(settings: Settings, paths: list[Path], *, prune: bool = False) -> IngestReport:
    """One ingest of files and folders, as the command does it."""
    options = settings.section(IngestSettings)
    if not paths:
        raise UsageError("Nothing to ingest.", remedy="Give a file or folder.")
    sources = [
        FileSource(path, ignore=tuple(options.ignore), exclude=(settings.data_dir,), max_bytes=options.max_bytes)
        for path in paths
    ]
    with ExitStack() as stack:
        parts = stack.enter_context(open_writer_components(settings))
        process = stack.enter_context(LoaderProcess(timeout=options.timeout, memory=options.memory))
        progress = stack.enter_context(TerminalProgress())
        splitter = StructureSplitter(
            parts.provider.tokens(), chunk_tokens=options.chunk_tokens, merge_tokens=options.merge_tokens
        )
        reading = Reading(pick, partial(load_document, process=process), splitter)
        embedder = parts.provider.for_documents()
        pipeline = IngestPipeline(parts.writer, reading, embedder, progress, cache_days=parts.cache_days)
        report = pipeline.run(sources, prune=prune)
        if report.added or report.updated:
            parts.provider.prepare_queries()
    return report


def _print(report: IngestReport) -> None:
    emit(
        f"{report.added} added, {report.updated} updated, {report.skipped} unchanged, {report.deleted} deleted, "
        f"{report.failed} failed, {report.ignored} ignored; {report.chunks} chunks from {report.bytes:,} bytes "
        f"in {report.seconds:.1f} s."
    )
    for failure in report.failures:
        page = f", page {failure.page}" if failure.page else ""
        say(f"failed: {shown(failure.source)}{page}: {failure.reason} {failure.remedy}".rstrip())
    for ignored in report.ignored_files[:20]:
        say(f"ignored: {shown(ignored.source)}: {ignored.reason}")
    if report.ignored > 20:
        say(f"… and {report.ignored - 20} more ignored; --json lists them all.")
