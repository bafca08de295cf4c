"""Strings of a claim that must stand in the text letter by letter: quotations, code, addresses, identifiers."""

import re
from collections.abc import Iterator, Sequence

from ragbot.grounding.quantities import Quantity

_SOUGHT = re.compile(
    r"(?P<url>https?://[^\s<>\"')\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|`(?P<code>[^`\n]{1,120})`"
    r"|\"(?P<quote>[^\"\n]{2,120})\""
    r"|(?P<id>(?<![\w/.-])[^\W_]+(?:[_./:-][^\W_]+)*(?![\w]))"
)
_LIKELY = re.compile(r"[_.\d]|[a-zà-ÿ][A-Z]")
_CAMEL = re.compile(r"[a-zà-ÿ][A-Z]")


def exact_strings(cleaned: str, figures: Sequence[Quantity]) -> tuple[str, ...]:
    """The strings, case folded, each once; what ``figures`` already stand for is left out."""
    return tuple(dict.fromkeys(_found(cleaned, [(figure.start, figure.end) for figure in figures])))


def holds(text: str, sought: str) -> bool:
    """Whether a case folded text has the string, not as part of a longer word."""
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", text) is not None


def _found(cleaned: str, measured: Sequence[tuple[int, int]]) -> Iterator[str]:
    for match in _SOUGHT.finditer(cleaned):
        if match["url"]:
            yield match["url"].casefold().rstrip(".,;:")
        elif match["code"] or match["quote"]:
            yield (match["code"] or match["quote"]).casefold().strip(" .,;:!?")
        elif _is_identifier(match[0]) and not any(a < match.end() and match.start() < b for a, b in measured):
            yield match[0].casefold()


def _is_identifier(text: str) -> bool:
    """ERR-4012, max_retries, config.yaml, getUser, 3.2.1; not sign-in, and/or, 3rd."""
    if not _LIKELY.search(text):
        return False
    if "_" in text or _CAMEL.search(text):
        return True
    digits = any(letter.isdigit() for letter in text)
    parts = text.split(".")
    dotted = len(parts) > 1 and all(len(part) > 1 or part.isdigit() for part in parts)
    if digits:
        letters = any(letter.isalpha() for letter in text)
        return text.isascii() if letters else dotted and len(parts) > 2
    return dotted and parts[-1].islower() and parts[0].islower()
