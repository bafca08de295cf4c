"""A run as tables for people, from its JSON document. They fit into 80 columns."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from evals.metrics.names import LOWER_IS_BETTER
from ragbot.terminal import console, emit, shown

UNKNOWN = "–"
_SLICED = {
    "hit@5": "hit@5",
    "citation_precision": "cited",
    "answered": "answered",
    "refused": "refused",
    "outcome_accuracy": "outcome",
    "answered_wrongly": "wrongly ↓",
}
"""The figures shown by tag, and their short names."""
_MOST_SHOWN = 15
_PIPED_WIDTH = 140

Document = Mapping[str, Any]


def show_run(run: Document) -> None:
    """Prints a run: the figures, the slices by tag, the times, and the questions worth a look."""
    out = console()
    if not out.is_terminal:
        out.width = _PIPED_WIDTH
    emit(headline(run))
    for table in tables(run):
        out.print()
        out.print(table)


def headline(run: Document) -> str:
    """What was played, in one line."""
    questions = run["questions"]
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in questions["outcomes"].items())
    return (
        f"{shown(run['data']['path'])}: {questions['played']} questions ({outcomes}) "
        f"in {sum(run['seconds'].values()):.1f} s"
    )


def tables(run: Document) -> Iterator[Table]:
    """Every table of a run; those that would be empty are left out."""
    yield figures_table(run)
    if any(name in run["figures"] for name in _SLICED) and run["slices"]:
        yield slices_table(run)
    if run["latency"]["total"]:
        yield latency_table(run)
    if worth := worth_a_look(run):
        yield questions_table(worth)


def figures_table(run: Document) -> Table:
    """Every figure with its 95 % interval and how many questions it rests on."""
    table = _table("metric", "mean [95 % interval]", "n", "not scored")
    for name, figure in run["figures"].items():
        reasons = ", ".join(f"{count} {shown(reason, 100)}" for reason, count in figure["not_scored"].items())
        label = f"{name} ↓" if name in LOWER_IS_BETTER else name
        table.add_row(label, _interval(figure), str(figure["n"]), escape(reasons))
    return table


def slices_table(run: Document) -> Table:
    """The main figures by tag, each with the number of questions it rests on."""
    names = [name for name in _SLICED if name in run["figures"]]
    table = _table("tag", *(_SLICED[name] for name in names))
    for tag, part in run["slices"].items():
        table.add_row(escape(shown(tag, 14)), *(_short(part["figures"][name]) for name in names))
    return table


def latency_table(run: Document) -> Table:
    """Milliseconds to the first text and to the whole answer."""
    table = _table("time", "p50", "p95", "n")
    for name, label in (("first_token", "first text"), ("total", "whole answer")):
        if found := run["latency"][name]:
            table.add_row(label, f"{found['p50'] * 1000:.0f} ms", f"{found['p95'] * 1000:.0f} ms", str(found["n"]))
    return table


def questions_table(rows: list[Document]) -> Table:
    """Questions that failed or ended otherwise than they should, the worst first."""
    table = _table("worth a look", "what happened", "question")
    for row in rows[:_MOST_SHOWN]:
        cells = shown(row["id"], 20), shown(_happened(row), 60), shown(row["question"], 50)
        table.add_row(*(escape(cell) for cell in cells))
    if len(rows) > _MOST_SHOWN:
        table.add_row(UNKNOWN, f"and {len(rows) - _MOST_SHOWN} more; --output keeps them all", "")
    return table


def worth_a_look(run: Document) -> list[Document]:
    """First what failed, then answers that should not have been given, then the other wrong outcomes."""
    failed = [row for row in run["rows"] if row["error"]]
    wrong = [row for row in run["rows"] if row["scores"].get("answered_wrongly") == 1.0]
    others = [
        row
        for row in run["rows"]
        if row["gold"]["outcome"] not in (None, row["outcome"]) and row not in wrong and row not in failed
    ]
    return [*failed, *wrong, *others]


def _happened(row: Document) -> str:
    if row["error"]:
        return f"failed: {row['error']['message']}"
    if row["outcome"] != row["gold"]["outcome"]:
        return f"{row['outcome']}, expected {row['gold']['outcome']}"
    cited = ", ".join(dict.fromkeys(citation["source"] for citation in row["citations"]))
    return f"cites {cited or 'nothing'}, expected {', '.join(row['gold']['expected_sources'])}"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, overflow="fold")
    return table


def _interval(figure: Document) -> str:
    if figure["value"] is None:
        return UNKNOWN
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _short(figure: Document) -> str:
    return UNKNOWN if figure["value"] is None else f"{figure['value']:.2f} ({figure['n']})"
