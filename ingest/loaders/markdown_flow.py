"""Soft line breaks of Markdown prose: a paragraph becomes one line, as every renderer shows it."""

import re

_OWN_LINE = re.compile(
    r"^\s*(?:$|#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|>|\||:\s|\[\^|\*\*[^*]+\*\*\s*$|[-=]{3,}\s*$|\ufdd0\d+\ufdd1\s*$)"
)
_NO_FOLLOWER = re.compile(r"^\s*(?:$|#{1,6}\s|>|\||\*\*[^*]+\*\*\s*$|\ufdd0\d+\ufdd1\s*$)")
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")


def join_soft_breaks(text: str) -> str:
    """Prose with its paragraphs and list items on one line each; two spaces or ``\\`` at an end keep a break.

    Code must be stashed away before: stand-ins for code blocks stay on their own lines.
    """
    out: list[str] = []
    for line in text.split("\n"):
        previous = out[-1] if out else ""
        broken = _HARD_BREAK.search(previous) is not None
        if not out or broken or "|" in line or _OWN_LINE.match(line) or _NO_FOLLOWER.match(previous):
            if broken:
                out[-1] = _HARD_BREAK.sub("", previous)
            out.append(line)
        else:
            out[-1] = f"{previous.rstrip()} {line.lstrip()}"
    return "\n".join(_HARD_BREAK.sub("", line) for line in out)
