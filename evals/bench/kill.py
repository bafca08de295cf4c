"""SIGKILLs at random moments of an ingest must not show in what is finally there.

A generated corpus is changed (adds, edits, renames, deletes) and ``ragbot ingest --prune`` is killed with
its whole process group at a random moment, again and again; after each kill a search must still work.
After the last kill one run completes, and its data directory is compared with that of an undisturbed
run of the final corpus: the list, every document's chunks, a clean ``doctor`` and the hits of a batch.
"""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evals.bench.console import progress
from evals.bench.process import Running, checked, run
from evals.bench.state import State, differences, read_state
from evals.bench.synthetic import Corpus
from ragbot.core.errors import UnavailableError

QUESTIONS = 30
SHOWN = 20
"""Differences named on the terminal; the JSON has them all."""


@dataclass(slots=True)
class KillReport:
    """What happened. ``moments`` are seconds from start to kill; ``problems`` must be empty."""

    documents: int = 0
    moments: list[float] = field(default_factory=list)
    finished_before: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, object]:
        return {
            "held": self.held,
            "kills": len(self.moments),
            "moments": self.moments,
            "finished_before": self.finished_before,
            "documents": self.documents,
            "problems": self.problems,
        }

    def lines(self) -> list[str]:
        moments = " ".join(f"{moment:.1f}" for moment in self.moments)
        verdict = "equals an undisturbed run's" if self.held else "differs from an undisturbed run's"
        return [
            f"{len(self.moments)} ingests killed, after {moments} s; {self.finished_before} had ended before.",
            f"The final state of {self.documents} documents {verdict}: {len(self.problems)} differences.",
            *self.problems[:SHOWN],
        ]


def run_kills(ragbot: Sequence[str], *, work: Path, kills: int, documents: int, seed: int) -> KillReport:
    """The whole test; some two minutes for ten kills on two cores."""
    work.mkdir(parents=True, exist_ok=True)
    generator = random.Random(seed)  # noqa: S311 - repeatable on purpose, and nothing secret
    with tempfile.TemporaryDirectory(prefix="kill-", dir=work.resolve()) as scratch:
        return _run(ragbot, Path(scratch), kills, documents, generator)


def _run(ragbot: Sequence[str], scratch: Path, kills: int, documents: int, generator: random.Random) -> KillReport:
    corpus = Corpus(scratch / "documents", generator)
    corpus.add(documents)
    progress(f"Undisturbed ingest of {documents} documents, for its duration")
    duration = checked(run(_ingest(ragbot, scratch / "first", corpus.folder))).seconds
    report = KillReport()
    killed = scratch / "killed"
    while len(report.moments) < kills:
        if report.finished_before > 3 * kills:
            raise UnavailableError("The ingests end before they can be killed.", remedy="Use more --documents.")
        moment = generator.uniform(0, duration)
        _kill_one(_ingest(ragbot, killed, corpus.folder), moment, report)
        _search_works(ragbot, killed, corpus, report)
        progress(f"Kill {len(report.moments)} of {kills}")
        corpus.change()
    progress("The completing run, and an undisturbed one")
    report.documents = len(corpus.files())
    report.problems += compare(ragbot, killed, scratch / "fresh", corpus)
    return report


def _ingest(ragbot: Sequence[str], data_dir: Path, folder: Path) -> list[str]:
    return [*ragbot, "--data-dir", str(data_dir), "ingest", str(folder), "--prune", "--json"]


def _kill_one(command: Sequence[str], moment: float, report: KillReport) -> None:
    ingest = Running(command)
    if ingest.kill(after=moment):
        report.moments.append(round(moment, 2))
        ingest.wait()
        return
    report.finished_before += 1
    checked(ingest.wait())


def _search_works(ragbot: Sequence[str], data_dir: Path, corpus: Corpus, report: KillReport) -> None:
    if not data_dir.exists():
        return
    done = run([*ragbot, "--data-dir", str(data_dir), "search", "--json", "--", corpus.questions(1)[0]])
    if done.code != 0:
        report.problems.append(f"After kill {len(report.moments)}: {done.ending}")


def compare(ragbot: Sequence[str], killed: Path, fresh: Path, corpus: Corpus) -> list[str]:
    """Completes the killed directory, ingests the same corpus afresh, and names every difference."""
    questions = corpus.questions(QUESTIONS)
    states: list[State] = []
    for data_dir in (killed, fresh):
        checked(run(_ingest(ragbot, data_dir, corpus.folder)))
        states.append(read_state(ragbot, data_dir, questions))
    return differences(*states)
