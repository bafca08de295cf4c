"""Fitting and checking the support scorer: can it tell what a passage says from what it does not say?

Two kinds of data: claims made from a folder's own sentences (``corpus/``), true and falsified by construction, and
answers that people rated (``*.jsonl`` rows ``{id, answer, contexts[], hallucinated: yes|no}``), whose sentences carry
their answer's label. Every figure of a set comes from weights fitted on the other sets only; the weights printed last
are fitted on all of them.
"""

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.bench.console import progress
from evals.bench.grounding_pairs import Pair, made_pairs
from ragbot.core.errors import UsageError
from ragbot.core.sentences import sentences
from ragbot.grounding.answers import without_markers
from ragbot.grounding.claims import makes_claim
from ragbot.grounding.features import Evidence
from ragbot.grounding.scorer import SupportScorer
from ragbot.grounding.scoring import PARTIAL, SUPPORTED, WEIGHTS, ceiling, score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ragbot.core.ports import Embedder

    Numbers = NDArray[np.float64]

FEATURES = tuple(WEIGHTS)
AGAINST = frozenset({"denied", "loose", "swapped"})
REPORTED_ONLY = frozenset({"cell", "cell of another"})
"""Too few to be weighed like the other kinds."""
FORM = "A folder holds corpus/ (texts), or *.jsonl rows {id, answer, contexts[], hallucinated: yes|no}, or both."
_RIDGE, _STEPS = 0.01, 4000


@dataclass(frozen=True, slots=True)
class Row:
    """One claim with the evidence of its best passage, None where no word is shared."""

    pair: Pair
    evidence: Evidence | None


def run_grounding(
    folders: Sequence[Path], *, most: int, seed: int, embedder: "Embedder | None" = None
) -> dict[str, Any]:
    """Figures set by set, the weights over all, and what the shipped ones do; with an embedder, also those with it."""
    rated = {
        path.stem: rated_rows(path) for folder in folders for path in sorted(folder.glob("*.jsonl")) if _rates(path)
    }
    pairs = [
        pair for folder in folders if (folder / "corpus").is_dir() for pair in made_pairs(folder, most=most, seed=seed)
    ]
    pairs += [pair for name, rows in rated.items() for pair in rated_pairs(name, rows)]
    names = list(dict.fromkeys(pair.data for pair in pairs))
    if len(names) < 2:
        raise UsageError("Grounding is checked across data sets, and fewer than two were found.", remedy=FORM)
    progress(f"Scoring {len(pairs)} claims of {', '.join(names)}")
    rows = collect(SupportScorer(), pairs)
    weights, bias = fitted(rows)
    report: dict[str, Any] = {
        "sets": [_checked(name, rows, rated) for name in names],
        "shipped": [_figures(name, rows, [_shipped(row.evidence) for row in rows], rated) for name in names],
        "seconds": timings(pairs),
    }
    if embedder is not None:
        progress("The same with the embedder")
        near = collect(SupportScorer(embedder), pairs)
        report["with_embedder"] = [
            _figures(name, near, [_shipped(row.evidence) for row in near], rated) for name in names
        ]
        report["seconds_with_embedder"] = timings(pairs, embedder)
    report["weights"] = {name: round(float(weight), 2) for name, weight in zip(FEATURES, weights, strict=True)}
    report["bias"] = round(bias, 2)
    return report


def collect(scorer: SupportScorer, pairs: Sequence[Pair]) -> list[Row]:
    """The evidence of each claim's best passage."""
    rows: list[Row] = []
    for pair in pairs:
        found = [each for each in scorer.find(pair.claim, pair.passages) if each is not None]
        best = max(found, key=lambda each: each.score, default=None)
        rows.append(Row(pair, best.evidence if best else None))
    return rows


def rated_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of rated answers."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def rated_pairs(name: str, rows: Sequence[dict[str, Any]]) -> list[Pair]:
    """The claims of rated answers against their contexts, and some against those of an answer far away."""
    pairs: list[Pair] = []
    for i, row in enumerate(rows):
        claims = _claims(row["answer"])
        faithful = row["hallucinated"] == "no"
        pairs += [Pair(name, "answer", claim, tuple(row["contexts"]), faithful, row["id"]) for claim in claims]
        other = rows[(i + len(rows) // 2) % len(rows)]
        if len(claims) > 1 and i % 3 == 0 and not set(other["contexts"]) & set(row["contexts"]):
            pairs += [Pair(name, "foreign answer", claim, tuple(other["contexts"]), False) for claim in claims]
    return pairs


def fitted(rows: Sequence[Row]) -> tuple["Numbers", float]:
    """A ridge logistic regression in which nothing that speaks for a claim may count against it, or the reverse."""
    used = [row for row in rows if row.pair.kind not in REPORTED_ONLY]
    values, truth, share = _matrix(used), np.array([float(row.pair.supported) for row in used]), _shares(used)
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = (values - mean) / spread
    sign = np.array([-1.0 if name in AGAINST else 1.0 for name in FEATURES])
    weights, bias = np.zeros(len(FEATURES)), 0.0
    for _ in range(_STEPS):
        error = (_logistic(scaled @ weights + bias) - truth) * share
        weights = weights - scaled.T @ error - _RIDGE * weights
        weights = np.where(weights * sign < 0.0, 0.0, weights)
        bias -= float(error.sum())
    weights = weights / spread
    return weights, bias - float(weights @ mean)


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float | None:
    """The probability that a true one scores above a false one; None where one of the two is missing."""
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=bool)
    if truth.all() or not truth.any():
        return None
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    good, bad = int(truth.sum()), int((~truth).sum())
    return round(float((ranks[truth].sum() - good * (good + 1) / 2) / (good * bad)), 3)


def timings(pairs: Sequence[Pair], embedder: "Embedder | None" = None) -> dict[str, float]:
    """Medians in milliseconds for a claim and six passages, not seen before and seen with the claim before."""
    made = [pair for pair in pairs if not pair.group][:240]
    cold: list[float] = []
    warm: list[float] = []
    for i in range(0, len(made) - 6, 6):
        scorer = SupportScorer(embedder)
        passages = [made[j].passages[0] for j in range(i, i + 6)]
        for kept, claim in ((cold, made[i].claim), (warm, made[i + 1].claim), (warm, made[i + 2].claim)):
            started = time.perf_counter()
            scorer.judge(claim, passages)
            kept.append((time.perf_counter() - started) * 1000)
    return {"new_passages_ms": round(median(cold), 2), "known_passages_ms": round(median(warm), 2)}


def _checked(name: str, rows: Sequence[Row], rated: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    weights, bias = fitted([row for row in rows if row.pair.data != name])
    chances = _logistic(_matrix(rows) @ weights + bias)
    scores = [
        min(float(chance), ceiling(row.evidence)) if row.evidence else 0.0
        for row, chance in zip(rows, chances, strict=True)
    ]
    return _figures(name, rows, scores, rated)


def _figures(
    name: str, rows: Sequence[Row], scores: Sequence[float], rated: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """AUROC over claims and over answers, and for each kind of claim the shares of the verdicts."""
    own = [(row.pair, value) for row, value in zip(rows, scores, strict=True) if row.pair.data == name]
    found: dict[str, Any] = {
        "data": name,
        "claims": len(own),
        "claims_auroc": auroc([value for _, value in own], [pair.supported for pair, _ in own]),
    }
    answers: dict[str, list[float]] = defaultdict(list)
    truth: dict[str, bool] = {}
    kinds: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for pair, value in own:
        kinds[pair.kind, pair.supported].append(value)
        if pair.group:
            answers[pair.group].append(value)
            truth[pair.group] = pair.supported
    if answers:
        labels = [truth[group] for group in answers]
        found["answers"], found["hallucinated"] = len(labels), labels.count(False)
        found["answers_auroc_mean"] = auroc([fmean(values) for values in answers.values()], labels)
        found["answers_auroc_worst"] = auroc([min(values) for values in answers.values()], labels)
        found |= _published([row for row in rated.get(name, []) if row["id"] in answers])
    found["kinds"] = {
        f"{kind}, {'true' if true else 'false'}": {
            "claims": len(values),
            "supported": round(fmean(value >= SUPPORTED for value in values), 3),
            "partial": round(fmean(PARTIAL <= value < SUPPORTED for value in values), 3),
        }
        for (kind, true), values in kinds.items()
    }
    return found


def _published(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The AUROC of scores that others published for the same answers."""
    judged = [row for row in rows if row.get("published_llm_judges")]
    names = sorted({name for row in judged for name in row["published_llm_judges"]})
    found = {}
    for name in names:
        known = [row for row in judged if row["published_llm_judges"].get(name) is not None]
        scores = [float(row["published_llm_judges"][name]) for row in known]
        found[f"{name}_auroc"] = auroc(scores, [row["hallucinated"] == "no" for row in known])
    return found


def _claims(answer: str) -> list[str]:
    texts = (without_markers(answer[each.start : each.end]) for each in sentences(answer))
    return [text for text in texts if makes_claim(text)]


def _rates(path: Path) -> bool:
    with path.open(encoding="utf-8") as lines:
        return {"answer", "contexts", "hallucinated"} <= set(json.loads(next(lines, "{}")))


def _shipped(found: Evidence | None) -> float:
    return score(found) if found else 0.0


def _matrix(rows: Sequence[Row]) -> "Numbers":
    empty = {"facts": 1.0, "worst": 1.0}
    kept = [asdict(row.evidence) if row.evidence else empty for row in rows]
    return np.array([[float(each.get(name, 0.0)) for name in FEATURES] for each in kept])


def _shares(rows: Sequence[Row]) -> "Numbers":
    """Every set, in it true and false claims, and in those every kind count alike."""
    counts: dict[tuple[str, bool, str], int] = defaultdict(int)
    for row in rows:
        counts[row.pair.data, row.pair.supported, row.pair.kind] += 1
    kinds: dict[tuple[str, bool], int] = defaultdict(int)
    for data, supported, _ in counts:
        kinds[data, supported] += 1
    keys = [(row.pair.data, row.pair.supported, row.pair.kind) for row in rows]
    shares = np.array([1.0 / (counts[key] * kinds[key[:2]]) for key in keys])
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _logistic(values: "Numbers") -> "Numbers":
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float64)
