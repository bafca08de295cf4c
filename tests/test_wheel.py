"""The built wheel works without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_a_folder_is_ingested_and_asked_from_the_wheel_alone(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "help.md").write_text("# Refunds\n\nRefunds take five days.\n")
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "RAGBOT_EMBEDDER__PROVIDER": "hash"}

    def ragbot(*arguments: str) -> str:
        command = [sys.executable, "-P", "-m", "ragbot.cli.main", *arguments]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    where = "import ragbot, ingest, evals; print(ragbot.__file__, ingest.__file__, evals.__file__)"
    found = subprocess.run(
        [sys.executable, "-P", "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.count(str(unpacked)) == 3

    assert ragbot("ingest", "docs").startswith("1 added")
    assert "Refunds take five days." in ragbot("search", "How long do refunds take?")


def test_the_wheel_carries_what_people_need_beside_the_code(unpacked: Path) -> None:
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}

    assert {"ragbot/_config/ragbot.yaml", "ragbot/_config/schemas/ask.schema.json", "ragbot/__init__.py"} <= held
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not [name for name in held if name.startswith(("tests/", "docs/"))]
