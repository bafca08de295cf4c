"""Settings of ingestion."""

from pydantic import Field

from ragbot.settings import Section


class IngestSettings(Section):
    """``ingest:``"""

    chunk_tokens: int = Field(
        220, ge=32, description="Tokens of a chunk with its title and headings; never more than the embedder reads."
    )
    merge_tokens: int = Field(40, ge=0, description="Sections with fewer tokens join the next one where both fit.")
    max_bytes: int = Field(100_000_000, ge=1, description="Larger files are reported, not read.")
    timeout: float = Field(60, gt=0, description="Seconds one file may take to parse.")
    memory: int = Field(2_000_000_000, ge=200_000_000, description="Bytes of memory parsing one file may take.")
    ignore: list[str] = Field(
        default_factory=lambda: ["node_modules", "__pycache__", "*.pyc", "Thumbs.db"],
        description="Names of files and folders to leave out, with * and ?; hidden ones always are.",
    )
