"""HTML and vendor tags inside Markdown prose: dropped, translated, or kept where they are placeholders."""

import html
import re
from collections.abc import Callable

from ingest.cleaning import word_set

_VALUE = r"""(?:"[^"]*"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}|[^\s"'<>=`{]+)"""
_ATTR = rf"""(?:\s+(?:[A-Za-z_:@][\w:.@-]*(?:\s*=\s*{_VALUE})?|\{{\.\.\.[\w.]+\}}))"""
_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_ROW_BREAK = re.compile(r"</?(?:br|p|div|ul|ol|li|details|summary)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(rf"<(/?)([A-Za-z][A-Za-z0-9.:-]*)({_ATTR}{{0,60}})\s*(/?)>")
_ATTRIBUTE = re.compile(
    r"""([A-Za-z_:@][\w:.@-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|\{\s*["'`]([^"'`{}]*)["'`]\s*\}|([^\s"'<>=`{]+))"""
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DROPPED = ("script", "style", "template", "iframe", "svg", "video", "audio", "object")
_CODE_TAGS = ("code", "kbd", "samp", "tt")
_ELEMENTS = {
    tag: re.compile(rf"<{tag}\b([^<>]*)>(.*?)</{tag}\s*>", re.DOTALL | re.IGNORECASE)
    for tag in (*_DROPPED, *_CODE_TAGS, "table", "a", "pre")
}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LONE = word_set("br hr wbr p li td th tr dd dt tbody thead tfoot")
_VOID = word_set("img input source track area base col embed link meta param")
_BREAKS = word_set(
    "p div section article details summary ul ol dl dt dd tr figure figcaption center blockquote hr table tbody thead "
    "header footer main aside nav form fieldset"
)
_HTML = (
    _LONE
    | _VOID
    | _BREAKS
    | word_set(
        "a abbr b bdi bdo big button caption cite code colgroup data del dfn em font h1 h2 h3 h4 h5 h6 i ins kbd label "
        "mark picture pre q s samp small span strike strong sub sup td th time tt u var html head body iframe"
    )
)
_SHOWN = ("title", "label", "heading", "header", "summary", "caption", "text", "linktext", "link-text", "alt")


def clean_tags(text: str) -> str:
    """Prose without tags; placeholders such as ``<your-key>``, and autolinks, stay as they are."""
    if "<" not in text:
        return text
    end = text.rfind("-->") + 3 if "-->" in text else 0
    text = (_COMMENT.sub("", text[:end]) + text[end:]).replace("<!--", "")
    for tag in _DROPPED:
        text = _elements(tag, lambda _match: "", text)
    text = _elements("table", _table, text)
    # A line break inside a table row would end the table there.
    text = _ROW.sub(lambda match: _ROW_BREAK.sub(" ", match[0]), text)
    for tag in _CODE_TAGS:
        text = _elements(tag, _code, text)
    text = _elements("a", _anchor, text)
    closed = {name.lower() for name in re.findall(r"</([A-Za-z][A-Za-z0-9.:-]*)\s*>", text)}
    opened = {match[2].lower() for match in _TAG.finditer(text) if not match[1]}
    counters: list[int | None] = []
    return _TAG.sub(lambda match: _replace(match, closed, opened, counters), text)


def _elements(tag: str, replace: Callable[[re.Match[str]], str], text: str) -> str:
    """Replaces whole elements. What follows the last closing tag is not searched: every opening tag in it would
    look for its end up to the end of the text."""
    at = text.lower().rfind(f"</{tag}")
    end = text.find(">", at) + 1 if at >= 0 else 0
    return _ELEMENTS[tag].sub(replace, text[:end]) + text[end:] if end else text


def decode_entities(text: str) -> str:
    """``&nbsp;`` and its like as characters; ``&copy=1`` of an address is none."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def attributes(source: str) -> dict[str, str]:
    """A tag's attributes with lower-case names, entities decoded."""
    return {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or m[5] or "") for m in _ATTRIBUTE.finditer(source)}


def code_span(code: str) -> str:
    """Inline code in as many back-ticks as it needs."""
    words = " ".join(code.split())
    if not words:
        return ""
    mark = "`" if "`" not in words else "``"
    return f"{mark}{words}{mark}"


def _replace(match: re.Match[str], closed: set[str], opened: set[str], lists: list[int | None]) -> str:
    slash, name, source, ending = match.groups()
    tag = name.lower()
    if slash:
        if tag not in _HTML and tag not in opened:
            return match[0]
    elif not _is_tag(tag, source, ending, closed):
        return match[0]
    if tag == "br":
        return "  \n"
    if tag in ("ul", "ol"):
        if slash:
            if lists:
                lists.pop()
        else:
            lists.append(0 if tag == "ol" else None)
        return "\n\n" if len(lists) == (0 if slash else 1) else "\n"
    if tag == "li":
        return "" if slash else _item(lists)
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        return "\n\n" if slash else f"\n\n{'#' * int(tag[1])} "
    if tag in ("summary", "dt"):
        return "**\n\n" if slash else "\n\n**"
    if tag in ("b", "strong"):
        return "**"
    if tag in _HTML:
        shown = "" if slash or tag != "img" else attributes(source).get("alt", "")
        return "\n\n" if tag in _BREAKS else shown
    return "" if slash else _vendor(source)


def _is_tag(tag: str, source: str, ending: str, closed: set[str]) -> bool:
    """A name in angle brackets is a tag if it is used like one; ``<title>`` alone is a placeholder."""
    if tag in _LONE:
        return not source.strip() or "=" in source
    if '="' in source or "='" in source or "={" in source or ending or re.search(r"=\S", source):
        return True
    return tag in closed and (not source.strip() or tag in _HTML)


def _item(lists: list[int | None]) -> str:
    pad = "  " * (len(lists) - 1)
    if lists and (number := lists[-1]) is not None:
        lists[-1] = number + 1
        return f"\n{pad}{number + 1}. "
    return f"\n{pad}- "


def _vendor(source: str) -> str:
    """The words that a component shows of its attributes, as a paragraph of their own."""
    values = attributes(source)
    words = next((values[key].strip() for key in _SHOWN if values.get(key, "").strip()), "")
    if not words:
        return ""
    target = values.get("link") or values.get("href") or values.get("url") or ""
    return f"\n\n[{words}]({target})\n\n" if target.startswith(("http://", "https://")) else f"\n\n**{words}**\n\n"


def _code(match: re.Match[str]) -> str:
    inner = match[2]
    if "\n" in inner.strip():
        return f"\n\n```\n{html.unescape(_TAG.sub('', inner)).strip(chr(10))}\n```\n\n"
    return code_span(html.unescape(_TAG.sub("", inner)))


def _anchor(match: re.Match[str]) -> str:
    words = match[2].strip()
    target = attributes(match[1]).get("href", "").strip()
    if not words or not target.startswith(("http://", "https://", "mailto:")) or "\n\n" in words:
        return match[2]
    return f"[{' '.join(words.split())}]({target})"


def _table(match: re.Match[str]) -> str:
    from ingest.loaders.html_markdown import to_markdown
    from ingest.loaders.html_tree import parse_html

    return f"\n\n{to_markdown(parse_html(match[0].strip()))}\n\n"


def pre_blocks(text: str) -> str:
    """``<pre>`` blocks as fenced code."""
    from ingest.loaders.html_markdown import to_markdown
    from ingest.loaders.html_tree import parse_html

    return _elements("pre", lambda match: f"\n\n{to_markdown(parse_html(match[0]))}\n\n", text)
