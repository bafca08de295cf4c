"""The role files there are: the deployment's own, then the shipped ones, all checked when the library opens."""

import re
from pathlib import Path

from ragbot.core.errors import ConfigError
from ragbot.core.types import RoleSummary
from ragbot.prompts.making import make_role
from ragbot.prompts.role import RenderedRole
from ragbot.prompts.role_file import RoleFile, parse_role
from ragbot.prompts.settings import PromptSettings
from ragbot.prompts.yaml_file import YamlFile, read_yaml
from ragbot.registry import nearest
from ragbot.resources import shipped

_NAME = re.compile(r"[a-z0-9-]+")
_LONGEST_NAME = 64


class RoleLibrary:
    """``Roles`` from files. ``ConfigError`` where any file, the default role or a variable is wrong."""

    def __init__(self, settings: PromptSettings) -> None:
        files = _files(shipped("roles"))
        if settings.folder:
            files |= _files(_own(settings.folder))
        read = [_read(name, path) for name, path in sorted(files.items())]
        _check_variables(settings, [file for _, file in read])
        self._roles = {file.name: make_role(source, file, settings.variables) for source, file in read}
        self._default = settings.role
        if self._default not in self._roles:
            raise ConfigError(
                f"The setting prompts.role names {_shown(self._default)}, which is no role.",
                remedy=nearest(self._default, self.names()),
            )

    def names(self) -> list[str]:
        """Every role, sorted."""
        return sorted(self._roles)

    def get(self, name: str | None) -> RenderedRole:
        """The role called ``name``, None the default one; ``ConfigError`` names the nearest."""
        wanted = self._default if name is None else name
        if wanted not in self._roles:
            raise ConfigError(
                f"There is no role called {_shown(wanted)}.", remedy=nearest(wanted[:_LONGEST_NAME], self.names())
            )
        return self._roles[wanted]

    def describe(self) -> list[RoleSummary]:
        """Every role's name, version and description, sorted by name."""
        roles = [self._roles[name] for name in self.names()]
        return [RoleSummary(role.id.name, role.id.version, role.description) for role in roles]


def _own(folder: str) -> Path:
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise ConfigError(
            f"The setting prompts.folder names {folder}, which is no folder.", remedy="Make it, or correct the setting."
        )
    return path


def _files(folder: Path) -> dict[str, Path]:
    """The role files of a folder by their role's name; a file that looks like one and cannot be is an error."""
    found: dict[str, Path] = {}
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"The folder of role files {folder} cannot be read: {error.strerror}.") from error
    for path in paths:
        if path.name.startswith(".") or path.suffix.lower() not in (".yaml", ".yml"):
            continue
        if path.suffix != ".yaml" or not _NAME.fullmatch(path.stem):
            raise ConfigError(
                f"{path} is not named like a role file.",
                remedy="Name it NAME.yaml, with a name of lower-case letters, digits and hyphens.",
            )
        found[path.stem] = path
    return found


def _read(name: str, path: Path) -> tuple[YamlFile, RoleFile]:
    source = read_yaml(path)
    file = parse_role(source)
    if file.name != name:
        raise ConfigError(
            f"{path}, line {source.line(('name',))}: name: the file is called {name}, the role in it {file.name}.",
            remedy="Give both the same name.",
        )
    return source, file


def _check_variables(settings: PromptSettings, files: list[RoleFile]) -> None:
    known = sorted({name for file in files for name in file.variables})
    for name in settings.variables:
        if name not in known:
            raise ConfigError(
                f"The setting prompts.variables.{name} sets a variable that no role has.", remedy=nearest(name, known)
            )


def _shown(name: str) -> str:
    return repr(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…")
