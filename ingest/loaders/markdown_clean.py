"""Markdown as authors write it, as the light Markdown we store: prose is cleaned, code is left alone."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.loaders.markdown_flow import join_soft_breaks
from ingest.loaders.markdown_links import clean_links, definitions
from ingest.loaders.markdown_tags import clean_tags, decode_entities, pre_blocks
from ingest.loaders.markdown_templates import admonition_blocks, clean_templates
from ingest.loaders.outline import FENCE, is_fence_end

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SPAN = re.compile(r"(?<![`\\])(`{1,3})(?!`)((?:[^`\n]|\n(?![ \t]*\n)|`(?!\1))+?)(?<!`)\1(?!`)")
_LOOSE_HEADING = re.compile(r"^ {0,3}(#{2,6})(?=[^\s#])", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(?=\S)", re.MULTILINE)
_HIGHLIGHT = re.compile(r"^\{%-?\s*(highlight|code)\b[ \t]*([\w+#-]*)[^%]*%\}[ \t]*$", re.MULTILINE)
_END_HIGHLIGHT = re.compile(r"^\{%-?\s*end(?:highlight|code)\s*-?%\}[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([_\-.()\[\]!<>&{}+'\"$@:/,;=?~^%*])")
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_STASHED = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def to_light_markdown(text: str, *, mdx: bool) -> str:
    """The body of a Markdown file, cleaned. Takes text without front matter and with ``\\n`` line ends."""
    text = (
        _END_HIGHLIGHT.sub("```", _HIGHLIGHT.sub(r"```\2", text)) if "highlight" in text or "{% code" in text else text
    )
    stash: list[str] = []
    parts = [_keep(part, stash) if is_code else part for is_code, part in _segments(_without_indented_code(text))]
    prose = "\n".join(parts)
    links, prose = definitions(prose)
    prose = _clean_prose(prose, stash, links, mdx=mdx)
    while _OPEN in prose:
        prose = _STASHED.sub(lambda match: stash[int(match[1])], prose)
    return prose


def _keep(code: str, stash: list[str]) -> str:
    stash.append(code)
    return f"{_OPEN}{len(stash) - 1}{_CLOSE}"


def _clean_prose(text: str, stash: list[str], links: dict[str, str], *, mdx: bool) -> str:
    def protect(source: str) -> str:
        return _SPAN.sub(lambda match: _keep(match[0], stash), source) if "`" in source else source

    text = protect(pre_blocks(text))
    if "<pre" in text or "\n```" in text:
        text = "\n".join(_keep(part, stash) if is_code else part for is_code, part in _segments(text))
    text = clean_templates(text, mdx=mdx)
    text = clean_tags(text)
    if "```" in text:
        text = "\n".join(_keep(part, stash) if is_code else part for is_code, part in _segments(text))
    text = clean_links(protect(text), links)
    text = join_soft_breaks(_RULE.sub("", text))
    text = _HEADING.sub(r"\1 ", _LOOSE_HEADING.sub(r"\1 ", text))
    return decode_entities(_ESCAPED.sub(r"\1", text))


def _segments(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of lines, each with whether it is a fenced code block. A fence that never ends is closed."""
    run: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if fence:
            run.append(line)
            if is_fence_end(line, fence):
                yield True, "\n".join(run)
                run, fence = [], ""
        elif opening := FENCE.match(line):
            if run:
                yield False, "\n".join(run)
            run, fence = [line], opening[1]
        else:
            run.append(line)
    if fence:
        indent = run[0][: len(run[0]) - len(run[0].lstrip())]
        yield True, "\n".join([*run, indent + fence])
    elif run:
        yield False, "\n".join(run)


def _without_indented_code(text: str) -> str:
    """Indented code as fenced code and underlined headings as ``#`` headings, as CommonMark sees them."""
    lines = text.split("\n")
    if any(line.lstrip(" ").startswith(("!!! ", "??? ", "???+ ", '=== "')) for line in lines):
        lines = admonition_blocks(lines)
    indented = any(line.startswith(("    ", "\t")) and line.strip() for line in lines)
    underlined = any(line[:1] in ("=", "-") and len(set(line.rstrip())) == 1 for line in lines)
    if not indented and not underlined:
        return "\n".join(lines)
    edits: list[tuple[int, int, list[str]]] = []
    fenced: list[tuple[int, int]] = []
    tables = _table_lines(lines)
    for token in _parser().parse("\n".join(lines)):
        if token.map is None:
            continue
        start, end = token.map
        if token.type == "fence":
            fenced.append((start, end))
        elif token.type == "code_block" and not any(a < start < b for a, b in tables):
            edits.append((start, end, _fenced(lines[start:end])))
        elif token.type == "heading_open" and token.markup in ("=", "-") and token.level == 0:
            words = " ".join(line.strip() for line in lines[start : end - 1])
            edits.append((start, end, [f"{'#' if token.markup == '=' else '##'} {words}"]))
    for start, end, replacement in sorted(edits, reverse=True):
        lines[start:end] = replacement
    return "\n".join(lines)


def _fenced(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    wide = [line.expandtabs(4) for line in lines]
    indent = min((len(line) - len(line.lstrip()) for line in wide if line.strip()), default=4)
    first = next((line.strip() for line in wide if line.strip()), "")
    # HTML that authors indented after a blank line is still HTML to them.
    if first.startswith(("</", "<!--", "<tr", "<td", "<th", "<li", "<p", "<div", "<a ", "<img")):
        return lines
    pad = " " * max(0, indent - 4)
    ticks = "````" if any("```" in line for line in wide) else "```"
    return [pad + ticks, *((pad + line[indent:]).rstrip() for line in wide), pad + ticks, ""]


def _table_lines(lines: list[str]) -> list[tuple[int, int]]:
    """Line ranges from ``<table>`` to ``</table>``."""
    found, start = [], None
    for at, line in enumerate(lines):
        lower = line.lower()
        if start is None and "<table" in lower:
            start = at
        if start is not None and "</table" in lower:
            found.append((start, at + 1))
            start = None
    return found


_PARSER: "list[MarkdownIt]" = []


def _parser() -> "MarkdownIt":
    if not _PARSER:
        from markdown_it import MarkdownIt

        _PARSER.append(MarkdownIt("commonmark").disable("inline"))
    return _PARSER[0]
