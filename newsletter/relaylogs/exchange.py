"""Exchange: a message trace of Exchange Online, or the message tracking log of a server, as CSV.

A trace has a line a recipient with a status; a tracking log has a line an event. Both name the
Message-ID of what was taken only.
"""

import csv
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from newsletter.errors import UsageError
from newsletter.relaylogs.copies import weigh
from newsletter.relaylogs.lines import Line
from newsletter.relaylogs.span import Span
from newsletter.relaylogs.trace import Trace, Verdict, shown

SETTLES = 3600.0  #: a message may stand in a trace only so much later

_TIMES = ("received", "origintimestamputc", "datetimeutc", "datetime", "timestamp")
_STATUSES = ("eventid", "status", "recipientstatus")
_RECIPIENTS = ("recipientaddress", "recipients", "recipientstatus")
# Words of any status or event, as far as they show that the message was taken.
_VERDICTS = {
    "fail": Verdict.RETURNED,
    "failed": Verdict.RETURNED,
    "poisonmessage": Verdict.RETURNED,
    "drop": Verdict.RETURNED,
    "deliver": Verdict.DELIVERED,
    "delivered": Verdict.DELIVERED,
    "duplicatedeliver": Verdict.DELIVERED,
    "send": Verdict.DELIVERED,
    "sendexternal": Verdict.DELIVERED,
    "expand": Verdict.DELIVERED,
    "expanded": Verdict.DELIVERED,
    "redirect": Verdict.DELIVERED,
    "receive": Verdict.WAITING,
    "submit": Verdict.WAITING,
    "resolve": Verdict.WAITING,
    "transfer": Verdict.WAITING,
    "defer": Verdict.WAITING,
    "pending": Verdict.WAITING,
    "gettingstatus": Verdict.WAITING,
    "quarantined": Verdict.WAITING,
    "filteredasspam": Verdict.WAITING,
    "none": Verdict.WAITING,
}


def knows(line: str) -> bool:
    """Whether *line* is the head of such a file."""
    return _head(line) is not None


class Reader:
    """Reads files in any order, each with a head of its own."""

    def __init__(self, wanted: Collection[str], near: float) -> None:
        self._wanted = wanted
        self.span = Span(near)
        self._found: dict[str, Trace] = {}  #: by Message-ID

    def read(self, name: str, lines: Iterable[Line]) -> None:
        """Read one file."""
        head: Head | None = None
        delimiter = ","
        for number, line in (source := iter(lines)):
            if head := _head(line):
                delimiter, first = head.delimiter, number
                break
        if head is None:
            return
        rows = csv.reader((f"{line}\n" for _, line in source), delimiter=delimiter)
        try:
            for row in rows:
                if row and row[0].startswith("#"):
                    head = _head(delimiter.join(row)) or head
                else:
                    self._on_row(head, row, f"{name}:{first + rows.line_num}")
        except csv.Error as error:
            raise UsageError(f"{name}:{first + rows.line_num}: no CSV: {error}") from None

    def traces(self) -> dict[str, Trace]:
        """Return what counts of each wanted message that was taken."""
        return self._found

    def _on_row(self, head: "Head", row: list[str], where: str) -> None:
        self.span.saw(head.cell(row, head.time), head.zone)
        message_id = head.cell(row, head.message_id).strip()
        if message_id not in self._wanted:
            return
        status = head.cell(row, head.status)
        if not (verdict := _verdict(status, is_event=head.is_event)):
            return
        earlier = self._found.get(message_id)
        times = [at for at in (self.span.now, earlier.at if earlier else None) if at is not None]
        recipient = re.split(r"[;,]|##", head.cell(row, head.recipient).strip(" {}"))[0]
        trace = Trace(
            message_id=message_id,
            recipient=shown(recipient),
            verdict=verdict,
            line=where,
            said=shown(status.rpartition("##")[2]),
            at=min(times, default=None),
        )
        weigh(self._found, trace)


def _verdict(status: str, *, is_event: bool) -> Verdict | None:
    """Return what a status says; None for an event that does not show that it was taken."""
    text = status.rpartition("##")[2].lower()
    words = [re.sub(r"[^a-z]", "", text), *re.findall(r"[a-z]+", text)]
    known = [_VERDICTS[word] for word in words if word in _VERDICTS]
    otherwise = None if is_event else Verdict.WAITING
    return max(known, key=lambda verdict: verdict.weight, default=otherwise)


@dataclass(frozen=True, slots=True)
class Head:
    """Which column is which, and what stands between them."""

    delimiter: str
    message_id: int
    status: int
    time: int | None
    recipient: int | None
    is_event: bool
    zone: tzinfo | None  #: of times that name none

    @staticmethod
    def cell(row: list[str], column: int | None) -> str:
        """Return what stands in *column*, nothing where the row is too short."""
        return row[column] if column is not None and column < len(row) else ""


def _head(line: str) -> Head | None:
    for delimiter in ",;\t":
        names = [
            re.sub(r"[^a-z]", "", name.lower())
            for name in line.removeprefix("#Fields:").split(delimiter)
        ]
        status = next((name for name in _STATUSES if name in names), None)
        if "messageid" in names and status:
            time = next((name for name in _TIMES if name in names), None)
            recipient = next((name for name in _RECIPIENTS if name in names), None)
            return Head(
                delimiter=delimiter,
                message_id=names.index("messageid"),
                status=names.index(status),
                time=names.index(time) if time else None,
                recipient=names.index(recipient) if recipient else None,
                is_event=status == "eventid",
                zone=None if time == "timestamp" else UTC,  # of the server that was asked
            )
    return None
