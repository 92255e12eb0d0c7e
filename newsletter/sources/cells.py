"""What a cell of a list may hold, and the one form in which it goes on."""

import re
import unicodedata

from newsletter.address import INVISIBLE

NAMES = ("first_name", "last_name", "display_name")
OURS = ("email", *NAMES, "language")

_LONGEST_NAME = 200
_ENCODED_WORD = re.compile(r"=\?.*\?.*\?=")  # RFC 2047
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9_-]+)?")
_SPREADSHEET_ERROR = re.compile(r"#(N/A|NAME\?|REF!|VALUE!|DIV/0!|NULL!|NUM!)")
# What UTF-8 looks like when it was read as cp1252: `Ã©` for `é`.
_GARBLED = re.compile("[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


class BadCell(ValueError):
    """What is wrong with a cell, in one sentence."""


def clean(column: str, cell: str) -> str:
    """Return the text of *cell*; BadCell when *column* cannot hold it.

    >>> clean("last_name", " Van  den Berghe "), clean("language", "nl_BE")
    ('Van den Berghe', 'nl')
    """
    if column not in OURS:
        cell = cell.replace("\r", " ").replace("\n", " ")  # an office's address has several
    if found := INVISIBLE.search(cell):
        raise BadCell(_invisible(cell, found[0]))
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    if _GARBLED.search(text):
        raise BadCell(f"{shown(text)} is garbled: save the list again as CSV UTF-8")
    if column in NAMES:
        _refuse_as_name(text)
    return _language(text) if column == "language" else text


def shown(text: str) -> str:
    """Return *text* as a message can quote it: short, on one line, nothing hidden.

    >>> shown("Jan\\u200bPeeters")
    '`Jan[U+200B]Peeters`'
    """
    if not text.strip():
        return "an empty cell"
    short = text if len(text) <= 60 else f"{text[:60]}…"
    return f"`{''.join(map(_visible, short))}`"


def _invisible(cell: str, character: str) -> str:
    if character in "\r\n":
        return f"{shown(cell)} has a line break in it: put it on one line"
    return f"{shown(cell)} has an invisible character in it: type it again"


def _visible(character: str) -> str:
    hidden = INVISIBLE.match(character) or not character.isprintable()
    return f"[U+{ord(character):04X}]" if hidden else character


def _refuse_as_name(text: str) -> None:
    if len(text) > _LONGEST_NAME:
        raise BadCell(f"{shown(text)} is longer than the {_LONGEST_NAME} characters of a name")
    if _ENCODED_WORD.search(text):
        raise BadCell(f"{shown(text)} is mail code, not a name: type the name itself")
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise BadCell(f"{shown(text)} is a formula that failed: mend it in the spreadsheet")


def _language(text: str) -> str:
    if not text:
        return ""
    match = _LANGUAGE.fullmatch(text)
    if not match:
        raise BadCell(f"{shown(text)} is no language code: write `nl`, `fr` or `en`")
    return match[1].lower()
