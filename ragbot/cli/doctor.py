"""``ragbot doctor``."""

from typing import Annotated

import typer

from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, settings_for
from ragbot.core.errors import EmptyIndexError, IndexDamagedError
from ragbot.index.doctor import Diagnosis, Finding, diagnose, repair
from ragbot.index.layout import DataDir
from ragbot.settings import Settings
from ragbot.terminal import CHECK_FAILED, emit, emit_json
from ragbot.wiring import open_writer_components


def doctor(
    ctx: typer.Context,
    mend: Annotated[bool, typer.Option("--repair", help="Rebuild what differs from the catalog.")] = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Compare catalog, keyword index and vectors both ways; exit 1 when something is damaged."""
    settings = settings_for(ctx, data_dir, config)
    if not DataDir(settings.data_dir).exists():
        raise EmptyIndexError(
            f"There is no index in {settings.data_dir} yet.", remedy="Run `ragbot ingest PATH` first."
        )
    found = _examined(settings, mend)
    if as_json:
        emit_json(found.to_json())
    else:
        _print(found)
    if not found.ok:
        raise SystemExit(CHECK_FAILED)


def _examined(settings: Settings, mend: bool) -> Diagnosis:
    try:
        with open_writer_components(settings, mend=mend) as parts:
            return repair(parts.writer) if mend else diagnose(parts.writer)
    except IndexDamagedError as error:
        return Diagnosis((Finding("index", error.message, 1, (), True, error.remedy),))


def _print(found: Diagnosis) -> None:
    for part in found.repaired:
        emit(f"Rebuilt the {part} from the catalog.")
    for finding in found.findings:
        mark = "damaged" if finding.damage else "unfinished"
        examples = f" (such as {', '.join(finding.examples)})" if finding.examples else ""
        emit(f"{finding.part}, {mark}: {finding.count} {finding.problem}{examples}. {finding.remedy}")
    if found.ok:
        emit("The catalog, the keyword index and the vectors agree.")
