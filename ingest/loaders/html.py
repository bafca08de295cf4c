"""Web pages: the words of the page in light Markdown, without navigation, scripts and banners."""

import re

from ingest.cleaning import clean_inline, clean_text
from ingest.loaders.decoding import decode
from ingest.loaders.html_boilerplate import main_content, prune
from ingest.loaders.html_markdown import to_markdown
from ingest.loaders.html_tree import Node, parse_html
from ingest.loaders.outline import find_headings, make_document
from ingest.loaders.sniff import is_html
from ragbot.core.types import Blob, Document

SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_META = {
    "description": "description",
    "og:description": "description",
    "author": "author",
    "date": "date",
    "dc.date": "date",
    "article:published_time": "date",
    "article:modified_time": "modified",
    "last-modified": "modified",
    "keywords": "keywords",
}


class HtmlLoader:
    """``.html`` and its relatives, and pages without an ending."""

    name = "html"
    version = 1
    isolated = False

    def accepts(self, blob: Blob) -> bool:
        """By ending; without one, by media type or content."""
        if blob.suffix in SUFFIXES:
            return True
        return not blob.suffix and ((blob.media_type or "").split(";")[0] in MEDIA_TYPES or is_html(blob.data))

    def load(self, blob: Blob) -> Document:
        """The page's main content. Raises ``DocumentError``: ``binary``, ``encoding`` or ``no_text``."""
        decoded = decode(blob, declared=declared_charset(blob.data, blob.media_type))
        root = parse_html(decoded.text)
        metadata = _metadata(root)
        title = _title(root)
        text = readable(root)
        headings = find_headings(clean_text(text))
        first = next((h.title for h in headings if h.level == 1), "")
        return make_document(
            blob,
            text,
            media_type="text/html",
            title=title or first,
            metadata={**metadata, "encoding": decoded.encoding},
            warnings=decoded.warnings,
        )


def declared_charset(data: bytes, media_type: str | None) -> str | None:
    """What the page says of its encoding: the XML declaration, the first ``<meta>``, the HTTP header."""
    for pattern, window in ((_XML, 1024), (_CHARSET, 256 * 1024)):
        if found := pattern.search(data[:window]):
            return found[1].decode("ascii")
    found_header = re.search(r"charset=([\w:.-]+)", media_type or "", re.IGNORECASE)
    return found_header[1] if found_header else None


def readable(root: Node) -> str:
    """The main content as Markdown; where pruning would leave next to nothing, the whole body."""
    everything = to_markdown(prune(root, boilerplate=False))
    pruned = prune(root, boilerplate=True)
    text = to_markdown(main_content(pruned))
    if len(text) >= min(400, 0.3 * len(everything)):
        return text
    whole = to_markdown(pruned)
    return whole if len(whole) >= 0.1 * len(everything) and len(whole) > 80 else everything


def _title(root: Node) -> str:
    node = next((n for n in root.walk() if n.tag == "title" and not _inside(n, "svg")), None)
    return clean_inline(node.text()) if node else ""


def _inside(node: Node, tag: str) -> bool:
    above = node.parent
    while above is not None:
        if above.tag == tag:
            return True
        above = above.parent
    return False


def _metadata(root: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in root.walk():
        if node.tag == "html" and (lang := node.attrs.get("lang") or node.attrs.get("xml:lang")):
            found.setdefault("lang", clean_inline(lang)[:35])
        elif node.tag == "meta":
            name = (node.attrs.get("name") or node.attrs.get("property") or "").lower()
            content = clean_inline(node.attrs.get("content", ""))[:1000]
            if name in _META and content:
                found.setdefault(_META[name], content)
    return found
