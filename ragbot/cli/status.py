"""``ragbot status``."""

from typing import Annotated, Any

import typer

from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, settings_for
from ragbot.index.catalog import Catalog, DocumentRow
from ragbot.index.layout import DataDir
from ragbot.index.lock import holder
from ragbot.index.opening import open_catalog
from ragbot.terminal import emit, emit_json, shown


def status(
    ctx: typer.Context,
    failed: Annotated[
        bool, typer.Option("--failed", help="Show only the documents that failed, with reasons.")
    ] = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Say what the index holds, what failed, and who is writing to it."""
    settings = settings_for(ctx, data_dir, config)
    place = DataDir(settings.data_dir)
    with open_catalog(place) as catalog:
        rows = catalog.documents() if catalog else []
        found = _summary(catalog, rows) | {"writer": holder(place.lock), "settings": settings.describe()}
    if as_json:
        emit_json(found)
        return
    if not failed:
        _print(found)
    for failure in found["failures"]:
        emit(f"{shown(failure['source'])}: {failure['reason']} {failure['remedy']}".rstrip())
    if failed and not found["failures"]:
        emit("No document failed.")


def _summary(catalog: Catalog | None, rows: list[DocumentRow]) -> dict[str, Any]:
    states: dict[str, int] = {}
    for row in rows:
        states[row.state] = states.get(row.state, 0) + 1
    embedder = catalog.embedder() if catalog else None
    return {
        "documents": len(rows),
        "states": states,
        "chunks": sum(row.chunks for row in rows),
        "bytes": sum(row.bytes for row in rows),
        "embedder": str(embedder) if embedder else None,
        "failures": [
            {"source": row.source}
            | {key: row.failure.get(key) for key in ("code", "reason", "permanent", "page", "remedy")}
            for row in rows
            if row.failure
        ],
    }


def _print(found: dict[str, Any]) -> None:
    states = ", ".join(f"{count} {name}" for name, count in sorted(found["states"].items())) or "none"
    emit(f"Data directory  {found['settings']['data_dir']}")
    emit(f"Documents       {found['documents']} ({states})")
    emit(f"Chunks          {found['chunks']}")
    emit(f"Source bytes    {found['bytes']:,}")
    emit(f"Embedder        {found['embedder'] or 'nothing ingested yet'}")
    emit(f"Writer          {found['writer'] or 'none'}")
