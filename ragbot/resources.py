"""Where the data that ships with ragbot lies: default settings, schemas, the sample knowledge base."""

from pathlib import Path

from ragbot.core.errors import ConfigError

_PACKAGE = Path(__file__).parent


def shipped(*parts: str) -> Path:
    """The path of ``config/...``, in a checkout and in an installed wheel; ``ConfigError`` if it is not there."""
    installed = _PACKAGE / "_config"
    # Asked first: beside an installed package, ../config would be somebody else's.
    path = (installed if installed.is_dir() else _PACKAGE.parent / "config").joinpath(*parts)
    if not path.exists():
        raise ConfigError(
            f"{'/'.join(('config', *parts))}, which ships with ragbot, is missing: {path} does not exist.",
            remedy="Install ragbot again.",
        )
    return path
