"""The benchmark's report as tables for people. Memory in MB (10^6 bytes), warm queries in milliseconds."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

Report = Mapping[str, Any]
UNKNOWN = "–"


def tables(report: Report) -> list[Table]:
    """Quality by source and by passage, differences, cost."""
    return [*(quality_table(report, level) for level in ("source", "passage")), cost_table(report)]


def quality_table(report: Report, level: str) -> Table:
    """Every system's figures, and ours minus each other's, with 95 % intervals."""
    counted = report["questions"][f"by_{level}"]
    title = f"{report['data']}: quality by {level}, {counted} of {report['questions']['all']} questions"
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column("system")
    names = list(next(iter(report["quality"].values()))[level])
    for name in names:
        table.add_column(name)
    table.add_column("characters in top 5", justify="right")
    for system, figures in report["quality"].items():
        cells = [_estimate(figures[level][name]) for name in names]
        table.add_row(system, *cells, f"{figures['characters_top_5']:,.0f}")
    for pair, gaps in report["differences"].items():
        table.add_row(pair, *(_estimate(gaps[level][name], sign="+") for name in names), "", style="bold")
    return table


def cost_table(report: Report) -> Table:
    """Time and memory of every system side by side."""
    cost = report["cost"]
    table = Table(title=f"{report['data']}: cost, {cost['source_bytes']:,} bytes of source", title_justify="left")
    table.add_column("measure")
    for system in cost["systems"]:
        table.add_column(system, justify="right")
    for label, cells in _cost_rows(cost["systems"]):
        table.add_row(label, *cells)
    for label, ratio in cost["ours_over_plain"].items():
        table.add_row(f"{label.replace('_', ' ')}, ours over plain", f"{ratio:.2f} ×", style="bold")
    return table


def _cost_rows(systems: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    every = list(systems.values())

    def warm(share: str) -> list[str]:
        return [f"{one['warm_query'][share] * 1000:.1f} ms" if one["warm_query"] else UNKNOWN for one in every]

    def memory(key: str) -> list[str]:
        return [f"{one[key] / 1e6:,.0f} MB" if one[key] else UNKNOWN for one in every]

    rounds = [" ".join(f"{one['seconds']:.1f}" for one in system["ingest_rounds"]) for system in every]
    colds = [" ".join(f"{seconds:.1f}" for seconds in system["cold_search_rounds"]) for system in every]
    return [
        ("ingest, whole process, median", [f"{one['ingest_seconds']:.1f} s" for one in every]),
        ("ingest, every round", [f"{text} s" for text in rounds]),
        ("source bytes per second", [f"{one['ingest_bytes_per_second']:,.0f}" for one in every]),
        ("ingest, peak memory", memory("ingest_peak_memory")),
        ("warm query, p50", warm("p50")),
        ("warm query, p95", warm("p95")),
        ("cold search, whole process, median", [f"{one['cold_search_seconds']:.1f} s" for one in every]),
        ("cold search, every run", [f"{text} s" for text in colds]),
        ("cold search, peak memory", memory("cold_search_peak_memory")),
        ("batch search, peak memory", memory("batch_search_peak_memory")),
        ("chunks cut off by the model's limit", [_truncated(one["search_details"]) for one in every]),
    ]


def _truncated(details: Mapping[str, Any]) -> str:
    counted = details.get("truncated")
    return f"{counted['truncated']:,} of {counted['chunks']:,}" if counted else UNKNOWN


def _estimate(estimate: Mapping[str, float] | None, sign: str = "") -> str:
    if estimate is None:
        return UNKNOWN
    return f"{estimate['value']:{sign}.3f} [{estimate['low']:{sign}.2f}, {estimate['high']:{sign}.2f}]"
