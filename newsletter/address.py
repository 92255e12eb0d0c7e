"""One mail address: what may be written to, how it goes on the wire, and when two are the same.

Decided from the text alone; nothing is looked up. Refused is whatever a relay without SMTPUTF8
cannot carry, or what an eye cannot tell from something else.
"""

import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

#: Characters that no eye sees: controls (but not the tab), line separators, zero-width and
#: direction marks, fillers, private use (`blocks.MARKER` lives there), surrogates, U+FFFD.
INVISIBLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0"
    "\ufff0-\uffff\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)

# Ours leaves out `local` and `test`: organisations do use `.local` inside, and rehearsals `.test`.
_SPECIAL_USE = ("arpa", "invalid", "localhost", "onion")

# An atom or several with dots between, as nearly every address has before the @ (RFC 5321 section
# 4.1.2), but for the signs of an encoded word; then a domain in ASCII, whatever it is worth.
_ATOM = "[A-Za-z0-9!#$%&'*+/^_`{|}~-]+"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([A-Za-z0-9.-]{{1,253}})")
_PLAIN_DOMAIN = re.compile(r"(?:(?=[^.]{1,63}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,20}")
_LONGEST_LOCAL = 64  #: RFC 5321 section 4.5.3.1.1
_LONGEST = 254  #: RFC 5321 section 4.5.3.1.3, less the angle brackets
_MOST_DOMAINS = 4096  #: that are remembered

_SPACE = re.compile(r"\s")
_LOOKALIKE_SCRIPTS = {"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK", "LATIN"}


class AddressError(ValueError):
    """The text is no address we can write to; the message is the reason in a plain sentence."""


class Address(Struct, frozen=True, gc=False):
    """A mail address; `str()` is what goes on the wire.

    >>> parse(" Jan.Peeters@Café.example ")
    Address(local='Jan.Peeters', domain='xn--caf-dma.example')
    """

    local: str  #: as given: only the receiving server knows whether case matters
    domain: str  #: A-label, lower case

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def folded(self) -> str:
        """The local part to compare; itself where it is in lower case."""
        folded = self.local.casefold()
        return self.local if folded == self.local else folded

    @property
    def key(self) -> str:
        """The form to compare: two addresses with the same key are one person."""
        return f"{self.folded}@{self.domain}"


def parse(text: str) -> Address:
    """Return the address that *text* is, spaces around it aside; AddressError says why not.

    A plain one costs a look at its signs; its domain is looked at once.
    """
    if plain := _PLAIN.fullmatch(text):
        local, written = plain.groups()
        domain = _known_domain(written)
        if domain and len(local) <= _LONGEST_LOCAL and len(local) + len(domain) < _LONGEST:
            return Address(local, domain)
    text = text.strip(" \t\u00a0")
    _refuse_disguises(text)
    _refuse_other_forms(text)
    # The library lowers `Info@` and the like; a local part leaves as it was given.
    return Address(text.rpartition("@")[0], _domain(text))


@lru_cache(_MOST_DOMAINS)
def _known_domain(written: str) -> str:
    """Return how the domain *written* in ASCII goes on the wire; empty: it is none, or unusual."""
    if _PLAIN_DOMAIN.fullmatch(written) and not written.endswith(_SPECIAL_USE):
        return written
    try:
        domain = _domain(f"a@{written}")
    except AddressError:
        return ""
    return "" if "xn--" in domain else domain  # its length is counted in another script


def _domain(text: str) -> str:
    """Return the domain of the address *text* as the library knows it."""
    import email_validator  # late, for a mail to read needs it seldom, and it takes 25 ms

    email_validator.SPECIAL_USE_DOMAIN_NAMES = list(_SPECIAL_USE)  # it is offered for changing
    try:
        valid = email_validator.validate_email(
            text, allow_smtputf8=False, strict=True, check_deliverability=False
        )
    except email_validator.EmailNotValidError as error:
        raise AddressError(str(error)) from error
    _refuse_mixed_scripts(valid.domain)
    return str(valid.ascii_domain)


def _refuse_disguises(text: str) -> None:
    if found := INVISIBLE.search(text):
        code = f"U+{ord(found[0]):04X}"
        raise AddressError(f"It has an invisible character in it ({code}): type it again.")
    if len(text.encode()) > _LONGEST:
        raise AddressError("It is longer than the 254 characters an address may have.")
    for character in "" if text.isascii() else text:
        plain = unicodedata.normalize("NFKC", character)
        if plain != character:
            raise AddressError(f"`{character}` is not the plain `{plain}`: type it again.")


def _refuse_other_forms(text: str) -> None:
    if not text:
        raise AddressError("The address is missing.")
    if "<" in text or ">" in text:
        raise AddressError("Give the bare address, without a name and without < and >.")
    if '"' in text:
        raise AddressError("An address with quotes in it cannot be used.")
    if "," in text or ";" in text:
        raise AddressError("One address is expected here, without commas or semicolons.")
    if _SPACE.search(text):
        raise AddressError("It has a space in it.")
    local, _, domain = text.rpartition("@")
    if domain.startswith("["):
        raise AddressError("A number in brackets after the @ cannot be used: give a domain name.")
    if not local.isascii():
        raise AddressError(
            "Letters with accents before the @ need SMTPUTF8, which this version does not send."
        )
    if "=?" in local:  # an encoded word (RFC 2047) would be decoded in a header
        raise AddressError("It has `=?` in it, which mail programs read as coded text.")


def _refuse_mixed_scripts(domain: str) -> None:
    """Refuse a domain such as `exаmple.org` whose third letter is Cyrillic."""
    if domain.isascii():
        return
    for label in domain.split("."):
        scripts = {unicodedata.name(c, "").partition(" ")[0] for c in label if c.isalpha()}
        mixed = sorted(scripts & _LOOKALIKE_SCRIPTS)
        if len(mixed) > 1:
            names = " and ".join(name.title() for name in mixed)
            raise AddressError(f"`{label}` mixes {names} letters that look alike: type it again.")
