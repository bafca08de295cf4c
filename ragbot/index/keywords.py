"""The keyword index: Tantivy, BM25 over title, headings and words, analysed for one language.

Tantivy's own commit is atomic and its readers may run beside a writer; entries that the catalog does not
(or no longer) call live are dropped by whoever asked.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from ragbot.core.errors import IndexDamagedError, StorageError
from ragbot.core.types import Candidate
from ragbot.index.stopwords import BUILT_IN, ENGLISH

STOP_WORD_WEIGHT = 0.6
"""A question that repeats a heading finds it by its small words too; at full weight they drown the others."""
_HEAP = 64_000_000
_EVERY = "1"
_DAMAGED = "Run `ragbot doctor --repair`; it rebuilds the keyword index from the catalog."


@dataclass(frozen=True, slots=True)
class KeywordEntry:
    """What is indexed of one chunk. ``revision`` groups the entries that live and die together."""

    chunk_id: str
    revision: str
    title: str
    headings: str
    body: str


FIELD_WEIGHTS = {"title": 1.6, "headings": 1.8, "body": 1.0}


class KeywordIndex:
    """Reads, and writes for the one writer. Safe to search from several threads."""

    def __init__(self, directory: Path, *, language: str = "english", writable: bool = False) -> None:
        self._analyzer = _analyzer(language)
        self._content = _analyzer(language, content=True)
        # The language is part of the schema, so that an index stemmed for another one is not searched unnoticed.
        analyzer = f"ragbot_{language}"
        schema = _schema(analyzer)
        try:
            if writable:
                directory.mkdir(parents=True, exist_ok=True)
            elif not tantivy.Index.exists(str(directory)):
                raise IndexDamagedError(f"There is no keyword index in {directory}.", remedy=_DAMAGED)
            self._index = tantivy.Index(schema, path=str(directory), reuse=True)
        except (ValueError, OSError) as error:
            raise _translate(error, directory) from error
        self._directory = directory
        self._index.register_tokenizer(analyzer, self._analyzer)
        self._schema = schema
        self._writer: Any = None

    # -- reading

    def refresh(self) -> None:
        """Makes what was committed since visible."""
        try:
            self._index.reload()
        except (ValueError, OSError) as error:
            raise _translate(error, self._directory) from error

    def search(self, texts: Sequence[tuple[str, float]], limit: int) -> list[Candidate]:
        """The best entries by BM25 for weighted texts, best first; a text's weight multiplies its terms."""
        query = self._query(texts)
        if query is None or limit <= 0:
            return []
        try:
            searcher = self._index.searcher()
            found = searcher.search(query, limit).hits
            return [Candidate(searcher.doc(address)["chunk_id"][0], float(score)) for score, address in found]
        except (ValueError, OSError) as error:
            raise _translate(error, self._directory) from error

    def terms(self, text: str) -> list[str]:
        """What a text is about: its words without stop words, lower case, accents folded, stemmed."""
        return list(self._content.analyze(text))

    def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many chunks' words each term stands; what is rare says more."""
        searcher = self._index.searcher()
        return {term: int(searcher.doc_freq("body", term)) for term in set(terms)}

    def size(self) -> int:
        """How many entries there are."""
        return int(self._index.searcher().num_docs)

    def dead(self) -> int:
        """How many deleted entries BM25's statistics still count; Tantivy forgets them only when it merges."""
        searcher = self._index.searcher()
        return int(searcher.doc_freq("every", _EVERY)) - int(searcher.num_docs)

    def ids(self) -> set[str]:
        """Every chunk id that has an entry; ``doctor`` compares them with the catalog."""
        searcher = self._index.searcher()
        if searcher.num_docs == 0:
            return set()
        found = searcher.search(tantivy.Query.all_query(), searcher.num_docs).hits
        return {searcher.doc(address)["chunk_id"][0] for _, address in found}

    def _query(self, texts: Sequence[tuple[str, float]]) -> Any:
        weights: dict[str, float] = {}
        for text, weight in texts:
            content = set(self.terms(text))
            for term in set(self._analyzer.analyze(text)):
                full = weight if term in content or not content else weight * STOP_WORD_WEIGHT
                weights[term] = max(weights.get(term, 0.0), full)
        clauses = [(tantivy.Occur.Should, self._term(term, weight)) for term, weight in weights.items() if weight > 0.0]
        return tantivy.Query.boolean_query(clauses[:_MOST_TERMS]) if clauses else None

    def _term(self, term: str, weight: float) -> Any:
        fields = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, term), boost * weight)
            for field, boost in FIELD_WEIGHTS.items()
        ]
        return tantivy.Query.disjunction_max_query(fields, 0.3)

    # -- writing

    def add(self, entries: Iterable[KeywordEntry]) -> None:
        """Queues entries; they become visible with ``commit``."""
        try:
            for entry in entries:
                self._writing().add_document(
                    tantivy.Document(
                        chunk_id=entry.chunk_id,
                        revision=entry.revision,
                        every=_EVERY,
                        title=entry.title,
                        headings=entry.headings,
                        body=entry.body,
                    )
                )
        except (ValueError, OSError) as error:
            raise _translate(error, self._directory) from error

    def remove_revisions(self, revisions: Iterable[str]) -> None:
        """Queues the removal of every entry of these revisions."""
        for revision in revisions:
            self._writing().delete_documents_by_term("revision", revision)

    def reset(self) -> None:
        """Queues the removal of everything."""
        self._writing().delete_all_documents()

    def commit(self) -> None:
        """Makes what was queued durable and visible, all of it or nothing."""
        try:
            self._writing().commit()
            self._index.reload()
        except (ValueError, OSError) as error:
            self._writer = None
            raise _translate(error, self._directory) from error

    def close(self) -> None:
        if self._writer is not None:
            # What was committed stands; a merge that a full disk stopped is done by a later writer.
            with contextlib.suppress(ValueError, OSError):
                self._writer.wait_merging_threads()
            self._writer = None

    def _writing(self) -> Any:
        if self._writer is None:
            try:
                self._writer = self._index.writer(heap_size=_HEAP, num_threads=1)
            except (ValueError, OSError) as error:
                raise _translate(error, self._directory) from error
        return self._writer


_MOST_TERMS = 200
"""A 100 kB question would otherwise become a query of ten thousand clauses."""


_NOT_WRITABLE = ("No space left", "Read-only", "Permission denied", "StorageFull", "LockBusy", "A worker thread")


def _analyzer(language: str, *, content: bool = False) -> Any:
    """Words as they are indexed; with ``content``, without those that only say how something is asked."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())
    builder = builder.filter(tantivy.Filter.ascii_fold())
    if content and language == "english":
        builder = builder.filter(tantivy.Filter.custom_stopword(list(ENGLISH)))
    elif content and language in BUILT_IN:
        builder = builder.filter(tantivy.Filter.stopword(language))
    return builder.filter(tantivy.Filter.stemmer(language)).build()


def _schema(analyzer: str) -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("chunk_id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("every", stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("revision", stored=False, tokenizer_name="raw", index_option="basic")
    for field in FIELD_WEIGHTS:
        builder.add_text_field(field, stored=False, tokenizer_name=analyzer, index_option="freq")
    return builder.build()


def _translate(error: Exception, directory: Path) -> IndexDamagedError | StorageError:
    text = str(error)
    if any(sign in text for sign in _NOT_WRITABLE):
        return StorageError(
            f"The keyword index {directory} cannot be written: {text}.",
            remedy="Check the free space and the permissions of the data directory, then run again.",
        )
    return IndexDamagedError(f"The keyword index {directory} cannot be read: {text}.", remedy=_DAMAGED)
