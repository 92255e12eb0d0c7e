"""A log, line by line, whatever is in it: packed, of any encoding, with lines of any length."""

import gzip
import io
import zlib
from collections.abc import Generator
from pathlib import Path

from newsletter.errors import UsageError

LONGEST = 16_384  #: characters of a line that are read

Line = tuple[int, str]  #: its number, from 1, and its text without the line end


def read(path: Path) -> Generator[Line, None, None]:
    """Yield the lines of *path*; what is too long is cut, what cannot be decoded replaced."""
    try:
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == b"\x1f\x8b"
            with gzip.GzipFile(fileobj=file) if packed else file as plain:
                utf16 = plain.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")
                encoding = "utf-16" if utf16 else "utf-8-sig"
                with io.TextIOWrapper(plain, encoding, "replace", newline="\n") as text:
                    yield from _lines(text)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}: damaged or cut off ({error}); take the log once more") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def _lines(text: io.TextIOWrapper) -> Generator[Line, None, None]:
    number = 0
    while line := text.readline(LONGEST):
        number += 1
        yield number, line.rstrip("\r\n")
        while line and not line.endswith("\n"):  # the rest of a line that is too long
            line = text.readline(LONGEST)
