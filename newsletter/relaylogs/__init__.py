"""What became of a Message-ID, as the relay's own log tells it: Postfix, Exim or Exchange.

A log is recognised by its content. It is read line by line, packed or not, and only what is
wanted of it is kept, so its size costs time and no memory.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from newsletter.errors import UsageError
from newsletter.relaylogs import exchange, exim, lines, postfix
from newsletter.relaylogs.lines import Line
from newsletter.relaylogs.span import Span
from newsletter.relaylogs.trace import Log, Trace, Verdict

__all__ = ["Log", "Trace", "Verdict", "read"]

LONGEST_PREFACE = 100_000  #: lines of something else before the first that is known


class Reader(Protocol):
    """What each kind has: it reads files one after another and remembers what is wanted."""

    span: Span

    def read(self, name: str, lines: Iterable[Line]) -> None:
        """Read one file."""

    def traces(self) -> dict[str, Trace]:
        """Return what counts of each wanted message that was seen."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of log."""

    name: str
    settles: float
    knows: Callable[[str], bool]  #: whether a server of this kind wrote this line
    reader: Callable[[Collection[str], float], Reader]


_KINDS = (
    Kind("Postfix log", postfix.SETTLES, postfix.knows, postfix.Reader),
    Kind("Exim log", exim.SETTLES, exim.knows, exim.Reader),
    Kind("Exchange trace", exchange.SETTLES, exchange.knows, exchange.Reader),
)


def read(paths: Sequence[Path], wanted: Collection[str], near: float) -> Log:
    """Return what the files at *paths*, parts of one log, say of the Message-IDs *wanted*.

    *near* is a moment (Unix time) that the log is about: it tells the year where lines have none.
    """
    with ExitStack() as files:
        opened = ((path, files.enter_context(closing(lines.read(path)))) for path in paths)
        found = [_recognised(path, text, near) for path, text in opened]
        parts = sorted(part for part in found if part)
        kind = _one_kind(paths, parts)
        reader = kind.reader(wanted, near)
        for part in parts:
            reader.read(part.name, part.lines)
    return Log(
        kind=kind.name,
        names=tuple(path.name for path in paths),
        settles=kind.settles,
        first=reader.span.first,
        last=reader.span.last,
        traces=reader.traces(),
    )


@dataclass(frozen=True, slots=True, order=True)
class _Part:
    first: float  #: when it begins; what a message began in one file may end in the next
    name: str
    kind: Kind = field(compare=False)
    lines: Iterator[Line] = field(compare=False)


def _recognised(path: Path, text: Iterator[Line], near: float) -> _Part | None:
    """Return the file as a part of a log; None if it is empty, as after a rotation."""
    line: Line | None = None
    for line in islice(text, LONGEST_PREFACE):
        for kind in _KINDS:
            if kind.knows(line[1]):
                reader = kind.reader((), near)
                reader.read("", iter((line,)))
                return _Part(reader.span.first or 0.0, path.name, kind, chain((line,), text))
    if line is None:
        return None
    raise _unknown(path)


def _one_kind(paths: Sequence[Path], parts: Sequence[_Part]) -> Kind:
    if not parts:
        raise _unknown(paths[0])
    names = {part.kind.name for part in parts}
    if len(names) > 1:
        raise UsageError(
            f"these are a {' and a '.join(sorted(names))}; name the log of the relay that "
            "`newsletter` hands over to, and no other"
        )
    return parts[0].kind


def _unknown(path: Path) -> UsageError:
    return UsageError(
        f"{path}: not a log of Postfix, Exim or Exchange that I know; unpack it if it is packed by "
        "anything but gzip"
    )
