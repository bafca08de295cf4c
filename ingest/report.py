"""What a run did: counted while it runs, printed and published as JSON at its end."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ragbot.core.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be ingested. ``permanent``: the same bytes will fail again."""

    source: str
    code: str
    reason: str
    permanent: bool
    page: int | None
    remedy: str

    @classmethod
    def of(cls, source: str, error: DocumentError) -> "Failure":
        return cls(source, error.reason_code, error.message, error.permanent, error.page, error.remedy)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that was left out on purpose."""

    source: str
    reason: str


@dataclass(slots=True)
class IngestReport:
    """``skipped`` means unchanged. ``chunks`` and ``bytes`` are those of the added and updated documents."""

    added: int = 0
    updated: int = 0
    skipped: int = 0
    deleted: int = 0
    failed: int = 0
    ignored: int = 0
    chunks: int = 0
    bytes: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    ignored_files: list[Ignored] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3)}
