"""Real ingests killed at random moments over a changing folder, beside a reader that never stops."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ragbot.index.catalog import LIVE
from ragbot.index.layout import DataDir
from ragbot.index.opening import open_catalog

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("RAGBOT_")},
    "RAGBOT_EMBEDDER__PROVIDER": "hash",
    "RAGBOT_EMBEDDER__MODEL": "default",
    "RAGBOT_INGEST__MERGE_TOKENS": "0",
}
_CHUNKS = 20


class Corpus:
    """Files of sections that each hold a word no other text holds; ``token`` is that of a file's version."""

    def __init__(self, folder: Path, generator: random.Random) -> None:
        self.folder = folder
        self._generator = generator
        self._version = 0
        self.tokens: dict[Path, str] = {}
        folder.mkdir()

    def write(self, path: Path) -> None:
        self._version += 1
        token = f"v{self._version}token"
        parts = [
            f"## Part {i}\n\n{token} " + f"topic{self._generator.randrange(9)} words {token}{i} " * 8
            for i in range(_CHUNKS)
        ]
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {path.stem}\n\n" + "\n\n".join(parts))
        self.tokens[path] = token

    def new(self) -> Path:
        number = self._version + 1
        return self.folder / f"sub{number % 3}" / f"file {number}.md"

    def change(self, *, edits: int, moves: int) -> None:
        """So many edits, and so many each of adds, deletes and renames."""
        for path in self._generator.sample(sorted(self.tokens), edits):
            self.write(path)
        for _ in range(moves):
            self.write(self.new())
            gone, moved = self._generator.sample(sorted(self.tokens), 2)
            gone.unlink()
            del self.tokens[gone]
            target = moved.with_name(f"moved {self._version} {moved.name[-20:]}")
            moved.rename(target)
            self.tokens[target] = self.tokens.pop(moved)


@dataclass(slots=True)
class Killing:
    """The folder, the index that is killed, and what the reader must never see again."""

    base: Path
    corpus: Corpus
    generator: random.Random
    kills: int = 0
    ended: int = 0
    by_stage: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def control(self) -> Path:
        return self.base / "control"

    def start(self, data: Path) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "ragbot.cli.main", "--data-dir", str(data), "ingest", "--prune", "--json"]
        return subprocess.Popen(
            [*command, str(self.corpus.folder)], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def complete(self, data: Path) -> float:
        """An undisturbed run; seconds from its first write to its end."""
        with self.start(data) as process:
            began = self._wait_for_lock(process, data)
            output, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
        assert json.loads(output)["failed"] == 0
        return time.perf_counter() - began

    def kill_one(self, longest: float) -> None:
        """Kills an ingest somewhere between its taking the lock and its expected end."""
        with self.start(self.data) as process:
            self._wait_for_lock(process, self.data)
            time.sleep(self.generator.uniform(0, longest))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        if process.returncode == -signal.SIGKILL:
            self.kills += 1
        else:
            assert process.returncode == 0
            self.ended += 1
        self._forbid_what_is_gone()

    def _wait_for_lock(self, process: "subprocess.Popen[bytes]", data: Path) -> float:
        """Waits until the process signed the lock; before that it only imports."""
        lock = DataDir(data).lock
        while process.poll() is None:
            try:
                if json.loads(lock.read_text())["pid"] == process.pid:
                    break
            except (OSError, ValueError):
                pass
            time.sleep(0.005)
        return time.perf_counter()

    def _forbid_what_is_gone(self) -> None:
        """Texts the catalog no longer serves, and which no file holds, are deleted for good."""
        with open_catalog(DataDir(self.data)) as catalog:
            if catalog is None:
                return
            texts = [row[0] for row in catalog.rows(f"SELECT c.text FROM {LIVE} WHERE c.ordinal = 1")]
            name, states = catalog.meta("generation"), catalog.rows("SELECT DISTINCT state FROM revisions")
        stage = f"{name} {sorted(row[0] for row in states)}"
        self.by_stage[stage] = self.by_stage.get(stage, 0) + 1
        live = {word for text in texts for word in text.split() if word.endswith("token")}
        gone = self.seen - live - set(self.corpus.tokens.values())
        self.seen |= live
        temporary = self.control / "forbidden.tmp"
        temporary.write_text(" ".join(sorted(gone)))
        temporary.replace(self.control / "forbidden")


def kill_and_compare(base: Path, *, kills: int, seed: int, files: int = 60) -> tuple[Killing, dict[str, Any]]:
    """Leaves the killed and completed index in ``base/data`` and an undisturbed one in ``base/fresh``.

    Gives what was done, and the reader's report.
    """
    generator = random.Random(seed)
    killing = Killing(base, Corpus(base / "kb", generator), generator)
    killing.control.mkdir()
    (killing.control / "forbidden").write_text("")
    for _ in range(files):
        killing.corpus.write(killing.corpus.new())
    longest = killing.complete(base / "measured")
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.kill_reader", str(killing.data), str(killing.control)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with reader:
        try:
            while killing.kills < kills:
                killing.kill_one(longest)
                assert reader.poll() is None, f"the reader died with {reader.returncode}"
                killing.corpus.change(edits=generator.choice([2, files // 2]), moves=2)
            killing.complete(killing.data)
            killing._forbid_what_is_gone()
            time.sleep(0.5)
        finally:
            (killing.control / "stop").touch()
        output, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors.decode()
    killing.complete(base / "fresh")
    report: dict[str, Any] = json.loads(output)
    return killing, report
