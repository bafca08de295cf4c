"""Links and images in Markdown prose: absolute targets stay, others leave their words behind."""

import re

_TARGET = (
    r"\(\s*(<[^<>\n]*>|(?:[^()\s]|\([^()\s]*\))*)((?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?)\s*(?:=\d*x?\d*\s*)?\)"
)
_LABEL = r"\[((?:[^\[\]]|\\[\[\]]|\[[^\[\]]*\])*)\]"
_IMAGE = re.compile(rf"!{_LABEL}{_TARGET}")
_LOOSE_LINK = re.compile(rf"{_LABEL}\(([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)")
_LINK = re.compile(rf"(?<!\\){_LABEL}{_TARGET}")
_DATA = re.compile(
    r"!?\[([^\[\]]*)\]\(\s*<?data:[^)]*\)|data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=\s]{40,}", re.IGNORECASE
)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)([^\[\]\n]+)\]:[ \t]*\n?[ \t]*(<[^<>\n]*>|\S+)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$",
    re.MULTILINE,
)
_REFERENCE = re.compile(rf"(!?){_LABEL}[ ]?\[([^\[\]\n]*)\]")
_SHORTCUT = re.compile(r"(!?)(?<![\]\\])\[(?!\^)([^\[\]\n]+)\](?![\[(:])")
_ABSOLUTE = re.compile(r"(?:https?://|mailto:|tel:)[^\s{}<>]+", re.IGNORECASE)
_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")


def definitions(text: str) -> tuple[dict[str, str], str]:
    """Reference definitions (``[name]: target``) by lower-case name, and the text without them."""
    if "]:" not in text:
        return {}, text
    found: dict[str, str] = {}
    for match in _DEFINITION.finditer(text):
        found.setdefault(_key(match[1]), match[2].strip("<>"))
    return found, _DEFINITION.sub("", text)


def clean_links(text: str, links: dict[str, str]) -> str:
    """Images as their alt text, links with their target where it is absolute, else as their words."""
    if "data:" in text:
        text = _DATA.sub(lambda match: match[1] or "", text)
    if "[" not in text:
        return text
    text = _WIKI.sub(lambda match: match[2] or match[1], text)
    text = _IMAGE.sub(lambda match: match[1], text)
    text = _LINK.sub(lambda match: _link(match[1], match[2].strip("<>")), text)
    text = _REFERENCE.sub(lambda match: _referenced(match, match[2], match[3] or match[2], links), text)
    if links:
        text = _SHORTCUT.sub(lambda match: _referenced(match, match[2], match[2], links), text)
    return text


def _link(words: str, target: str) -> str:
    label = " ".join(words.split())
    if not label:
        return ""
    if not _ABSOLUTE.fullmatch(target):
        return words
    return f"[{label}]({target})"


def _referenced(match: re.Match[str], words: str, name: str, links: dict[str, str]) -> str:
    target = links.get(_key(name))
    if target is None:
        return match[0]
    return words if match[1] else _link(words, target)


def _key(name: str) -> str:
    return " ".join(name.lower().split())
