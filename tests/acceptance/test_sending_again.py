"""Nobody gets an announcement twice by a second `send`; and what to do with one that stopped."""

import time
from pathlib import Path

import pytest

from tests.acceptance.terminal import type_into
from tests.conftest import Scripted
from tests.servers.scripted import ACCEPTED, BOOK, DROP, ScriptedServer, Sleep, on_call
from tests.workplace import ANNOUNCEMENT, Workplace, address

SEND = ("send", "kantine", "--list", "staff", "--yes")
CHANGED = ANNOUNCEMENT.replace("boterhammen", "soep")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(20))
    return made


@pytest.fixture
def relay(workplace: Workplace, scripted: Scripted) -> ScriptedServer:
    server = scripted()
    workplace.relay(f"smtp://127.0.0.1:{server.port}", "connections = 1")
    return server


def stop_after_four(workplace: Workplace, relay: ScriptedServer) -> None:
    relay.script["mail"] = on_call({5: b"550 5.7.1 You may not\r\n"})
    workplace.run(*SEND, status=5)
    relay.script.clear()


def kill_at_a_dot(workplace: Workplace, relay: ScriptedServer, *arguments: str) -> None:
    """Kill a send while a message is being handed over."""
    relay.script["."] = [Sleep(30), ACCEPTED]
    bodies = relay.commands.count(b"DATA")
    sender = workplace.start(*arguments)
    while relay.commands.count(b"DATA") == bodies:
        time.sleep(0.01)
    time.sleep(0.5)  # until the text is there, and the intent in the ledger
    sender.kill()
    sender.communicate()
    relay.script.clear()


def written_to(relay: ScriptedServer) -> list[str]:
    return sorted(who for _, who, _ in relay.messages)


def everybody(people: int) -> list[str]:
    return sorted(address(n) for n in range(people))


def test_whoever_got_it_is_left_out_of_a_second_send_and_on_its_receipt(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.run(*SEND)
    workplace.add_list("more", range(15, 25))

    workplace.run("send", "kantine", "--list", "more", "--yes")

    assert written_to(relay) == everybody(25)
    receipt = workplace.json("receipt", "kantine-2")
    assert receipt["total"] == 5
    assert {each["reason"] for each in receipt["exclusions"]} == {
        "already got it in campaign `kantine`"
    }
    assert len(receipt["exclusions"]) == 5


@pytest.mark.parametrize(("name", "content"), [("kantine", CHANGED), ("copy", ANNOUNCEMENT)])
def test_the_same_name_or_the_same_content_is_the_same_announcement(
    workplace: Workplace, relay: ScriptedServer, name: str, content: str
) -> None:
    workplace.run(*SEND)
    workplace.announce(name, content)

    told = workplace.run("send", name, "--list", "staff", "--yes", status=1).stderr

    assert "nobody is left: all 20 got it already in campaign `kantine`" in told
    assert "add `--again`" in told
    assert len(relay.messages) == 20


def test_another_announcement_goes_to_the_same_people(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.run(*SEND)
    workplace.announce("soep", CHANGED)

    workplace.run("send", "soep", "--list", "staff", "--yes")

    assert written_to(relay) == sorted(everybody(20) * 2)


def test_with_again_everybody_gets_it_and_the_summary_warns(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.run(*SEND)
    workplace.add_list("staff", range(25))

    printed = workplace.run(*SEND, "--again").stdout

    assert "Careful       20 people got it already" in printed
    assert written_to(relay) == sorted(everybody(20) + everybody(25))


def test_somebody_in_doubt_is_not_written_to_by_a_second_send(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = on_call({5: [BOOK, DROP]})
    workplace.run(*SEND, status=4)

    assert "all 20 got it already" in workplace.run(*SEND, status=1).stderr


def test_somebody_refused_is_written_to_by_a_second_send(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["rcpt"] = on_call({3: b"550 5.1.1 No such user\r\n"})
    workplace.run(*SEND, status=4)

    assert "1 accepted + 0 refused" in workplace.run(*SEND).stdout
    assert written_to(relay) == everybody(20)


def test_what_went_into_the_built_in_mail_server_reached_nobody(
    workplace: Workplace, scripted: Scripted
) -> None:
    workplace.run(*SEND)
    workplace.run(*SEND)
    assert len(workplace.kept()) == 40
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")

    workplace.run(*SEND)

    assert written_to(relay) == everybody(20)


@pytest.mark.parametrize("again", [(), ("--again",)])
def test_a_send_by_somebody_else_while_one_decides_is_noticed(
    workplace: Workplace, relay: ScriptedServer, again: tuple[str, ...]
) -> None:
    if again:
        workplace.run(*SEND)

    shown = type_into(
        workplace,
        (*SEND[:-1], *again),
        "20\n",
        status=5,
        meanwhile=lambda: workplace.run(*SEND, *again),
    )

    assert "was sent while you decided; run `send` again" in shown
    assert len(relay.messages) == (40 if again else 20)


def test_an_unfinished_campaign_refuses_a_send_whatever_the_text_is_now(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    stop_after_four(workplace, relay)
    workplace.announce("kantine", CHANGED)

    for more in ((), ("--again",)):
        told = workplace.run(*SEND, *more, status=5).stderr
        assert "`newsletter resume kantine`" in told
        assert "`newsletter cancel kantine`" in told

    assert len(relay.messages) == 4


def test_a_send_that_stopped_while_one_decides_is_noticed(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    shown = type_into(
        workplace, SEND[:-1], "20\n", status=5, meanwhile=lambda: stop_after_four(workplace, relay)
    )

    assert "`newsletter resume kantine`" in shown
    assert len(relay.messages) == 4


def test_a_cancelled_campaign_balances_and_the_rest_can_be_sent_anew(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    stop_after_four(workplace, relay)

    printed = workplace.run("cancel", "kantine", "--yes").stdout

    assert "4 accepted + 0 refused + 0 in doubt + 16 cancelled = 20 people" in printed
    assert "It balances" in printed
    assert workplace.json("status", "kantine")["campaigns"][0]["state"] == "done"
    workplace.run("resume", "kantine")
    assert len(relay.messages) == 4
    workplace.run(*SEND)
    assert written_to(relay) == everybody(20)


def test_without_a_terminal_cancel_needs_a_yes(workplace: Workplace, relay: ScriptedServer) -> None:
    stop_after_four(workplace, relay)

    assert "add `--yes`" in workplace.run("cancel", "kantine", status=2).stderr
    assert workplace.json("status")["campaigns"][0]["counts"]["waiting"] == 16


def test_on_a_terminal_cancel_asks_for_the_number_of_people(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    stop_after_four(workplace, relay)

    assert "nothing was cancelled" in type_into(workplace, ("cancel", "kantine"), "20\n", status=2)
    assert "Nothing was cancelled" in type_into(workplace, ("cancel", "kantine"), "\n", status=0)
    assert workplace.json("status")["campaigns"][0]["counts"]["waiting"] == 16
    assert "16 cancelled" in type_into(workplace, ("cancel", "kantine"), "16\n", status=0)


def test_a_sender_that_was_killed_is_told_from_one_that_was_stopped(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    kill_at_a_dot(workplace, relay, *SEND)
    told = workplace.run("status").stdout
    assert "kantine stopped: its sender ended without a word" in told
    assert "`newsletter resolve` lists them" in told


def test_whoever_was_being_handed_over_is_in_doubt_when_a_campaign_is_cancelled(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    kill_at_a_dot(workplace, relay, *SEND)

    printed = workplace.run("cancel", "kantine", "--yes", status=4).stdout

    assert "0 accepted + 0 refused + 1 in doubt + 19 cancelled = 20 people" in printed


def test_only_a_campaign_that_is_not_done_can_be_cancelled(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.run(*SEND)

    assert "is done" in workplace.run("cancel", "kantine", "--yes", status=2).stderr
    assert "did you mean" in workplace.run("cancel", "kantien", "--yes", status=2).stderr


def test_only_the_campaign_that_is_being_sent_is_sending(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    kill_at_a_dot(workplace, relay, *SEND)
    workplace.announce("soep", CHANGED)
    relay.script["."] = [Sleep(1), ACCEPTED]
    before = len(relay.messages)
    sender = workplace.start("send", "soep", "--list", "staff", "--yes")
    while len(relay.messages) == before:
        time.sleep(0.01)

    found = {each["name"]: each["state"] for each in workplace.json("status")["campaigns"]}

    sender.terminate()
    sender.communicate()
    assert found == {"soep": "sending", "kantine": "stopped"}
    found = {each["name"]: each["state"] for each in workplace.json("status")["campaigns"]}
    assert found == {"soep": "stopped", "kantine": "stopped"}


def test_resume_goes_on_with_what_people_wait_for_before_a_rehearsal(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    stop_after_four(workplace, relay)
    rehearsal = workplace.start("send", "kantine", "--list", workplace.add_list("all", range(9000)))
    while len(workplace.json("status")["campaigns"]) < 2:
        time.sleep(0.05)
    rehearsal.kill()
    rehearsal.communicate()
    assert [each["state"] for each in workplace.json("status")["campaigns"]] == ["stopped"] * 2

    assert "Campaign kantine: 16 people to go" in workplace.run("resume").stdout

    assert written_to(relay) == everybody(20)


def test_resume_goes_on_through_another_relay_only_when_the_campaign_is_named(
    workplace: Workplace, relay: ScriptedServer, scripted: Scripted
) -> None:
    stop_after_four(workplace, relay)
    other = scripted()
    workplace.relay(f"smtp://127.0.0.1:{other.port}")

    assert "`newsletter resume kantine` goes on" in workplace.run("resume", status=3).stderr
    assert other.connections == 0
    workplace.run("resume", "kantine")
    assert len(other.messages) == 16
    workplace.relay("inbox:")


def test_a_campaign_to_people_never_goes_on_into_the_built_in_mail_server(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    stop_after_four(workplace, relay)
    workplace.relay("inbox:")

    assert "set it back" in workplace.run("resume", "kantine", status=3).stderr
    assert workplace.kept() == []


def test_a_receipt_says_who_may_have_got_it_twice(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = on_call({5: [BOOK, DROP]})
    workplace.relay(
        f"smtp://127.0.0.1:{relay.port}", "connections = 1", "[delivery]", 'in_doubt = "resend"'
    )

    printed = workplace.run(*SEND).stdout

    assert len(relay.messages) == 21
    assert "1 person may have got it twice" in printed
    assert "nobody was written to twice" not in printed
    assert workplace.json("receipt")["perhaps_twice"] == 1


def test_a_refusal_for_now_after_the_text_is_no_second_copy(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = on_call({5: b"421 4.3.2 Going down\r\n"})

    printed = workplace.run(*SEND).stdout

    assert len(relay.messages) == 20
    assert "nobody was written to twice" in printed


def test_a_relay_that_is_lost_in_the_middle_stops_the_campaign_and_says_once_how_to_go_on(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = DROP

    told = workplace.run(*SEND, status=5).stderr

    assert told.count("`newsletter resume`") == 1
