"""SpamAssassin and rspamd with the rules they ship, asked for their verdict; no network."""

import json
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from tests.engines.screen import end
from tests.servers.programs import free_port, require

PATIENCE = 90.0  #: seconds for rspamd's first start, which compiles its rules; it takes ten


@dataclass(frozen=True, slots=True)
class Verdict:
    """Points, where more is worse, and which rules gave them."""

    score: float
    rules: Mapping[str, float]


def spamassassin(mails: Sequence[bytes]) -> list[Verdict]:
    """Return what the local rules that SpamAssassin came with say of each of *mails*."""
    program = require("spamassassin")
    rules = ["--configpath=/usr/share/spamassassin", "--cf=add_header all Rules _TESTSSCORES_"]
    with tempfile.TemporaryDirectory() as home:
        box = Path(home) / "mails"
        box.write_bytes(b"".join(map(_in_a_box, mails)))
        ran = subprocess.run(  # one process, for it needs a second to read its rules
            [program, "--local", "--nocreate-prefs", *rules, "--mbox", box],
            env={"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            check=True,
            timeout=600,
        )
    judged = re.split(rb"^From x@.*\n", ran.stdout, flags=re.MULTILINE)[1:]
    assert len(judged) == len(mails)
    return [_verdict(message_from_bytes(mail)["X-Spam-Rules"]) for mail in judged]


def _in_a_box(mail: bytes) -> bytes:
    return b"From x@example.org Mon Feb  9 09:00:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n"


def _verdict(rules: str) -> Verdict:
    pairs = (rule.split("=") for rule in "".join(rules.split()).split(",") if "=" in rule)
    scores = {name: float(score) for name, score in pairs}
    return Verdict(round(sum(scores.values()), 2), scores)


# Rules that ask other servers, or remember earlier mails.
_OFF = """
arc asn bayes_expiry dkim dkim_signing dmarc dmarc_report fuzzy_check greylist hfilter
history_redis milter_headers mx_check neural phishing ratelimit rbl replies reputation spf surbl
url_redirector
""".split()


class Rspamd:
    """An rspamd of its own, on a loopback port, with its files in a folder that goes away."""

    def __enter__(self) -> "Rspamd":
        program = require("rspamd")
        self._port = free_port()
        with ExitStack() as starting:
            folder = Path(starting.enter_context(tempfile.TemporaryDirectory()))
            self._configure(folder)
            places = ("LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR")
            process = subprocess.Popen(
                # Its workers keep the rights it was given; as root it asks for a yes to that.
                [program, "--no-fork", "--insecure", *(f"--var={p}={folder}" for p in places)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            starting.callback(end, process)
            self._wait()
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def ask(self, mail: bytes, sender: str, recipient: str) -> Verdict:
        """Return its verdict on *mail* as a relay with a proper name would hand it over."""
        envelope = {"From": sender, "Rcpt": recipient}
        relay = {"IP": "192.0.2.10", "Helo": "mail.example.org", "Hostname": "mail.example.org"}
        answer = self._get("/checkv2", data=mail, headers=envelope | relay)
        found = json.loads(answer)
        rules = {name: float(rule["score"]) for name, rule in found["symbols"].items()}
        return Verdict(round(float(found["score"]), 2), rules)

    def _configure(self, folder: Path) -> None:
        own = folder / "local.d"
        own.mkdir()
        for name in _OFF:
            (own / f"{name}.conf").write_text("enabled = false;")
        for name, settings in {
            "logging.inc": 'type = "console"; level = "error";',
            "options.inc": 'dns { nameserver = ["127.0.0.1:9"]; timeout = 0.05s; retransmits = 0; }'
            "disable_hyperscan = true; local_addrs = [];",
            "worker-controller.inc": "enabled = false; count = 0;",
            "worker-normal.inc": f'bind_socket = "127.0.0.1:{self._port}"; count = 1;',
            "worker-proxy.inc": "enabled = false; count = 0;",
        }.items():
            (own / name).write_text(settings)

    def _wait(self) -> None:
        last = time.monotonic() + PATIENCE
        while True:
            try:
                self._get("/ping")
            except urllib.error.URLError:
                if time.monotonic() > last:
                    raise
                time.sleep(0.1)
            else:
                return

    def _get(self, path: str, **more: Any) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", **more)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=30) as answer:
            content: bytes = answer.read()
            return content
