"""``make demo`` without make: everything a newcomer sees, up to the chat page."""

import socket
import subprocess
import sys

from ragbot.cli.demo import QUESTIONS
from tests.cli.kit import REPOSITORY, RagbotCommand

KEYED = {"RAGBOT_API_KEY": "a-key-of-somebody-else"}


def demonstrate(command: RagbotCommand, port: int, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ragbot.cli.demo", "--once", "--port", str(port)],
        cwd=command.folder,
        env=command.variables(**more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_demonstration_asks_its_questions_over_http_and_ends(ragbot_command: RagbotCommand) -> None:
    ended = demonstrate(ragbot_command, free_port(), RAGBOT_ANSWER__THRESHOLD="0.3", **KEYED)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = ended.stdout
    assert [line.removeprefix("Q: ") for line in told.splitlines() if line.startswith("Q: ")] == list(QUESTIONS)
    assert "$ cd .demo && ragbot ingest docs" in told
    assert "30 added" in told
    assert "orders/returns.md" in told
    # The hash embedder knows no meaning; what each question comes to is shown by the real one.
    assert told.count("\n   (answered in ") + told.count("\n   (abstained in ") == len(QUESTIONS)
    again = demonstrate(ragbot_command, free_port(), RAGBOT_ANSWER__THRESHOLD="0.3")
    assert again.returncode == 0
    assert "30 unchanged" in again.stdout


def test_a_busy_port_is_one_clear_sentence_before_anything_is_done(ragbot_command: RagbotCommand) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = demonstrate(ragbot_command, port)
    assert ended.returncode == 4
    assert ended.stdout == ""
    assert ended.stderr == f"ragbot: Port {port} of this machine is in use. Run: make demo PORT=8001\n"


def test_the_readme_shows_the_questions_that_are_asked() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert all(f"Q: {question}" in readme for question in QUESTIONS)
