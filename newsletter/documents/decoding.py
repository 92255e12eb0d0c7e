"""The bytes of a text file as clean text: no matter which editor wrote them."""

import codecs
import re

_WRITTEN_AS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c]")
# Word's symbol font keeps its bullets among the private characters, which no mail may carry.
_BULLETS = str.maketrans({"\uf0b7": "•", "\uf0a7": "•", "\uf0d8": "•"})
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufeff\ufffe\uffff]")
_CP1252 = {
    code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)
}


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of *data* with `\\n` line ends, and a note on what had to be left out."""
    return clean(_decoded(data))


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """Return *text* without control characters, and a note if there were any."""
    lines = _LINE_ENDS.sub("\n", text).translate(_CP1252).translate(_BULLETS)
    kept, dropped = _FORBIDDEN.subn("", lines)
    if not dropped:
        return kept, ()
    return kept, (f"{dropped} invisible character{'s' * (dropped > 1)} left out",)


def _decoded(data: bytes) -> str:
    for mark, encoding in _WRITTEN_AS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # latin-1 leaves 0x80-0x9f as control characters, which `clean` reads as cp1252.
        return data.decode("latin-1")
