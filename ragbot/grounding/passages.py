"""A passage cut into what can be quoted, each piece with the words it borrows: its heading, the line that introduces
its list, its table's header, and the sentence before it where it begins with "it" or "this".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ragbot.core.sentences import Kind, Sentence, sentences
from ragbot.grounding.statements import Statement, merged, read
from ragbot.grounding.words import clean, stems, words

_HEADING = re.compile(r"^[ \t]*(#{1,6})[ \t]+(.*)$", re.MULTILINE)
_TABLE_HEAD = re.compile(r"^[ \t]*(\|[^\n]*)\n[ \t]*\|?[ \t:]*-{3,}[^\n]*$", re.MULTILINE)
_POINTS_BACK = re.compile(
    r"[\"'(*_]*(?:it|its|they|them|their|these|this|that|those|he|she|his|her|both|such|each|here|there|then|also"
    r"|otherwise|instead|if so|if not|in this case|in that case)\b",
    re.IGNORECASE,
)
_NO = frozenset({"no", "none", "never", "n/a", "", "-", "–", "—", "✗", "✘", "✕", "❌", "x", "not included", "not available"})
_YES = frozenset({"yes", "included", "available", "✓", "✔", "✅", "•"})
_TITLE_LENGTH = 80
_TITLE_LEVEL = 7
_LENT_LENGTH = 400


Pair = tuple[str, str]


def neighbours(chain: Sequence[str]) -> frozenset[Pair]:
    """The neighbouring stems, in either order."""
    return frozenset((a, b) if a < b else (b, a) for a, b in zip(chain, chain[1:], strict=False))


@lru_cache(maxsize=1024)
def _lent(text: str) -> Statement:
    """What many units borrow alike, read once."""
    return read(clean(text))


@dataclass(slots=True)
class Unit:
    """``passage[start:end]``: a sentence, list item or row. ``lent`` introduces it, ``back`` is what it points back to.

    ``header`` are the cells of its table's header, ``subject`` the first cell of a row; ``block`` numbers its paragraph, item or row.
    """

    start: int
    end: int
    block: int
    kind: Kind
    text: str
    lent: str = ""
    back: str = ""
    header: tuple[str, ...] = ()
    subject: str = ""
    heading: str = ""
    quick: tuple[str, ...] = ()
    held: frozenset[str] = frozenset()
    _own: Statement | None = field(default=None, repr=False)
    _borrowed: Statement | None = field(default=None, repr=False)

    @property
    def own(self) -> Statement:
        if self._own is None:
            self._own = read(self.text)
        return self._own

    @property
    def borrowed(self) -> Statement:
        """What stands over it, headings included."""
        if self._borrowed is None:
            self._borrowed = merged([_lent(part) for part in (self.lent, self.heading, self.back) if part] or [_lent("")])
        return self._borrowed

    @property
    def introduced(self) -> Statement:
        """What introduces it, without headings: they ask and name, and deny nothing."""
        return _lent(f"{self.lent}\n{self.back}".strip())

    @property
    def pointed_at(self) -> Statement:
        """The sentence it points back to."""
        return _lent(self.back)


@dataclass
class PassageText:
    """A passage taken apart; what is costly is done when it is asked for."""

    text: str
    units: list[Unit]

    @cached_property
    def folded(self) -> str:
        return clean(self.text).casefold()

    @cached_property
    def held(self) -> frozenset[str]:
        return self.heading_stems.union(*(unit.held for unit in self.units))

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        return frozenset[Pair]().union(*(neighbours(unit.quick) for unit in self.units))

    @cached_property
    def heading_stems(self) -> frozenset[str]:
        """The words of every heading in it."""
        return frozenset(stems(words(clean(" ".join({unit.heading for unit in self.units})))))


def take_apart(text: str, context: str = "") -> PassageText:
    """Cuts a passage; ``context``, such as its title and heading path, counts as a heading over all of it."""
    return PassageText(text, list(_units(text, context)))


def _units(text: str, context: str) -> Iterator[Unit]:
    cut = sentences(text)
    headings = [(match.start(), len(match[1]), match[2].strip()) for match in _HEADING.finditer(text)]
    over: list[tuple[int, str]] = [(0, context)] if context else []
    heads = [(match.end(), match[1]) for match in _TABLE_HEAD.finditer(text)]
    state = _State(heads)
    for i, each in enumerate(cut):
        while headings and headings[0][0] < each.start:
            _, level, title = headings.pop(0)
            over = [*(entry for entry in over if entry[0] < level), (level, title)]
            state = _State(heads)
        raw = text[each.start : each.end]
        unit = Unit(each.start, each.end, each.block, each.kind, clean(raw))
        unit.heading = " > ".join(title for _, title in over)
        state.lend(unit, text, cut[i + 1] if i + 1 < len(cut) else None)
        if _is_title(raw, each, cut, i):
            over = [*(entry for entry in over if entry[0] < _TITLE_LEVEL), (_TITLE_LEVEL, raw.strip(" *_:"))]
        yield unit


class _State:
    """What the sentences so far lend to the next one."""

    def __init__(self, heads: Sequence[tuple[int, str]]) -> None:
        self.heads = heads
        self.previous: Unit | None = None
        self.lead = ""
        self.open_items: list[tuple[int, str]] = []

    def lend(self, unit: Unit, text: str, following: Sentence | None) -> None:
        previous = self.previous
        raw = text[unit.start : unit.end]
        if unit.kind == "row":
            unit.header = self._header(unit, text)
            unit.lent = self.lead
            unit.text = _told(unit)
        elif unit.kind == "item":
            unit.lent = " ".join([self.lead, *self._parents(unit, text)])
        elif unit.kind == "prose":
            introduces = following is not None and following.kind in ("item", "row") and following.block != unit.block
            self.lead = raw if introduces else ""
            self.open_items = []
        if previous is not None and unit.kind in ("prose", "item") and _POINTS_BACK.match(raw):
            unit.back = f"{previous.back} {previous.text}".strip()[-_LENT_LENGTH:]
            if self.lead:
                self.lead = f"{unit.back} {self.lead}"
        unit.lent = unit.lent.strip()[-_LENT_LENGTH:]
        unit.quick = tuple(stems(words(unit.text)))
        unit.held = frozenset(unit.quick)
        self.previous = unit

    def _header(self, unit: Unit, text: str) -> tuple[str, ...]:
        """The cells of the nearest table head above a row, if no blank line parts them."""
        above = [head for head in self.heads if head[0] <= unit.start]
        return cells(above[-1][1]) if above and "\n\n" not in text[above[-1][0] : unit.start] else ()

    def _parents(self, unit: Unit, text: str) -> list[str]:
        if self.previous is not None and self.previous.block == unit.block:
            return [*(words for _, words in self.open_items)]
        line = text.rfind("\n", 0, unit.start) + 1
        indent = len(text[line : unit.start]) - len(text[line : unit.start].lstrip())
        self.open_items = [entry for entry in self.open_items if entry[0] < indent]
        parents = [words for _, words in self.open_items]
        self.open_items.append((indent, text[unit.start : unit.end]))
        return parents


def cells(row: str) -> tuple[str, ...]:
    """The cells of a table row."""
    return tuple(cell.strip() for cell in row.strip().strip("|").split("|"))


def _told(unit: Unit) -> str:
    """A row as it is read aloud: each cell behind its column's name, and "no SSO" for a "No" under "SSO"."""
    row = cells(unit.text)
    unit.subject = row[0] if len(row) > 1 else ""
    if len(unit.header) != len(row):
        return " | ".join(row)
    told = []
    for column, cell in zip((clean(each) for each in unit.header), row, strict=True):
        answer = cell.casefold().strip(" *_`.")
        told.append(f"no {column}" if answer in _NO else column if answer in _YES else f"{column} {cell}")
    return " | ".join(told)


def _is_title(raw: str, each: Sentence, cut: list[Sentence], i: int) -> bool:
    """A short line of its own that ends like no sentence stands over what follows."""
    alone = (i == 0 or cut[i - 1].block != each.block) and (i + 1 == len(cut) or cut[i + 1].block != each.block)
    plain = raw.strip(" *_")
    return each.kind == "prose" and alone and len(raw) <= _TITLE_LENGTH and plain[-1:].isalnum() and "\n" not in raw
