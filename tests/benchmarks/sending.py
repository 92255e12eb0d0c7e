"""Into smtp-sink on this machine: beside smtp-source in C, and beside what else Python has."""

import importlib.util
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.campaign import CONNECTIONS, Waiting, announced, waiting
from tests.benchmarks.contest import ROUNDS, Row, apart, at_least, at_most, ratio, rounds
from tests.benchmarks.ours import Taken
from tests.servers.sink import Sink, flood

MESSAGES = 8_000  #: of ours, and of smtp-source, in one round
FEW = 400  #: of those who are slower
ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".tools" / "senders" / "bin" / "python"

_OURS = "newsletter"
_AIOSMTPLIB = {
    "aiosmtplib.send, one a person": ("aiosmtplib_send", 20),
    "aiosmtplib, a pool and send_message": ("aiosmtplib_pool", 12),
}
_OTHERS = {
    "mailmerge": "mailmerge_command",
    "red-mail": "red_mail",
    "python-emails": "python_emails",
    "django-post_office": "post_office_queue",
}


def send() -> list[Row]:
    """Ours beside smtp-source, what it costs this process, and once as people run it."""
    kinds = {"newsletter": False} | ({"with uvloop": True} if _has_uvloop() else {})
    taken: dict[str, list[Taken]] = {name: [] for name in kinds}
    with waiting(MESSAGES * ROUNDS * len(kinds) + 2000) as campaign:

        def ours(name: str) -> Callable[[], float]:
            def turn() -> float:
                taken[name].append(
                    campaign.sent_to_sink(MESSAGES, uvloop=kinds[name], is_apart=True)
                )
                return rate(taken[name][-1])

            return turn

        contenders = {name: ours(name) for name in kinds}
        found = rounds({"smtp-source": lambda: _generator(campaign.mail), **contenders})
    rows = []
    for name in kinds:
        against = f"smtp-source (C, no ledger), {name}"
        speed = f" ({median(found[name])} a second)"
        rows.append(
            at_least(against, 1.0, ratio(found[name], found["smtp-source"]), speed),
        )
        processor = statistics.median(each.processor / each.messages for each in taken[name])
        rows.append(at_most(f"processor a message, {name}", 0.35, processor * 1000, "ms"))
    return [*rows, _command()]


def rivals() -> list[Row]:
    """Ours beside aiosmtplib and beside four packages that send to many people."""
    if not PYTHON.exists():
        raise SystemExit("no .tools/senders: `make bench` brings it")
    names = {name: script for name, (script, _) in _AIOSMTPLIB.items()} | _OTHERS
    busy: dict[str, list[float]] = {name: [] for name in (_OURS, *names)}
    with waiting(MESSAGES * ROUNDS + 2000) as campaign:

        def theirs(name: str) -> Callable[[], float]:
            return lambda: _sender(campaign, names[name], busy[name])

        def ours() -> float:
            taken = campaign.sent_to_sink(MESSAGES, uvloop=_has_uvloop(), is_apart=True)
            busy[_OURS].append(taken.processor / taken.messages)
            return rate(taken)

        found = rounds({_OURS: ours} | {name: theirs(name) for name in names})
    times = {name: ratio(found[_OURS], found[name]) for name in names}

    def row(name: str, goal: float) -> Row:
        processor = ratio(busy[name], busy[_OURS])
        more = f" (it: {median(found[name])} a second; {processor:.0f} x our processor time)"
        return at_least(name, goal, times[name], more)

    best = min(_OTHERS, key=lambda name: times[name])
    rows = [row(name, goal) for name, (_, goal) in _AIOSMTPLIB.items()]
    for name in _OTHERS:
        measured = row(name, 12)
        rows.append(measured if name == best else measured._replace(goal="", is_reached=None))
    return rows


def rate(taken: Taken) -> float:
    return taken.messages / taken.seconds


def _generator(mail: bytes) -> float:
    with Sink() as sink, apart(sink.pid):
        return flood(sink.port, MESSAGES, mail=mail, sessions=CONNECTIONS)


def _sender(campaign: Waiting, script: str, busy: list[float]) -> float:
    folder = Path(tempfile.mkdtemp())
    campaign.write_parts(folder)
    with Sink() as sink, apart(sink.pid):
        done = subprocess.run(
            [PYTHON, "-m", f"tests.benchmarks.senders.{script}", str(sink.port), str(FEW), folder],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or sink.messages() != FEW:
            raise SystemExit(f"{script} sent {sink.messages()} of {FEW}\n{done.stderr}")
    shutil.rmtree(folder)
    seconds, processor = map(float, done.stdout.split())
    busy.append(processor / FEW)
    return FEW / seconds


def _command() -> Row:
    """The installed command as people run it: what its receipt says, planning included."""
    with announced(MESSAGES) as (workplace, name), Sink() as sink:
        workplace.relay(f"smtp://127.0.0.1:{sink.port}", f"connections = {CONNECTIONS}")
        printed = workplace.run("send", name, "--list", "staff", "--yes").stdout
        assert sink.messages() == MESSAGES
    found = re.search(r"\(([\d.]+) s, ([\d,]+) a second\)", printed)
    assert found, printed
    return Row("the installed command, planning included", "", f"{found[2]} a second", None)


def _has_uvloop() -> bool:
    return importlib.util.find_spec("uvloop") is not None


def median(found: list[float]) -> str:
    """Return the rate in the middle, to be printed."""
    return f"{statistics.median(found):,.0f}"
