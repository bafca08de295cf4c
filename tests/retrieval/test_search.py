"""Two channels become one order, whatever the limit, and nothing is shown twice."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.types import Query, SearchResult
from ragbot.retrieval.search import HybridRetriever
from ragbot.retrieval.settings import RetrievalSettings
from ragbot.testing.embedder import HashModel
from ragbot.testing.passages import MemoryPassages, passage

ABC = [passage(name, f"{name} has words of its own: {name * 5}") for name in "abcdefgh"]
QUESTION = Query("words?", "words?")


async def search(
    index: MemoryPassages,
    limit: int = 10,
    query: Query = QUESTION,
    principals: frozenset[str] = frozenset(),
    **settings: Any,
) -> SearchResult:
    retriever = HybridRetriever(index, HashModel(), RetrievalSettings.model_validate(settings))
    return await retriever.retrieve(query, limit=limit, principals=principals)


def names(result: SearchResult) -> list[str]:
    return [hit.chunk.chunk_id for hit in result.hits]


async def test_a_passage_both_channels_like_beats_one_that_only_one_likes() -> None:
    index = MemoryPassages(ABC[:3], dense_scores={"a": 0.9, "b": 0.8}, keyword_scores={"c": 9.0, "b": 8.0})
    found = await search(index, dense_weight=0.5)
    assert names(found)[0] == "b"
    assert found.hits[0].channels == {"dense": 0.8, "keyword": 8.0}
    assert "keyword" not in found.hits[names(found).index("a")].channels


@pytest.mark.parametrize(("weight", "first"), [(1.0, "a"), (0.0, "c")])
async def test_the_dense_weight_decides_which_channel_is_believed(weight: float, first: str) -> None:
    index = MemoryPassages(ABC[:3], dense_scores={"a": 0.9, "b": 0.8}, keyword_scores={"c": 9.0, "b": 8.0})
    assert names(await search(index, dense_weight=weight))[0] == first


async def test_ranks_count_from_one_and_scores_fall_within_zero_and_one() -> None:
    found = await search(MemoryPassages(ABC))
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert set(found.timings) == {"search", "fuse"}


scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 1), max_size=8)


@given(scores, scores, st.integers(1, 7))
async def test_asking_for_more_never_reorders_the_first_hits(
    dense: dict[str, float], keyword: dict[str, float], limit: int
) -> None:
    index = MemoryPassages(ABC, dense_scores=dense, keyword_scores=keyword)
    few = await search(index, limit, candidates=10)
    many = await search(index, 10, candidates=10)
    assert names(few) == names(many)[:limit]
    assert [hit.score for hit in few.hits] == [hit.score for hit in many.hits][:limit]


async def test_asking_for_very_many_does_not_reorder_the_first_hits_either() -> None:
    many = [passage(f"p{number:03}", f"word{number} own{number} text{number}") for number in range(300)]
    index = MemoryPassages(many)
    for seed in range(20):
        rng = random.Random(seed)
        index.dense_scores = {each.chunk_id: rng.random() for each in many}
        index.keyword_scores = {each.chunk_id: 10 * rng.random() for each in many}
        assert names(await search(index, 10)) == names(await search(index, 100))[:10]


async def test_each_channel_proposes_more_than_is_asked_for() -> None:
    index = MemoryPassages(ABC)
    await search(index, 3, candidates=20)
    await search(index, 100, candidates=20)
    assert sorted(index.asked) == [("dense", 20), ("dense", 200), ("keyword", 20), ("keyword", 200)]


async def test_near_identical_passages_are_shown_once_and_the_next_one_moves_up() -> None:
    long = "Refunds take five business days and go to the card that was used to pay for the order in our shop."
    index = MemoryPassages(
        [passage("first", long), passage("copy", long.replace("our shop", "our shop!")), passage("other", "Else.")],
        dense_scores={"first": 0.9, "copy": 0.89, "other": 0.1},
        keyword_scores={},
    )
    assert names(await search(index, 2)) == ["first", "other"]


async def test_notes_on_what_was_degraded_are_passed_on() -> None:
    index = MemoryPassages(ABC, notes=["Searched the catalog's vectors instead."])
    assert (await search(index)).notes == ("Searched the catalog's vectors instead.",)


async def test_only_what_the_principals_may_read_is_found() -> None:
    index = MemoryPassages([passage("open", "open words"), passage("secret", "secret words", labels=("staff",))])
    assert names(await search(index)) == ["open"]
    assert set(names(await search(index, principals=frozenset({"staff"})))) == {"open", "secret"}


async def test_a_passage_that_vanished_meanwhile_is_left_out() -> None:
    index = MemoryPassages(ABC[:2], dense_scores={"a": 0.9, "b": 0.8}, keyword_scores={})
    index.passages = ABC[1:2]
    assert names(await search(index)) == ["b"]


async def test_both_channels_read_the_earlier_turns() -> None:
    index = MemoryPassages([passage("reset", "reset password"), passage("tomatoes", "water tomatoes daily")])
    alone = await search(index, query=Query("how often daily", "how often daily"))
    assert names(alone)[0] == "tomatoes"
    folded = Query("how often daily", "…", (("reset password reset password", 1.0), ("reset password", 1.0)))
    assert names(await search(index, query=folded))[0] == "reset"


async def test_an_empty_index_finds_nothing() -> None:
    assert (await search(MemoryPassages([]))).hits == ()
