"""A real, private Exim on a loopback port, with Debian's build and its usual limits.

It takes mail for everybody at example.org but `gone...`, which it refuses at RCPT (550), and
delivers it into nothing. Its main log is its books. It needs root, to live in a `Jail`, and runs as
an account that exists only there.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.daemon import Daemon
from tests.servers.jail import Jail
from tests.servers.programs import unpacked

_CONFIGURATION = """\
primary_hostname = relay.example.org
spool_directory = /var/spool/exim4
log_file_path = /var/log/%slog
log_selector = +received_recipients +smtp_protocol_error +smtp_syntax_error +smtp_connection
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
deliver_drop_privilege
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
host_lookup =
keep_environment =
acl_smtp_rcpt = check
acl_smtp_data = accept
begin acl
check:
  deny message = No such person here
    local_parts = ^gone
  accept domains = example.org
begin routers
everybody:
  driver = accept
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
"""


class Exim(Daemon):
    """`with Exim() as exim:` a running Exim; *settings* are further lines of its configuration."""

    name = "exim4"

    def __init__(self, *settings: str) -> None:
        self._settings = settings

    def taken(self) -> list[str]:
        """The recipients that it took responsibility for, one for each message."""
        return re.findall(r" <= \S+ .* for (\S+)$", self.log_text(), re.M)

    def delivered(self) -> list[str]:
        return re.findall(r" => .*?<?(\S+@\S+?)>? R=", self.log_text(), re.M)

    def wait_until_delivered(self, count: int, timeout: float = 60) -> None:
        self._wait(lambda: len(self.delivered()) >= count, timeout, f"not {count} delivered", 0.5)

    def _require(self) -> None:
        self._package = unpacked("exim", "usr/sbin/exim4")

    def _prepare(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        self._jail = jail = Jail(self.home / "root", self._package, ["Debian-exim"])
        jail.copy("/usr/sbin/exim4")
        jail.folder("var/spool/exim4", "Debian-exim")
        jail.folder("var/log", "Debian-exim")
        main = "".join(f"{line}\n" for line in self._settings)
        jail.write("etc/exim.conf", main + _CONFIGURATION.format(port=self.port))
        return jail.command("/usr/sbin/exim4", "-C", "/etc/exim.conf", "-bdf", "-q5s"), {}

    def _logs(self) -> Sequence[Path]:
        return sorted((self.home / "root/var/log").iterdir())
