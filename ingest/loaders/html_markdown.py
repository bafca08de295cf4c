"""An HTML tree as light Markdown: headings, nested lists, tables, code, quotes, and nothing of the looks."""

import re
from itertools import pairwise

from ingest.loaders.html_tables import render_table
from ingest.loaders.html_tree import BLOCKS, Node

_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAK = "\x00"
_MARKUP_START = re.compile(r"^(#{1,6}(?=\s)|`{3,}|~{3,})", re.MULTILINE)
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|brush:)[-\s]*([\w+#.-]{1,20})")
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_SUBSCRIPT = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_ABSOLUTE = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)


def to_markdown(node: Node) -> str:
    """The whole subtree as light Markdown, blocks separated by one blank line."""
    return "\n\n".join(blocks(node))


def blocks(node: Node) -> list[str]:
    """The subtree as a list of Markdown blocks."""
    out: list[str] = []
    run: list[Node | str] = []

    def flush() -> None:
        if run and (text := _paragraph(run)):
            out.append(text)
        run.clear()

    for child in node.children:
        if isinstance(child, Node) and (child.tag in BLOCKS or child.has_block):
            flush()
            out.extend(_block(child))
        else:
            run.append(child)
    flush()
    return out


def _block(node: Node) -> list[str]:
    tag = node.tag
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        title = inline(node).replace("\n", " ").strip()
        return [f"{'#' * int(tag[1])} {title}"] if title else []
    if tag in ("pre", "listing", "xmp", "plaintext"):
        return _code_block(node)
    if tag in ("ul", "ol", "menu", "dir"):
        return _list(node)
    if tag == "table":
        return render_table(node, cell_text, blocks)
    if tag == "blockquote":
        inner = "\n\n".join(blocks(node))
        return ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))] if inner else []
    if tag in ("dt", "summary", "legend", "caption"):
        words = inline(node).replace("\n", " ").strip()
        return [f"**{words}**"] if words else []
    if tag == "hr":
        return []
    if tag == "li":  # outside any list
        return _item(node, "- ")
    return blocks(node)


def _list(node: Node) -> list[str]:
    """One block for the whole list; items that hold several paragraphs keep them, indented."""
    lines: list[str] = []
    start = node.attrs.get("start", "1")
    number = int(start) if start.isdecimal() and len(start) < 7 else 1
    for child in node.children:
        if isinstance(child, str):
            if child.strip():
                lines.append(f"- {_paragraph([child])}")
            continue
        if child.tag in ("ul", "ol"):  # a list directly in a list: it belongs to the item before
            lines.extend("  " + line for block in _list(child) for line in block.split("\n"))
            continue
        marker = f"{number}. " if node.tag == "ol" else "- "
        if item := _item(child, marker):
            lines.extend(item)
            number += 1
    return ["\n".join(lines)] if lines else []


def _item(node: Node, marker: str) -> list[str]:
    parts = blocks(node) if node.has_block else [_paragraph(node.children)]
    parts = [part for part in parts if part]
    if not parts:
        return []
    text = parts[0]
    for before, part in pairwise(parts):
        tight = part.startswith(("- ", "1. ")) and not before.startswith("```")
        text += ("\n" if tight else "\n\n") + part
    pad = " " * len(marker)
    first, *rest = text.split("\n")
    return [marker + first, *((pad + line).rstrip() for line in rest)]


def _code_block(node: Node) -> list[str]:
    parts: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
        elif item.tag == "br":
            parts.append("\n")
        else:
            stack.extend(reversed(item.children))
    code = "".join(parts).strip("\r\n").rstrip()
    if not code.strip():
        return []
    language = ""
    for candidate in (node, *node.elements()):
        if found := _LANGUAGE.search(candidate.attrs.get("class", "")):
            language = found[1]
            break
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", code)), default=0) + 1)
    return [f"{fence if '```' in code else '```'}{language}\n{code}\n{fence if '```' in code else '```'}"]


def _paragraph(run: "list[Node | str]") -> str:
    text = _lines("".join(_piece(child) for child in run))
    return _MARKUP_START.sub(r"\\\1", text)


def inline(node: Node) -> str:
    """The subtree as running text; ``<br>`` is a line break."""
    return _lines("".join(_piece(child) for child in node.children))


def cell_text(node: Node) -> str:
    """A table cell on one line."""
    if node.has_block:
        return _SPACE.sub(" ", " ".join(_flat(part) for part in blocks(node))).strip()
    return inline(node).replace("\n", " ").strip()


def _flat(block: str) -> str:
    """A block on one line, without the marks that only mean something at a line's start."""
    if block.startswith("- "):
        return re.sub(r"\n\s*(?:- )?", "; ", block[2:])
    return re.sub(r"^#{1,6} ", "", block).replace("\n", " ")


def _lines(raw: str) -> str:
    text = _SPACE.sub(" ", raw)
    return "\n".join(part.strip() for part in text.split(_BREAK)).strip()


def _piece(child: "Node | str") -> str:
    if isinstance(child, str):
        return child.replace(_BREAK, "")
    tag = child.tag
    if tag == "br":
        return _BREAK
    if tag == "img":
        return child.attrs.get("alt", "")
    if tag == "wbr":
        return ""
    text = "".join(_piece(part) for part in child.children)
    if child.tag in BLOCKS:
        text = f" {text} "
    words = text.strip()
    if not words:
        return text
    if tag in ("code", "kbd", "samp", "tt") and _BREAK not in words:
        return _wrap(text, "``" if "`" in words else "`")
    if tag == "a":
        return _link(child, text)
    if tag in ("sup", "sub") and re.fullmatch(r"[+-]?\d{1,4}", words):
        return words.translate(_SUPERSCRIPT if tag == "sup" else _SUBSCRIPT)
    if tag == "q":
        return f"“{text}”"
    return text


def _wrap(text: str, mark: str) -> str:
    """``mark`` around the words, spaces left outside."""
    words = text.strip()
    if words.startswith("`") and words.endswith("`"):
        return text
    at = text.index(words)
    return f"{text[:at]}{mark}{words}{mark}{text[at + len(words) :]}"


def _link(node: Node, text: str) -> str:
    target = node.attrs.get("href", "").strip()
    words = text.strip()
    if not _ABSOLUTE.fullmatch(target) or len(target) > 500:
        return text
    shown = target.split(":", 1)[1].lstrip("/") if not target.lower().startswith("http") else target
    if words.rstrip("/") in (target.rstrip("/"), shown.split("?")[0].rstrip("/")):
        return text
    at = text.index(words)
    safe = target.replace("(", "%28").replace(")", "%29")
    label = words.replace(_BREAK, " ").replace("[", "\\[").replace("]", "\\]")
    return f"{text[:at]}[{label}]({safe}){text[at + len(words) :]}"
