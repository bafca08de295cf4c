"""The plain recipe's own environment, built once from the committed lock."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from evals.bench.console import progress
from ragbot.core.errors import UnavailableError

LOCK = Path(__file__).with_name("plain-requirements.lock")
RECIPE = Path(__file__).with_name("plain_recipe.py")
SKIP = "Run with --skip-plain to measure ragbot alone."


def plain_python(folder: Path) -> Path:
    """The interpreter of the environment in ``folder``, which is built where it is missing or of another lock.

    Where the default index serves a CUDA build of torch, set TORCH_INDEX_URL to an index of CPU wheels
    (https://download.pytorch.org/whl/cpu).
    """
    python = folder / "bin" / "python"
    stamp = folder / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    progress(f"Building the plain recipe's environment in {folder} (about two minutes, once).")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _step([sys.executable, "-m", "venv", "--clear", str(folder)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    index = os.environ.get("TORCH_INDEX_URL")
    _step([*pip, *(["--index-url", index] if index else []), torch_pin(LOCK.read_text())])
    _step([*pip, "-r", str(LOCK)])
    # Written last, so that an interrupted build is built again.
    stamp.write_text(digest)
    return python


def torch_pin(lock: str) -> str:
    """The lock's line for torch."""
    return next(line.strip() for line in lock.splitlines() if line.startswith("torch=="))


def _step(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise UnavailableError(
            f"The plain recipe's environment cannot be built: `{' '.join(command)}` failed:\n{said}\n", remedy=SKIP
        )
