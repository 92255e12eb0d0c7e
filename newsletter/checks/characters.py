"""Characters that no reader should meet: invisible, broken, or from another encoding."""

import re
import unicodedata
from collections.abc import Iterator

from newsletter.checks.finding import Finding, Where
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BROKEN = re.compile("[\ufffd-\uffff\ue000-\uf8ff\U000f0000-\U0010ffff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# UTF-8 read as Windows-1252: what a lead byte looks like, and one that can come after it.
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u009f\u00a0-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ]|â€.|ï»¿|ðŸ.")
_NOT_SEEN = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff]")
_NOT_SEEN_IN_ADDRESS = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]|%E2%80%8[B-F]", re.I)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield each character that shows as a box, as nonsense, or not at all."""
    for found, where in _found(mail, _CONTROL):
        yield Rule.CONTROL_CHARACTER.found(where, _control(found))
    for found, where in _found(mail, _BROKEN):
        yield Rule.BROKEN_CHARACTER.found(
            where, f"{_name(found)} shows as a box or a question mark; type the word again"
        )
    for found, where in _found(mail, _BIDI):
        yield Rule.BIDI_CHARACTER.found(
            where,
            f"{_name(found)} turns the direction of the words after it, unseen; delete it, or "
            "type the line again",
        )
    for found, where in _found(mail, _MOJIBAKE):
        yield Rule.MOJIBAKE.found(
            where,
            f"`{found}`{_meant(found)} was garbled on its way from another program; type it again",
        )
    yield from _in_links(mail)


def _found(mail: Mail, pattern: re.Pattern[str]) -> Iterator[tuple[str, Where]]:
    """Yield each different match once, where it is written first."""
    seen: set[str] = set()
    if not any(map(pattern.search, (mail.subject, mail.html, mail.text))):
        return
    for prose in mail.prose:
        for found in pattern.findall(prose.words):
            if found not in seen:
                seen.add(found)
                yield found, mail.where(prose.element, found)
    for words in (mail.subject, mail.html, mail.text):
        for found in pattern.findall(words):
            if found not in seen:
                seen.add(found)
                yield found, mail.whole


def _in_links(mail: Mail) -> Iterator[Finding]:
    for element, url in mail.links:
        words = "".join(element.itertext())
        if found := _NOT_SEEN_IN_ADDRESS.search(url) or _NOT_SEEN.search(words):
            yield Rule.HIDDEN_IN_LINK.found(
                mail.where(element),
                f"the link `{' '.join(words.split())[:60]}` holds a character that nobody sees "
                f"({found[0].upper() if found[0][0] == '%' else _name(found[0])}); copy the "
                "address again from the browser, and type the words again",
            )


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"the character U+{ord(character):04X}{f' ({name})' if name else ''}"


def _control(character: str) -> str:
    try:
        meant = character.encode("latin-1").decode("cp1252")
    except UnicodeDecodeError:
        meant = character
    if meant != character:
        return (
            f"{_name(character)} is `{meant}` as an old Windows program writes it; type it again "
            "in its place"
        )
    return f"{_name(character)} cannot be shown, and makes Gmail cut the mail off; delete it"


def _meant(garbled: str) -> str:
    try:
        return f" (probably `{garbled.encode('cp1252').decode()}`)"
    except UnicodeError:
        return ""
