"""The sections of a document: spans of text under one heading path, tiny ones joined with what follows."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ragbot.core.types import Document


@dataclass(frozen=True, slots=True)
class Section:
    """``text[start:end]`` under ``path``. ``body`` is where the text after the heading line starts."""

    start: int
    end: int
    body: int
    path: tuple[str, ...]


def sections(document: Document) -> list[Section]:
    """The document cut at its headings, in order, without gaps."""
    text = document.text
    found: list[Section] = []
    if not document.headings or document.headings[0].char_start > 0:
        first = document.headings[0].char_start if document.headings else len(text)
        found.append(Section(0, first, 0, ()))
    stack: list[tuple[int, str]] = []
    for i, heading in enumerate(document.headings):
        following = document.headings[i + 1].char_start if i + 1 < len(document.headings) else len(text)
        stack = [(level, title) for level, title in stack if level < heading.level]
        stack.append((heading.level, heading.title))
        line_end = text.find("\n", heading.char_start, following)
        body = following if line_end < 0 else line_end + 1
        found.append(Section(heading.char_start, following, body, tuple(title for _, title in stack)))
    return [section for section in found if text[section.start : section.end].strip()]


def joined(parts: list[Section], text: str, tokens: Callable[[str], int], small: int, most: int) -> list[Section]:
    """Sections with less than ``small`` tokens of body joined with their successor while both fit in ``most``.

    A heading without body always joins what it introduces, however long that is; others only join a sibling or a
    child, under the heading path they share.
    """
    done: list[Section] = []
    for part in parts:
        last = done[-1] if done else None
        if last is not None and _belongs(last, part):
            bare = not text[last.body : last.end].strip()
            if bare:
                done[-1] = replace(part, start=last.start)
                continue
            few = tokens(text[last.body : last.end]) < small and tokens(text[part.body : part.end]) < small
            if few and tokens(text[last.start : part.end]) <= most:
                done[-1] = Section(last.start, part.end, last.body, _shared(last.path, part.path))
                continue
        done.append(part)
    return done


def _belongs(last: Section, part: Section) -> bool:
    """Whether ``part`` is a child or sibling of ``last``, or both precede any heading."""
    return part.path[: max(0, len(last.path) - 1)] == last.path[:-1] and len(part.path) >= len(last.path)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    kept = 0
    while kept < min(len(one), len(other)) and one[kept] == other[kept]:
        kept += 1
    return one[:kept]
