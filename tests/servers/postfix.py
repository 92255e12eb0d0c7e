"""A real, private Postfix on a loopback port, which keeps what it delivers for a test to read.

The people it is told of have a Maildir each; all others at example.org and example.test share one,
but for two kinds of address: `gone...` is refused at RCPT (550 5.1.1), `late...` is taken and then
returned to its sender. One that discards delivers all of it into nothing, and its log is its books.
Postfix needs root, although all but its master and virtual run as unprivileged accounts that every
Debian has. Nothing of the machine's own mail set-up is read or changed.
"""

import os
import pwd
import re
from collections.abc import Iterable, Mapping, Sequence
from email import message_from_binary_file
from pathlib import Path

from tests.servers.daemon import Daemon
from tests.servers.programs import POSTFIX, postfix_environment, require

_OWNER = "mail"  # of the queue; Postfix insists that it differs from the next
_READER = "nobody"  # of the mailboxes
_QUEUES = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"),
    *("maildrop", "private", "public", "saved", "trace"),
)
_WAITING = ("maildrop", "incoming", "active", "deferred")

_MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = {postfix}/usr/lib/postfix/sbin
command_directory = {postfix}/usr/sbin
shlib_directory = {postfix}/usr/lib/postfix
meta_directory = {postfix}/etc/postfix
import_environment = MAIL_CONFIG LD_LIBRARY_PATH TZ=UTC LANG=C
maillog_file = {home}/maillog
maillog_file_prefixes = {home}
mail_owner = {owner}
setgid_group = uucp
default_privs = {reader}
myhostname = relay.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = example.org, example.test
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/conf/people, regexp:{home}/conf/mailboxes
virtual_alias_maps = regexp:{home}/conf/aliases
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = regexp:{home}/conf/{transports}
smtpd_relay_restrictions = reject_unauth_destination
"""

_MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
discard unix - - n - - discard
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
"""

_SHARED = "everyone"

_MAPS = {
    "discarded": "/./ discard:\n",
    "mailboxes": f"!/^gone/ {_SHARED}/\n",
    "aliases": "/^late.*@/ someone@left.invalid\n",
    "transports": "/@left\\.invalid$/ error:5.1.1 This person has left\n",
}


class Postfix(Daemon):
    """`with Postfix() as postfix:` a running Postfix, gone with all its files afterwards.

    *people* are addresses that get a Maildir of their own, named after their local part;
    *settings* are further lines of its main.cf.
    """

    name = "postfix"

    def __init__(
        self, people: Iterable[str] = (), *settings: str, discarding: bool = False
    ) -> None:
        self._people = tuple(people)
        self._settings = settings
        self._discarding = discarding

    def mailboxes(self) -> dict[str, list[Path]]:
        """The mails that each local part has, oldest first.

        virtual(8) makes no path out of an address, so whoever was not named beforehand shares a
        Maildir, and the Delivered-To that Postfix writes says whose each mail is.
        """
        boxes: dict[str, list[Path]] = {}
        for mail in sorted(self._delivered(), key=lambda mail: mail.stat().st_mtime_ns):
            owner = mail.parent.parent.name
            if owner == _SHARED:
                with mail.open("rb") as file:
                    recipient = str(message_from_binary_file(file)["Delivered-To"])
                owner = recipient.rpartition("@")[0]
            boxes.setdefault(owner, []).append(mail)
        return boxes

    def wait_until_delivered(self, count: int, timeout: float = 30) -> None:
        """Returns when at least so many mails lie in mailboxes and no other waits in the queue."""
        self._wait(
            lambda: len(self._delivered()) >= count and not self._queued(),
            timeout,
            f"not {count} mails delivered",
        )

    def taken(self) -> list[str]:
        """The recipients of what one that discards has delivered, one for each message."""
        return re.findall(r" to=<(.*?)>, .* status=sent ", self.log_text())

    def wait_until_discarded(self, count: int, timeout: float = 60) -> None:
        self._wait(
            lambda: len(self.taken()) >= count and not self._queued(),
            timeout,
            f"not {count} mails delivered",
            pause=0.5,
        )

    def _require(self) -> None:
        self._master = require("master")

    def _prepare(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        self._write_files()
        return [self._master, "-c", self.home / "conf", "-d"], {
            **postfix_environment(),
            "MAIL_CONFIG": str(self.home / "conf"),
        }

    def _logs(self) -> Sequence[Path]:
        return [self.home / "maillog"]

    def _write_files(self) -> None:
        owner, reader = pwd.getpwnam(_OWNER), pwd.getpwnam(_READER)
        for name in ("conf", "queue", "queue/pid"):
            (self.home / name).mkdir()
        for name in ("data", *(f"queue/{queue}" for queue in _QUEUES)):
            self._private_folder(name, owner)
        self._private_folder("mail", reader)
        values = {"home": self.home, "postfix": POSTFIX, "owner": _OWNER, "reader": _READER}
        transports = "discarded" if self._discarding else "transports"
        main = _MAIN_CF.format(
            uid=reader.pw_uid, gid=reader.pw_gid, transports=transports, **values
        )
        self._write_conf("main.cf", main + "".join(f"{line}\n" for line in self._settings))
        self._write_conf("master.cf", _MASTER_CF.format(port=self.port))
        for name, text in _MAPS.items():
            self._write_conf(name, text)
        own = (f"{person} {person.rpartition('@')[0]}/\n" for person in self._people)
        self._write_conf("people", "".join(own))

    def _private_folder(self, name: str, owner: pwd.struct_passwd) -> None:
        (self.home / name).mkdir(mode=0o700)
        os.chown(self.home / name, owner.pw_uid, owner.pw_gid)

    def _write_conf(self, name: str, text: str) -> None:
        path = self.home / "conf" / name
        path.write_text(text)
        os.utime(path, (0, 0))  # Postfix waits a second before it trusts a file just written

    def _delivered(self) -> list[Path]:
        return [mail for box in ("new", "cur") for mail in self.home.glob(f"mail/*/{box}/*")]

    def _queued(self) -> bool:
        queue = self.home / "queue"
        return any(path.is_file() for name in _WAITING for path in (queue / name).rglob("*"))
