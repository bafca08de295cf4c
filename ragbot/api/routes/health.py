"""Whether the service lives, and whether it is of use. Served without a key: neither says anything of the content."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ragbot.api.deps import ServiceDep
from ragbot.api.schemas import Health, Readiness

router = APIRouter(tags=["health"])

_VERSION = version("ragbot")
_REASONS = {
    "empty_index": "Nothing has been ingested yet.",
    "embedder_mismatch": "The index was built with another embedding model.",
    "format_version": "The data directory was written by another version.",
    "index_damaged": "The index is damaged.",
}
"""Instead of the error's own words, which name paths."""


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Is it alive?", response_model=Health)
async def healthz() -> dict[str, str]:
    """Answers as soon as the process listens."""
    return {"status": "ok", "version": _VERSION}


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Is it ready?",
    response_model=Readiness,
    response_model_exclude_none=True,
    responses={
        503: {"model": Readiness, "description": "Starting (questions are answered by keywords), or unavailable."}
    },
)
async def readyz(service: ServiceDep) -> Any:
    """200 when the index is open and the models are loaded."""
    stage = await service.keeper.stage()
    if stage == "ready":
        return {"status": stage}
    if stage == "starting":
        reason = "The models are being loaded."
    else:
        code = service.keeper.trouble.code if service.keeper.trouble else "error"
        reason = _REASONS.get(code, f"The log says more ({code}).")
    return JSONResponse({"status": stage, "reason": reason}, 503)
