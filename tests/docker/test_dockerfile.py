"""The image, as far as it can be judged without an engine."""

import json
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import requires
from pathlib import PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ragbot.api.app import create_app
from ragbot.api.security import HEALTH
from ragbot.settings import load_settings
from tests.cli.kit import RagbotCommand
from tests.docker.kit import DOCKERFILE, ROOT, Stage, local_sources, sent, stages, tool

STAGES = stages(DOCKERFILE.read_text())
BUILDER, FINAL = STAGES[0], STAGES[-1]
IGNORE = (ROOT / ".dockerignore").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = [
    "config/ragbot.yaml",
    "config/sample/questions.jsonl",
    "docker/runtime_requirements.py",
    "evals/command.py",
    "ingest/command.py",
    "pyproject.toml",
    "ragbot/py.typed",
    "ragbot/web/index.html",
    "requirements.lock",
]
NOT_FILES = [
    ".demo/docs/a.md",
    ".env",
    ".git/config",
    ".ragbot/catalog.sqlite3",
    ".venv/bin/python",
    "config/.env",
    "docker/.env",
    "ragbot/__pycache__/bot.cpython-311.pyc",
    "tests/conftest.py",
]


def health_check() -> list[str]:
    """The command of the image's health check."""
    command = json.loads(FINAL.last("HEALTHCHECK").partition("CMD ")[2])
    assert isinstance(command, list)
    return command


def closure(names: list[str]) -> set[str]:
    """The distributions that the requirements bring, on this machine."""
    waiting = [Requirement(name) for name in names]
    found: dict[str, set[str]] = {}
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), {"", *wanted.extras}
        if extras <= found.get(name, set()):
            continue
        found[name] = found.get(name, set()) | extras
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in found[name]):
                waiting.append(needed)
    return set(found)


def runtime(extras: str) -> "subprocess.CompletedProcess[str]":
    script = ROOT / "docker" / "runtime_requirements.py"
    return subprocess.run([sys.executable, script, extras], cwd=ROOT, capture_output=True, text=True, check=False)


def test_hadolint_finds_nothing() -> None:
    ran = subprocess.run(
        [tool("hadolint"), "--no-color", DOCKERFILE], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name or "final")
def test_every_stage_starts_from_the_same_pinned_python(stage: Stage) -> None:
    name, _, tag = stage.image.partition(":")

    assert stage.image == FINAL.image
    assert name == "python"
    assert re.fullmatch(r"3\.\d+(\.\d+)?-slim-[a-z]+", tag)


def test_the_image_does_not_run_as_root_and_says_so_by_number() -> None:
    user, _, group = FINAL.last("USER").partition(":")

    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert f"useradd --uid {user} --gid {group}" in FINAL.last("RUN")
    assert len(FINAL.all("USER")) == 1


def test_the_image_installs_nothing_after_the_builder() -> None:
    assert not local_sources(FINAL)
    assert not re.search(r"apt|pip|curl|wget|gcc", " ".join(FINAL.all("RUN")))


def test_no_secret_is_baked_in() -> None:
    written = [rest for stage in STAGES for word in ("ENV", "ARG", "LABEL") for rest in stage.all(word)]

    assert not [rest for rest in written if re.search(r"key|token|secret|passw", rest, re.IGNORECASE)]
    assert "RAGBOT_API_KEY" not in DOCKERFILE.read_text()


@pytest.mark.parametrize("source", local_sources(BUILDER))
def test_what_is_copied_is_in_the_repository_and_reaches_the_build(source: str) -> None:
    assert (ROOT / source).exists()
    assert sent(source, IGNORE)


@pytest.mark.parametrize("path", FILES)
def test_the_build_gets(path: str) -> None:
    assert (ROOT / path).is_file()
    assert sent(path, IGNORE)


@pytest.mark.parametrize("path", NOT_FILES)
def test_the_build_does_not_get(path: str) -> None:
    assert not sent(path, IGNORE)


def test_everything_the_wheel_is_made_of_is_copied() -> None:
    build = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*build["packages"], *build["force-include"], "pyproject.toml", PROJECT["project"]["readme"]}

    assert needed | set(PROJECT["project"]["license-files"]) <= set(local_sources(BUILDER))


def test_what_the_image_installs_is_locked_and_holds_no_development_tools() -> None:
    (extras,) = [rest.partition("=")[2] for rest in BUILDER.all("ARG") if rest.startswith("EXTRAS=")]
    lock = [line.partition("==") for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line]
    locked = {canonicalize_name(name) for name, _, _ in lock}
    ran = runtime(extras)
    assert ran.returncode == 0, ran.stderr

    installed = closure(ran.stdout.split())

    assert {"chromadb", "fastapi", "torch", "langchain-openai", "openai"} <= installed <= locked
    assert not installed & {"pytest", "mypy", "ruff", "ragas", "playwright", "hatchling"}
    for each in ("pip", "torch"):
        assert each in locked  # the builder takes their lines by name


def test_an_unknown_extra_ends_the_build_with_the_names_there_are() -> None:
    ran = runtime("openai,opnai")

    assert ran.returncode == 1
    assert ran.stderr == "pyproject.toml has no extra 'opnai'; it has dev, eval, local, openai.\n"


def test_the_image_s_variables_are_settings_and_lead_into_the_volume() -> None:
    (volume,) = json.loads(FINAL.last("VOLUME"))
    variables = FINAL.variables()

    settings = load_settings(environ={k: v for k, v in variables.items() if k.startswith("RAGBOT_")})

    settings.describe()
    for path in (settings.data_dir, variables["XDG_CACHE_HOME"]):
        assert PurePosixPath(path).is_relative_to(volume)
    seeded = [shlex.split(rest) for rest in FINAL.all("COPY") if rest.rsplit(" ", 1)[1].startswith(volume)]
    assert [words[-1] for words in seeded] == [variables["XDG_CACHE_HOME"]]
    assert f"--chown={FINAL.last('USER')}" in seeded[0]


def test_the_stages_agree_on_where_things_are() -> None:
    built = " ".join(BUILDER.all("RUN"))
    copied = [rest.split() for rest in FINAL.all("COPY")]

    for words in copied:
        assert f"--from={BUILDER.name}" in words
        assert words[-2] in built
    # A virtual environment does not work from another path.
    assert ["/opt/ragbot", "/opt/ragbot"] in [words[-2:] for words in copied]
    assert FINAL.variables()["PATH"].startswith("/opt/ragbot/bin:")


def test_the_command_is_one_that_refuses_to_serve_everyone_without_a_key(ragbot_command: RagbotCommand) -> None:
    (entry,) = json.loads(FINAL.last("ENTRYPOINT"))
    assert entry in PROJECT["project"]["scripts"]

    ran = ragbot_command(*json.loads(FINAL.last("CMD")), code=2)

    assert "Without a key" in ran.stderr
    assert "0.0.0.0" in ran.stderr


def test_the_health_check_asks_for_a_route_that_needs_no_key_on_the_port_that_is_served() -> None:
    code = health_check()[-1]
    (path,) = re.findall(r"'GET', '([^']+)'", code)
    arguments = json.loads(FINAL.last("CMD"))

    assert path in HEALTH
    assert path in create_app(load_settings(environ={})).openapi()["paths"]
    assert f"'127.0.0.1', {arguments[arguments.index('--port') + 1]}," in code
    assert arguments[arguments.index("--port") + 1] == FINAL.last("EXPOSE")


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_a_well_service_from_a_broken_one(status: int, code: int) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        python, *rest = health_check()
        command = [each.replace("8000", str(server.server_port)) for each in rest]
        proxied = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        ran = subprocess.run([sys.executable, *command], env=proxied, capture_output=True, check=False, timeout=30)
        answering.join()

    assert python == "python"
    assert ran.returncode == code


def test_the_health_check_of_a_dead_service_fails() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = str(server.server_port)
    command = [sys.executable, *(each.replace("8000", port) for each in health_check()[1:])]

    assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode != 0


@pytest.mark.parametrize(
    ("ignore", "path", "kept"),
    [
        ("*\n!ragbot", "ragbot/bot.py", True),
        ("*\n!ragbot", "ragbots/bot.py", False),
        ("*\n!ragbot\n**/*.pyc", "ragbot/a/b.pyc", False),
        ("**/.env", ".env", False),
        ("# ragbot", "ragbot", True),
    ],
)
def test_the_reading_of_dockerignore(ignore: str, path: str, kept: bool) -> None:
    assert sent(path, ignore) is kept
