"""A reader that searches until told to stop: ``python -m tests.ingest.kill_reader DATA_DIR CONTROL_DIR``.

``CONTROL_DIR/forbidden`` holds the words of texts whose deletion is finished; none of them may come back.
It prints one JSON object: how often it searched, and what went wrong.
"""

import asyncio
import json
import random
import sys
import traceback
from pathlib import Path

from ragbot.core.errors import EmptyIndexError
from ragbot.index.reader import IndexReader
from ragbot.testing.embedder import HashModel
from tests.index.kit import EVERYONE, reading


class Watch:
    """What the reader saw."""

    def __init__(self, control: Path) -> None:
        self._control = control
        self.searches = 0
        self.opened = 0
        self.problems: list[str] = []

    @property
    def over(self) -> bool:
        return (self._control / "stop").exists()

    def forbidden(self) -> set[str]:
        return set((self._control / "forbidden").read_text().split())

    async def look(self, reader: IndexReader, generator: random.Random) -> None:
        """One search for something deleted or something general; the list is read before searching."""
        gone = self.forbidden()
        words = " ".join([*generator.sample(sorted(gone), min(2, len(gone))), f"topic{generator.randrange(9)}"])
        dense, notes = await reader.dense(HashModel().embed_query(words), 20, EVERYONE)
        keyword = await reader.keyword([(words, 1.0)], 20, EVERYONE)
        chunks = await reader.chunks([each.chunk_id for each in (*dense, *keyword)], EVERYONE)
        for chunk in chunks.values():
            back = gone & set(chunk.text.split())
            if back:
                self.problems.append(f"{chunk.source} gave deleted {min(back)} (opened {self.opened})")
        # A killed ingest does leave passages without vectors, and the reader is right to say so.
        self.problems += [f"degraded: {note}" for note in notes if "until an ingest has finished" not in note]
        self.searches += 1


async def watch(data: Path, control: Path) -> Watch:
    generator = random.Random(5)
    seen = Watch(control)
    while not seen.over:
        try:
            with reading(data) as reader:
                seen.opened += 1
                for _ in range(generator.choice([1, 5, 60])):
                    await seen.look(reader, generator)
                    await asyncio.sleep(0.005)
        except EmptyIndexError:
            await asyncio.sleep(0.02)
        except Exception:  # noqa: BLE001 - whatever it is, the test must print it
            seen.problems.append(traceback.format_exc()[-1500:])
            await asyncio.sleep(0.02)
    return seen


if __name__ == "__main__":
    found = asyncio.run(watch(Path(sys.argv[1]), Path(sys.argv[2])))
    print(json.dumps({"searches": found.searches, "opened": found.opened, "problems": found.problems[:5]}))
