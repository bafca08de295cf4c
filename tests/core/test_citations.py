"""A model's reply becomes the same sentences however it is cut on the way."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.citations import Claimed, ReplyReader, without_markers

READ: dict[str, list[tuple[str, tuple[int, ...]]]] = {
    "Refunds take five days [1]. They go to your card. [2]": [
        ("Refunds take five days.", (1,)),
        ("They go to your card.", (2,)),
    ],
    "Refunds take five days.[1][2] Ask us.": [("Refunds take five days.", (1, 2)), ("Ask us.", ())],
    "See [1, 3] and [passage 2] now.": [("See and now.", (1, 3, 2))],
    "It holds 【4】 and [^5].": [("It holds and.", (4, 5))],
    "From [2-4] only": [("From only", (2, 3, 4))],
    "It costs 3.50 EUR, e.g. for Mr. Smith. Really?": [
        ("It costs 3.50 EUR, e.g. for Mr. Smith.", ()),
        ("Really?", ()),
    ],
    "Steps:\n1. Open it. [1]\n2. Close it. [2]": [("Steps:", ()), ("Open it.", (1,)), ("Close it.", (2,))],
    "- First [1]\n- Second [2]": [("First", (1,)), ("Second", (2,))],
    "The array a[0] and [link](x) stay.": [("The array a[0] and [link](x) stay.", ())],
    '"Never again!" [1] Said the cook.': [('"Never again!"', (1,)), ("Said the cook.", ())],
    "是的。[1]好。": [("是的。", (1,)), ("好。", ())],
    "[1] Refunds take days.": [("Refunds take days.", (1,))],
    "": [],
    " \n ": [],
}


def read(pieces: list[str]) -> list[Claimed]:
    reader = ReplyReader()
    return [each for piece in pieces for each in reader.feed(piece)] + reader.end()


@pytest.mark.parametrize("reply", READ, ids=repr)
def test_sentences_and_what_they_cite(reply: str) -> None:
    assert [(each.text, each.markers) for each in read([reply])] == READ[reply]


REPLIES = st.lists(
    st.sampled_from(
        ["Refunds", " take", " 5", ".", "!", "\n", " ", "[", "1", "]", ", ", "2", "【", "】", "e.g.", '"', "**",
         "- ", "1. ", "Ask", "us", "。", "…", "[passage ", "###", "(", ")", "\t", "•", "x" * 50]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(REPLIES, st.lists(st.integers(0, 200), max_size=12))
def test_the_same_however_it_is_cut(reply: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(reply)) for cut in cuts} | {0, len(reply)})
    pieces = [reply[a:b] for a, b in itertools.pairwise(places)]
    assert read(pieces) == read([reply]) == read(list(reply))


@given(REPLIES)
def test_no_word_is_lost(reply: str) -> None:
    kept = "".join(each.lead + each.text for each in read([reply]))
    assert sorted(c for c in kept if not c.isspace()) == sorted(c for c in without_markers(reply) if not c.isspace())


def test_a_sentence_leaves_as_soon_as_it_is_certain() -> None:
    reader = ReplyReader()
    assert reader.feed("Refunds take days. [1") == []
    assert reader.feed("] A") == [Claimed("", "Refunds take days.", (1,))]
    assert [each.text for each in reader.feed("sk us now. ")] == []
    assert [each.text for each in reader.end()] == ["Ask us now."]


@pytest.mark.parametrize("text", [" " * 20_000, "[" * 20_000, "[" + " " * 20_000, "[1" + ", 1" * 7_000, "\t[" * 9_000])
def test_a_hostile_reply_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    read([text])
    without_markers(text)
    assert time.perf_counter() - started < 2
