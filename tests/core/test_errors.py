"""The error tree: machines read the code, processes pass them on."""

import copy

import pytest

from ragbot.core import errors
from ragbot.core.errors import DocumentError, RagbotError


def _tree(kind: type[RagbotError]) -> list[type[RagbotError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _tree(child))]


SHIPPED = [kind for kind in _tree(RagbotError) if kind.__module__ == errors.__name__]


def _made(kind: type[RagbotError]) -> RagbotError:
    if issubclass(kind, DocumentError):
        return kind("It broke.", reason_code="corrupt", permanent=False, page=7, remedy="Mend it.")
    return kind("It broke.", remedy="Mend it.")


def test_every_class_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in SHIPPED]
    assert len(set(codes)) == len(codes)
    assert all("code" in vars(kind) for kind in SHIPPED)


def test_every_class_stands_in_the_picture_at_the_top() -> None:
    assert [kind.__name__ for kind in SHIPPED if kind.__name__ not in (errors.__doc__ or "")] == []


@pytest.mark.parametrize("kind", SHIPPED, ids=lambda kind: kind.__name__)
def test_an_error_survives_another_process_whole(kind: type[RagbotError]) -> None:
    import pickle  # noqa: TID251 - what multiprocessing does with an exception, not reading a file

    error = _made(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is kind
        assert str(twin) == "It broke. Mend it."
        assert vars(twin) == vars(error)


@pytest.mark.parametrize("kind", SHIPPED, ids=lambda kind: kind.__name__)
def test_exit_codes_are_those_of_the_contract(kind: type[RagbotError]) -> None:
    assert kind.exit_code in {2, 3, 4, 5}


def test_the_remedy_follows_the_message_and_may_be_absent() -> None:
    assert str(RagbotError("It broke.")) == "It broke."
    assert str(_made(RagbotError)) == "It broke. Mend it."
