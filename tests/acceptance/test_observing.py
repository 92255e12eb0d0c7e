"""What others see of a send: its log, its figures, its lines; none of them is in its way."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.terminal import on_a_terminal
from tests.books import agreed
from tests.conftest import Scripted
from tests.servers.programs import free_port
from tests.servers.scripted import (
    ACCEPTED,
    BOOK,
    DROP,
    ScriptedServer,
    Session,
    Sleep,
    Step,
    on_call,
)
from tests.workplace import COMMAND, Workplace, address

SEND = ("send", "kantine", "--list", "staff", "--yes")
PEOPLE = 120
EVERYBODY = {address(number) for number in range(PEOPLE)}


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(PEOPLE))
    return made


@pytest.fixture
def relay(workplace: Workplace, scripted: Scripted) -> ScriptedServer:
    server = scripted({".": [Sleep(0.05), ACCEPTED]})
    use(workplace, server)
    return server


def use(workplace: Workplace, relay: ScriptedServer, *more: str) -> None:
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 4", *more)


def figures(text: str) -> dict[str, float]:
    """Return every figure by its name, or by its one label if it has one beside the campaign."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("campaign") in ("", "kantine")
            found[" ".join([sample.name, *labels.values()])] = sample.value
    return found


def people(figures_found: dict[str, float]) -> dict[str, int]:
    return {
        name.partition(" ")[2]: int(value)
        for name, value in figures_found.items()
        if name.startswith("newsletter_people ")
    }


def fetched(port: int, path: str = "/metrics", **options: Any) -> str:
    url = f"http://127.0.0.1:{port}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=5) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return str(answer.read().decode())


def log_of(workplace: Workplace) -> list[dict[str, Any]]:
    text = (workplace.root / "var" / "log" / "newsletter.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_figures_come_from_a_file_and_a_port_during_a_send_and_are_the_ledgers_at_its_end(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    port, file = free_port(), workplace.root / "var" / "newsletter.prom"
    relay.script["rcpt"] = on_call({7: b"550 5.1.1 Unknown\r\n"})
    relay.script["."] = on_call({9: [BOOK, DROP]})
    relay.script["mail"] = [Sleep(0.05), b"250 2.1.0 Ok\r\n"]
    use(workplace, relay, "[metrics]", f"port = {port}", 'file = "var/newsletter.prom"')
    sender = workplace.start(*SEND)
    seen: list[dict[str, float]] = []
    while sender.poll() is None:
        try:
            seen.append(figures(fetched(port)))
        except (urllib.error.URLError, ConnectionError):
            continue
        time.sleep(0.05)
    sender.communicate()

    accepted = [each["newsletter_messages_total accepted"] for each in seen]
    assert accepted == sorted(accepted)
    assert any(0 < number < PEOPLE for number in accepted)
    assert max(each["newsletter_connections"] for each in seen) == 4
    assert all(sum(people(each).values()) in (0, PEOPLE) for each in seen)
    at_the_end = figures(file.read_text())
    assert at_the_end["newsletter_sending"] == 0
    assert at_the_end["newsletter_reply_seconds_count"] == PEOPLE - 2
    assert 0.001 < at_the_end["newsletter_reply_seconds_sum"] < 60
    assert people(at_the_end) == workplace.json("receipt")["counts"]
    assert people(at_the_end)["refused"] == people(at_the_end)["in_doubt"] == 1
    assert list(file.parent.glob(".newsletter.prom*")) == []


def test_the_port_gives_figures_and_nothing_else_to_this_machine_alone(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    port = free_port()
    relay.script["."] = [Sleep(1), ACCEPTED]
    use(workplace, relay, "[metrics]", f"port = {port}")
    sender = workplace.start(*SEND)
    while not relay.messages:
        time.sleep(0.01)

    for path, options in (
        ("/", {}),
        ("/metrics/../etc/passwd", {}),
        ("/metrics?x", {}),
        ("/metrics", {"data": b"x"}),
        ("/metrics", {"method": "DELETE"}),
    ):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetched(port, path, **options)
    for nonsense in (b"\r\n\r\n", b"\x00" * 100_000, b"GET", b"GET /metrics"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(nonsense)
            line.shutdown(socket.SHUT_WR)
            assert b"200" not in line.recv(100)
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    time.sleep(0.2)
    for line in idle:
        line.close()
    assert "newsletter_people" in fetched(port)
    own = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    for elsewhere in own[:1]:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((elsewhere, port), timeout=5)
    assert not EVERYBODY & set(re.findall(r"\S+@\S+", fetched(port)))
    sender.send_signal(signal.SIGINT)
    sender.communicate()


def test_figures_that_cannot_be_had_stop_no_send(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        use(workplace, relay, "[metrics]", f"port = {port}", 'file = "nowhere/newsletter.prom"')
        workplace.run(*SEND)

    said = {each["event"]: each.get("reason") for each in log_of(workplace)}
    assert said["metrics not written"] == "No such file or directory"
    assert "in use" in str(said["metrics not served"])


def test_the_log_tells_a_campaign_from_its_plan_to_its_end(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender = workplace.start(*SEND)
    while len(relay.messages) < 10:
        time.sleep(0.01)
    sender.send_signal(signal.SIGTERM)
    sender.communicate()
    workplace.run("resume")

    told = log_of(workplace)
    steps = [each for each in told if not each["event"].startswith("connection")]
    assert [each["event"] for each in steps] == [
        *("planned", "started", "stopping", "stopped"),
        *("started", "done"),
    ]
    assert {each["campaign"] for each in steps} == {"kantine"}
    _, started, _, stopped, resumed, done = steps
    assert (started["waiting"], started["accepted"]) == (PEOPLE, 0)
    assert stopped["accepted"] == resumed["accepted"] == PEOPLE - stopped["waiting"]
    assert (done["waiting"], done["accepted"]) == (0, PEOPLE)
    opened, closed = (
        sum(each["event"] == f"connection {what}" for each in told) for what in ("opened", "closed")
    )
    assert opened == closed >= 8


def test_what_was_decided_by_hand_is_in_the_log(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = on_call({5: [BOOK, DROP], 9: [BOOK, DROP]})
    workplace.run(*SEND, status=4)

    workplace.run("resolve", "kantine", "--delivered", "all", "--yes")

    told = [each for each in log_of(workplace) if each["event"] in ("in doubt", "resolved")]
    assert [each["event"] for each in told] == ["in doubt", "in doubt", "resolved"]
    decided = {name: told[-1][name] for name in ("campaign", "decision", "by", "people")}
    assert decided == {"campaign": "kantine", "decision": "delivered", "by": "hand", "people": 2}


def _repeats_everybody(session: Session, line: bytes) -> Step:
    """Refuse and complain in every way, with the person's address in it."""
    who = session.recipients[-1].encode() if session.recipients else line[9:-1]
    turn = session.server.connections + sum(session.calls.values())
    steps: list[Step] = [
        [b"250 2.1.5 <%b> fine\r\n" % who],
        [b"550 5.1.1 <%b>: unknown\r\n" % who],
        [b"451 4.7.1 rcpt=%b greylisted\r\n" % who.replace(b"@", b"%40")],
        [b"250 Ok\r\n"],
        [b"421 4.3.2 closing on %b\r\n" % who],
        [b"250 Ok\r\n"],
        [DROP],
    ]
    return steps[turn % 7]


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_address_is_in_the_log_but_at_debug(
    workplace: Workplace, relay: ScriptedServer, level: str
) -> None:
    relay.script["rcpt"] = _repeats_everybody
    relay.script["."] = on_call({5: [BOOK, DROP], 6: [Sleep(0.2), BOOK, DROP], 40: DROP})
    use(workplace, relay, "[log]", f'level = "{level}"')
    sender = workplace.start(*SEND)
    time.sleep(6)
    sender.send_signal(signal.SIGINT)
    sender.communicate(timeout=60)

    text = (workplace.root / "var" / "log" / "newsletter.log").read_text()
    named = {who for who in EVERYBODY if who.partition("@")[0] + "@" in text.replace("%40", "@")}
    assert "in doubt" in text
    assert "relay trouble" in text
    if level == "debug":
        assert len(named) > 5
    else:
        assert not named
        assert "medewerker" not in text


def test_no_secret_is_in_the_log_at_any_level(workplace: Workplace, scripted: Scripted) -> None:
    relay = scripted(password="hush-hush-hush")
    use(workplace, relay, 'user = "newsletter"', "[log]", 'level = "debug"')
    os.environ["NEWSLETTER_RELAY_PASSWORD"] = "hush-hush-hush"
    try:
        workplace.run(*SEND)
    finally:
        del os.environ["NEWSLETTER_RELAY_PASSWORD"]

    assert "hush" not in (workplace.root / "var" / "log" / "newsletter.log").read_text()


@pytest.mark.fault(49, "whoever read our output goes away", "the send goes on; its status is true")
@pytest.mark.parametrize("stream", ["stdout", "stderr", "both"])
def test_a_pipe_that_breaks_does_not_reach_the_send(
    workplace: Workplace, relay: ScriptedServer, stream: str
) -> None:
    ours, theirs = os.pipe()
    sender = subprocess.Popen(
        [COMMAND, *SEND],
        cwd=workplace.root,
        stdin=subprocess.DEVNULL,
        stdout=theirs if stream != "stderr" else subprocess.DEVNULL,
        stderr=theirs if stream != "stdout" else subprocess.DEVNULL,
    )
    os.close(theirs)
    while not relay.messages:
        time.sleep(0.01)
    os.close(ours)

    assert sender.wait(60) == 0
    counts = agreed(workplace.root / "var" / "ledger.db", [who for _, who, _ in relay.messages])
    assert counts.accepted == PEOPLE


@pytest.mark.fault(49, "a terminal that takes no more (Ctrl-S)", "the send goes on behind it")
def test_a_terminal_that_takes_nothing_does_not_hold_up_the_send(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender, terminal = on_a_terminal(workplace, *SEND)
    end = time.monotonic() + 30
    while len(relay.messages) < PEOPLE and time.monotonic() < end:
        time.sleep(0.1)  # nobody reads; a terminal holds 4 KB

    assert len(relay.messages) == PEOPLE
    while sender.poll() is None:
        try:
            os.read(terminal, 65536)
        except OSError:
            break
    assert sender.wait(10) == 0
    os.close(terminal)


def test_on_a_terminal_it_shows_how_far_it_is_and_leaves_a_clean_screen(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender, terminal = on_a_terminal(workplace, *SEND)
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            break
    os.close(terminal)
    assert sender.wait(10) == 0

    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert "Sending kantine" in plain
    assert re.search(r"accepted \d+ · refused 0 · in doubt 0 · to go \d+", plain)
    assert re.search(r"\d+ a second over 4 connections, about \d+ s left", plain)
    assert plain.rstrip().endswith("nobody was written to twice.")


def test_without_a_terminal_it_says_a_line_now_and_then(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = [Sleep(0.3), ACCEPTED]

    printed = workplace.run(*SEND).stdout

    assert re.search(
        r"^Sending: accepted \d+ · refused 0 · in doubt 0 · to go \d+, about \d+ s left$",
        printed,
        re.M,
    )
    assert "\x1b" not in printed
