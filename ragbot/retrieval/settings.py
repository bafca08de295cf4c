"""Settings of retrieval."""

from pydantic import Field

from ragbot.settings import Section


class RetrievalSettings(Section):
    """``retrieval:``"""

    candidates: int = Field(60, ge=10, le=1000, description="Passages each channel proposes; not the number returned.")
    dense_weight: float = Field(
        0.6, ge=0, le=1, description="Share of meaning in the fused score; keywords have the rest."
    )
    history_turns: int = Field(3, ge=0, le=20, description="Earlier user turns folded into a follow-up.")
    history_weight: float = Field(0.5, ge=0, le=1, description="Weight of the last user turn beside the question's 1.")
    reply_weight: float = Field(0.15, ge=0, le=1, description="Weight of the bot's last reply beside the question's 1.")
    duplicate_similarity: float = Field(
        0.9, ge=0.5, le=1, description="Passages that share this much of their words are shown once."
    )
