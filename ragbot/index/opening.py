"""Opening the index: for any number of readers, or for the one writer."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from ragbot.core.errors import EmbedderMismatchError, EmptyIndexError, IndexDamagedError
from ragbot.core.types import Fingerprint
from ragbot.index.catalog import Catalog
from ragbot.index.generations import Generations
from ragbot.index.keywords import KeywordIndex
from ragbot.index.layout import DataDir
from ragbot.index.lock import writer_lock
from ragbot.index.reader import IndexReader
from ragbot.index.settings import IndexSettings
from ragbot.index.stores import STORES
from ragbot.index.writer import IndexWriter


@contextmanager
def open_catalog(data_dir: DataDir) -> Iterator[Catalog | None]:
    """The catalog alone, for listing and showing; None where nothing was ever ingested."""
    if not data_dir.exists():
        yield None
        return
    catalog = Catalog(data_dir.catalog)
    try:
        yield catalog
    finally:
        catalog.close()


@contextmanager
def open_reader(data_dir: DataDir, settings: IndexSettings, embedder: Fingerprint) -> Iterator[IndexReader]:
    """The index for searching. ``EmptyIndexError`` where nothing was ingested, ``EmbedderMismatchError`` names both."""
    if not data_dir.exists():
        raise EmptyIndexError(
            f"There is no index in {data_dir.root} yet.", remedy="Run `ragbot ingest PATH` first, or give --data-dir."
        )
    catalog = Catalog(data_dir.catalog)
    try:
        known = catalog.embedder()
        if known and known.digest != embedder.digest:
            raise EmbedderMismatchError(
                f"The index in {data_dir.root} was built with the embedder {known}, not with {embedder}.",
                remedy=f"Set embedder.model back to {known.model!r}, or ingest into another --data-dir.",
            )
        keywords = KeywordIndex(data_dir.keywords, language=settings.language)
        reader = IndexReader(catalog, keywords, STORES.get(settings.store)(data_dir.vectors))
    except BaseException:
        catalog.close()
        raise
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def open_writer(
    data_dir: DataDir, settings: IndexSettings, embedder: Fingerprint, command: str | None = None, *, mend: bool = False
) -> Iterator[IndexWriter]:
    """The index for changing. Holds the writer lock; ``LockHeldError`` names who else does.

    With ``mend``, a keyword index that cannot be opened is replaced by an empty one, for ``doctor`` to fill.
    """
    data_dir.create()
    with writer_lock(data_dir.lock, command):
        try:
            keywords = KeywordIndex(data_dir.keywords, language=settings.language, writable=True)
        except IndexDamagedError:
            if not mend:
                raise
            shutil.rmtree(data_dir.keywords, ignore_errors=True)
            keywords = KeywordIndex(data_dir.keywords, language=settings.language, writable=True)
        generations = Generations(STORES.get(settings.store)(data_dir.vectors))
        try:
            writer = IndexWriter(data_dir.catalog, keywords, generations, embedder)
            try:
                yield writer
            finally:
                writer.close()
        finally:
            keywords.close()
