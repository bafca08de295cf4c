"""Reading a model's reply as it arrives: whole sentences, each with the passages it claims to rest on.

A sentence leaves only when nothing that may still arrive could change where it ends or what it cites, so the same
reply gives the same sentences however it is cut on the way.
"""

import re
from dataclasses import dataclass

from ragbot.core.sentences import ABBREVIATION

# Every run of blanks is bounded or begun only once: a reply of 20,000 blanks took 12 seconds.
_NUMBERS = r"\d{1,3}(?:[ \t]{0,3}(?:,|;|&|and|-|–)[ \t]{0,3}\d{1,3}){0,20}"
_WORD = r"(?:passages?|sources?|documents?|docs?|refs?|quotes?|citations?)"
_PLAIN = rf"\[[ \t]{{0,3}}\^?(?:{_WORD}[ \t]{{0,3}})?#?({_NUMBERS})[ \t]{{0,3}}\]"
_WIDE = rf"【[ \t]{{0,3}}(?:{_WORD}[ \t]{{0,3}})?({_NUMBERS})[^】\n]{{0,12}}】"
# Right behind a word only from 1 on: the 0 of "a[0]" is an index, no citation.
MARKER = re.compile(
    rf"(?:(?<![ \t])[ \t]++|(?<![ \t]))(?:(?<=\w)(?=[\[【][1-9])|(?<!\w))(?:{_PLAIN}|{_WIDE})",
    re.IGNORECASE,
)
"""``[1]``, ``[1, 2]``, ``[1-3]``, ``[^1]``, ``[passage 1]`` and ``【1】``, with the blanks before."""

_LONGEST_MARKER = 40
_MAYBE_MARKER = re.compile(rf"[ \t]*(?:[\[【][^\]】\n]{{0,{_LONGEST_MARKER}}})?\Z")
_LEAD = re.compile(r"\s*(?:(?:[-*+•]|#{1,6}|\d{1,3}[.)])[ \t]+(?=\S))?")
_STOP = re.compile(r"\n|[.!?…]+[\"'”’)*_]*|[。！？]+[”’」』）]*")
_GOES_ON = re.compile(r"[ \t]+(?=[\"'“‘(\[*_`]*[A-Z0-9À-ÞΑ-ΩА-Я])")
_MAY_GO_ON = re.compile(r"[ \t]*[\"'“‘(\[*_`]*\Z")
_MAYBE_LEAD = re.compile(r"\s*(?:[-*+•]+|#{1,6}|\d{1,3}[.)]?)?[ \t]*\Z")
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A sentence, list item or line of a reply.

    ``lead`` is what stands before it (blanks, line ends, a list marker), ``text`` the words without markers,
    ``markers`` the numbers it cited, in order, each once.
    """

    lead: str
    text: str
    markers: tuple[int, ...]


class ReplyReader:
    """``feed`` it the reply piece by piece; ``end`` gives what is left."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> list[Claimed]:
        """The sentences that are complete by now."""
        self._held += piece
        return self._read(final=False)

    def end(self) -> list[Claimed]:
        """The rest; the reader is empty then."""
        return self._read(final=True)

    def _read(self, *, final: bool) -> list[Claimed]:
        found: list[Claimed] = []
        while (end := self._boundary(final=final)) is not None:
            sentence = self._held[:end]
            self._held = self._held[end:]
            found.append(_claimed(sentence))
        return [each for each in found if each.text or each.markers]

    def _boundary(self, *, final: bool) -> int | None:
        """Where the first sentence held ends; None where that is not decided yet, or nothing is held."""
        lead = _LEAD.match(self._held)
        begin = lead.end() if lead else 0
        if begin >= len(self._held):
            return len(self._held) if final and self._held else None
        if not final and _MAYBE_LEAD.match(self._held):
            return None  # "1." may still become the list marker of what follows
        for stop in _STOP.finditer(self._held, begin):
            if stop[0] == "\n":
                return stop.start()
            if stop.end() == len(self._held) and not final:
                return None  # a closing quote may follow
            end = self._past_markers(stop.end())
            if not final and (_MAYBE_MARKER.match(self._held, end) or _MAY_GO_ON.match(self._held, end)):
                return None
            if self._ends(stop, end):
                return end
        return len(self._held) if final else None

    def _past_markers(self, end: int) -> int:
        while marker := MARKER.match(self._held, end):
            end = marker.end()
        return end

    def _ends(self, stop: re.Match[str], end: int) -> bool:
        if end == len(self._held) or self._held[end] == "\n" or stop[0][0] in "。！？":
            return True
        if not _GOES_ON.match(self._held, end):
            return False
        return end > stop.end() or not ABBREVIATION.search(self._held[max(0, stop.start() - 8) : stop.start() + 1])


def without_markers(text: str) -> str:
    """The text with every marker, and the blanks before it, left out."""
    return MARKER.sub("", text)


def _claimed(sentence: str) -> Claimed:
    lead = _LEAD.match(sentence)
    begin = lead.end() if lead else 0
    markers = [number for marker in MARKER.finditer(sentence, begin) for number in _numbers(marker)]
    return Claimed(sentence[:begin], without_markers(sentence[begin:]).strip(), tuple(dict.fromkeys(markers)))


def _numbers(marker: re.Match[str]) -> list[int]:
    text = marker[1] or marker[2]
    spans = [range(int(a), min(int(b), int(a) + 9) + 1) for a, b in _RANGE.findall(text)]
    single = [int(number) for number in re.findall(r"\d+", _RANGE.sub(" ", text))]
    return [*single, *(number for span in spans for number in span)]
