"""Batches by token budget: texts of similar length together, so that little is spent on padding."""

from collections.abc import Iterator, Sequence


def token_batches(counts: Sequence[int], budget: int, longest: int) -> Iterator[list[int]]:
    """Indices in batches of similar length, longest first, each at most ``budget`` tokens with its padding."""
    batch: list[int] = []
    width = 0
    for i in sorted(range(len(counts)), key=lambda i: -counts[i]):
        if batch and width * (len(batch) + 1) > budget:
            yield batch
            batch = []
        if not batch:
            width = min(counts[i], longest)
        batch.append(i)
    if batch:
        yield batch
