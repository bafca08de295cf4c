"""Settings of the index."""

from typing import Literal

from pydantic import Field

from ragbot.settings import Section


class IndexSettings(Section):
    """``index:``"""

    store: str = Field("chroma", description="Vector store by name.")
    language: Literal[
        "arabic", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian", "italian",
        "norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish",
    ] = Field("english", description="Language whose word endings the keyword index folds together.")  # fmt: skip
    cache_days: float = Field(
        30, ge=0, description="How long the vector of a text that no document holds any more is kept for its return."
    )
