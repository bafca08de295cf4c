"""The examples of docs/api.md work as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ragbot.api.sse import EVENTS
from tests.api.kit import Served

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL)
COMMANDS = [command for block in BLOCKS for command in re.split(r"\n(?=\S)", block.strip()) if "curl" in command]


def test_every_route_has_an_example(service: Served) -> None:
    shown = " ".join(COMMANDS)
    for path in service.client.get("/openapi.json").json()["paths"]:
        pattern = re.sub(r"\{\w+\}", r"\\$[A-Z]+", path)
        assert re.search(rf"\$RAGBOT{pattern}(?![\w/])", shown), path


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_the_examples_work(service: Served) -> None:
    answer = service.chat("When are invoices sent?").json()
    names = {"CONVERSATION": answer["conversation_id"], "MESSAGE": answer["message_id"], "DOCUMENT": "d1"}
    for command in COMMANDS:
        done = subprocess.run(
            ["sh", "-c", command.replace("curl ", "curl --fail-with-body ", 1)],
            env={"RAGBOT": service.url, "PATH": "/usr/bin:/bin", **names},
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, (command, done)
    assert service.client.get(f"/api/v1/conversations/{names['CONVERSATION']}").status_code == 404, "all were run"


def test_the_events_are_all_documented() -> None:
    rows = re.findall(
        r"^\| `([a-z]+)` \| ", DOCS[DOCS.index("| event |") : DOCS.index("exactly one terminal")], re.MULTILINE
    )
    assert rows == list(EVENTS)
