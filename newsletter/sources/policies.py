"""What each list has for people whose language an announcement lacks: `recipients/lists.toml`."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from newsletter.errors import AudienceError, Fault, suggest

FILE = "lists.toml"
LARGEST = 1_000_000  #: bytes


class Policy(StrEnum):
    """Which mail somebody gets in whose language there is none."""

    DEFAULT = "default"  #: the one in the organisation's first language
    STACKED = "stacked"  #: one mail with every language in it


def read(folder: Path, lists: Iterable[str]) -> Mapping[str, Policy]:
    """Return the policy of each of *lists*; every fault of the file is in one `AudienceError`."""
    known = tuple(lists)
    source = _source(folder)
    settings = _settings(folder, source)
    if faults := list(_faults(settings, known)):
        raise AudienceError(
            Fault(f"{folder.name}/{FILE}:{_line(source, path)}", message)
            for path, message in faults
        )
    return {name: Policy(settings.get(name, {}).get("language", Policy.DEFAULT)) for name in known}


def _source(folder: Path) -> str:
    try:
        with (folder / FILE).open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise AudienceError([Fault(f"{folder.name}/{FILE}", message)]) from error
    if len(content) > LARGEST:
        raise AudienceError([Fault(f"{folder.name}/{FILE}", "is no list of policies: too large")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "not UTF-8; save the file as UTF-8"
        raise AudienceError([Fault(f"{folder.name}/{FILE}:{line}", message)]) from None


def _settings(folder: Path, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = f'cannot be read as TOML; write `[staff]` and `language = "stacked"`: {error}'
        raise AudienceError([Fault(f"{folder.name}/{FILE}", message)]) from None


def _faults(settings: dict[str, Any], known: tuple[str, ...]) -> Iterator[tuple[list[str], str]]:
    """Yield what is wrong, with the names that lead to it."""
    for name, values in settings.items():
        if not isinstance(values, dict):
            yield [name], f"`{name}` stands in no list; write `[{known[0] if known else 'staff'}]`"
        elif name not in known:
            yield [name], f"there is no list `{name}`{suggest(name, known) or _choice(known)}"
        else:
            for key, value in values.items():
                if key != "language":
                    yield [name, key], f"unknown setting `{key}`; there is only `language`"
                elif value not in list(Policy):
                    yield [name, key], f'`{value}` is no policy; write "default" or "stacked"'


def _choice(known: tuple[str, ...]) -> str:
    return f"; there are {', '.join(f'`{name}`' for name in known)}" if known else ""


def _line(source: str, path: list[str]) -> int:
    """Return the line on which the last of *path* stands, looked for after those before it."""
    lines = [line.partition("#")[0] for line in source.split("\n")]
    found = 0
    for name in path:
        alone = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        found = next((n for n in range(found, len(lines)) if alone.search(lines[n])), found)
    return found + 1
