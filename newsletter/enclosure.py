"""A file that goes with the mail: inside the message, or published beside it."""

import hashlib
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import suggest

LARGEST = 10_000_000  #: bytes of one file; many relays take 20 MB in all, and base64 adds a third
LONGEST_NAME = 60  #: characters before the suffix

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_ZIP = b"PK\x03\x04"

_CONTENTS = {"[Content_Types].xml", "mimetype"}  # one of them is in every Office document

# Kinds that everybody can open and that mail servers let through, and how such a file begins.
_KINDS = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".docx": (_OPEN_XML + "wordprocessingml.document", _ZIP),
    ".xlsx": (_OPEN_XML + "spreadsheetml.sheet", _ZIP),
    ".pptx": (_OPEN_XML + "presentationml.presentation", _ZIP),
    ".odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    ".odp": ("application/vnd.oasis.opendocument.presentation", _ZIP),
    ".csv": ("text/csv", b""),
    ".txt": ("text/plain", b""),
    ".ics": ("application/ics", b"BEGIN:VCALENDAR"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
}
_MENDS = {
    "may hold macros, so mail servers stop it; save it as .docx, .xlsx or .pptx, or as PDF": (
        ".doc .dot .xls .xlt .ppt .pps .docm .dotm .xlsm .xltm .xlam .xlsb .pptm .potm .ppsm .ppam"
    ),
    "can run on a reader's computer, so mail servers stop it; put it on a site and link to it": (
        ".exe .com .bat .cmd .msi .scr .pif .ps1 .vbs .vbe .js .jse .jar .wsf .hta .lnk .url .reg "
        ".dll .app .sh .py .htm .html .mht .mhtml .shtml .xhtml .svg .svgz .iso .img .chm .one"
    ),
    "hides what is in it, so mail servers distrust it; list the files in it one by one": (
        ".zip .rar .7z .tar .gz .tgz .bz2 .xz .cab .arj .lzh"
    ),
    "is sound or film, too heavy for a mail; put it where your films are and link to it": (
        ".mp3 .m4a .wav .ogg .mp4 .m4v .mov .avi .mkv .webm .wmv"
    ),
}
_DROPPED = {suffix: mend for mend, suffixes in _MENDS.items() for suffix in suffixes.split()}


class Unusable(ValueError):
    """Why a file cannot go into a mail and what to do about it, in words for its author."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Enclosure:
    """One file as its reader gets it."""

    filename: str  #: letters, digits, `.`, `_` and `-`
    content_type: str
    data: bytes


def enclose(folder: Path, source: str) -> Enclosure:
    """Return the file that *source* names inside *folder*, to attach or to publish."""
    path = locate(folder, source)
    content_type, beginning = _kind(path)
    data = read(path, LARGEST, "file", "save it smaller, or put it on a site and link to it")
    _refuse_disguises(path, data, beginning)
    if content_type.startswith("text/") and _is_utf8(data):
        content_type += "; charset=utf-8"
    return Enclosure(filename=_readable(path), content_type=content_type, data=data)


def locate(folder: Path, source: str, noun: str = "file") -> Path:
    """Return the file that *source* names inside *folder*, which it may not leave."""
    if "://" in source or "\\" in source or Path(source).is_absolute():
        raise Unusable(f"{noun} `{source}` must be the name of a file beside the announcement")
    try:
        return _inside(folder, source, noun)
    except Unusable:
        raise
    except (OSError, RuntimeError, ValueError) as error:  # too long, a loop of links, a NUL
        raise Unusable(
            f"{noun} {source[:60]!r} cannot be read; give the file a short and simple name"
        ) from error


def _inside(folder: Path, source: str, noun: str) -> Path:
    path = folder / source
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unusable(f"{noun} `{source}` is outside the announcement's folder; copy it into it")
    if not path.is_file():
        names = [other.name for other in folder.iterdir()] if folder.is_dir() else []
        mend = suggest(path.name, names) or "; put it there or correct the name"
        raise Unusable(f"{noun} `{source}` does not exist beside the announcement{mend}")
    return path


def read(path: Path, most: int, noun: str, mend: str) -> bytes:
    """Return what is in the file, which is at most *most* bytes; else *mend* says what to do."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Unusable(f"{noun} `{path.name}` cannot be read: {error.strerror}") from error
    if not data:
        raise Unusable(f"{noun} `{path.name}` is empty; copy it again")
    if len(data) > most:
        raise Unusable(f"{noun} `{path.name}` is larger than {most // 1_000_000} MB; {mend}")
    return data


def _kind(path: Path) -> tuple[str, bytes]:
    suffix = path.suffix.lower()
    if suffix not in _KINDS:
        mend = _DROPPED.get(suffix, "is no kind that everybody can open; save it as PDF")
        raise Unusable(f"file `{path.name}` {mend}")
    return _KINDS[suffix]


def _refuse_disguises(path: Path, data: bytes, beginning: bytes) -> None:
    parts = _parts(data) if beginning == _ZIP else ()
    if beginning not in data[:1024] or (beginning == _ZIP and _CONTENTS.isdisjoint(parts)):
        suffix = path.suffix.lower()
        raise Unusable(
            f"file `{path.name}` is not what {suffix} says; open it, and save it as {suffix} again "
            "without a password"
        )
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise Unusable(f"file `{path.name}` has macros, so mail servers stop it; save it as PDF")


def _parts(data: bytes) -> tuple[str, ...]:
    """Return the names of what an Office document holds; none where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return tuple(package.namelist())
    except Exception:  # a hostile file makes a reader raise whatever it likes
        return ()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _readable(path: Path) -> str:
    """Return the name of the file with its letters kept, and nothing that needs quoting."""
    stem = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", path.stem))
    return (stem.strip("-")[:LONGEST_NAME] or "file") + path.suffix.lower()


def plain_name(filename: str) -> str:
    """Return *filename* in ASCII, for headers and addresses.

    >>> plain_name("Überblick été.pdf")
    'Uberblick-ete.pdf'
    """
    stem, dot, suffix = filename.rpartition(".")
    letters = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", letters).strip("-")[:LONGEST_NAME]
    return (name or "file") + dot + re.sub(r"[^A-Za-z0-9]", "", suffix)


def public_name(filename: str, data: bytes) -> str:
    """Return the name to publish *data* under: another content never gets the same."""
    return f"{hashlib.sha256(data).hexdigest()[:32]}-{plain_name(filename)}"
