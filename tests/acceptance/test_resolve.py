"""Nobody stays in doubt: the relay's own log decides, or a person, and each gets it once."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.terminal import type_into
from tests.conftest import Scripted
from tests.servers.cutting import Cut, Cutting
from tests.servers.exim import Exim
from tests.servers.postfix import Postfix
from tests.servers.scripted import ACCEPTED, BOOK, DROP, ScriptedServer, Sleep, on_call
from tests.workplace import Workplace, address

PEOPLE = 50
SEND = ("send", "kantine", "--list", "staff", "--yes")
# In bursts of four, as there are connections: truly accepted and truly not, in turn.
CUTS = {first + n: (Cut.REPLY, Cut.DOT)[n % 2] for first in (3, 12, 21, 30, 39) for n in range(4)}


@pytest.fixture(autouse=True)
def time_zone_of_the_relays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(PEOPLE))
    return made


def counts(workplace: Workplace) -> Any:
    return workplace.json("status", "kantine")["campaigns"][0]["counts"]


def send_until_nobody_waits(workplace: Workplace) -> None:
    """Three replies lost in a row stop a campaign, so it may take several runs."""
    command: tuple[str, ...] = SEND
    for _ in range(10):
        process = workplace.start(*command)
        _, told = process.communicate(timeout=120)
        command = ("resume",)
        if process.returncode != 5:
            break
    assert process.returncode == 4, told


def later(log: str, line: str) -> str:
    """The log as it is some minutes later, for it goes on: with one more line."""
    return log + line.format(datetime.now(UTC) + timedelta(minutes=5))


def postfix_log(postfix: Postfix) -> str:
    return later(
        postfix.log_text(), "{:%b %e %H:%M:%S} relay postfix/anvil[1]: statistics: max rate 1/60s\n"
    )


@pytest.mark.slow
@pytest.mark.fault(
    28,
    "before a real Postfix a proxy loses ten replies to the dot, and ten dots",
    "20 in doubt; by its log `resolve` decides each rightly, `resume` sends to ten, each gets one",
)
def test_the_log_of_a_real_postfix_decides_about_everybody_and_each_gets_it_once(
    workplace: Workplace, tmp_path: Path
) -> None:
    with Postfix() as postfix, Cutting(postfix.port, CUTS) as relay:
        workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 4")
        send_until_nobody_waits(workplace)
        taken = {who for who, cut in relay.cut.items() if cut is Cut.REPLY}
        assert len(taken) == len(relay.cut) - len(taken) == 10
        assert counts(workplace)["in_doubt"] == 20
        postfix.wait_until_delivered(PEOPLE - 10)
        log = tmp_path / "mail.log"
        log.write_text(postfix_log(postfix))

        shown = workplace.run("resolve", "kantine", "--log", str(log), status=4).stdout
        assert "Nothing was written down; add `--yes`." in shown
        assert counts(workplace)["in_doubt"] == 20
        workplace.run("resolve", "kantine", "--log", str(log), "--yes", status=5)
        decided = workplace.json("receipt", "kantine")["resolved"]
        assert counts(workplace) == counts(workplace) | {
            "accepted": PEOPLE - 10,
            "waiting": 10,
            "in_doubt": 0,
        }
        assert {each["address"] for each in decided if each["became"] == "accepted"} == taken
        workplace.run("resume")
        postfix.wait_until_delivered(PEOPLE)
        boxes = postfix.mailboxes()

    assert {who: len(mails) for who, mails in boxes.items()} == {
        f"medewerker{n}": 1 for n in range(PEOPLE)
    }
    receipt = workplace.json("receipt", "kantine")
    assert receipt["counts"]["accepted"] == PEOPLE
    assert receipt["perhaps_twice"] == 0
    assert {each["by"] for each in receipt["resolved"]} == {"log"}
    assert all("mail.log" in each["because"] for each in receipt["resolved"])


@pytest.mark.slow
def test_the_log_of_a_real_exim_decides_as_well(workplace: Workplace, tmp_path: Path) -> None:
    with Exim() as exim, Cutting(exim.port, {5: Cut.REPLY, 6: Cut.DOT}) as relay:
        workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
        workplace.run(*SEND, status=4)
        (taken,) = (who for who, cut in relay.cut.items() if cut is Cut.REPLY)
        exim.wait_until_delivered(PEOPLE - 1)
        log = tmp_path / "mainlog"
        log.write_text(later(exim.log_text(), "{:%F %T} Start queue run: pid=1\n"))

        workplace.run("resolve", "kantine", "--log", str(log), "--yes", status=5)
        workplace.run("resume")
        exim.wait_until_delivered(PEOPLE)

        assert sorted(exim.taken()) == sorted(address(n) for n in range(PEOPLE))
    resolved = workplace.json("receipt", "kantine")["resolved"]
    assert {each["address"]: each["became"] for each in resolved} == {
        who: "accepted" if who == taken else "planned" for who in relay.cut
    }


@pytest.fixture
def doubtful(workplace: Workplace, scripted: Scripted) -> ScriptedServer:
    """The server of a campaign in which 4 (who got it) and 8 (who did not) are in doubt."""
    relay = scripted({".": on_call({5: [BOOK, DROP], 9: DROP})})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
    workplace.run(*SEND, status=4)
    relay.script.clear()
    return relay


def json_of(workplace: Workplace, *arguments: str, status: int) -> Any:
    return json.loads(workplace.run(*arguments, "--json", status=status).stdout)


def copies(relay: ScriptedServer, number: int) -> Sequence[bytes]:
    return [data for _, who, data in relay.messages if who == address(number)]


def test_without_options_everybody_in_doubt_is_listed_with_what_is_known(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    listed = workplace.run("resolve", "kantine", status=4).stdout

    assert "2 people in doubt" in listed
    for option in ("--log FILE", "--delivered ADDRESS", "--again ADDRESS", "--give-up ADDRESS"):
        assert f"newsletter resolve kantine {option}" in listed
    four, eight = json_of(workplace, "resolve", "kantine", status=4)["in_doubt"]
    assert (four["address"], eight["address"]) == (address(4), address(8))
    assert four["phase"] == "dot"
    assert four["attempts"] == 1
    assert four["said"]
    assert four["decision"] is None
    assert f"Message-ID: {four['message_id']}".encode() in copies(doubtful, 4)[0]
    for word in (address(4), address(8)):
        assert word in listed
    assert "`newsletter resolve kantine` decides" in workplace.run("status").stdout


def test_what_is_decided_by_hand_is_done_and_on_the_receipt(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    workplace.run("resolve", "kantine", "--delivered", address(4), "--yes", status=4)
    shown = workplace.run("resolve", "kantine", "--again", address(8), "--yes", status=5).stdout

    assert "`newsletter resume kantine` goes on" in shown
    (stopped,) = workplace.json("status")["campaigns"]
    assert stopped["state"] == "stopped"
    assert "are to be sent again" in stopped["stopped_because"]
    assert stopped["counts"]["waiting"] == 1
    printed = workplace.run("resume").stdout
    assert f"{PEOPLE} accepted + 0 refused + 0 in doubt = {PEOPLE} people" in printed
    assert "by hand: it arrived" in printed
    assert sorted(who for _, who, _ in doubtful.messages) == sorted(map(address, range(PEOPLE)))
    receipt = workplace.json("receipt")
    assert [(each["address"], each["became"], each["by"]) for each in receipt["resolved"]] == [
        (address(4), "accepted", "hand"),
        (address(8), "planned", "hand"),
    ]
    assert receipt["perhaps_twice"] == 1  # a hand may err, a log does not


def test_a_mail_that_is_sent_again_is_the_same_to_the_byte(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    workplace.run("resolve", "kantine", "--again", "all", "--yes", status=5)
    workplace.run("resume", "kantine")

    first, second = copies(doubtful, 4)
    assert first == second
    assert len(copies(doubtful, 8)) == 1


def test_somebody_given_up_counts_as_refused_and_may_be_written_to_later(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    workplace.run(
        *("resolve", "kantine", "--give-up", address(8), "--delivered", "all", "--yes"), status=4
    )

    receipt = workplace.json("receipt", "kantine")
    assert receipt["counts"] == receipt["counts"] | {"accepted": PEOPLE - 1, "refused": 1}
    assert receipt["refused"][0]["reason"] == "by hand: given up; it may have arrived"
    workplace.run(*SEND)
    assert len(copies(doubtful, 8)) == len(copies(doubtful, 4)) == 1


def test_what_cannot_be_decided_is_refused_whole(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    for told, *arguments in (
        ("is not in doubt", "--delivered", address(4), "--again", address(5)),
        ("did you mean `medewerker8@example.org`?", "--again", "medewerker88@example.org"),
        ("cannot be both", "--again", address(4), "--delivered", address(4)),
        ("cannot be both", "--again", "all", "--give-up", "all"),
        ("nowhere.log: No such file", "--log", "nowhere.log", "--again", "all"),
        ("not a log of Postfix, Exim or Exchange", "--log", "newsletter.toml", "--again", "all"),
    ):
        assert told in workplace.run("resolve", "kantine", *arguments, "--yes", status=2).stderr

    assert counts(workplace)["in_doubt"] == 2


def test_on_a_terminal_the_number_of_people_is_the_yes(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    resolve = ("resolve", "kantine", "--delivered", address(4))

    assert "nothing was done" in type_into(workplace, resolve, "2\n", status=2)
    assert "Nothing was written down" in type_into(workplace, resolve, "\n", status=4)
    assert counts(workplace)["in_doubt"] == 2
    type_into(workplace, resolve, "1\n", status=4)
    assert counts(workplace)["in_doubt"] == 1


def test_with_json_nothing_is_written_down_without_a_yes(
    workplace: Workplace, doubtful: ScriptedServer
) -> None:
    again = ("resolve", "kantine", "--again", "all")

    proposed = json_of(workplace, *again, status=4)
    assert not proposed["written_down"]
    assert {each["decision"] for each in proposed["in_doubt"]} == {"again"}
    assert counts(workplace)["in_doubt"] == 2
    decided = json_of(workplace, *again, "--yes", status=5)
    assert decided["written_down"]
    assert decided["counts"]["waiting"] == 2


def test_when_nobody_is_in_doubt_it_says_so(workplace: Workplace) -> None:
    workplace.run(*SEND)

    assert "nobody is in doubt" in workplace.run("resolve", "kantine").stdout
    assert json_of(workplace, "resolve", "kantine", status=0)["in_doubt"] == []


def test_a_campaign_that_is_being_sent_cannot_be_resolved(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({".": [Sleep(0.3), ACCEPTED]})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
    sender = workplace.start(*SEND)
    while not relay.messages:
        time.sleep(0.01)

    told = workplace.run("resolve", "kantine", "--again", "all", status=3).stderr

    sender.terminate()
    sender.communicate(timeout=30)
    assert "is sending from this workspace" in told


def test_whoever_a_killed_sender_left_at_the_dot_is_listed_before_it_is_resumed(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({".": [Sleep(30), ACCEPTED]})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
    sender = workplace.start(*SEND)
    while b"DATA" not in relay.commands:
        time.sleep(0.01)
    time.sleep(0.5)  # until the text is there, and the intent in the ledger
    sender.kill()
    sender.communicate()
    relay.script.clear()

    (left,) = json_of(workplace, "resolve", "kantine", status=4)["in_doubt"]

    assert left["address"] == address(0)
    assert "the sender ended" in left["said"]
    workplace.run("resolve", "kantine", "--again", "all", "--yes", status=5)
    workplace.run("resume")
    assert sorted({who for _, who, _ in relay.messages}) == sorted(map(address, range(PEOPLE)))
