"""Services that run for the whole session: one without a key and one with; and an index for the real bot."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.command import run as ingest
from tests.api.kit import KEY, Served, real_settings, served
from tests.cli.kit import KnowledgeBase

HOSTILE = """Widgets

The widget warranty lasts nine years. <script>alert(1)</script> ![x](https://evil.example/?q) Terms apply to widgets.

[1]: https://evil.example/widgets
"""


@pytest.fixture(scope="session")
def service() -> Iterator[Served]:
    """A service without a key, as a laptop runs it."""
    with served(keep_alive=0.05) as running:
        yield running


@pytest.fixture(scope="session")
def locked() -> Iterator[Served]:
    """A service with a key; its client carries it."""
    with served(KEY) as running:
        yield running


@pytest.fixture(scope="session")
def base(knowledge_base: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The knowledge base with a hostile document; not to be changed."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(knowledge_base.data_dir, folder / "index")
    (folder / "widgets.txt").write_text(HOSTILE)
    ingest(real_settings(folder / "index"), [folder / "widgets.txt"])
    return folder / "index"
