"""A stand-in for the ragbot command, quick enough for tests, that speaks the parts of the contract used here.

``STAND_IN_FAULT`` makes it wrong on purpose: ``keeps`` (deleted documents stay), ``crashes`` (a search
ends with an error), ``loses`` (a document is missing where ingests were killed).
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

FAULT = os.environ.get("STAND_IN_FAULT", "")
PAUSE = 0.08


def ingest(data: Path, corpus: Path) -> None:
    data.mkdir(exist_ok=True)
    time.sleep(PAUSE)
    texts = {path.relative_to(corpus).as_posix(): path.read_text() for path in sorted(corpus.rglob("*.*"))}
    if FAULT == "keeps":
        texts = {**load(data), **texts}
    if FAULT == "loses" and data.name == "killed":
        texts.popitem()
    (data / "new.json").write_text(json.dumps(texts))
    (data / "new.json").rename(data / "texts.json")
    say({"added": len(texts)})


def load(data: Path) -> dict[str, str]:
    path = data / "texts.json"
    texts: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return texts


def find(data: Path, question: str, limit: int) -> list[dict[str, Any]]:
    wanted = set(question.lower().split())
    scored = [(len(wanted & set(text.lower().split())) / len(wanted), name, text) for name, text in load(data).items()]
    best = sorted(scored, key=lambda item: (-item[0], item[1]))[:limit]
    return [{"rank": rank, "source": n, "text": t, "score": s} for rank, (s, n, t) in enumerate(best, start=1)]


def search_batch(data: Path, asked: Path, found: Path, limit: int) -> None:
    rows = [json.loads(line) for line in asked.read_text().splitlines()]
    for row in rows:
        row["question"] = " ".join([*(turn["content"] for turn in row.get("conversation", ())), row["question"]])
    done = [{"id": row["id"], "query": row["question"], "hits": find(data, row["question"], limit)} for row in rows]
    found.write_text("".join(json.dumps(row) + "\n" for row in done))


def say(document: object) -> None:
    sys.stdout.write(json.dumps(document) + "\n")


def main() -> None:
    _, data_dir, command, *rest = sys.argv[1:]
    data = Path(data_dir)
    limit = int(rest[rest.index("--limit") + 1]) if "--limit" in rest else 10
    if command == "ingest":
        ingest(data, Path(rest[0]))
    elif command == "search" and "--input" in rest:
        search_batch(data, Path(rest[rest.index("--input") + 1]), Path(rest[rest.index("--output") + 1]), limit)
    elif command == "search":
        if FAULT == "crashes":
            sys.exit("the index cannot be opened")
        say({"query": rest[-1], "hits": find(data, rest[-1], limit)})
    elif command == "list":
        say([{"source": name, "state": "indexed", "updated": time.perf_counter()} for name in load(data)])
    elif command == "show":
        say({"source": rest[-1], "text": load(data)[rest[-1]]})
    else:
        say({"ok": True})


if __name__ == "__main__":
    main()
