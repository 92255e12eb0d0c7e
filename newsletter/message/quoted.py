"""Text as quoted-printable lines that no relay has a reason to touch: RFC 2045 section 6.7."""

import re

WIDEST = 76  #: octets of a line, its soft break included

_BREAK = b"=\r\n"
_ROOM = WIDEST - 3  # of a piece: an escape may replace its first or last octet
_UNSAFE = re.compile(rb"[^ -<>-~]")  # RFC 2045 section 6.7, rules 1 and 2
_CHANGED = re.compile(rb"\.|From ")  # at the beginning; relays have been seen to change them


def lines(content: str, *, soft_end: bool) -> bytes:
    """Return *content* as quoted-printable lines; with *soft_end* its last line goes on."""
    *lines, last = content.split("\n")
    out = b"".join(_line(line.encode()) + b"\r\n" for line in lines)
    if last:
        out += _line(last.encode()) + (_BREAK if soft_end else b"")
    return out


def _line(line: bytes) -> bytes:
    """Return one line, broken softly so that each piece and its `=` fit in `WIDEST`."""
    escaped = _UNSAFE.sub(_escape, line)
    pieces, start = [], 0
    while start < len(escaped):
        first = b""
        if _CHANGED.match(escaped, start):
            first = b"=%02X" % escaped[start]
            start += 1
        end = _end(escaped, start, _ROOM - len(first))
        pieces.append(first + escaped[start:end])
        start = end
    if escaped.endswith(b" "):
        pieces[-1] = pieces[-1][:-1] + b"=20"
    return _BREAK.join(pieces)


def _end(escaped: bytes, start: int, room: int) -> int:
    """Return where a piece that begins at *start* ends, which is not within an escape."""
    end = start + room
    if end >= len(escaped):
        return len(escaped)
    escape = escaped.rfind(b"=", end - 2, end)
    return escape if escape >= 0 else end


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=%02X" % found[0][0]
