"""Comparing catalog, keyword index and vector collection both ways, and mending what differs from the catalog."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ragbot.core.errors import DataDirError
from ragbot.index.catalog import LIVE
from ragbot.index.generations import Generations
from ragbot.index.keywords import KeywordIndex
from ragbot.index.writer import IndexWriter


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. ``damage`` False: only unfinished, the next ingest completes it."""

    part: str
    problem: str
    count: int
    examples: tuple[str, ...]
    damage: bool
    remedy: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``ok`` when nothing is damaged; ``repaired`` names the parts that were rebuilt."""

    findings: tuple[Finding, ...]
    repaired: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not any(finding.damage for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "findings": [asdict(each) for each in self.findings], "repaired": list(self.repaired)}


def diagnose(writer: IndexWriter) -> Diagnosis:
    """What differs; changes nothing. Needs the writer lock, or it would see another writer's half-done work."""
    findings: list[Finding] = []
    for part, check in (
        ("catalog", lambda: _catalog(writer)),
        ("keywords", lambda: _keywords(writer, writer.keywords)),
        ("vectors", lambda: _vectors(writer, writer.generations)),
    ):
        findings += _guarded(part, check)
    return Diagnosis(tuple(findings))


def repair(writer: IndexWriter) -> Diagnosis:
    """Rebuilds the damaged keyword index or vector collection from the catalog, and looks again."""
    damaged = {finding.part for finding in diagnose(writer).findings if finding.damage}
    if "catalog" in damaged:
        writer.forget_odd_vectors()
    if "keywords" in damaged:
        writer.relist()
    if "vectors" in damaged:
        writer.gather(force=True)
    return Diagnosis(diagnose(writer).findings, tuple(sorted(damaged - {"catalog"})))


def _guarded(part: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except DataDirError as error:
        return [Finding(part, error.message, 1, (), True, error.remedy)]


def _catalog(writer: IndexWriter) -> list[Finding]:
    findings = []
    said = str(writer.value("PRAGMA quick_check(1)"))
    if said != "ok":
        findings.append(Finding("catalog", f"SQLite says: {said}", 1, (), True, "Restore the catalog from a backup."))
    queued = [
        row["path"]
        for row in writer.rows(
            "SELECT d.path FROM revisions r JOIN documents d ON d.id = r.document WHERE r.state = 'staged'"
        )
    ]
    waiting = writer.pending_count()
    if queued or waiting:
        problem = f"{len(queued)} document(s) and {waiting} text(s) wait to be published"
        findings.append(
            Finding(
                "catalog", problem, len(queued) + waiting, tuple(queued[:3]), False, "The next ingest completes them."
            )
        )
    dimension = getattr(writer.embedder(), "dimension", 0)
    odd = int(writer.value("SELECT count(*) FROM vectors WHERE length(vector) <> ?", (4 * dimension,)))
    if odd:
        remedy = "Run `ragbot doctor --repair`; the next ingest makes them again."
        findings.append(Finding("catalog", f"vectors that are not {dimension} long", odd, (), True, remedy))
    return findings


def _keywords(writer: IndexWriter, keywords: KeywordIndex) -> list[Finding]:
    listed = keywords.ids()
    stored = {
        row[0]
        for row in writer.rows(
            "SELECT c.chunk_id FROM chunks c JOIN revisions r ON r.id = c.revision"
            " WHERE r.state <> 'dead' AND c.in_keywords = 1"
        )
    }
    known = {row[0] for row in writer.rows("SELECT chunk_id FROM chunks")}
    return _compared("keywords", "keyword entries", missing=stored - listed, orphans=listed - known)


def _vectors(writer: IndexWriter, generations: Generations) -> list[Finding]:
    name = writer.meta("generation")
    if name is None:
        return []
    reader = generations.store.open(name)
    try:
        held = reader.ids()
    finally:
        reader.close()
    gathered = {row[0] for row in writer.rows(f"SELECT c.chunk_id FROM {LIVE} WHERE c.generation = ?", (name,))}
    # Deleted chunks stay in a collection until the next one is built; more than were put in are strangers.
    strangers = len(held) - int(writer.meta("generation_size") or 0)
    orphans = set(sorted(held - writer.live_ids())[:strangers]) if strangers > 0 else set()
    return _compared("vectors", "vectors", missing=gathered - held, orphans=orphans)


def _compared(part: str, what: str, *, missing: set[str], orphans: set[str]) -> list[Finding]:
    findings = []
    for problem, ids in ((f"{what} missing", missing), (f"{what} of nothing in the catalog", orphans)):
        if ids:
            examples = tuple(sorted(ids)[:3])
            findings.append(Finding(part, problem, len(ids), examples, True, "Run `ragbot doctor --repair`."))
    return findings
