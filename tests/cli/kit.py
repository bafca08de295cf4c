"""Running the real command, and a small knowledge base for it to answer from."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).parents[2]
OFFLINE = "from ragbot.testing.network import forbid_network\nforbid_network()\n"


class Done(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass(frozen=True)
class RagbotCommand:
    """Runs ``python -m ragbot.cli.main`` in ``folder`` with the hash embedder and without a network."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def arguments(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "ragbot.cli.main", *(os.fsdecode(each) for each in arguments)]

    def variables(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAGBOT_")}
        return {**inherited, **self.environment, **more}

    def __call__(self, *arguments: str | Path, code: int, **more: str) -> Done:
        """Runs to the end; ``code`` is the exit code it must have, ``more`` are environment variables."""
        ended = subprocess.run(
            self.arguments(*arguments),
            cwd=self.folder,
            env=self.variables(**more),
            capture_output=True,
            timeout=60,
            check=False,
        )
        done = Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode("utf-8", "replace"))
        assert "Traceback" not in done.stderr, done.stderr
        assert done.code == code, done
        return done


def make_command(folder: Path, cache: Path) -> RagbotCommand:
    """A command whose processes, and theirs, find no network and leave the user's cache alone."""
    start = cache / "start"
    start.mkdir(parents=True, exist_ok=True)
    (start / "sitecustomize.py").write_text(OFFLINE)
    path = os.pathsep.join([str(start), str(REPOSITORY)])
    return RagbotCommand(
        folder,
        {
            "PYTHONPATH": path,
            "PYTHONWARNINGS": "ignore",
            "RAGBOT_EMBEDDER__PROVIDER": "hash",
            "XDG_CACHE_HOME": str(cache),
            "COLUMNS": "120",
        },
    )


MARKDOWN = """# Passwords

Every account has one password.

## Reset a password

Reset your password on the account page. The link in the message works for 30 minutes.

- Open the account page.
- Choose *Forgotten password*.

## Rules

A password has at least 14 characters. It is never sent by mail.
"""
PAGE = """<!doctype html><html><head><title>Billing</title></head><body><nav>Home</nav><main><h1>Billing</h1>
<p>Invoices are sent on the first day of each month.</p><h2>Refunds</h2>
<p>Refunds take five business days &amp; go to the card you paid with.</p></main></body></html>"""
TEXT = "Opening hours\n\nThe help desk answers on working days, 9–17.\n"
INTERNAL = "---\naccess: staff\n---\n# Escalation\n\nCall the night engineer on extension 4711.\n"
PDF_PAGES = (("Handbook",), ("Carrying luggage", "Each passenger may carry two suitcases aboard."))


def make_pdf(*pages: tuple[str, ...], password: str | None = None) -> bytes:
    """A PDF with these lines on its pages; with ``password`` it needs one to be read."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=password, invariant=1)
    for lines in pages:
        for row, line in enumerate(lines):
            canvas.drawString(72, 700 - 20 * row, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write_documents(folder: Path) -> None:
    """The documents the tests ask about: Markdown, HTML, text, PDF, and one that only ``staff`` may read."""
    (folder / "guides").mkdir(parents=True)
    (folder / "guides" / "passwords.md").write_text(MARKDOWN, encoding="utf-8")
    (folder / "billing.html").write_text(PAGE, encoding="utf-8")
    (folder / "hours.txt").write_text(TEXT, encoding="utf-8")
    (folder / "internal.md").write_text(INTERNAL, encoding="utf-8")
    (folder / "handbook.pdf").write_bytes(make_pdf(*PDF_PAGES))


@dataclass(frozen=True)
class KnowledgeBase:
    """A folder of documents and the data directory it was ingested into. Tests that change one copy it first."""

    documents: Path
    data_dir: Path
    report: dict[str, Any]
