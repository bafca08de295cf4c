"""Markdown in its many dialects, with front matter, as light Markdown."""

from ingest.cleaning import normalise_lines, strip_invisible
from ingest.loaders.decoding import decode
from ingest.loaders.front_matter import FrontMatter, labels, split_front_matter
from ingest.loaders.markdown_clean import to_light_markdown
from ingest.loaders.outline import make_document, plain_title
from ragbot.core.types import Blob, Document

SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdx"})
_MOVED = ("redirect_to", "redirect", "external_url")


class MarkdownLoader:
    """``.md``, ``.mdx`` and their relatives."""

    name = "markdown"
    version = 1
    isolated = False

    def accepts(self, blob: Blob) -> bool:
        """By ending, or by media type where there is no ending."""
        return blob.suffix in SUFFIXES or (not blob.suffix and (blob.media_type or "").startswith("text/markdown"))

    def load(self, blob: Blob) -> Document:
        """The text with its front matter as metadata. Raises ``DocumentError``: ``binary``, ``encoding``,
        ``access`` (restricted, but to whom cannot be read) or ``no_text``."""
        decoded = decode(blob)
        front = split_front_matter(strip_invisible(normalise_lines(decoded.text)))
        text = to_light_markdown(front.body, mdx=blob.suffix == ".mdx")
        return make_document(
            blob,
            text if text.strip() else _stub(front),
            media_type="text/markdown",
            title=plain_title(front.title),
            labels=labels(front.values),
            metadata={**front.values, "encoding": decoded.encoding},
            warnings=(*decoded.warnings, *front.warnings),
        )


def _stub(front: FrontMatter) -> str:
    """A page that is all front matter, as redirects are: its description, and where it points."""
    description = front.values.get("description")
    targets = [front.values.get(key) for key in _MOVED]
    links = [
        f"[{front.title or t}]({t})" for t in targets if isinstance(t, str) and t.startswith(("http://", "https://"))
    ]
    return "\n\n".join([*([description] if isinstance(description, str) else []), *links[:1]])
