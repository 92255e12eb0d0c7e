"""Postfix: what cleanup, smtpd, qmgr and the delivery agents wrote about a queue id.

cleanup names the Message-ID when the header has come, before the end of the message has. That
the message was taken, only what qmgr and the agents write about its queue id shows.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from newsletter.relaylogs.copies import Copies, keep
from newsletter.relaylogs.lines import Line
from newsletter.relaylogs.span import Span
from newsletter.relaylogs.trace import Trace, Verdict, shown

SETTLES = 60.0

_LINE = re.compile(
    r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,32}) (\S{1,255}) "
    r"([^\s\[/]{1,64})/(?:[^\s\[]{1,64}/)?([a-z]{2,16})\[(\d{1,10})\]: (.*)"
)
_QUEUE_ID = re.compile(r"([0-9A-Za-z]{6,24}): (.*)")
_OURS = frozenset(
    "smtpd cleanup qmgr smtp lmtp local virtual pipe error retry discard bounce defer trace "
    "pickup anvil scache postscreen submission smtps master postsuper".split()
)
_CUT = re.compile(r"(?:lost connection|timeout) after DATA\b")
_STATUS = re.compile(r"\bstatus=([a-z]+)")
_TO = re.compile(r"(?:to=<[^>]{0,320}>, orig_)?to=<([^>]{0,320})>")
_REFUSAL = re.compile(
    r"(?:milter-|proxy-)?reject: (?!RCPT ).*?: (?:[45]\d\d )?([45])\.\d{1,3}\.\d{1,3}"
)
_STATES = {
    "sent": Verdict.DELIVERED,
    "bounced": Verdict.RETURNED,
    "expired": Verdict.RETURNED,
}


def knows(line: str) -> bool:
    """Whether a Postfix wrote *line*."""
    found = _LINE.match(line)
    return found is not None and found[4] in _OURS


Place = tuple[str, str, str]  #: host, instance, and a queue id or a process id
End = tuple[Verdict, str, str]  #: of a message that was not taken: what was said, and where


class Reader:
    """Reads the files of one log, oldest first: what a message began in one may end in another."""

    def __init__(self, wanted: Collection[str], near: float) -> None:
        self._wanted = wanted
        self.span = Span(near)
        self._queued = Copies()
        self._sessions: dict[Place, Place] = {}  #: smtpd's process: the last message it began
        self._ended: dict[Place, End] = {}  #: what smtpd wrote; cleanup may name it only then

    def read(self, name: str, lines: Iterable[Line]) -> None:
        """Read one file."""
        for number, line in lines:
            if found := _LINE.match(line):
                time, host, instance, service, process, text = found.groups()
                self.span.saw(time)
                where = f"{name}:{number}"
                if message := _QUEUE_ID.match(text):
                    place = (host, instance, message[1])
                    self._on_message(place, (host, instance, process), service, message[2], where)
                elif service == "smtpd" and _CUT.match(text):
                    self._on_cut((host, instance, process), text, where)

    def traces(self) -> dict[str, Trace]:
        """Return what counts of each wanted message that was seen."""
        return self._queued.heaviest()

    def _on_message(
        self, place: Place, process: Place, service: str, text: str, where: str
    ) -> None:
        if service == "smtpd" and text.startswith("client="):
            keep(self._sessions, process, place)
            self._ended.pop(place, None)
        elif service == "cleanup" and text.startswith("message-id="):
            self._begin(place, text.removeprefix("message-id=").strip(), where)
        elif service in ("smtpd", "cleanup") and (found := _REFUSAL.match(text)):
            verdict = Verdict.REFUSED if found[1] == "5" else Verdict.PUT_OFF
            keep(self._ended, place, (verdict, text, where))
            self._end(place)
        elif trace := self._queued.get(place):
            self._go_on(place, trace, service, text, where)

    def _begin(self, place: Place, message_id: str, where: str) -> None:
        self._queued.retire(place)  # a queue id is used again
        if message_id in self._wanted:
            trace = Trace(
                message_id=message_id,
                recipient="",
                verdict=Verdict.BEGUN,
                line=where,
                said="the header came",
                at=self.span.now,
            )
            self._queued.put(place, trace)
            self._end(place)

    def _on_cut(self, process: Place, text: str, where: str) -> None:
        if place := self._sessions.pop(process, None):
            keep(self._ended, place, (Verdict.BROKEN_OFF, text.partition(" from ")[0], where))
            self._end(place)

    def _end(self, place: Place) -> None:
        trace = self._queued.get(place)
        if trace and place in self._ended and not trace.verdict.is_acceptance:
            self._note(place, trace, *self._ended[place])

    def _go_on(self, place: Place, trace: Trace, service: str, text: str, where: str) -> None:
        if found := _STATUS.search(text):
            self._note(place, trace, _STATES.get(found[1], Verdict.WAITING), text, where)
        elif service == "qmgr" and not trace.verdict.is_acceptance:
            self._note(place, trace, Verdict.WAITING, text, where)

    def _note(self, place: Place, trace: Trace, verdict: Verdict, text: str, where: str) -> None:
        to = _TO.search(text)
        noted = replace(
            trace,
            verdict=verdict,
            recipient=shown(to[1]) if to else trace.recipient,
            line=where,
            said=shown(text[text.rfind("status=") :] if "status=" in text else text),
        )
        self._queued.put(place, noted)
