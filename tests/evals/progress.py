"""Nobody watches a test."""


class Quiet:
    """Progress that is not shown."""

    def start(self, stage: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, count: int = 1) -> None:
        """Nothing."""
