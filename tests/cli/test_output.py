"""Results on stdout, progress and remarks on stderr, colours only for people who want them."""

import contextlib
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.kit import KnowledgeBase, RagbotCommand


def seen_on_a_terminal(command: RagbotCommand, *arguments: str, **more: str) -> str:
    """What a person sees: stdout and stderr on a terminal."""
    ours, theirs = pty.openpty()
    environment = {**command.variables(**more), "TERM": "xterm-256color"}
    child = subprocess.Popen(
        command.arguments(*arguments), cwd=command.folder, env=environment, stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    seen = b""
    # On Linux, reading a terminal whose other side was closed fails instead of giving nothing.
    with open(ours, "rb", buffering=0) as stream, contextlib.suppress(OSError):
        while part := stream.read(4096):
            seen += part
    child.wait(timeout=30)
    return seen.decode()


def piped(command: RagbotCommand, *arguments: str, into: str) -> tuple[int, str]:
    """Exit code and stderr of the command where the shell sends its stdout ``into``."""
    line = f'"$@" {into}; echo "${{PIPESTATUS[0]}}" >&2'
    ended = subprocess.run(
        ["bash", "-c", line, "-", *command.arguments(*arguments)],
        cwd=command.folder, env=command.variables(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    *said, code = ended.stderr.decode().splitlines()
    return int(code), "\n".join(said)


def test_stdout_holds_the_result_and_stderr_the_rest(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "a.md").write_text("# Alpha\n\nFirst words.\n")
    (tmp_path / "kb" / "b.md").write_text("")
    (tmp_path / "kb" / "c.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    done = ragbot_command("ingest", "kb", code=3)
    assert done.stdout.startswith("1 added, 0 updated, 0 unchanged, 0 deleted, 1 failed, 1 ignored;")
    assert len(done.stdout.splitlines()) == 1
    assert "failed: b.md: b.md is empty." in done.stderr
    assert "ignored: c.zip: " in done.stderr
    shown = ragbot_command("show", "a.md", code=0)
    assert shown.stdout == "# Alpha\n\nFirst words.\n"
    assert not shown.stderr
    found = ragbot_command("search", "alpha", code=0)
    assert found.stdout.startswith("1. a.md")
    assert not found.stderr
    removed = ragbot_command("rm", "a.md", code=0)
    assert not removed.stdout
    assert "1 document(s) deleted." in removed.stderr


def test_colours_are_for_terminals_and_no_color_switches_them_off(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    call = ["--data-dir", str(knowledge_base.data_dir), "search", "password", "--limit", "1"]
    cyan = "\x1b[36m"
    assert cyan in seen_on_a_terminal(ragbot_command, *call)
    assert cyan not in seen_on_a_terminal(ragbot_command, *call, NO_COLOR="1")


@pytest.mark.parametrize(
    "call", [["list"], ["list", "--json"], ["show", "guides/passwords.md"]], ids=["table", "JSON", "text"]
)
def test_a_reader_that_goes_away_is_no_error(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, call: list[str]
) -> None:
    base = ["--data-dir", str(knowledge_base.data_dir)]
    assert piped(ragbot_command, *base, *call, into="| true") == (0, "")


def test_head_gets_its_line(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("A line of a very long document.\n" * 5_000)
    ragbot_command("ingest", "long.txt", code=0)
    assert piped(ragbot_command, "show", "long.txt", into="| head -1 >/dev/null") == (0, "")


def test_output_that_cannot_be_written_is_said(ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase) -> None:
    base = ["--data-dir", str(knowledge_base.data_dir)]
    code, said = piped(ragbot_command, *base, "list", "--json", into=">/dev/full")
    assert code == 4
    assert "No space left on device" in said
    assert "Exception" not in said


def test_any_encoding_of_the_terminal_will_do(ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase) -> None:
    call = ["--data-dir", str(knowledge_base.data_dir), "show", "hours.txt"]
    assert "9–17" in ragbot_command(*call, code=0).stdout
    assert "9–17" in ragbot_command(*call, "--json", code=0, PYTHONIOENCODING="ascii").json()["text"]
    assert "9\\u201317" in ragbot_command(*call, code=0, PYTHONIOENCODING="ascii").stdout


def test_ctrl_c_says_that_work_is_kept(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    for number in range(120):
        (tmp_path / "kb" / f"{number}.md").write_text(f"# Page {number}\n\n" + f"word{number} and more. " * 60)
    child = subprocess.Popen(
        ragbot_command.arguments("ingest", "kb"),
        cwd=tmp_path, env=ragbot_command.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    catalog = tmp_path / ".ragbot" / "catalog.sqlite3"
    while not catalog.exists() and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"stopped. (An ingest goes on from there" in said
    assert b"Traceback" not in said
    ragbot_command("ingest", "kb", code=0)
    assert len(ragbot_command("list", "--json", code=0).json()) == 120
