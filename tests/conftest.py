"""For every test: no network, no settings from outside, and nothing written outside pytest's own folders."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.quiet import no_telemetry
from ragbot.testing.network import no_network
from tests.cli.kit import KnowledgeBase, RagbotCommand, make_command, write_documents


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Iterator[None]:
    no_telemetry()
    with no_network():
        yield


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands in for the user's cache for the whole run: what is costly to make is made once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, cache_home: Path) -> None:
    for name in [*os.environ]:
        if name.startswith("RAGBOT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
    monkeypatch.setenv("XDG_DATA_HOME", str(cache_home / "data"))


@pytest.fixture
def ragbot_command(tmp_path: Path, cache_home: Path) -> RagbotCommand:
    """``ragbot_command("search", "…", code=0)`` runs the command in ``tmp_path``: (exit code, stdout, stderr)."""
    return make_command(tmp_path, cache_home)


@pytest.fixture(scope="session")
def knowledge_base(tmp_path_factory: pytest.TempPathFactory, cache_home: Path) -> KnowledgeBase:
    """A small ingested knowledge base, made once; read only."""
    folder = tmp_path_factory.mktemp("knowledge")
    write_documents(folder / "kb")
    run = make_command(folder, cache_home)
    report = run("--data-dir", "index", "ingest", "kb", "--json", code=0).json()
    return KnowledgeBase(folder / "kb", folder / "index", report)


@pytest.fixture
def own_base(knowledge_base: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    """A copy of the knowledge base that the test may change; its documents still stand in the first one."""
    data_dir = tmp_path / "index"
    shutil.copytree(knowledge_base.data_dir, data_dir)
    return KnowledgeBase(knowledge_base.documents, data_dir, knowledge_base.report)
