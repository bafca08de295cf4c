"""The compose file: one service that nobody reaches without a key, and that can write nothing but its volume."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ragbot.api.settings import ServiceSettings
from ragbot.cli.main import COMMANDS
from ragbot.settings import load_settings
from tests.docker.kit import COMPOSE, DOCKERFILE, stages, tool

TREE: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
SERVICE: dict[str, Any] = TREE["services"]["ragbot"]
EXAMPLE = COMPOSE.with_name(".env.example").read_text()
FINAL = stages(DOCKERFILE.read_text())[-1]


def example_variables() -> dict[str, str]:
    """Every variable of .env.example, those behind a # included; the key filled in."""
    found = dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))
    assert found["RAGBOT_API_KEY"] == ""
    return found | {"RAGBOT_API_KEY": "eight-or-more"}


def compose(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """``docker compose`` on our file, with no other variables than these; skipped where it is not installed."""
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("there is no docker client")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the docker client has no compose plugin")
    command = [docker, "compose", "--env-file", os.devnull, "--file", str(COMPOSE), *arguments]
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_compose_itself_accepts_the_file() -> None:
    ran = compose("config", RAGBOT_API_KEY="eight-or-more")

    assert ran.returncode == 0, ran.stderr
    service = yaml.safe_load(ran.stdout)["services"]["ragbot"]
    assert service["environment"]["RAGBOT_API_KEY"] == "eight-or-more"
    assert [(port["host_ip"], port["target"]) for port in service["ports"]] == [("127.0.0.1", 8000)]


def test_compose_itself_refuses_to_start_without_a_key() -> None:
    ran = compose("config")

    assert ran.returncode != 0
    assert "RAGBOT_API_KEY" in ran.stderr


def test_the_file_is_what_the_compose_specification_allows() -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_key_is_required_where_it_is_needed() -> None:
    # ":?" refuses an empty one too; "?" alone would not.
    assert SERVICE["environment"]["RAGBOT_API_KEY"].startswith("${RAGBOT_API_KEY:?")


def test_it_is_one_service_with_one_volume_that_holds_all_it_writes() -> None:
    assert list(TREE["services"]) == ["ragbot"]
    (volume,) = TREE["volumes"]
    assert f"{volume}:{FINAL.last('WORKDIR')}" in SERVICE["volumes"]
    assert FINAL.last("VOLUME") == f'["{FINAL.last("WORKDIR")}"]'


def test_it_may_do_as_little_as_it_needs() -> None:
    assert SERVICE["read_only"] is True
    assert SERVICE["tmpfs"] == ["/tmp"]
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "user", "network_mode", "pid"} & set(SERVICE)
    (documents,) = [each for each in SERVICE["volumes"] if isinstance(each, dict)]
    assert documents["read_only"] is True
    assert documents["bind"]["create_host_path"] is False


def test_it_is_published_on_this_machine_only_unless_told_otherwise() -> None:
    (published,) = SERVICE["ports"]

    assert published == f"${{PUBLISH:-127.0.0.1:8000}}:{FINAL.last('EXPOSE')}"


def test_its_health_is_checked_by_the_image() -> None:
    assert FINAL.all("HEALTHCHECK")
    assert "healthcheck" not in SERVICE


def test_it_stops_later_than_its_answers() -> None:
    seconds = int(SERVICE["stop_grace_period"].removesuffix("s"))

    assert seconds >= load_settings(environ={}).section(ServiceSettings).stop_after + 5
    assert SERVICE["restart"] == "unless-stopped"


def test_it_is_built_from_what_is_there_under_a_tag_of_its_own() -> None:
    context = (COMPOSE.parent / SERVICE["build"]["context"]).resolve()

    assert (context / SERVICE["build"]["dockerfile"]).samefile(DOCKERFILE)
    name, _, tag = SERVICE["image"].partition(":")
    assert name == "ragbot"
    assert tag not in ("", "latest")
    (documents,) = [each for each in SERVICE["volumes"] if isinstance(each, dict)]
    default = documents["source"].removeprefix("${DOCS:-").removesuffix("}")
    assert any((COMPOSE.parent / default).rglob("*.md"))


def test_every_variable_of_the_example_is_a_setting_or_one_that_compose_reads() -> None:
    variables = example_variables()
    read = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text()))

    load_settings(environ=variables).describe()
    assert read <= set(variables)
    assert {name for name in variables if not name.startswith("RAGBOT_")} == read - {"RAGBOT_API_KEY"}
    assert set(SERVICE["environment"]) <= set(variables)


def test_the_key_file_of_a_developer_is_not_kept() -> None:
    assert ".env" in (COMPOSE.parent / ".gitignore").read_text().split()


@pytest.mark.parametrize("page", [COMPOSE.parents[1] / "docs" / "deployment.md", COMPOSE], ids=lambda path: path.name)
def test_commands_that_are_shown_exist(page: Path) -> None:
    shown = re.findall(r"docker compose (?:run --rm|exec) ragbot (?:ragbot )?(\w+)", page.read_text())

    assert shown
    assert set(shown) <= set(COMMANDS)
