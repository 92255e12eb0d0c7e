"""What a cell of a list may hold, and the one form in which it goes on."""

import re
import sys
import unicodedata
from functools import lru_cache

from newsletter.address import INVISIBLE

NAMES = ("first_name", "last_name", "display_name")
OURS = ("email", *NAMES, "language")

_LONGEST_NAME = 200
_MOST_REMEMBERED = 4096  #: cells; people have first names, languages and departments in common
# Words with a space between, of signs that mean nothing but themselves: clean as they stand.
_LETTERS = "[A-Za-z0-9À-ÁÄ-ÖØ-öø-ÿ'’.,&()/+_:@-]+"
_PLAIN = re.compile(f"{_LETTERS}(?: {_LETTERS})*")
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
    if column in NAMES:
        return name(cell)
    return language(cell) if column == "language" else words(cell)


def name(cell: str) -> str:
    """Return the name in *cell*, if a mail may hold it."""
    if len(cell) <= _LONGEST_NAME and _PLAIN.fullmatch(cell):
        return cell
    text = _text(cell)
    if len(text) > _LONGEST_NAME:
        raise BadCell(f"{shown(text)} is longer than the {_LONGEST_NAME} characters of a name")
    if _ENCODED_WORD.search(text):
        raise BadCell(f"{shown(text)} is mail code, not a name: type the name itself")
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise BadCell(f"{shown(text)} is a formula that failed: mend it in the spreadsheet")
    return text


common_name = lru_cache(_MOST_REMEMBERED)(name)  #: the same for names that many have


@lru_cache(_MOST_REMEMBERED)
def language(cell: str) -> str:
    """Return the code of the language in *cell*, without its region."""
    if not (text := _text(cell)):
        return ""
    if not (match := _LANGUAGE.fullmatch(text)):
        raise BadCell(f"{shown(text)} is no language code: write `nl`, `fr` or `en`")
    return sys.intern(match[1].lower())


@lru_cache(_MOST_REMEMBERED)
def words(cell: str) -> str:
    """Return what a further column says: an office's address has several lines."""
    return _text(cell.replace("\r", " ").replace("\n", " "))


def _text(cell: str) -> str:
    if _PLAIN.fullmatch(cell):
        return cell
    if found := INVISIBLE.search(cell):
        raise BadCell(_invisible(cell, found[0]))
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    if _GARBLED.search(text):
        raise BadCell(f"{shown(text)} is garbled: save the list again as CSV UTF-8")
    return text


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
