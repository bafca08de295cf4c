"""Follow-ups become standalone questions without a model."""

from ragbot.core.types import Message
from ragbot.retrieval.condense import FoldingCondenser
from ragbot.retrieval.settings import RetrievalSettings

TALK = [
    Message("user", "How do I reset my password?"),
    Message("assistant", "On the account page."),
    Message("system", "The user is called Kim."),
    Message("user", "And on the phone?"),
    Message("assistant", "In the menu."),
]


def condenser(turns: int = 3, weight: float = 0.5, reply: float = 0.1) -> FoldingCondenser:
    return FoldingCondenser(
        RetrievalSettings.model_validate({"history_turns": turns, "history_weight": weight, "reply_weight": reply})
    )


def test_a_question_without_a_conversation_stays_as_it_is() -> None:
    query = condenser().condense("How do I reset\n my password?", [])
    assert query.question == "How do I reset\n my password?"
    assert query.text == "How do I reset my password?"
    assert query.earlier == ()


def test_earlier_user_turns_are_folded_in_the_nearer_the_heavier() -> None:
    query = condenser().condense("How long?", TALK)
    users = [(text, weight) for text, weight in query.earlier if text.endswith("?")]
    assert [text for text, _ in users] == ["And on the phone?", "How do I reset my password?"]
    assert users[0][1] == 0.5
    assert users[0][1] > users[1][1] > 0
    assert query.text == "How long? / And on the phone? / How do I reset my password?"


def test_only_so_many_turns_are_read() -> None:
    assert next(text for text, _ in condenser(turns=1).condense("How long?", TALK).earlier) == ("And on the phone?")
    assert "How do I reset my password?" not in condenser(turns=1).condense("How long?", TALK).text
    assert condenser(turns=0).condense("How long?", TALK).earlier == ()


def test_what_the_system_says_is_never_searched_for() -> None:
    query = condenser().condense("How long?", TALK)
    assert "Kim" not in query.text + str(query.earlier)


def test_the_last_reply_counts_less_than_any_user_turn() -> None:
    weights = dict(condenser().condense("How long?", TALK).earlier)
    assert weights["In the menu."] < min(weight for text, weight in weights.items() if text.endswith("?"))
    assert "On the account page." not in weights


def test_blank_turns_do_not_count() -> None:
    query = condenser(turns=1).condense("How long?", [Message("user", "Password?"), Message("user", " \n")])
    assert query.earlier == (("Password?", 0.5),)


def test_an_endless_turn_is_cut() -> None:
    query = condenser().condense("How long?", [Message("user", "word " * 10_000)])
    assert len(query.earlier[0][0]) < 1000
