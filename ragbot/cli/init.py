"""``ragbot init``."""

import errno
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption
from ragbot.core.errors import RagbotError, StorageError, UsageError
from ragbot.resources import shipped
from ragbot.terminal import emit, emit_json, shown

_FOLDER = "docs"
_NAMED = 5
_HEAD = (
    "# Every setting with its default. Take the # away from a line to change what it says.",
    "# ${VAR:-default} expands. Secrets never stand here; they come from the environment or from *_FILE.",
)
_SETTING = re.compile(r"^(\s*)(?=[a-z_]+: *\S|  [a-z_]+:)")


def init(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write. [default: this folder]")] = Path(),
    sample: Annotated[
        bool, typer.Option("--sample", help="Copy the sample knowledge base and its questions too.")
    ] = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a settings file to start from and a folder for your documents. Nothing is ever overwritten."""
    files = dict(_shipped_files(sample))
    folder = directory / _FOLDER
    try:
        missing = _missing(directory, files)
        made = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        for name in missing:
            _write(directory / name, files[name])
    except OSError as error:
        raise _refused(directory, error) from error
    before = ctx.obj or {}
    following = _next(directory, data_dir or before.get("data_dir"), config or before.get("config"))
    written = [f"{_FOLDER}/"] * made + missing
    if as_json:
        unchanged = [name for name in files if name not in missing]
        emit_json({"directory": str(directory), "written": written, "unchanged": unchanged, "next": following})
        return
    emit(_summary(directory, written) if written else "Everything is there already.")
    emit("Next:")
    for command in following:
        emit(f"  {shown(command)}")


def _shipped_files(sample: bool) -> Iterator[tuple[str, bytes]]:
    """What to write: the path below DIR with forward slashes, and the content."""
    yield "ragbot.yaml", _to_start_from(shipped("ragbot.yaml").read_text(encoding="utf-8")).encode()
    if sample:
        root = shipped("sample")
        yield "questions.jsonl", (root / "questions.jsonl").read_bytes()
        for path in sorted(root.glob(f"{_FOLDER}/**/*")):
            if path.is_file():
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _to_start_from(shipped_settings: str) -> str:
    """Every setting with its default, commented out: a copy of the values would keep old defaults for ever."""
    lines = shipped_settings.splitlines()[2:]
    return "\n".join([*_HEAD, *(_SETTING.sub(r"\1# ", line) for line in lines)]) + "\n"


def _missing(directory: Path, files: Mapping[str, bytes]) -> list[str]:
    """The files that are not there yet; ``UsageError`` names everything that stands in the way."""
    for folder in (directory, directory / _FOLDER):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file, not a folder.", remedy="Give another DIR.")
    missing, others = [], []
    for name, content in files.items():
        path = directory / name
        if not path.exists():
            missing.append(name)
        elif not path.is_file() or path.read_bytes() != content:
            others.append(name)
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        raise UsageError(
            f"{directory} holds other files of the same name: {', '.join(others[:_NAMED])}{more}. Nothing was written.",
            remedy="Move them away, or give another DIR.",
        )
    return missing


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # "x": a file that somebody else wrote since the check is not overwritten either.
    with path.open("xb") as stream:
        stream.write(content)


def _refused(directory: Path, error: OSError) -> RagbotError:
    message = f"{error.filename or directory} cannot be read or written: {error.strerror}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        return StorageError(message, remedy="Free some space, and run the command again.")
    return UsageError(message, remedy="Give another DIR.")


def _summary(directory: Path, written: list[str]) -> str:
    names = ", ".join(written) if len(written) <= _NAMED else f"{len(written)} files and folders"
    return f"Wrote {names}." if directory == Path() else f"Wrote {names} to {shown(str(directory))}."


def _next(directory: Path, data_dir: Path | None, config: Path | None) -> list[str]:
    """What to type next, with the options that were given here."""
    moved = directory != Path()
    options = "".join(
        f" {name} {shlex.quote(str(path.absolute() if moved else path))}"
        for name, path in (("--data-dir", data_dir), ("--config", config))
        if path is not None
    )
    commands = [f"ragbot{options} ingest {_FOLDER}", f"ragbot{options} serve"]
    return [f"cd {shlex.quote(str(directory))}", *commands] if moved else commands
