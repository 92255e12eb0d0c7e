"""MAIL, RCPT and DATA of one message, with the parameters that the relay offered to understand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.message import Envelope


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """One message on its way: CRLF-ended 7-bit lines, none of which begins with a dot."""

    envelope: Envelope
    data: bytes
    envid: str = ""  #: comes back in reports about it (RFC 3461); empty: none


class Unfit(Exception):
    """This relay cannot carry this message; nothing was said to it, and others are unaffected."""

    def __init__(self, status: str, text: str) -> None:
        self.status = status  #: enhanced code, RFC 3463
        self.text = text
        super().__init__(f"{status} {text}")


@dataclass(frozen=True, slots=True)
class Offered:
    """What the relay announced in its reply to EHLO, RFC 5321 section 4.1.1.1."""

    words: frozenset[str]  #: in lower case
    largest: int | None  #: octets of a message, RFC 1870

    @classmethod
    def of(cls, extensions: Mapping[str, str]) -> "Offered":
        """Return what *extensions*, words and their values, amount to."""
        size = extensions.get("size", "").strip()
        largest = int(size) if re.fullmatch(r"[0-9]{1,18}", size) else 0
        return cls(frozenset(word.lower() for word in extensions), largest or None)


def commands(parcel: Parcel, offered: Offered) -> tuple[bytes, bytes, bytes]:
    """Return MAIL, RCPT and DATA for *parcel*; `Unfit` if there is no way to say it."""
    sender, recipient = parcel.envelope.sender, parcel.envelope.recipient
    words = offered.words
    mail, rcpt = f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"
    if _UNSPEAKABLE.search(sender + recipient):
        raise Unfit("5.1.3", "the address has characters in it that no mail server understands")
    if "size" in words:
        mail += f" SIZE={len(parcel.data)}"
    is_plain = sender.isascii() and recipient.isascii()
    if not is_plain:
        if "smtputf8" not in words:  # RFC 6531
            raise Unfit("5.6.7", "the relay takes no address with letters beyond a to z (SMTPUTF8)")
        mail += " SMTPUTF8"
    if "dsn" in words:
        mail += " RET=HDRS" + (f" ENVID={_xtext(parcel.envid)}" if parcel.envid else "")
        rcpt += " NOTIFY=FAILURE,DELAY" + (f" ORCPT=rfc822;{_xtext(recipient)}" if is_plain else "")
    return f"{mail}\r\n".encode(), f"{rcpt}\r\n".encode(), b"DATA\r\n"


_UNSPEAKABLE = re.compile("[\x00-\x20<>\x7f\ud800-\udfff]")


def _xtext(text: str) -> str:
    """RFC 3461 section 4: printable ASCII as it is, but for the signs that mark the others."""
    return _CODED.sub(lambda found: b"+%02X" % found[0][0], text.encode()).decode("ascii")


_CODED = re.compile(rb"[^!-*,-<>-~]")
