"""A real, private OpenSMTPD on a loopback port, with the limits that it is shipped with.

It takes mail for everybody at example.org, and delivers it into one Maildir. Its log is its books.
It needs root, to live in a `Jail` and to become the accounts that exist only there.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.daemon import Daemon
from tests.servers.jail import Jail
from tests.servers.programs import unpacked

_CONFIGURATION = """\
listen on 127.0.0.1 port {port} hostname relay.example.org
table everybody {{ "@" = books }}
action "keep" maildir "/mail/box" virtual <everybody>
match from any for domain "example.org" action "keep"
"""


class OpenSMTPD(Daemon):
    """`with OpenSMTPD() as server:` a running OpenSMTPD."""

    name = "opensmtpd"

    def taken(self) -> list[str]:
        """The recipients that it took responsibility for, one for each message."""
        return re.findall(r" smtp envelope .* to=<(.*)>$", self.log_text(), re.M)

    def delivered(self) -> list[str]:
        return re.findall(r" mda delivery .* to=<(.*?)> .* result=Ok ", self.log_text())

    def wait_until_delivered(self, count: int, timeout: float = 60) -> None:
        self._wait(lambda: len(self.delivered()) >= count, timeout, f"not {count} delivered", 0.5)

    def _require(self) -> None:
        self._package = unpacked("opensmtpd", "usr/sbin/smtpd")

    def _prepare(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        jail = Jail(self.home / "root", self._package, ["opensmtpd", "opensmtpq", "books"])
        jail.copy("/usr/sbin/smtpd", "/usr/libexec/opensmtpd/mail.maildir", "/bin/sh")
        jail.folder("var/spool/smtpd", "root", 0o711)
        jail.folder("var/lib/opensmtpd/empty", "root")
        jail.folder("var/run", "root")
        jail.folder("mail", "books")
        jail.write("etc/mailname", "relay.example.org\n")
        jail.write("etc/smtpd.conf", _CONFIGURATION.format(port=self.port))
        return jail.command("/usr/sbin/smtpd", "-d"), {}
