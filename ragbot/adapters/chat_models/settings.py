"""Settings of the language model that writes."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from ragbot.settings import Section


class ModelSettings(Section):
    """``llm:``"""

    model: str = Field(
        "",
        description="provider:name, such as openai:gpt-5-mini, or local:/path/model.gguf;"
        " empty: no model, answers are quotes.",
    )
    base_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Address of an OpenAI-compatible server, such as http://127.0.0.1:1234/v1;"
        " empty: OPENAI_BASE_URL, else the provider's own.",
    )
    api_key: SecretStr | None = Field(
        None,
        description="Key of the model's service; only from RAGBOT_LLM__API_KEY or RAGBOT_LLM__API_KEY_FILE,"
        " else OPENAI_API_KEY.",
    )
    temperature: float = Field(0, ge=0, le=2, description="0: the likeliest words; higher: more variety.")
    reply_tokens: int = Field(700, ge=1, description="The most tokens of a reply, those of thinking included.")
    context_tokens: int = Field(8000, ge=512, description="The most tokens of prompt and reply together.")
    timeout: float = Field(60, gt=0, description="Seconds until the first piece of a reply, retries included.")
    stall: float = Field(30, gt=0, description="Seconds between two pieces of a reply.")
    retries: int = Field(
        2, ge=0, le=10, description="How often a failed request is tried again while nothing of its reply has come."
    )

    @model_validator(mode="after")
    def _room_for_a_prompt(self) -> Self:
        if self.reply_tokens >= self.context_tokens:
            raise ValueError("reply_tokens must be less than context_tokens, which count the prompt too")
        return self
