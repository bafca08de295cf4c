"""Soft line breaks of Markdown prose: a paragraph becomes one line, as every renderer shows it."""

import re

_OWN_LINE = re.compile(
    r"^\s*(?:$|#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|>|\||:\s|\[\^|\*\*[^*]+\*\*\s*$|[-=]{3,}\s*$|\ufdd0\d+\ufdd1\s*$)"
)
_NO_FOLLOWER = re.compile(r"^\s*(?:$|#{1,6}\s|>|\||\*\*[^*]+\*\*\s*$|\ufdd0\d+\ufdd1\s*$)")


def join_soft_breaks(text: str) -> str:
    """Prose with its paragraphs and list items on one line each; two spaces or ``\\`` at an end keep a break.

    Code must be stashed away before: stand-ins for code blocks stay on their own lines.
    """
    paragraphs: list[list[str]] = []
    open_end = False
    for line in text.split("\n"):
        bare = line.rstrip()
        if open_end and "|" not in line and not _OWN_LINE.match(line):
            paragraphs[-1].append(bare.lstrip())
        else:
            paragraphs.append([bare])
        broken = line.endswith("  ") or bare.endswith("\\")
        if broken:
            paragraphs[-1][-1] = bare.removesuffix("\\")
        open_end = not broken and (len(paragraphs[-1]) > 1 or not _NO_FOLLOWER.match(bare))
    return "\n".join(" ".join(parts) for parts in paragraphs)
