"""Latency of ragbot's Python API in one process, printed as JSON {p50, p95, queries} in seconds.

    python -m evals.bench.warm --data-dir D --input questions.jsonl

The first question is asked once before, unmeasured, so that models are loaded.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from evals.bench.console import show_line
from evals.bench.systems import LIMIT
from ragbot.core.types import Message


async def measure(data_dir: Path, rows: list[dict[str, Any]]) -> list[float]:
    """Seconds of each question, asked one after the other."""
    from ragbot import Bot

    seconds = []
    async with Bot.open(data_dir=data_dir) as bot:
        for row in rows[:1] + rows:
            conversation = [Message(turn["role"], turn["content"]) for turn in row.get("conversation", ())]
            began = time.perf_counter()
            await bot.search(row["question"], conversation=conversation, limit=LIMIT)
            seconds.append(time.perf_counter() - began)
    return seconds[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--input", type=Path, required=True)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.input.read_text("utf-8").splitlines()]
    ordered = sorted(asyncio.run(measure(options.data_dir, rows)))
    last = len(ordered) - 1
    latency = {"p50": ordered[len(ordered) // 2], "p95": ordered[min(last, int(0.95 * len(ordered)))]}
    show_line(json.dumps({**latency, "queries": len(ordered)}))


if __name__ == "__main__":
    main()
