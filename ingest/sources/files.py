"""Files and folders on disk."""

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from ragbot.core.errors import DocumentError, SourceError
from ragbot.core.types import Blob


class FileSource:
    """A ``Source`` over one folder, or over one file in its folder. Paths come in a stable order."""

    def __init__(
        self, given: Path, *, ignore: tuple[str, ...] = (), exclude: tuple[Path, ...] = (), max_bytes: int = 100_000_000
    ) -> None:
        path = given.expanduser().absolute()
        if not os.path.lexists(path):
            raise SourceError(f"There is no file or folder {str(given)!r}.", remedy="Check the path.")
        if not path.exists():
            raise SourceError(f"{str(given)!r} is a symbolic link that leads nowhere.", remedy="Mend or remove it.")
        self._file = path.name if path.is_file() else None
        root = (path.parent if self._file else path).resolve()
        self._root = root
        self._ignore = ignore
        self._exclude = tuple(each.resolve() for each in exclude)
        self._max_bytes = max_bytes
        self.name = _shown(root.name) or "root"
        self.root_uri = _uri(root)
        self.ignored: dict[str, str] = {}
        self._found: dict[str, Path] = {}
        self._unreadable: list[str] = []

    def covers(self, path: str) -> bool:
        """Whether ``--prune`` may delete this path when the source no longer lists it."""
        if self._file is not None:
            return path == _shown(self._file)
        # What a folder without read permission holds is unknown, and unknown is not gone.
        return not any(path.startswith(folder) for folder in self._unreadable)

    def paths(self) -> Iterator[str]:
        """Every file, hidden and ignored ones left out and listed in ``ignored`` with their reason."""
        if self._file is not None:
            yield self._keep(self._root / self._file)
            return
        try:
            os.scandir(self._root).close()
        except OSError as error:
            raise SourceError(f"The folder {self._root} cannot be read: {error.strerror}.") from error
        for folder, folders, files in os.walk(self._root, onerror=self._cannot_enter):
            here = Path(folder)
            folders[:] = sorted(name for name in folders if self._enters(here / name))
            for name in sorted(files):
                if self._takes(here / name):
                    yield self._keep(here / name)

    def read(self, path: str) -> Blob:
        """The file's bytes; a ``DocumentError`` says why they cannot be had."""
        file = self._found[path]
        try:
            size = file.stat().st_size
            if size > self._max_bytes:
                raise DocumentError(
                    f"{path} has {size:,} bytes, more than the {self._max_bytes:,} allowed.",
                    reason_code="too_large",
                    remedy="Split it, or raise ingest.max_bytes.",
                )
            return Blob(path=path, uri=f"{self.root_uri}/{path}", data=file.read_bytes())
        except OSError as error:
            raise DocumentError(
                f"{path} cannot be read: {error.strerror or error}.",
                reason_code="unreadable",
                permanent=False,
                remedy="Check its permissions, then ingest again.",
            ) from error

    def _keep(self, file: Path) -> str:
        shown = _shown(file.relative_to(self._root).as_posix())
        self._found[shown] = file
        return shown

    def _enters(self, folder: Path) -> bool:
        if folder.is_symlink():
            return self._leave_out(folder, "a symbolic link to a folder is not followed")
        if folder.resolve() in self._exclude:
            return self._leave_out(folder, "ragbot's own data directory")
        return self._named_well(folder)

    def _takes(self, file: Path) -> bool:
        if file.is_symlink():
            try:
                target = file.resolve(strict=True)
            except (OSError, RuntimeError):
                return self._leave_out(file, "a symbolic link that leads nowhere")
            if not target.is_relative_to(self._root):
                return self._leave_out(file, "a symbolic link that leads out of the folder")
        if not file.is_file():
            return self._leave_out(file, "not a regular file")
        return self._named_well(file)

    def _named_well(self, entry: Path) -> bool:
        if entry.name.startswith("."):
            return self._leave_out(entry, "hidden")
        for pattern in self._ignore:
            if fnmatch(entry.name, pattern):
                return self._leave_out(entry, f"ingest.ignore has {pattern!r}")
        return True

    def _leave_out(self, entry: Path, reason: str) -> bool:
        shown = _shown(entry.relative_to(self._root).as_posix())
        self.ignored[f"{shown}/" if entry.is_dir() and not entry.is_symlink() else shown] = reason
        return False

    def _cannot_enter(self, error: OSError) -> None:
        shown = f"{_shown(Path(error.filename).relative_to(self._root).as_posix())}/"
        self._unreadable.append(shown)
        self.ignored[shown] = f"cannot be read: {error.strerror}"


def _shown(path: str) -> str:
    """A path as text: file names are bytes, and one that is not UTF-8 must not break the catalog."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _uri(folder: Path) -> str:
    return "file://" + _shown(folder.as_posix()).rstrip("/")
