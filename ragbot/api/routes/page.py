"""The chat page and its files."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).parents[2] / "web"

router = APIRouter()


@router.head("/", include_in_schema=False)
@router.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """The chat page."""
    return FileResponse(WEB / "index.html", media_type="text/html; charset=utf-8")


def static() -> StaticFiles:
    """The page's files."""
    return StaticFiles(directory=WEB / "static", check_dir=False)
