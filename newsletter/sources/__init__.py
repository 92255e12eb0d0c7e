"""Where people come from: every CSV or Excel file in a folder is a staff list."""

from pathlib import Path

from newsletter.audience import RecipientList
from newsletter.errors import AudienceError, Fault, UsageError, suggest
from newsletter.sources import csv_file, xlsx_file

_READERS = {".csv": csv_file.read, ".xlsx": xlsx_file.read}
_MOST_BYTES = 100_000_000


def names(folder: Path) -> tuple[str, ...]:
    """Return the name of every list in *folder*."""
    return tuple(_files(folder))


def read(folder: Path, name: str) -> RecipientList:
    """Return list *name* of *folder*, good rows and bad."""
    files = _files(folder)
    if name not in files:
        known = ", ".join(f"`{each}`" for each in files) or "none"
        near = suggest(name, files)
        raise UsageError(f"unknown list `{name}`{near} (lists in `{folder.name}`: {known})")
    path = files[name]
    place = f"{folder.name}/{path.name}"
    return _READERS[path.suffix.lower()](_content(path, place), name=name, place=place)


def _files(folder: Path) -> dict[str, Path]:
    """Return the file of each list; hidden files and the `~$` locks of Excel are none."""
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*")):
        if path.name.startswith((".", "~$")) or path.suffix.lower() not in _READERS:
            continue
        if not path.is_file():
            continue
        if twin := files.get(path.stem):
            message = f"`{twin.name}` and `{path.name}` are both list `{path.stem}`: rename one"
            raise AudienceError([Fault(folder.name, message)])
        files[path.stem] = path
    return files


def _content(path: Path, place: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise AudienceError([Fault(place, f"cannot be read: {error.strerror}")]) from error
    if len(content) > _MOST_BYTES:
        most = _MOST_BYTES // 1_000_000
        raise AudienceError([Fault(place, f"is larger than {most} MB: split it into lists")])
    return content
