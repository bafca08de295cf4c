"""What of a page is not its content: scripts, navigation, banners, hidden parts."""

import re

from ingest.cleaning import word_set
from ingest.loaders.html_tree import Node

_NEVER = word_set(
    "script style template noscript svg math-renderer canvas iframe object embed applet audio video head title meta "
    "link base input select textarea datalist progress meter map area frame frameset noframes dialog"
)
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar", "alertdialog", "dialog"})
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|navbar|nav|navigation|breadcrumbs?|skip-?(?:link|nav|to-content)|"
    r"site-?(?:footer|header|nav)|page-?footer|footer|sidebar|headerlink|heading-?anchor|anchor-?link|"
    r"mw-editsection|editsection|navbox|catlinks|noprint|no-print|pagination|pager|share|sharing|social|"
    r"newsletter|advert|advertisement|ads|related-(?:posts|articles))(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])"
)
_CONTENT = frozenset({"main", "article"})
_KEEP_SHARE = 0.5
"""An element with more of the page's text than this is content, whatever it is called."""


def prune(root: Node, *, boilerplate: bool) -> Node:
    """A copy without what readers never see and, if asked, without navigation and banners."""
    body = root.find("body") or root
    controlled = {
        target
        for node in body.walk()
        for target in (node.attrs.get("aria-controls", "") + " " + node.attrs.get("data-target", ""))
        .replace("#", "")
        .split()
    }
    limit = _KEEP_SHARE * max(1, len(body.text()))
    return _copy(body, None, _Rules(boilerplate, controlled, limit), inside=False)


class _Rules:
    def __init__(self, boilerplate: bool, controlled: set[str], limit: float) -> None:
        self.boilerplate = boilerplate
        self.controlled = controlled
        self.limit = limit

    def drops(self, node: Node, inside: bool) -> bool:
        if node.tag in _NEVER and not (node.tag == "dialog" and "open" in node.attrs):
            return True
        if self._hidden(node):
            return True
        if node.tag == "button":
            return not _is_label(node)
        if self.boilerplate and node.tag in ("ul", "ol", "form") and _in_page_header(node):
            return True
        return self.boilerplate and self._chrome(node, inside) and len(node.text()) < self.limit

    def _hidden(self, node: Node) -> bool:
        attrs = node.attrs
        hidden = (
            ("hidden" in attrs and attrs["hidden"] != "until-found")
            or attrs.get("aria-hidden") == "true"
            or _HIDDEN_STYLE.search(attrs.get("style", "").lower()) is not None
        )
        # A collapsed answer of an accordion is hidden too, but readers can open it.
        openable = attrs.get("id", "") in self.controlled or attrs.get("role") in ("tabpanel", "region")
        return hidden and not openable

    def _chrome(self, node: Node, inside: bool) -> bool:
        if node.tag == "nav" or node.attrs.get("role") in _ROLES:
            return True
        if node.tag in ("header", "footer", "aside") and not inside:
            return node.find("h1") is None
        if node.tag in ("body", "main", "article", "h1", "h2", "pre", "code", "html"):
            return False
        names = f"{node.attrs.get('class', '')} {node.attrs.get('id', '')}"
        return bool(names.strip()) and _NAMES.search(names) is not None


def _in_page_header(node: Node) -> bool:
    """Whether a list stands in a ``<header>``: it is a menu, even where the header holds the title too."""
    above = node.parent
    while above is not None and above.tag not in ("main", "article", "body"):
        if above.tag == "header":
            return True
        above = above.parent
    return False


def _is_label(node: Node) -> bool:
    """Whether a button is the question of an accordion or the like, so that its words are content."""
    if "aria-expanded" in node.attrs or "aria-controls" in node.attrs:
        return True
    above = node.parent
    while above is not None:
        if above.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"):
            return True
        above = above.parent
    return False


def _copy(node: Node, parent: Node | None, rules: _Rules, inside: bool) -> Node:
    copy = Node(node.tag, node.attrs, parent=parent, has_block=node.has_block)
    inside = inside or node.tag in _CONTENT or node.attrs.get("role") == "main"
    for child in node.children:
        if isinstance(child, str):
            copy.children.append(child)
        elif not rules.drops(child, inside):
            copy.children.append(_copy(child, copy, rules, inside))
        elif child.tag not in _NEVER:
            copy.children.append(" ")
    return copy


def main_content(body: Node) -> Node:
    """The element that holds the content: ``<main>``, a lone ``<article>``, or the body."""
    nodes = list(body.walk())
    mains = [node for node in nodes if node.tag == "main" or node.attrs.get("role") == "main"]
    if mains:
        return max(mains, key=lambda node: len(node.text()))
    articles = [node for node in nodes if node.tag == "article"]
    return articles[0] if len(articles) == 1 else body
