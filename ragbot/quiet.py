"""Nothing leaves this machine unasked: what the libraries underneath would report to their makers is switched off."""

import os

SWITCHES = {
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    # onnxruntime 1.32 sends events about every session, with an id it keeps in the user's cache.
    "ORT_DISABLE_TELEMETRY": "1",
    "RAGAS_DO_NOT_TRACK": "true",
    "TOKENIZERS_PARALLELISM": "true",
}
"""Environment variables the libraries read when they are imported; what the user has set stays."""


def no_telemetry() -> None:
    """Call it before any of them is imported."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
