"""Exim's main log: `<=` when a message was taken, then what became of it under the same id.

Exim writes `<=` when all of the message has come, just before it answers the final dot.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from newsletter.relaylogs.copies import Copies
from newsletter.relaylogs.lines import Line
from newsletter.relaylogs.span import Span
from newsletter.relaylogs.trace import Trace, Verdict, shown

SETTLES = 60.0

_TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})?) "
_LINE = re.compile(
    rf"(?:.{{0,255}}? exim\S{{0,64}}: )?{_TIME}(?:\[\d{{1,10}}\] )?"  # by syslog, with its process
    r"(?:([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) )?(\S{1,9}) ?(.*)"
)
_ID = re.compile(r" id=(\S{1,998})")
_STATES = {
    "=>": Verdict.DELIVERED,
    "->": Verdict.DELIVERED,
    ">>": Verdict.DELIVERED,
    "==": Verdict.WAITING,
    "**": Verdict.RETURNED,
}


def knows(line: str) -> bool:
    """Whether an Exim wrote *line*."""
    found = _LINE.match(line)
    return found is not None and (
        found[3] == "exim" or (found[2] is not None and found[3] in (*_STATES, "<=", "Completed"))
    )


class Reader:
    """Reads the files of one log, oldest first."""

    def __init__(self, wanted: Collection[str], near: float) -> None:
        self._wanted = wanted
        self.span = Span(near)
        self._taken = Copies()

    def read(self, name: str, lines: Iterable[Line]) -> None:
        """Read one file."""
        for number, line in lines:
            if found := _LINE.match(line):
                time, own_id, sign, text = found.groups()
                self.span.saw(time)
                if own_id and sign == "<=":
                    self._take(own_id, text, f"{name}:{number}")
                elif sign in _STATES and (trace := self._taken.get(own_id)):
                    self._note(own_id, trace, sign, text, f"{name}:{number}")

    def traces(self) -> dict[str, Trace]:
        """Return what counts of each wanted message that was taken."""
        return self._taken.heaviest()

    def _take(self, own_id: str, text: str, where: str) -> None:
        found = _ID.search(text.partition(' T="')[0])  # a subject may say anything
        if found and (message_id := f"<{found[1]}>") in self._wanted:
            trace = Trace(
                message_id=message_id,
                recipient="",
                verdict=Verdict.WAITING,
                line=where,
                said=shown(f"<= {text}"),
                at=self.span.now,
            )
            self._taken.put(own_id, trace)

    def _note(self, own_id: str, trace: Trace, sign: str, text: str, where: str) -> None:
        verdict = _STATES[sign]
        if verdict.weight >= trace.verdict.weight:
            noted = replace(
                trace,
                verdict=verdict,
                recipient=_recipient(text),
                line=where,
                said=shown(f"{sign} {text}"),
            )
            self._taken.put(own_id, noted)


def _recipient(text: str) -> str:
    """Return the address in "jan <jan@example.org> R=..." or "jan@example.org R=..."."""
    found = re.match(r"[^ ]* <([^ >]+)>|([^ :]*)", text)
    return shown(found[1] or found[2]) if found else ""
