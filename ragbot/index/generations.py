"""When a new vector collection is built, and which old ones may go."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ragbot.index.catalog import Snapshot

if TYPE_CHECKING:
    from ragbot.core.ports import Vectors, VectorStore

_SMALL = 500
_SHARE = 0.1


class Generations:
    """Names ``gen-000001``, ``gen-000002``… over a ``VectorStore``; a name is never used for other content."""

    def __init__(self, store: "VectorStore") -> None:
        self.store = store

    def due(self, snapshot: Snapshot, tail: int) -> bool:
        """Whether building pays: readers scan the tail exactly, and skip what died in the collection.

        Both cost little while they are few (1 ms over 20,000 rows), and a build costs seconds.
        """
        dead = snapshot.generation_size - snapshot.live_in_generation
        if snapshot.generation is None:
            return tail > 0
        return max(tail, dead) > max(_SMALL, _SHARE * snapshot.generation_size)

    def build(self, current: str | None, batches: "Iterable[tuple[Sequence[str], Vectors]]") -> str:
        """Builds the next collection and gives its name; the caller names it current."""
        number = int(current.rsplit("-", 1)[1]) if current else 0
        name = f"gen-{number + 1:06d}"
        self.store.build(name, batches)
        return name

    def sweep(self, keep: set[str | None]) -> None:
        """Drops every collection not in ``keep``: half-built ones, and those readers have left behind."""
        for name in self.store.names():
            if name not in keep:
                self.store.drop(name)
