"""A corpus made of seeded words, and seeded changes to it: adds, edits, renames, deletes."""

import random
from pathlib import Path

ADDS, EDITS, RENAMES, DELETES = 4, 4, 2, 2

_NOUNS = ["invoice", "account", "printer", "network", "refund", "password", "parcel", "contract", "licence"]
_VERBS = ["reset", "ship", "renew", "cancel", "export", "archive", "measure", "repair", "transfer", "approve"]
_QUALITIES = ["annual", "broken", "shared", "digital", "northern", "urgent", "secondary", "portable", "expired"]


class Corpus:
    """A folder of Markdown files whose every state follows from the seed."""

    def __init__(self, folder: Path, generator: random.Random) -> None:
        self.folder = folder
        self._generator = generator
        self._made = 0

    def files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.md"))

    def add(self, count: int) -> None:
        """New documents, spread over three folders."""
        for _ in range(count):
            path = self.folder / f"part-{self._made % 3}" / f"paper-{self._made:04}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._document(), "utf-8")
            self._made += 1

    def change(self) -> None:
        """One round of adds, edits, renames and deletes; no document is touched twice."""
        chosen = self._generator.sample(self.files(), EDITS + RENAMES + DELETES)
        for path in chosen[:EDITS]:
            path.write_text(f"{path.read_text('utf-8')}\n## Addendum\n\n{self._paragraph()}\n", "utf-8")
        for path in chosen[EDITS : EDITS + RENAMES]:
            path.rename(path.with_name(f"renamed-{self._made:04}-{path.name[-13:]}"))
            self._made += 1
        for path in chosen[EDITS + RENAMES :]:
            path.unlink()
        self.add(ADDS)

    def questions(self, count: int) -> list[str]:
        """Questions made of the same words."""
        return [f"How do I {self._pick(_VERBS)} the {self._phrase()}?" for _ in range(count)]

    def _document(self) -> str:
        title = f"# The {self._phrase()}, paper {self._made}"
        sections = [f"## {self._phrase().capitalize()}\n\n{self._paragraph()}" for _ in range(3)]
        return "\n\n".join([title, *sections]) + "\n"

    def _paragraph(self) -> str:
        return " ".join(self._sentence() for _ in range(self._generator.randint(5, 12)))

    def _sentence(self) -> str:
        count = self._generator.randint(2, 99)
        return f"To {self._pick(_VERBS)} the {self._phrase()}, {self._pick(_VERBS)} the {self._phrase()} {count} times."

    def _phrase(self) -> str:
        return f"{self._pick(_QUALITIES)} {self._pick(_NOUNS)}"

    def _pick(self, words: list[str]) -> str:
        return self._generator.choice(words)
