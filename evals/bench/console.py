"""The one place of the benchmarks that writes: results to stdout, progress to stderr."""

import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def progress(message: str) -> None:
    """One line on what is being done."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def show_table(table: Table) -> None:
    """A table on stdout, never cut to a narrow terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=180)
    console.print(table)


def show_line(message: str) -> None:
    """A line of text on stdout."""
    sys.stdout.write(message + "\n")


def show_json(document: Any) -> None:
    """A JSON document on stdout."""
    sys.stdout.write(dump(document))


def write_json(document: Any, path: Path) -> None:
    """A JSON document in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(document), "utf-8")


def dump(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
