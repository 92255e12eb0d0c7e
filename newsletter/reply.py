"""One SMTP reply, the phase it answers, and what it means: for the person, the line, the campaign.

RFC 5321 section 4.2 gives the codes, RFC 3463 the enhanced ones. What is not in them, the large
mail servers' own habits, is noted beside the rule.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """How far a conversation with the relay had come, in order."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"  #: the final dot is not written: the relay cannot have accepted
    DOT = "dot"  #: the final dot may have been read: only a reply tells


class Outcome(StrEnum):
    """What a reply, or the lack of one, means for a delivery."""

    ACCEPTED = "accepted"  #: the relay has taken responsibility
    LATER = "later"  #: this person, for now: try again after a while
    REFUSED = "refused"  #: this person for good, unless all others are refused as well
    RECONNECT = "reconnect"  #: this connection: the person goes back uncharged
    PAUSE = "pause"  #: the whole campaign: nobody is burnt, somebody must look


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply; *status* is the enhanced code ("5.1.1"), empty if the relay gave none."""

    code: int
    status: str
    text: str

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.status, self.text) if part)


LONGEST_TEXT = 500  #: characters of a reply that are kept

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:[\s:]+|$)")
_CONTROL = re.compile(r"[^\x20-\x7e]+")


def parse(lines: list[bytes]) -> Reply:
    """Return the reply in *lines*, without their line ends; ValueError if it is none.

    >>> parse([b"250-2.0.0 Ok", b"250 2.0.0 queued as 1"])
    Reply(code=250, status='2.0.0', text='Ok queued as 1')
    """
    code, status, texts = b"", "", []
    for n, line in enumerate(lines, 1):
        separator = line[3:4]
        if not line[:3].isdigit() or separator not in ((b"-",) if n < len(lines) else (b" ", b"")):
            raise ValueError(f"not an SMTP reply: {line[:80]!r}")
        if code and line[:3] != code:
            raise ValueError(f"not an SMTP reply: {line[:80]!r}")
        code = line[:3]
        text = _CONTROL.sub(" ", line[4:].decode("latin-1")).strip()
        if found := _STATUS.match(text):
            status, text = found[1], text[found.end() :]
        texts.append(text)
    if not 200 <= int(code or 0) <= 599:
        raise ValueError(f"not an SMTP reply: {lines[:1]!r:.80}")
    return Reply(int(code), status, " ".join(filter(None, texts))[:LONGEST_TEXT])


def outcome(reply: Reply, phase: Phase) -> Outcome:
    """Return what *reply* means when it came as the answer to *phase*.

    >>> outcome(Reply(550, "5.1.1", "no such user"), Phase.RCPT)
    <Outcome.REFUSED: 'refused'>
    >>> outcome(Reply(552, "", "too many recipients"), Phase.RCPT)
    <Outcome.LATER: 'later'>
    """
    if 200 <= reply.code < 300:
        return Outcome.ACCEPTED
    if reply.code == 421 or reply.code < 400:  # it closes the line (RFC 5321 3.8), or is confused
        return Outcome.RECONNECT
    if phase in _BEFORE_ANYBODY:  # nothing was said of a person yet: all would hear the same
        return Outcome.PAUSE if reply.code >= 500 else Outcome.RECONNECT
    if reply.code == 432:  # Exchange Online: 4.3.2, three connections a mailbox
        return Outcome.RECONNECT
    if reply.code < 500:
        return Outcome.LATER
    if reply.code == 552 and phase is Phase.RCPT and not reply.status.startswith("5.2."):
        return Outcome.LATER  # too many recipients: RFC 5321 section 4.5.3.1.10
    return Outcome.REFUSED


# Whether a 5xx from here on is about one mailbox or about us, its code does not tell: servers use
# 5.7.1, 5.1.8, 5.2.0, 552 and bare 550 for both. `delivery` tells it by what others get.
_BEFORE_ANYBODY = (Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.TLS, Phase.AUTH, Phase.MAIL)
