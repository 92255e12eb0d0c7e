"""From when until when a log goes."""

from datetime import tzinfo

from newsletter.relaylogs import times


class Span:
    """Follows the times of the lines, whatever their order."""

    def __init__(self, near: float) -> None:
        self._near = near
        self._text = ""
        self.now: float | None = None  #: of the line seen last
        self.first: float | None = None
        self.last: float | None = None

    def saw(self, time: str, zone: tzinfo | None = None) -> None:
        """Take note of the time of a line; many lines share a second, which is read once."""
        text = time[:19] + time[-6:]  # an ISO time to the second, with its zone
        if text == self._text:
            return
        self._text, self.now = text, times.moment(time, self._near, zone)
        if self.now is not None:
            self.first = min(self.now, self.first if self.first is not None else self.now)
            self.last = max(self.now, self.last if self.last is not None else self.now)
