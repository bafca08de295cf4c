"""Answers as HTML: Markdown rendered without any HTML of its own, then cleaned of everything not listed here."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
_MARKER = re.compile(r"\[[0-9]{1,4}\]")
_SCHEMES = {"http", "https", "mailto"}


def answer_html(text: str) -> str:
    """Markdown as HTML fit to be put into the page. Markers such as ``[1]`` stay text."""
    return nh3.clean(
        _markdown().render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A quoted line such as "[1]: https://…" would vanish and make links of the markers.
    markdown.disable("reference")
    markdown.inline.ruler.before("link", "marker", _marker)
    markdown.add_render_rule("image", _image)
    return markdown


def _marker(state: StateInline, silent: bool) -> bool:
    """Takes ``[12]`` as text before it can become a part of a link."""
    found = _MARKER.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.pending += found[0]
    state.pos = found.end()
    return True


def _image(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """The words in the place of a picture: one that is loaded tells its server who reads the answer."""
    return escapeHtml(tokens[index].content)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Links with an address of their own; what is relative would lead into this service."""
    whole = attribute != "href" or value.lower().startswith(("http://", "https://", "mailto:"))
    return value if whole else None
