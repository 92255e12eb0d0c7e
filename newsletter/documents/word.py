"""Reads a Word document (.docx), after looking whether it is safe to open."""

import zlib
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from newsletter.documents import webpage
from newsletter.documents.decoding import clean
from newsletter.documents.paragraphs import Reading, UnreadableError

MOST_ENTRIES = 1000
MOST_BYTES = 100_000_000
MOST_XML_BYTES = 10_000_000  #: of text parts; in memory they grow about thirtyfold
MOST_RATIO = 100

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p.lead:fresh
p[style-name='caption'] => p.caption:fresh
p[style-name='Caption'] => p.caption:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
"""


def read(data: bytes) -> Reading:
    """Return the paragraphs of the Word document *data*."""
    _inspect(data)
    text, notes = clean(_as_html(data))
    reading = webpage.read(text)
    placed = (
        replace(paragraph, place=f"paragraph {number}")
        for number, paragraph in enumerate(reading.paragraphs, start=1)
    )
    return replace(reading, paragraphs=tuple(placed), unsure=(*notes, *reading.unsure))


def _inspect(data: bytes) -> None:
    if data.startswith(_OLE):
        raise UnreadableError(
            "this is an old Word document (.doc) or one with a password; open it in Word, "
            "take the password away and save it as .docx"
        )
    try:
        with ZipFile(BytesIO(data)) as archive:
            _inspect_entries(archive.infolist())
            _inspect_parts(archive)
    except (BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(
            "this is no Word document, or it was cut short; open it in Word and save it as .docx"
        ) from error


def _inspect_entries(entries: Iterable[ZipInfo]) -> None:
    entries = list(entries)
    if len(entries) > MOST_ENTRIES:
        raise _suspect(f"it holds {len(entries)} files, more than {MOST_ENTRIES}")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise _suspect(f"it unpacks to more than {MOST_BYTES // 1_000_000} MB")
    for entry in entries:
        _inspect_entry(entry)


def _inspect_entry(entry: ZipInfo) -> None:
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise _suspect(f"it holds a file that points outside it, {entry.filename!r}")
    if entry.flag_bits & 1:
        raise UnreadableError(
            "it has a password; open it in Word, take the password away and save it"
        )
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _suspect("it is packed in a way that Word does not use")
    if entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
        raise _suspect(f"{entry.filename!r} unpacks to more than {MOST_RATIO} times its size")


def _inspect_parts(archive: ZipFile) -> None:
    """Refuse too much XML, and definitions of entities: Word writes none, and they can explode."""
    parts = [entry for entry in archive.infolist() if _is_xml(archive, entry)]
    if sum(entry.file_size for entry in parts) > MOST_XML_BYTES:
        raise _suspect(f"its text unpacks to more than {MOST_XML_BYTES // 1_000_000} MB")
    for entry in parts:
        part = archive.read(entry).replace(b"\0", b"")  # so that UTF-16 hides nothing
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise _suspect(f"{entry.filename!r} defines entities")


def _is_xml(archive: ZipFile, entry: ZipInfo) -> bool:
    """Tell by its first character whether a part could be read as XML, whatever it is called."""
    with archive.open(entry) as part:
        start = part.read(1024).translate(None, delete=b"\0\xef\xbb\xbf\xff\xfe \t\r\n")
    return start[:1] in (b"<", b"")


def _suspect(why: str) -> UnreadableError:
    return UnreadableError(
        f"this document was not opened, for {why}; "
        "copy its text into a new Word document and save that"
    )


def _as_html(data: bytes) -> str:
    import mammoth

    try:
        result = mammoth.convert_to_html(
            BytesIO(data),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(_without_source),
            external_file_access=False,
        )
    # mammoth raises whatever a broken part made it stumble over: KeyError, ExpatError, OSError...
    except Exception as error:
        raise UnreadableError(
            "Word's own parts are missing or damaged in this document; "
            "open it in Word and save it again as .docx"
        ) from error
    return str(result.value)


def _without_source(image: Any) -> dict[str, str]:
    """Give mammoth nothing to show: the file or address of the picture is never opened."""
    return {}
