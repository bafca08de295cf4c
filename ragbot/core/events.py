"""What happens while a question is answered, in order; the plain answer is what ``Completed`` carries.

``Retrieved`` comes once and only where something was searched; then any number of ``Delta`` and ``Cited``, a citation
after the text it belongs to; then exactly one terminal event, ``Completed`` or ``Failed``.  The texts of all ``Delta``
joined are exactly ``Completed.answer.text``.
"""

from dataclasses import dataclass

from ragbot.core.types import Answer, Citation, SearchResult


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages the answer may rest on."""

    result: SearchResult


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation whose marker the text so far holds."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Completed:
    """The end: the whole answer, an abstention or a greeting returned."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """The end where something broke. ``code`` is that of the error; what was said before stays said."""

    code: str
    message: str
    remedy: str = ""
    retryable: bool = False


ChatEvent = Retrieved | Delta | Cited | Completed | Failed
