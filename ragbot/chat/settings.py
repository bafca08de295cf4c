"""Settings of answering."""

from typing import Literal

from pydantic import Field

from ragbot.settings import Section


class AnswerSettings(Section):
    """``answer:``"""

    passages: int = Field(6, ge=1, le=50, description="Passages the answerer may quote from.")
    sentences: int = Field(4, ge=1, le=20, description="Sentences an extractive answer quotes at most.")
    threshold: float = Field(0.5, ge=0, le=1, description="Answerability below which the bot says it does not know.")
    support: Literal["partial", "supported"] = Field(
        "supported", description="What a passage must do for a model's sentence to be said; others are withheld."
    )
