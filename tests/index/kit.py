"""A small index built by hand, and what it holds, for the tests of index and ingest."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ragbot.core.ids import sha256
from ragbot.core.types import PUBLIC, Chunk, Document
from ragbot.index.catalog import LIVE, Catalog
from ragbot.index.chroma import ChromaStore
from ragbot.index.keywords import KeywordIndex
from ragbot.index.layout import DataDir
from ragbot.index.opening import open_reader, open_writer
from ragbot.index.reader import IndexReader
from ragbot.index.roots import Root, adopt_root
from ragbot.index.settings import IndexSettings
from ragbot.index.writer import IndexWriter, Staged
from ragbot.testing.embedder import HashModel

EVERYONE = frozenset({PUBLIC})
SETTINGS = IndexSettings.model_validate({})


@contextmanager
def writing(folder: Path, model: HashModel | None = None, *, mend: bool = False) -> Iterator[IndexWriter]:
    """The writer of the data directory ``folder``."""
    with open_writer(DataDir(folder), SETTINGS, (model or HashModel()).fingerprint, mend=mend) as writer:
        yield writer


@contextmanager
def reading(folder: Path, model: HashModel | None = None) -> Iterator[IndexReader]:
    """A reader of the data directory ``folder``."""
    with open_reader(DataDir(folder), SETTINGS, (model or HashModel()).fingerprint) as reader:
        yield reader


def root_of(writer: IndexWriter, uri: str = "file:///kb", name: str = "kb") -> Root:
    return adopt_root(writer, uri, name)


def staged(root: Root, path: str, text: str, labels: tuple[str, ...] = (PUBLIC,)) -> Staged:
    """A document whose chunks are its paragraphs."""
    chunks: list[Chunk] = []
    start = 0
    for paragraph in text.split("\n\n"):
        chunks.append(Chunk(len(chunks), paragraph, start, start + len(paragraph), context=path))
        start += len(paragraph) + 2
    data = text.encode()
    document = Document(text=text, title=path, labels=labels)
    return Staged(
        root.id,
        root.prefix + path,
        root.document_uri(path),
        sha256(data),
        len(data),
        "plain@1",
        "paragraphs@1",
        document,
        chunks,
    )


def stage(writer: IndexWriter, texts: Mapping[str, str], labels: tuple[str, ...] = (PUBLIC,)) -> None:
    root = root_of(writer)
    writer.stage([staged(root, path, text, labels) for path, text in texts.items()])


def embed(writer: IndexWriter, model: HashModel, limit: int | None = None) -> None:
    """Embeds what is pending (at most ``limit`` texts) and publishes what is complete."""
    while limit != 0 and (pending := writer.pending(limit or 1000)):
        writer.store_vectors([each.key for each in pending], model.embed_documents([each.text for each in pending]))
        if limit:
            break
    writer.publish_embedded()


def publish(
    writer: IndexWriter, texts: Mapping[str, str], labels: tuple[str, ...] = (PUBLIC,), *, gather: bool = False
) -> None:
    """All steps from staging to vectors, with a new collection when ``gather``."""
    stage(writer, texts, labels)
    writer.publish_listed()
    embed(writer, HashModel())
    if gather:
        writer.gather(force=True)


def delete(writer: IndexWriter, *sources: str) -> None:
    writer.delete([writer.document(source).document_id for source in sources])


async def by_keyword(
    reader: IndexReader, words: str, principals: frozenset[str] = EVERYONE, limit: int = 10
) -> list[str]:
    """The texts found by keywords, best first."""
    found = [each.chunk_id for each in await reader.keyword([(words, 1.0)], limit, principals)]
    chunks = await reader.chunks(found, principals)
    return [chunks[each].text for each in found]


async def by_vector(
    reader: IndexReader, words: str, principals: frozenset[str] = EVERYONE, limit: int = 10, waiting: int = 0
) -> list[str]:
    """The texts found by vectors, best first; nothing may be degraded but what waits for its vector."""
    found, notes = await reader.dense(HashModel().embed_query(words), limit, principals)
    told = f"{waiting} passages are found by keywords only, until an ingest has finished."
    assert notes == ([told] if waiting else []), notes
    chunks = await reader.chunks([each.chunk_id for each in found], principals)
    return [chunks[each.chunk_id].text for each in found]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the three structures hold; two data directories with the same files hold the same."""

    documents: list[tuple[Any, ...]]
    chunks: list[tuple[Any, ...]]
    leftovers: list[tuple[Any, ...]]
    keywords: frozenset[str]
    vectors: frozenset[str]
    embedded: dict[str, bytes] = field(repr=False)


def contents(folder: Path) -> Contents:
    """Everything in a data directory that is not its history."""
    catalog = Catalog(DataDir(folder).catalog)
    try:
        documents = [
            (row.source, row.uri, row.title, row.state, row.sha256, row.bytes, row.chunks, row.labels)
            for row in catalog.documents()
        ]
        chunks = [
            tuple(row)
            for row in catalog.rows(
                "SELECT c.chunk_id, c.ordinal, c.text, c.context, c.heading_path, c.char_start, c.char_end,"
                f" c.page_start, c.page_end, c.vector_key, c.in_keywords, r.text FROM {LIVE} ORDER BY c.chunk_id"
            )
        ]
        leftovers = [tuple(row) for row in catalog.rows("SELECT key, state FROM revisions WHERE state <> 'current'")]
        live = catalog.live_ids()
        tail, _ = catalog.vectors(
            "c.generation IS NULL OR c.generation IS NOT :name", {"name": catalog.meta("generation")}
        )
        gathered = _gathered(folder, catalog.meta("generation"))
        ids, vectors = catalog.vectors()
    finally:
        catalog.close()
    embedded = {name: vector.tobytes() for name, vector in zip(ids, vectors, strict=True)}
    keywords = KeywordIndex(DataDir(folder).keywords).ids()
    found = frozenset(tail) | (gathered & live)
    return Contents(documents, chunks, leftovers, frozenset(keywords), found, embedded)


def _gathered(folder: Path, generation: str | None) -> set[str]:
    if generation is None:
        return set()
    reader = ChromaStore(DataDir(folder).vectors).open(generation)
    try:
        return reader.ids()
    finally:
        reader.close()


def failure(reason: str = "it is broken") -> dict[str, Any]:
    """A failure row as ingest records it."""
    row = {"source": "x", "code": "corrupt", "reason": reason, "permanent": True, "page": 3, "remedy": "Mend it."}
    return dict(json.loads(json.dumps(row)))
