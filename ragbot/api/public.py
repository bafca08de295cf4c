"""Citations and answers as they leave over HTTP: without the paths of this machine."""

from typing import Any

from ragbot.core.forms import answer_json, citation_json
from ragbot.core.types import Answer, Citation


def public_uri(uri: str) -> str:
    """Where a document came from, ``""`` where that is a file here: readers cannot open it, and need not know it."""
    return "" if uri.startswith("file:") else uri


def public_citation(citation: Citation) -> dict[str, Any]:
    return citation_json(citation) | {"uri": public_uri(citation.uri)}


def public_answer(answer: Answer) -> dict[str, Any]:
    return answer_json(answer) | {"citations": [public_citation(citation) for citation in answer.citations]}
