"""``ragbot serve``: says where it listens, refuses what is wrong before it does, and stops in an orderly way."""

import asyncio
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ragbot.api.serving import serve
from ragbot.core.errors import ConfigError, DataDirError, FormatVersionError
from ragbot.settings import load_settings
from ragbot.wiring import open_turn_store
from tests.api.kit import KEY, bearer, real_settings
from tests.cli.kit import RagbotCommand

LISTENS = re.compile(r"^Serving on (http://\S+) \(Ctrl-C stops it\)\.$")


@dataclass
class Running:
    process: subprocess.Popen[str]
    url: str

    def stop(self, how: signal.Signals) -> tuple[int, str, float]:
        """Exit code, the rest of stderr, and the seconds it took."""
        asked = time.perf_counter()
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said, time.perf_counter() - asked


@contextmanager
def serving(command: RagbotCommand, *arguments: str, **environment: str) -> Iterator[Running]:
    process = subprocess.Popen(
        command.arguments("serve", "--port", "0", *arguments),
        cwd=command.folder,
        env=command.variables(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        found = LISTENS.match(line := process.stderr.readline())
        assert found, line + process.stderr.read()
        yield Running(process, found[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def own_index(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "index"))


def test_it_serves_until_it_is_told_to_stop(ragbot_command: RagbotCommand, own_index: Path) -> None:
    (ragbot_command.folder / "key").write_text(KEY + "\n")
    environment = {"RAGBOT_API_KEY_FILE": "key", "RAGBOT_SERVICE__ACCESS_LOG": "true"}
    with serving(ragbot_command, "--data-dir", str(own_index), **environment) as running:
        assert running.url.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=running.url, timeout=20) as client:
            assert client.get("/").status_code == 401
            client.headers = httpx.Headers(bearer(KEY))
            assert client.get("/").headers["content-type"].startswith("text/html")
            question = {"question": "On which day of the month are invoices sent?"}
            assert client.post("/api/v1/chat?hidden=1", json=question).json()["outcome"] == "answered"
        code, said, seconds = running.stop(signal.SIGINT)
    assert code == 0
    assert seconds < 5
    assert re.search(r"POST /api/v1/chat 200 \d+\.\d{3} s", said), "what was called is logged"
    assert "hidden" not in said
    assert "invoices" not in said, "and not what was asked"
    assert KEY not in said


def refused(done: tuple[int, str, str], *words: str) -> None:
    """One clear line on stderr, and nothing on stdout."""
    _, stdout, stderr = done
    assert stdout == ""
    assert len(stderr.strip().split("\n")) == 1
    assert stderr.startswith("ragbot: ")
    for word in words:
        assert word in stderr


def test_a_busy_port_is_one_clear_sentence(ragbot_command: RagbotCommand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(ragbot_command("serve", "--port", port, code=4), f"port {port}", "--port")


def test_an_open_address_without_a_key_is_refused(ragbot_command: RagbotCommand) -> None:
    refused(ragbot_command("serve", "--port", "0", "--host", "0.0.0.0", code=2), "0.0.0.0", "RAGBOT_API_KEY")


WRONG: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"service.host": "::"}, {}, "RAGBOT_API_KEY"),
    ({"service.host": "192.168.1.5"}, {}, "RAGBOT_API_KEY"),
    ({"service.host": "example.com"}, {}, "RAGBOT_API_KEY"),
    ({"service.host": ""}, {}, "RAGBOT_API_KEY"),
    ({}, {"RAGBOT_API_KEY": "short"}, "RAGBOT_API_KEY"),
    ({}, {"RAGBOT_API_KEY": "with a space in it"}, "RAGBOT_API_KEY"),
    ({}, {"RAGBOT_API_KEY": "schlüssel-schlüssel"}, "RAGBOT_API_KEY"),
    ({}, {"RAGBOT_API_KEY_FILE": "no-such-file"}, "no-such-file"),
    ({}, {"RAGBOT_API_KEY_FILE": "empty-file"}, "RAGBOT_API_KEY_FILE"),
    ({}, {"RAGBOT_PROMPTS__ROLE": "suport"}, "'support'"),
    ({}, {"RAGBOT_LLM__MODEL": "gpt"}, "gpt"),
    ({}, {"RAGBOT_LLM__MODEL": "local:/no/such.gguf"}, "/no/such.gguf"),
    ({}, {"RAGBOT_SERVICE__HOTS": "x"}, "'host'"),
    ({}, {"RAGBOT_SERVICE__KEEP_ALIVE": "0"}, "service.keep_alive"),
    ({"service.port": 70000}, {}, "service.port"),
    ({"service.host": "no.such.name.invalid"}, {"RAGBOT_API_KEY": KEY}, "no.such.name.invalid"),
    ({"data_dir": "file"}, {}, "file"),
]


@pytest.mark.parametrize(("flags", "environ", "word"), WRONG, ids=[str(each[:2])[:60] for each in WRONG])
def test_what_is_configured_wrong_is_refused_before_it_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: dict[str, Any], environ: dict[str, str], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("not a folder")
    Path("empty-file").write_text("\n")
    said: list[str] = []
    with pytest.raises((ConfigError, DataDirError), match=re.escape(word)) as caught:
        serve(load_settings(environ=environ, flags={"service.port": 0, **flags}), said.append)
    assert caught.value.exit_code == 2
    assert not said
    assert all(secret not in str(caught.value) for secret in ("short", "with a space", "schlüssel"))


async def test_conversations_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    settings = real_settings(tmp_path, **{"service.port": 0})
    async with open_turn_store(settings):
        pass
    with closing(sqlite3.connect(tmp_path / "conversations.sqlite3")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / "conversations.sqlite3").read_bytes()
    with pytest.raises(FormatVersionError) as caught:
        await asyncio.to_thread(serve, settings, print)
    assert caught.value.exit_code == 2
    assert (tmp_path / "conversations.sqlite3").read_bytes() == before


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_it_serves_on_ipv6_too(ragbot_command: RagbotCommand) -> None:
    with serving(ragbot_command, "--host", "::1") as running:
        assert running.url.startswith("http://[::1]:")
        assert httpx.get(f"{running.url}/healthz").json()["status"] == "ok"
        assert running.stop(signal.SIGTERM)[0] == 0
