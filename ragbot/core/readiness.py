"""Whether the models are loaded: a service answers from keywords until they are."""

from dataclasses import dataclass


@dataclass(slots=True)
class Readiness:
    """One flag that wiring sets and the stages read. ``models`` False: do nothing that would wait for a model."""

    models: bool = True


STILL_LOADING = "The embedding model is still loading: found by keywords only."
