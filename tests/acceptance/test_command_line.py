"""The command as people and scripts use it: rehearsals, yes, Ctrl-C, exit statuses, JSON."""

import os
import re
import signal
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.acceptance.terminal import on_a_terminal, type_into
from tests.conftest import Scripted
from tests.servers.scripted import ACCEPTED, DROP, Sleep, on_call
from tests.workplace import ANNOUNCEMENT, COMMAND, Workplace, address

SEND = ("send", "kantine", "--list", "staff")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(20))
    return made


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; import newsletter.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout

    heavy = {"sqlalchemy", "alembic", "premailer", "lxml", "PIL", "msgspec", "babel", "asyncio"}
    assert not heavy & set(loaded.split())


def test_every_command_has_help(workplace: Workplace) -> None:
    commands = re.findall(r"^│ (\w+)  ", workplace.run("--help").stdout, re.M)

    assert len(commands) == 19
    for command in commands:
        assert "Usage" in workplace.run(command, "--help").stdout


def test_without_a_yes_a_send_only_rehearses(workplace: Workplace, scripted: Scripted) -> None:
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")

    printed = workplace.run("send", "kantine", "--list", "staff").stdout

    assert "Rehearsal" in printed
    assert "add `--yes`" in printed
    assert relay.connections == 0
    assert len(workplace.kept()) == 20
    assert workplace.json("status")["campaigns"][0]["kind"] == "rehearsal"
    for private in ("inbox", "ledger.db"):  # everybody's address is in there
        assert not (workplace.root / "var" / private).stat().st_mode & 0o077


def test_a_rehearsal_leaves_the_real_send_to_be_done(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")
    workplace.run("send", "kantine", "--list", "staff")

    workplace.run("send", "kantine", "--list", "staff", "--yes")

    rehearsed = {_message_id(path.read_bytes()) for path in workplace.kept()}
    sent = {_message_id(data) for _, _, data in relay.messages}
    assert len(sent) == len(rehearsed) == 20
    assert not sent & rehearsed


@pytest.mark.fault(
    58, "a send to more or fewer than one thinks", "the number of people is the yes, to be typed"
)
def test_on_a_terminal_the_number_of_people_is_the_yes(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")

    assert "nothing was sent" in type_into(workplace, SEND, "21\n", status=2)
    assert relay.messages == []
    assert "Rehearsal" in type_into(workplace, SEND, "\n", status=0)
    assert relay.messages == []
    assert "20 accepted" in type_into(workplace, SEND, "20\n", status=0)
    assert len(relay.messages) == 20


def test_somebody_refused_ends_in_status_4_and_on_the_receipt(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({"rcpt": on_call({3: b"550 5.1.1 No such user\r\n"})})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")

    printed = workplace.run("send", "kantine", "--list", "staff", "--yes", status=4).stdout

    assert "19 accepted + 1 refused + 0 in doubt = 20 people" in printed
    receipt = workplace.json("receipt")
    assert receipt["refused"][0]["address"] == address(2)
    assert receipt["refused"][0]["reply"] == "550 5.1.1 No such user"
    assert receipt["counts"]["refused"] == 1


def test_a_lost_reply_is_in_doubt_and_listed(workplace: Workplace, scripted: Scripted) -> None:
    relay = scripted({".": on_call({5: DROP})})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")

    printed = workplace.run("send", "kantine", "--list", "staff", "--yes", status=4).stdout

    assert "19 accepted + 0 refused + 1 in doubt = 20 people" in printed
    assert workplace.json("receipt")["in_doubt"][0]["address"] == address(4)
    assert len(relay.messages) == 19


def test_ctrl_c_ends_cleanly_and_resume_does_the_rest(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({".": [Sleep(0.05), ACCEPTED]})
    workplace.add_list("staff", range(400))
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 2")
    sender = workplace.start("send", "kantine", "--list", "staff", "--yes")
    while len(relay.messages) < 10:
        time.sleep(0.01)
    sender.send_signal(signal.SIGINT)
    _, told = sender.communicate(timeout=30)

    assert sender.returncode == 5
    assert "`newsletter resume` goes on" in told
    (stopped,) = workplace.json("status")["campaigns"]
    assert stopped["state"] == "stopped"
    assert stopped["counts"]["in_doubt"] == 0
    assert stopped["counts"]["accepted"] == len(relay.messages)
    assert stopped["counts"]["waiting"] == 400 - len(relay.messages)
    relay.script.clear()
    printed = workplace.run("resume").stdout
    assert "400 accepted + 0 refused + 0 in doubt = 400 people" in printed
    assert sorted(who for _, who, _ in relay.messages) == sorted(address(n) for n in range(400))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_that_is_closed_or_a_polite_end_leaves_nobody_in_doubt(
    workplace: Workplace, scripted: Scripted, number: signal.Signals
) -> None:
    relay = scripted({".": [Sleep(0.1), ACCEPTED]})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 2")
    sender, terminal = on_a_terminal(workplace, *SEND, "--yes")
    while len(relay.messages) < 4:
        os.read(terminal, 65536)
    os.close(terminal)
    sender.send_signal(number)

    assert sender.wait(30) == 5
    (stopped,) = workplace.json("status")["campaigns"]
    assert stopped["stopped_because"].startswith("asked to stop before the end")
    assert stopped["counts"]["in_doubt"] == 0
    assert stopped["counts"]["accepted"] == len(relay.messages) < 20


def test_a_send_that_is_stopped_before_its_plan_leaves_no_campaign(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({"ehlo": [Sleep(2), b"250 here\r\n"]})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")
    sender = workplace.start(*SEND, "--yes")
    while not relay.commands:
        if relay.connections:
            break
        time.sleep(0.01)
    time.sleep(0.3)
    sender.send_signal(signal.SIGINT)
    _, told = sender.communicate(timeout=30)

    assert sender.returncode == 5
    assert "stopped before anything was planned; nobody was written to" in told
    assert workplace.json("status") == {"campaigns": []}
    assert relay.messages == []


def test_a_rehearsal_does_not_wait_for_the_limits_of_the_relay(workplace: Workplace) -> None:
    workplace.relay("smtp://127.0.0.1:9", "connections = 1", 'rate = "1/hour"')

    assert "20 accepted" in workplace.run(*SEND, timeout=30).stdout


def test_the_lists_that_any_edition_names_are_joined(workplace: Workplace) -> None:
    workplace.add_list("board", range(18, 22))
    folder = workplace.root / "announcements" / "nieuws"
    folder.mkdir()
    for language, lists in (("nl", "staff"), ("en", "board, staff")):
        content = ANNOUNCEMENT.replace("greeting", f"lists: [{lists}]\ngreeting")
        (folder / f"{language}.md").write_text(content)

    printed = workplace.run("send", "nieuws").stdout

    assert re.search(r"^Lists +staff, board$", printed, re.M)
    assert "22 accepted" in printed


def test_a_second_sender_in_the_same_workspace_is_refused(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({".": [Sleep(0.5), ACCEPTED]})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
    sender = workplace.start("send", "kantine", "--list", "staff", "--yes")
    while not relay.messages:
        time.sleep(0.01)

    told = workplace.run("resume", status=3).stderr

    assert f"process {sender.pid}" in told
    sender.send_signal(signal.SIGINT)
    sender.communicate(timeout=30)


def test_an_unfinished_campaign_is_resumed_not_begun_again(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({"mail": on_call({5: b"550 5.7.1 You may not\r\n"})})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
    told = workplace.run("send", "kantine", "--list", "staff", "--yes", status=5).stderr
    assert "the relay refuses the whole mailing: 550 5.7.1 You may not" in told

    again = workplace.run("send", "kantine", "--list", "staff", "--yes", status=5).stderr

    assert "newsletter resume kantine" in again
    assert len(relay.messages) == 4


def test_a_test_mail_says_so_and_is_in_no_ledger(workplace: Workplace, scripted: Scripted) -> None:
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")

    workplace.run("test", "kantine", "--to", "ik@example.org")

    ((_, who, data),) = relay.messages
    assert who == "ik@example.org"
    parsed = message_from_bytes(data, policy=policy.default)
    assert parsed["Subject"] == "[TEST] De kantine is vrijdag dicht"
    assert not (workplace.root / "var" / "ledger.db").exists()


def test_a_workspace_is_found_upwards_and_named_before_or_after_the_command(
    workplace: Workplace, tmp_path: Path
) -> None:
    def lists(*arguments: str, cwd: Path) -> str:
        return subprocess.run(
            [COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=True
        ).stdout

    root = str(workplace.root)
    assert "staff" in lists("lists", cwd=workplace.root / "announcements")
    assert "staff" in lists("--workspace", root, "lists", cwd=tmp_path)
    assert "staff" in lists("lists", "--workspace", root, cwd=tmp_path)


def test_init_makes_a_workspace_in_which_nothing_can_be_sent_by_accident(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    subprocess.run([COMMAND, "init", str(fresh)], check=True, capture_output=True)

    assert not list(fresh.glob("recipients/*.csv"))
    assert not list(fresh.glob("announcements/*.md"))
    doctor = subprocess.run([COMMAND, "doctor"], cwd=fresh, capture_output=True, text=True)
    assert doctor.returncode == 0, doctor.stdout
    again = subprocess.run([COMMAND, "init", str(fresh)], capture_output=True, text=True)
    assert again.returncode == 3
    assert "is a workspace" in again.stderr


def test_the_demo_delivers_the_sample_and_ends(tmp_path: Path) -> None:
    demo = subprocess.run(
        [COMMAND, "demo", "here"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert demo.returncode == 0, demo.stderr
    assert "28 accepted + 0 refused + 0 in doubt = 28 people" in demo.stdout
    assert len(list((tmp_path / "here" / "var" / "inbox").glob("*.eml"))) == 28


def test_the_demo_writes_to_nobody_whatever_the_environment_says(
    tmp_path: Path, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = scripted()
    monkeypatch.setenv("NEWSLETTER_RELAY_URL", f"smtp://127.0.0.1:{relay.port}")
    subprocess.run([COMMAND, "demo", "here"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "here" / "recipients" / "ours.csv").write_text("email\nreal@example.org\n")

    again = subprocess.run(
        [COMMAND, "demo", "here"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert "28 accepted + 0 refused + 0 in doubt = 28 people" in again.stdout, again.stderr
    assert relay.connections == 0


def test_the_demo_leaves_a_workspace_of_somebody_alone(workplace: Workplace) -> None:
    before = sorted(workplace.root.rglob("*"))

    told = workplace.run("demo", ".", status=2).stderr

    assert "name a new folder" in told
    assert sorted(workplace.root.rglob("*")) == before


def test_reading_commands_speak_json(workplace: Workplace) -> None:
    workplace.run("send", "kantine", "--list", "staff", "--yes")

    assert workplace.json("lists")["lists"] == [
        {"name": "staff", "language": "default", "people": 20, "bad_rows": 0}
    ]
    assert workplace.json("audience", "staff")["recipients"] == 20
    assert workplace.json("check", "kantine") == {"findings": []}
    assert all(each["ok"] for each in workplace.json("doctor")["checks"])
    (campaign,) = workplace.json("status")["campaigns"]
    assert campaign["state"] == "done"
    assert campaign["counts"] == {
        "waiting": 0,
        "accepted": 20,
        "refused": 0,
        "in_doubt": 0,
        "suppressed": 0,
        "cancelled": 0,
    }


def test_build_writes_files_that_stand_on_their_own(workplace: Workplace, tmp_path: Path) -> None:
    workplace.run("build", "kantine", "--out", str(tmp_path / "out"))

    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"kantine.nl.html", "kantine.nl.txt", "kantine.nl.eml"}
    assert "Dag collega," in (tmp_path / "out" / "kantine.nl.html").read_text()
    assert "Dag collega," in (tmp_path / "out" / "kantine.nl.txt").read_text()
    mail = message_from_bytes((tmp_path / "out" / "kantine.nl.eml").read_bytes())
    assert mail.get_content_type() == "multipart/alternative"


def _message_id(mail: bytes) -> str:
    return str(message_from_bytes(mail)["Message-ID"])


def test_what_init_wrote_to_be_filled_in_never_leaves(tmp_path: Path, scripted: Scripted) -> None:
    fresh = tmp_path / "fresh"
    subprocess.run([COMMAND, "init", str(fresh)], check=True, capture_output=True)
    settings = fresh / "newsletter.toml"
    relay = scripted()
    url = f'url = "smtp://127.0.0.1:{relay.port}"'
    settings.write_text(settings.read_text().replace('url = "inbox:"', url))
    (fresh / "announcements" / "kantine.md").write_text(ANNOUNCEMENT)
    (fresh / "recipients" / "staff.csv").write_text("email\njan@example.org\n")

    for command in (["doctor"], ["send", "kantine", "--list", "staff", "--yes"]):
        told = subprocess.run([COMMAND, *command], cwd=fresh, capture_output=True, text=True)
        assert told.returncode == 3
        assert "`organisation.name` is still `My organisation`" in told.stdout + told.stderr
    assert relay.messages == []


def test_a_receipt_is_of_the_campaign_sent_last(workplace: Workplace, scripted: Scripted) -> None:
    relay = scripted({"mail": on_call({5: b"550 5.7.1 You may not\r\n"})})
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", "connections = 1")
    workplace.run("send", "kantine", "--list", "staff", "--yes", status=5)
    workplace.announce("feest", ANNOUNCEMENT.replace("boterhammen", "taart"))
    workplace.run("send", "feest", "--list", "staff", "--yes")

    assert "Campaign feest " in workplace.run("receipt").stdout


def test_mail_into_the_inbox_says_that_nobody_got_any(workplace: Workplace) -> None:
    printed = workplace.run("send", "kantine", "--list", "staff", "--yes").stdout

    assert "nobody got mail" in printed
    assert "set `url` under [relay]" in printed


def test_readers_of_other_languages_are_counted_before_the_send(workplace: Workplace) -> None:
    rows = "email,language\njan@example.org,nl\nanne@example.org,fr-BE\njohn@example.org,en\n"
    (workplace.root / "recipients" / "staff.csv").write_text(rows)

    printed = workplace.run("send", "kantine", "--list", "staff").stdout

    assert "2 people prefer en or fr, and get it in nl" in printed


def test_a_relay_that_takes_no_mail_so_large_leaves_no_campaign(
    workplace: Workplace, scripted: Scripted
) -> None:
    name = workplace.announce()
    workplace.add_list("staff", range(2))
    relay = scripted(extensions=("PIPELINING", "SIZE 1000"))
    workplace.relay(f"smtp://127.0.0.1:{relay.port}")

    ended = workplace.run("send", name, "--list", "staff", "--yes", status=3)

    assert "the relay takes messages of up to 1,000 bytes" in ended.stderr
    assert workplace.json("status") == {"campaigns": []}
    assert "mail" not in {line[:4].decode().lower() for line in relay.commands}
