"""What of a passage can be quoted: sentences, list items and table rows, each with the words it borrows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from ragbot.core.sentences import Kind
from ragbot.grounding.statements import Statement, merged, read
from ragbot.grounding.words import clean, stems, words

_NO = frozenset(
    {"no", "none", "never", "n/a", "", "-", "–", "—", "✗", "✘", "✕", "❌", "x", "not included", "not available"}
)
_PRICE = re.compile(r"[*_`\s]*[$€£¥₹]\s?\d")
_YES = frozenset({"yes", "included", "available", "✓", "✔", "✅", "•"})

Pair = tuple[str, str]


@dataclass(slots=True)
class Unit:
    """``passage[start:end]``, and ``text``, what it says: a row's cells each behind the name of its column.

    It borrows words from ``lent`` (what introduces its list or table, beginning at ``lead_start``), from ``back`` (the
    sentence it points back to with "it" or "this") and from ``heading``. ``header`` are the cells of its table's head,
    ``subject`` is the first cell of a row. ``quick`` are its stems in order.
    """

    start: int
    end: int
    block: int
    kind: Kind
    text: str
    lent: str = ""
    lead_start: int | None = None
    back: str = ""
    heading: str = ""
    header: tuple[str, ...] = ()
    subject: str = ""
    quick: tuple[str, ...] = ()
    held: frozenset[str] = frozenset()
    _own: Statement | None = field(default=None, repr=False)
    _borrowed: Statement | None = field(default=None, repr=False)

    def finish(self) -> None:
        """Reads the words off, once the text is what it stays."""
        if self.kind == "row":
            self.text = self._told()
        self.quick = tuple(stems(words(self.text)))
        self.held = frozenset(self.quick)

    @property
    def own(self) -> Statement:
        """What it says itself."""
        if self._own is None:
            self._own = read(self.text)
        return self._own

    @property
    def borrowed(self) -> Statement:
        """What stands over it and before it."""
        if self._borrowed is None:
            parts = [part for part in (self.lent, self.heading, self.back) if part]
            self._borrowed = merged([_read(part) for part in parts or [""]])
        return self._borrowed

    @property
    def introduced(self) -> Statement:
        """What it borrows but for headings: they name and ask, and deny nothing."""
        return _read(f"{self.lent}\n{self.back}".strip())

    @property
    def pointed_at(self) -> Statement:
        """The sentence it points back to."""
        return _read(self.back)

    def _told(self) -> str:
        """A row as it is read aloud: "Plan Pro | Monthly price $20", and "no SSO" for a "No" under "SSO"."""
        row = cells(self.text)
        self.subject = row[0] if len(row) > 1 else ""
        if len(self.header) != len(row):
            return " | ".join(row)
        told = []
        for column, cell in zip((clean(each) for each in self.header), row, strict=True):
            answer = cell.casefold().strip(" *_`.")
            named = f"{column} price" if _PRICE.match(cell) else column
            told.append(f"no {column}" if answer in _NO else column if answer in _YES else f"{named} {cell}")
        return " | ".join(told)


def cells(row: str) -> tuple[str, ...]:
    """The cells of a table row."""
    return tuple(cell.strip() for cell in row.strip().strip("|").split("|"))


def neighbours(chain: Sequence[str]) -> frozenset[Pair]:
    """The neighbouring stems, in either order."""
    return frozenset((a, b) if a < b else (b, a) for a, b in pairwise(chain))


@lru_cache(maxsize=1024)
def _read(text: str) -> Statement:
    """What many units borrow alike is read once."""
    return read(clean(text))
