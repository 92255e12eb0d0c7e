"""The built-in mail server keeps what it is given, all of it, and only where it should."""

import asyncio
import shutil
import smtplib
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from newsletter import inbox
from newsletter.config import Relay
from newsletter.message import Envelope, compose
from newsletter.reply import Phase, Reply
from newsletter.smtp import login
from newsletter.smtp.connection import Connection, Parcel
from tests.integration.campaigns import SENDER, mail, people, person, run

BODY = b"Subject: x\r\n\r\nHello\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "inbox"


def put(folder: Path, *readers: str, data: bytes = BODY) -> list[Reply]:
    """Hand one message to each reader over one connection; the replies to the dots."""

    async def work() -> list[Reply]:
        async with inbox.serving(folder) as port:
            line = await connect(port)
            replies = [await hand_over(line, reader, data) for reader in readers]
            await line.quit()
            return replies

    return run(work())


async def connect(port: int) -> Connection:
    return await login.connect(Relay(url=f"smtp://127.0.0.1:{port}"), "")


async def hand_over(line: Connection, reader: str, data: bytes) -> Reply:
    phase, reply = await line.hand_over(Parcel(Envelope(SENDER, reader), data), no_intent)
    assert phase is Phase.DOT, reply
    return reply


async def no_intent() -> None:
    """Nothing is written down."""


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def content(path: Path) -> bytes:
    """What was sent, without the two lines of envelope on top."""
    sender, reader, data = path.read_bytes().split(b"\r\n", 2)
    assert sender.startswith(b"Return-Path: <")
    assert reader.startswith(b"Delivered-To: ")
    return data


def test_a_message_is_kept_byte_for_byte_and_can_be_read(folder: Path) -> None:
    [reader] = people(1)
    data = compose(mail(text="Één\n.\n..twee\nFrom drie"), reader, "<1@example.org>")
    [reply] = put(folder, person(1), data=data)
    [path] = kept(folder)
    assert path.name == "000001-person1@example.org.eml"
    assert str(reply) == f"250 2.0.0 kept as {path.name}"
    assert content(path) == data
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (read["Delivered-To"], read["Return-Path"]) == (person(1), f"<{SENDER}>")
    text = read.get_body(("plain",))
    assert text
    assert text.get_content().replace("\r\n", "\n").startswith("Één\n.\n..twee\nFrom drie")
    assert not read.defects


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n",
        b"Subject: x\r\n\r\n.\r\n..\r\n.dot first\r\n",
        b"Subject: x\r\n\r\n" + bytes(range(128, 256)) + b"\r\n",
        b"Subject: x\r\n\r\n" + b"y" * 998 + b"\r\n",
        b"no header at all\r\n",
    ],
)
def test_any_message_of_any_client_is_kept_byte_for_byte(folder: Path, data: bytes) -> None:
    async def work() -> None:
        async with inbox.serving(folder) as port:
            await asyncio.to_thread(smtplib_send, port, data)

    run(work())
    [path] = kept(folder)
    assert content(path) == data


def smtplib_send(port: int, data: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10) as client:
        client.sendmail(SENDER, [person(1)], data)


def test_numbers_go_on_from_what_is_there(folder: Path) -> None:
    put(folder, person(1), person(2))
    put(folder, person(1))
    assert [path.name for path in kept(folder)] == [
        "000001-person1@example.org.eml",
        "000002-person2@example.org.eml",
        "000003-person1@example.org.eml",
    ]


def test_other_peoples_files_are_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    names = ["notes.eml", "²-x.eml", "-5-x.eml", "000041-a.eml", "000042-b.part", "٣-x.eml"]
    for name in names:
        (folder / name).write_text(name)
    put(folder, person(1))
    assert {path.name for path in kept(folder)} == {*names, "000042-person1@example.org.eml"}
    assert all((folder / name).read_text() == name for name in names)


@pytest.mark.parametrize(
    "reader",
    [
        "../../../../tmp/evil@example.org",
        "..@example.org",
        "/etc/cron.d/evil@example.org",
        "a/../../b@example.org",
        "a\\..\\b@example.org",
        "-rf@example.org",
        "$(reboot)@example.org",
        "%2e%2e%2f@example.org",
        "a" * 200 + "@example.org",
        "evil.part@example.org",
        '"x/../z"@example.org',
    ],
)
def test_a_hostile_reader_stays_in_the_folder(folder: Path, tmp_path: Path, reader: str) -> None:
    put(folder, reader)
    [path] = kept(folder)
    assert path.name.startswith("000001-")
    assert path.suffix == ".eml"
    assert len(path.name) < 120
    everything = {each for each in tmp_path.rglob("*") if each.is_file()}
    assert everything == {path}
    assert content(path) == BODY


def test_two_readers_of_one_name_are_two_files(folder: Path) -> None:
    put(folder, person(1), person(1), "a/b@example.org", "a_b@example.org")
    assert len(kept(folder)) == 4


def test_eight_connections_at_once_lose_nothing(folder: Path) -> None:
    async def one(port: int, number: int) -> None:
        line = await connect(port)
        for n in range(number * 25, number * 25 + 25):
            await hand_over(line, person(n), b"Subject: x\r\n\r\n%d\r\n" % n)
        await line.quit()

    async def work() -> None:
        async with inbox.serving(folder) as port, asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(one(port, number))

    run(work())
    paths = kept(folder)
    assert [path.name[:6] for path in paths] == [f"{n:06d}" for n in range(1, 201)]
    for path in paths:
        number = path.name.partition("person")[2].partition("@")[0]
        assert content(path) == f"Subject: x\r\n\r\n{number}\r\n".encode()


def test_a_message_that_cannot_be_kept_is_refused_for_now(folder: Path) -> None:
    async def work() -> list[Reply]:
        async with inbox.serving(folder) as port:
            line = await connect(port)
            await asyncio.to_thread(shutil.rmtree, folder)
            before = await hand_over(line, person(1), BODY)
            await asyncio.to_thread(folder.mkdir)
            after = await hand_over(line, person(1), BODY)
            await line.quit()
            return [before, after]

    before, after = run(work())
    assert (before.code, before.status) == (452, "4.3.1")
    assert after.code == 250
    assert [path.suffix for path in kept(folder)] == [".eml"]


def test_a_message_that_is_too_large_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LARGEST_MESSAGE", 10_000)
    with pytest.raises(AssertionError, match="552"):  # at MAIL already: the size is told there
        put(folder, person(1), data=b"Subject: x\r\n\r\n" + b"y" * 70 * 200 + b"\r\n")
    assert kept(folder) == []


def test_nobody_outside_this_machine_can_reach_it(folder: Path) -> None:
    async def work() -> None:
        async with inbox.serving(folder) as port:
            pass
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    run(work())
