"""A web page as a small tree of our own, as deep as is sensible and no deeper.

lxml's own tree stops at a depth (and drops what is below), so its parser only delivers events here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.cleaning import word_set

MAX_DEPTH = 120
"""Deeper elements are attached to their last ancestor above it: no page nests so, and recursion stays safe."""

BLOCKS = word_set(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p "
    "plaintext pre search section summary table tbody td tfoot th thead tr ul xmp"
)


@dataclass(slots=True)
class Node:
    """An element: its lower-case tag, its attributes and its children in order, text as strings."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    parent: "Node | None" = None
    has_block: bool = False

    def elements(self) -> "Iterator[Node]":
        """The child elements, without text."""
        return (child for child in self.children if isinstance(child, Node))

    def walk(self) -> "Iterator[Node]":
        """This element and all below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed([child for child in node.children if isinstance(child, Node)]))

    def find(self, *tags: str) -> "Node | None":
        """The first element with one of these tags."""
        return next((node for node in self.walk() if node.tag in tags), None)

    def text(self) -> str:
        """All text below, as it stands."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            else:
                stack.extend(reversed(item.children))
        return "".join(parts)


class _Builder:
    """The target that lxml's parser feeds."""

    def __init__(self) -> None:
        self.root = Node("#root")
        self._open = [self.root]
        self._below = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        parent = self._open[-1]
        name = tag.lower()
        node = Node(name, dict(attrs), parent=parent)
        parent.children.append(node)
        if name in BLOCKS:
            above: Node | None = parent
            while above is not None and not above.has_block:
                above.has_block = True
                above = above.parent
        if len(self._open) >= MAX_DEPTH:
            self._below += 1
        else:
            self._open.append(node)

    def end(self, _tag: str) -> None:
        if self._below:
            self._below -= 1
        elif len(self._open) > 1:
            self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].children.append(text)

    def comment(self, _text: str) -> None:
        """Comments are for authors."""

    def pi(self, _target: str, _data: str | None = None) -> None:
        """Processing instructions are for programs."""

    def close(self) -> Node:
        return self.root


def parse_html(text: str) -> Node:
    """The tree of a page or fragment. Never fails: HTML has no errors, only surprises. No network."""
    from lxml import etree  # type: ignore[import-untyped]

    # Lone surrogates would not encode; the XML declaration of XHTML would contradict the encoding given here.
    data = text.encode("utf-8", errors="ignore")
    parser = etree.HTMLParser(target=_Builder(), huge_tree=True, no_network=True, encoding="utf-8")
    try:
        root: Node = etree.fromstring(data or b"<p></p>", parser)
    except etree.LxmlError:
        return Node("#root", children=[text])
    return root
