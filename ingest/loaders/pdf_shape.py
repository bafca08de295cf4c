"""What is usual on a PDF page, and so which line goes on with the paragraph of the line before."""

import re
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf_pages import BREAK_MARK, Line

BULLET = re.compile(r"^[•◦▪▫‣⁃●○■□➢➤✓✔►▶*–—-][ \t]+(?=\S)|^[•◦▪▫‣●■➢➤►▶](?=\S)|^o[ \t]+(?=[A-Z])")
_NUMBERED = re.compile(r"^(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)[ \t]+\S")
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’)\]]*$")
_NEAR = 12
_UPWARDS = 9.0


def starts_item(text: str) -> bool:
    """Whether a list item, or a numbered heading, begins here."""
    return BULLET.match(text) is not None or _NUMBERED.match(text) is not None


class Shape:
    """The usual step from line to line of a page, and how far its columns reach."""

    def __init__(self, lines: list[Line]) -> None:
        steps = [a.bottom - b.bottom for a, b in pairwise(lines) if a.placed and b.placed]
        steps = [step for step in steps if 2 < step < 60]
        self.step = median(steps) if steps else 12.0
        self.longest = max((len(line.text) for line in lines), default=0)
        self.lines = [line for line in lines if line.placed]
        wide = sum(1 for line in self.lines if line.right - line.left > line.top - line.bottom)
        self.upright = bool(self.lines) and wide >= 0.5 * len(self.lines)
        self._index = {id(line): at for at, line in enumerate(self.lines)}

    def spacing(self, a: Line, b: Line) -> float:
        """The step from ``a`` down to ``b``: 1 is usual for the type size, or the places are unknown; 9 is up."""
        if not (self.upright and a.placed and b.placed):
            return 1.0
        step = a.bottom - b.bottom
        usual = min(self.step, 1.5 * max(a.size, 4.0))
        return step / max(usual, 1.0) if step > 0 else _UPWARDS

    def reach(self, line: Line) -> float:
        """How much of its column's width the line fills."""
        at = self._index.get(id(line))
        if at is None or not self.upright:
            return len(line.text) / max(1, self.longest)
        near = sorted(
            other.right
            for other in self.lines[max(0, at - _NEAR) : at + _NEAR + 1]
            if other.left < line.right and abs(other.left - line.left) < 40 and other.right > line.left
        )
        # Not the furthest: a page header across both columns would make every line of the first look short.
        right = max(near[int(0.85 * (len(near) - 1))], line.right if len(near) < 4 else 0.0)
        return (line.right - line.left) / max(1.0, right - line.left)

    def continues(self, a: Line, b: Line, first: Line) -> bool:
        """Whether ``b`` goes on with the paragraph that ``first`` began and ``a`` is the latest line of."""
        if a.heading or b.heading or a.row or b.row or starts_item(b.text):
            return False
        if a.text.endswith(BREAK_MARK):
            return True
        if a.size and b.size and not 0.87 < a.size / b.size < 1.15:
            return False
        ended = _SENTENCE_END.search(a.text) is not None
        spacing = self.spacing(a, b)
        if spacing >= _UPWARDS:  # the next column: the same paragraph goes on only in the middle of a sentence
            return not ended and self.reach(a) > 0.8 and b.text[:1].islower()
        if spacing > 1.45 or (ended and self._indented(a, b, first)):
            return False
        return self.reach(a) > (0.85 if ended else 0.7)

    def _indented(self, a: Line, b: Line, first: Line) -> bool:
        return self.upright and a.placed and b.placed and b.left > max(a.left + 1.2 * max(a.size, 6.0), first.left)
