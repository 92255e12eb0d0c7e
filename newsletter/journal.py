"""The log: what happens, a JSON object a line, without anybody's address above level debug.

A log that cannot be written never stops a send: that is said once, and the rest is lost.
"""

import contextlib
import json
import logging
import re
import stat
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

LARGEST = 10_000_000  #: octets of one file; then it is set aside
KEPT = 5  #: files that were set aside
LONGEST_TEXT = 1000  #: characters of one field

campaign: ContextVar[str] = ContextVar("campaign", default="")  #: the name of the one at work

_log = logging.getLogger("newsletter")
_log.addHandler(logging.NullHandler())
_log.propagate = False

# `jan@example.org`, `"jan janssens"@example.org`; as URLs, xtext and quoted-printable write an @.
_ADDRESS = re.compile(r'(?:"[^"]{0,256}"|[^\s<>()"\',:;@]{0,256})(?:@|[%+=]40)[^\s<>()"\',:;]+')


def info(event: str, **fields: object) -> None:
    """Write down *event*, with what belongs to it; addresses in it are not shown."""
    _log.info(event, extra={"fields": fields})


def warning(event: str, **fields: object) -> None:
    """Write down an *event* that somebody may have to look at."""
    _log.warning(event, extra={"fields": fields})


def debug(event: str, **fields: object) -> None:
    """Write down an *event* about one person; addresses show."""
    _log.debug(event, extra={"fields": fields})


def tells_all() -> bool:
    """Whether `debug` writes anything: ask once, before a loop."""
    return _log.isEnabledFor(logging.DEBUG)


@contextlib.contextmanager
def kept(file: Path, level: str) -> Iterator[None]:
    """Keep the log in *file* from *level* on, where that is possible."""
    try:
        handler = _opened(file)
    except OSError as error:
        _tell(file, error)
        yield
        return
    _log.setLevel(level.upper())
    _log.addHandler(handler)
    try:
        yield
    finally:
        _log.setLevel(logging.NOTSET)
        _log.removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()


def _opened(file: Path) -> logging.Handler:
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        kind = file.stat().st_mode
        if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
            raise OSError(0, "a pipe, which could hold us up")
    handler = _File(
        file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(_Line())
    return handler


def _tell(file: Path | str, error: BaseException | None) -> None:
    reason = getattr(error, "strerror", None) or error
    with contextlib.suppress(OSError):
        print(f"{file}: the log cannot be written ({reason}); sending goes on", file=sys.stderr)


class _File(RotatingFileHandler):
    """Says once when it cannot write, and goes on."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Let nothing that happens to the log reach whoever sends; logging calls this."""
        if not self._told:
            self._told = True
            _tell(self.baseFilename, sys.exception())


class _Line(logging.Formatter):
    """One event as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields = vars(record).get("fields", {})
        if record.levelno > logging.DEBUG:
            fields = {name: without_addresses(value) for name, value in fields.items()}
        line = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "campaign": campaign.get(),
            **fields,
        }
        return json.dumps(line, ensure_ascii=False, default=str)


def _utc(moment: float) -> str:
    when = datetime.fromtimestamp(moment, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_addresses(value: object) -> object:
    """Return *value* with `***` for whatever in it looks like an address.

    >>> without_addresses("550 5.1.1 <jan@example.org>: unknown")
    '550 5.1.1 <***>: unknown'
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    return _ADDRESS.sub("***", str(value)[:LONGEST_TEXT])
