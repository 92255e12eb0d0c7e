"""What cssutils makes of CSS, remembered: it takes longer over a theme than all else in a mail."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import msgspec

MOST = 4_000  #: texts that are remembered; a theme has some two hundred

Pairs = list[tuple[str, str]]
Sheet = tuple[list[tuple[tuple[int, ...], str, str]], Pairs]  #: rules, and those left over


class Memory(msgspec.Struct):
    """What was made of each text: of style sheets, and of what is declared in one place."""

    sheets: dict[str, Sheet] = {}
    declarations: dict[str, Pairs] = {}

    def __len__(self) -> int:
        return len(self.sheets) + len(self.declarations)


@contextmanager
def memory(file: Path | None) -> Iterator[Memory]:
    """Yield what is known from *file* and from before; what is learned meanwhile is kept there."""
    known = _known(file)
    if len(known) > MOST:
        known.sheets.clear()
        known.declarations.clear()
    before = len(known)
    yield known
    if file and len(known) > before:
        _write(file, known)


@cache
def _known(file: Path | None) -> Memory:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Memory) if file else Memory()
    except (OSError, msgspec.DecodeError):  # none yet, or cut short: it is made again
        return Memory()


def _write(file: Path, known: Memory) -> None:
    """Write *file* whole or not at all; where nothing can be written, nothing is remembered."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as made:
            made.write(msgspec.json.encode(known))
        os.replace(made.name, file)
