"""Settings of evaluation."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from evals.metrics.names import DEFAULT
from ragbot.settings import Section


class EvalSettings(Section):
    """``eval:``"""

    metrics: list[str] = Field(
        default_factory=lambda: list(DEFAULT), description="Metrics of a run, or groups of them; --metrics wins."
    )
    concurrency: int = Field(2, ge=1, le=64, description="Questions asked, and answers judged, at the same time.")
    judge: str = Field("", description="Chat model that judges answers, written as llm.model is; empty: none.")
    judge_base_url: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="As llm.base_url, for the judge; it does not take over that one."
    )
    judge_api_key: SecretStr | None = Field(
        None,
        description="Key of the judge's service; only from RAGBOT_EVAL__JUDGE_API_KEY or"
        " RAGBOT_EVAL__JUDGE_API_KEY_FILE, else OPENAI_API_KEY.",
    )
    judge_reply_tokens: int = Field(
        4096, ge=1, description="The most tokens of a judgement, those of thinking included."
    )
    judge_context_tokens: int = Field(32_000, ge=512, description="The most tokens the judge reads and writes at once.")
    judge_timeout: float = Field(120, gt=0, description="Seconds the judge may be silent, before and within its reply.")

    @model_validator(mode="after")
    def _room_for_a_prompt(self) -> Self:
        if self.judge_reply_tokens >= self.judge_context_tokens:
            raise ValueError("judge_reply_tokens must be less than judge_context_tokens, which count the prompt too")
        return self
