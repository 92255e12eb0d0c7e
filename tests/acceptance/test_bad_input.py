"""Bad input: a message that says where, what and what to do, and nothing sent to anybody."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.conftest import Scripted
from tests.servers.programs import free_port
from tests.servers.scripted import ScriptedServer
from tests.workplace import Workplace, address

AUTHOR, USAGE, SETUP = 1, 2, 3


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path / "workspace")


@pytest.fixture
def relay(workplace: Workplace, scripted: Scripted) -> ScriptedServer:
    server = scripted()
    workplace.relay(f"smtp://127.0.0.1:{server.port}")
    return server


def complaint(workplace: Workplace, name: str, status: int, *lists: str) -> str:
    """Send, which must fail with *status*; return what the user is told."""
    asked = [part for each in lists or ("staff",) for part in ("--list", each)]
    told = workplace.run("send", name, *asked, "--yes", status=status).stderr
    assert "Traceback" not in told
    assert not (workplace.root / "var" / "ledger.db").exists(), "a campaign was planned"
    return told


FAULTY_ANNOUNCEMENTS = [
    pytest.param(
        "Geen titel.", r":1: no front matter; begin with a line `---`", id="no front matter"
    ),
    pytest.param(
        "---\ntitle: Nieuws\n", r":1: the front matter is never closed", id="never closed"
    ),
    pytest.param(
        "---\ntitle: Nieuws: een CEO\n---\nTekst.", r":2: this front matter cannot be", id="broken"
    ),
    pytest.param(
        "---\ntitel: Nieuws\n---\nTekst.",
        r":2: unknown field `titel`; did you mean `title`\?",
        id="field",
    ),
    pytest.param(
        "---\ntitle: Nieuws\n---\n\n::: vraag Hoe?\nZo.\n:::\n",
        r":5: unknown block `vraag`; the blocks are question",
        id="unknown block",
    ),
    pytest.param(
        "---\ntitle: Nieuws\n---\n\nTekst.\n\n![Foto](weg.png)\n",
        r":7: .*`weg\.png`.* (?:does not exist|no such|is not there|absent)",
        id="picture absent",
    ),
    pytest.param(
        "---\ntitle: Nieuws\n---\n\nDag {{ voornaam }}\n",
        r":5: unknown personal field `voornaam`",
        id="slot",
    ),
]


@pytest.mark.parametrize(("content", "expected"), FAULTY_ANNOUNCEMENTS)
def test_a_faulty_announcement_is_not_sent(
    workplace: Workplace, relay: ScriptedServer, content: str, expected: str
) -> None:
    workplace.announce("ceo", content)
    workplace.add_list("staff", range(3))

    told = complaint(workplace, "ceo", AUTHOR)

    assert re.search(r"announcements/ceo\.md" + expected, told), told
    assert relay.messages == []


def test_all_faults_are_told_together(workplace: Workplace) -> None:
    workplace.announce("ceo", "---\ntitle: Nieuws\ndatum: x\n---\n\n# Kop\n\n[l](/x)\n")

    told = workplace.run("check", "ceo", status=AUTHOR).stderr

    assert [line.split(":")[1] for line in told.splitlines()[1:]] == ["3", "6", "8"]


FAULTY_LISTS = [
    pytest.param(b"", r"staff\.csv.*empty", id="empty file"),
    pytest.param(
        b"email,first_name\n", r"staff\.csv.*(?:nobody|no people|no rows)", id="nobody on it"
    ),
    pytest.param(
        b"naam,voornaam\nJan,Jan\n", r"staff\.csv.*no column `email`", id="no email column"
    ),
    pytest.param(
        b'email\n"a@example.org\r\nBcc: b@example.org"\n', r"staff\.csv:2", id="CR LF in an address"
    ),
    pytest.param(
        b"email,first_name\na@example.org,=?utf-8?q?=0ABcc:?=\n",
        r"staff\.csv:2.*first_name",
        id="encoded word in a name",
    ),
    pytest.param(
        b'email,first_name\na@example.org,"Jan\nb@example.org,Piet\n',
        r"staff\.csv:2.*(?:quote|quotation)",
        id="unclosed quote",
    ),
]


@pytest.mark.parametrize(("content", "expected"), FAULTY_LISTS)
def test_a_faulty_list_is_not_sent_to(
    workplace: Workplace, relay: ScriptedServer, content: bytes, expected: str
) -> None:
    workplace.announce()
    (workplace.root / "recipients" / "staff.csv").write_bytes(content)

    told = complaint(workplace, "kantine", AUTHOR)

    assert re.search(expected, told), told
    assert relay.messages == []


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_lists_in_the_encodings_of_office_programs_are_accepted(
    workplace: Workplace, relay: ScriptedServer, encoding: str
) -> None:
    workplace.announce()
    rows = "e-mail;voornaam\r\nanais@example.org;Anaïs\r\nzoe@example.org;Zoë\r\n"
    (workplace.root / "recipients" / "staff.csv").write_bytes(rows.encode(encoding))

    workplace.run("send", "kantine", "--list", "staff", "--yes")

    assert sorted(who for _, who, _ in relay.messages) == ["anais@example.org", "zoe@example.org"]
    to_anais = next(data for _, who, data in relay.messages if who[0] == "a")
    text = message_from_bytes(to_anais, policy=policy.default).get_body(("plain",))
    assert isinstance(text, EmailMessage)
    assert "Dag Anaïs," in text.get_content()


@pytest.mark.fault(54, "capitals and spaces", "one mail")
def test_one_person_in_two_spellings_gets_one_mail(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.announce()
    rows = "email\nJan.Peeters@example.org\njan.peeters@EXAMPLE.org\n"
    (workplace.root / "recipients" / "staff.csv").write_text(rows)

    workplace.run("send", "kantine", "--list", "staff", "--yes")

    assert [who for _, who, _ in relay.messages] == ["Jan.Peeters@example.org"]


def test_bad_rows_stop_a_send_unless_they_may_be_skipped(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.announce()
    rows = "email\njan@example.org\nniemand\nan@example.org\n"
    (workplace.root / "recipients" / "staff.csv").write_text(rows)
    told = complaint(workplace, "kantine", AUTHOR)
    assert re.search(r"staff\.csv:3", told)
    assert relay.messages == []

    workplace.run("send", "kantine", "--list", "staff", "--yes", "--skip-bad-rows")

    assert [who for _, who, _ in relay.messages] == ["jan@example.org", "an@example.org"]


def test_an_unknown_list_or_announcement_suggests_the_one_that_was_meant(
    workplace: Workplace,
) -> None:
    workplace.announce()
    workplace.add_list("medewerkers", range(3))

    assert "did you mean `medewerkers`?" in complaint(workplace, "kantine", USAGE, "medewerker")
    assert "did you mean `kantine`?" in complaint(workplace, "kantien", USAGE, "medewerkers")


def test_a_relay_that_nobody_answers_at_leaves_no_campaign(workplace: Workplace) -> None:
    workplace.announce()
    workplace.add_list("staff", range(3))
    url = f"smtp://127.0.0.1:{free_port()}"
    workplace.relay(url)

    told = complaint(workplace, "kantine", SETUP)

    assert url in told
    assert "no answer from the relay" in told


def test_a_relay_without_tls_gets_neither_mail_nor_password(
    workplace: Workplace, scripted: Scripted
) -> None:
    server = scripted()
    workplace.announce()
    workplace.add_list("staff", range(3))
    workplace.relay(f"smtp+starttls://127.0.0.1:{server.port}", 'user = "newsletter"')

    told = complaint(workplace, "kantine", SETUP)

    assert "offers no STARTTLS" in told
    assert not [line for line in server.commands if line.upper().startswith((b"AUTH", b"MAIL"))]


def test_a_wrong_password_is_tried_once_and_never_shown(
    workplace: Workplace, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = scripted(password="right")
    monkeypatch.setenv("NEWSLETTER_RELAY_PASSWORD", "s3cret-wrong")
    workplace.announce()
    workplace.add_list("staff", range(3))
    workplace.relay(f"smtp://127.0.0.1:{server.port}", 'user = "newsletter"')

    told = complaint(workplace, "kantine", SETUP)

    assert "refuses user `newsletter` with this password" in told
    assert "s3cret" not in told
    assert len([line for line in server.commands if line.upper().startswith(b"AUTH")]) == 1


def test_the_right_password_lets_us_in(
    workplace: Workplace, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = scripted(password="right")
    monkeypatch.setenv("NEWSLETTER_RELAY_PASSWORD", "right")
    workplace.announce()
    workplace.add_list("staff", range(3))
    workplace.relay(f"smtp://127.0.0.1:{server.port}", 'user = "newsletter"')

    workplace.run("send", "kantine", "--list", "staff", "--yes")

    assert {who for _, who, _ in server.messages} == {address(n) for n in range(3)}


def test_a_setting_that_does_not_exist_names_its_line(workplace: Workplace) -> None:
    workplace.announce()
    workplace.relay("inbox:", "conections = 3")

    told = workplace.run("check", "kantine", status=SETUP).stderr

    assert re.search(
        r"newsletter\.toml:\d+: unknown setting `relay\.conections`; did you mean", told
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "kantine", "--out", "in-the-way"),
        ("init", "in-the-way/x"),
        ("import", "announcements/kantine.md", "-o", "in-the-way/x.md"),
        ("send", "kantine", "--list", "staff", "--yes"),
        ("build", "kantine"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_file_where_a_folder_should_be_is_named(
    workplace: Workplace, arguments: tuple[str, ...]
) -> None:
    workplace.announce()
    workplace.add_list("staff", range(3))
    for name in ("in-the-way", "var"):
        (workplace.root / name).touch()

    told = workplace.run(*arguments, status=SETUP).stderr

    assert "Traceback" not in told
    assert re.match(r"(in-the-way|var)\S*: (File exists|Not a directory)", told), told


def test_an_announcement_may_have_a_name_with_accents(workplace: Workplace) -> None:
    workplace.announce("été")
    workplace.add_list("staff", range(3))

    workplace.run("build", "été")
    workplace.run("send", "été", "--list", "staff", "--yes")

    built = (workplace.root / "var" / "outbox" / "été" / "été.nl.eml").read_bytes()
    assert re.search(rb"^Message-ID: <[\x21-\x7e]+@example\.org>\r$", built, re.M)


def test_output_that_cannot_show_a_character_shows_another(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    workplace.announce("kantine", "---\ntitle: Nieuws … ✓\n---\n\nTekst.\n")
    workplace.add_list("staff", range(3))

    printed = workplace.run("send", "kantine", "--list", "staff").stdout

    assert "Nieuws ? ?" in printed


def test_the_doctor_names_bad_rows_and_looks_at_the_rest(workplace: Workplace) -> None:
    (workplace.root / "recipients" / "staff.csv").write_text("email\nniemand\n")

    printed = workplace.run("doctor", status=SETUP).stdout

    assert re.search(r"^fault  lists: recipients/staff\.csv:2", printed, re.M), printed
    assert re.search(r"^ok +relay", printed, re.M)


def test_the_doctor_finds_a_damaged_ledger(workplace: Workplace) -> None:
    workplace.announce()
    workplace.add_list("staff", range(300))
    workplace.run("send", "kantine", "--list", "staff", "--yes")
    ledger = workplace.root / "var" / "ledger.db"
    assert re.search(r"^ok +ledger", workplace.run("doctor").stdout, re.M)
    content = bytearray(ledger.read_bytes())
    content[20 * 4096 : 24 * 4096] = b"\x55" * (4 * 4096)
    ledger.write_bytes(content)

    printed = workplace.run("doctor", status=SETUP).stdout

    assert re.search(r"^fault  ledger: ", printed, re.M), printed
