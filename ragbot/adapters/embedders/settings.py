"""Settings of the embedding model."""

from typing import Literal

from pydantic import Field

from ragbot.settings import Section


class EmbedderSettings(Section):
    """``embedder:``"""

    provider: str = Field("sentence-transformers", description="What runs the model, by name.")
    model: str = Field(
        "all-MiniLM-L6-v2",
        description="The packaged default, a folder with a sentence-transformers model, or a hub id.",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto: bfloat16 where the processor computes it natively and the results agree."
    )
    batch_tokens: int = Field(2048, ge=256, description="Tokens in one batch, padding included.")
    query_runtime: Literal["auto", "onnx", "torch"] = Field(
        "auto", description="What embeds questions. auto: onnx once ingest has exported it, else torch."
    )
