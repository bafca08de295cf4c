"""Roots: the folders documents were ingested from, and how nested ones stay one."""

from dataclasses import dataclass
from urllib.parse import quote

from ragbot.index.writer import IndexWriter


@dataclass(frozen=True, slots=True)
class Root:
    """Where a source's paths stand in the catalog: ``prefix + path`` under root ``id``."""

    id: int
    uri: str
    prefix: str

    def document_uri(self, path: str) -> str:
        location = f"{self.uri}/{self.prefix}{path}"
        return quote(location, safe="/:") if location.startswith("file:") else location


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog holds of one path: the newest reading's bytes, and how it was read."""

    document_id: str
    sha256: str
    reader: str
    complete: bool
    failed: bool


def adopt_root(writer: IndexWriter, uri: str, name: str) -> Root:
    """The root for the folder ``uri``.

    A folder inside a known root is a part of it; known roots inside the folder become parts of it. Without
    this, ingesting ``kb/`` after ``kb/faq/`` would hold every page of the latter twice.
    """
    roots = {row["uri"]: row["id"] for row in writer.rows("SELECT id, uri FROM roots")}
    for outer, number in roots.items():
        if uri == outer:
            return Root(number, outer, "")
        if uri.startswith(f"{outer}/"):
            return Root(number, outer, f"{uri[len(outer) + 1 :]}/")
    with writer.change(visible=True):
        names = {row["name"] for row in writer.rows("SELECT name FROM roots")}
        unique, number = name, 2
        while unique in names:
            unique, number = f"{name}-{number}", number + 1
        writer.execute("INSERT INTO roots (uri, name) VALUES (?, ?)", (uri, unique))
        root = int(writer.value("SELECT id FROM roots WHERE uri = ?", (uri,)))
        for inner, inner_id in roots.items():
            if inner.startswith(f"{uri}/"):
                prefix = f"{inner[len(uri) + 1 :]}/"
                writer.execute(
                    "UPDATE documents SET root = ?, path = ? || path WHERE root = ?", (root, prefix, inner_id)
                )
                writer.execute("DELETE FROM roots WHERE id = ?", (inner_id,))
    return Root(root, uri, "")


def known_paths(writer: IndexWriter, root: Root) -> dict[str, Known]:
    """Every path under the root's prefix with its newest reading, prefix taken off."""
    rows = writer.rows(
        """SELECT d.document_id, d.path, d.failure, r.sha256, r.reader,
        (r.state = 'current' AND NOT EXISTS (SELECT 1 FROM chunks c LEFT JOIN vectors v ON v.key = c.vector_key
                                             WHERE c.revision = r.id AND v.key IS NULL)) AS complete
        FROM documents d LEFT JOIN revisions r ON r.document = d.id AND r.state <> 'dead'
        WHERE d.root = ? AND substr(d.path, 1, ?) = ? ORDER BY r.number""",
        (root.id, len(root.prefix), root.prefix),
    )
    return {
        row["path"][len(root.prefix) :]: Known(
            document_id=row["document_id"],
            sha256=row["sha256"] or "",
            reader=row["reader"] or "",
            complete=bool(row["complete"]),
            failed=row["failure"] is not None,
        )
        for row in rows
    }
