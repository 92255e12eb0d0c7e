"""What a relay's log says of each Message-ID. Postfix's and Exim's are what real ones wrote."""

import gzip
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import relaylogs
from newsletter.errors import UsageError
from newsletter.relaylogs import Log, times

LOGS = Path(__file__).parent.parent / "data" / "relaylogs"
SEED = [f"<seed.{n}@example.org>" for n in range(1, 9)]
OUT = [f"<out.{n}@example.org>" for n in range(1, 8)]
NEAR = datetime(2026, 11, 23, 22, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def time_zone_of_the_relays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def read(*paths: Path, wanted: list[str] = SEED) -> Log:
    return relaylogs.read(paths, frozenset(wanted), NEAR)


def verdicts(log: Log) -> dict[str, str]:
    """By the number in the Message-ID."""
    return {re.sub(r"\D", "", name): str(trace.verdict) for name, trace in log.traces.items()}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


POSTFIX = {  # 6 was refused at RCPT, and 8 was never sent
    "1": "delivered",
    "2": "delivered",
    "3": "broken off",
    "4": "broken off",
    "5": "returned",
    "7": "delivered",
}


def test_postfix_says_what_became_of_each_message() -> None:
    log = read(LOGS / "postfix.log")

    assert log.kind == "Postfix log"
    assert verdicts(log) == POSTFIX
    assert log.traces[SEED[0]].line == "postfix.log:9"
    assert log.traces[SEED[0]].recipient == "p1@example.org"
    assert log.traces[SEED[0]].said == "status=sent (delivered to maildir)"
    assert log.traces[SEED[4]].recipient == "late5@example.org"
    assert log.traces[SEED[4]].said == "status=bounced (This person has left)"
    assert (log.first, log.last) == (NEAR + 2998, NEAR + 2999)


def test_the_header_of_a_message_in_the_log_is_no_acceptance_of_it() -> None:
    begun = (LOGS / "postfix.log").read_text().splitlines()[18:19]
    assert begun[0].endswith("message-id=<seed.3@example.org>")

    with tempfile.TemporaryDirectory() as folder:
        log = read(written(Path(folder), "mail.log", "\n".join(begun)))

    assert verdicts(log) == {"3": "begun"}
    assert not log.traces[SEED[2]].verdict.is_acceptance


def test_postfix_of_several_instances_with_long_queue_ids_refuses_and_defers() -> None:
    log = read(LOGS / "postfix-out.log", wanted=OUT)

    # 2 and 4 were refused and discarded for their first header line, so neither was ever named.
    assert verdicts(log) == {
        "1": "delivered",
        "3": "begun",  # on hold
        "5": "refused",
        "6": "waiting",
        "7": "put off",
    }
    assert "554 5.7.1" in log.traces[OUT[4]].said


def test_an_acceptance_outweighs_another_try_of_the_same_message(tmp_path: Path) -> None:
    text = (LOGS / "postfix.log").read_text()
    again = "\n".join(
        line.replace("E06509EDFC4", "ABCDEF12345").replace("seed.3", "seed.1")
        for line in text.splitlines()
        if "E06509EDFC4" in line or "lost connection after DATA (30066" in line
    )

    log = read(written(tmp_path, "mail.log", text + again))

    assert verdicts(log)["1"] == "delivered"


def test_a_queue_id_that_is_used_again_belongs_to_the_new_message(tmp_path: Path) -> None:
    text = (LOGS / "postfix.log").read_text()
    (broken_off,) = (line for line in text.splitlines() if "message-id=<seed.3" in line)
    later = broken_off.replace("seed.3", "stranger")
    accepted = later.replace("cleanup", "qmgr").replace("message-id=", "from=")

    log = read(written(tmp_path, "mail.log", f"{text}{later}\n{accepted}\n"))

    assert verdicts(log) == POSTFIX


def test_two_instances_with_the_same_queue_id_are_not_confused(tmp_path: Path) -> None:
    text = (LOGS / "postfix.log").read_text()
    others = "".join(
        line.replace("postfix/", "postfix-in/").replace("seed.1", "stranger") + "\n"
        for line in text.splitlines()
        if "C59439EDFC4" in line and "removed" not in line
    ).replace("C59439EDFC4", "E06509EDFC4")

    assert verdicts(read(written(tmp_path, "mail.log", text + others))) == POSTFIX


def test_the_times_of_newer_syslogs_are_read(tmp_path: Path) -> None:
    old = (LOGS / "postfix.log").read_text()
    new = re.sub(r"^Nov 23 (\S+)", r"2026-11-23T\1.123456+00:00", old, flags=re.M)

    log = read(written(tmp_path, "mail.log", new))

    assert verdicts(log) == POSTFIX
    assert log.first == pytest.approx(NEAR + 2998.12, abs=0.01)


@pytest.mark.parametrize("cut", [*range(1, 48, 6), 48])  # after the last: just rotated
def test_the_files_of_a_rotated_log_are_read_in_the_order_of_their_times(
    tmp_path: Path, cut: int
) -> None:
    lines = (LOGS / "postfix.log").read_text().splitlines(keepends=True)
    lines[:cut] = [line.replace("Nov 23 22:49:59", "Nov 23 22:49:58") for line in lines[:cut]]
    lines[cut:] = [line.replace("Nov 23 22:49:58", "Nov 23 22:49:59") for line in lines[cut:]]
    newer = written(tmp_path, "mail.log", "".join(lines[cut:]))
    older = written(tmp_path, "mail.log.2.gz", gzip.compress("".join(lines[:cut]).encode()))

    assert verdicts(read(newer, older)) == POSTFIX


def test_exim_says_what_became_of_each_message(tmp_path: Path) -> None:
    log = read(LOGS / "exim.log")

    assert log.kind == "Exim log"
    assert verdicts(log) == {"1": "delivered", "2": "delivered", "5": "delivered", "7": "delivered"}
    assert log.traces[SEED[0]].recipient == "p1@example.org"
    assert log.traces[SEED[0]].line == "exim.log:9"
    text = (LOGS / "exim.log").read_text()
    other = text.replace("1xVcrK-0000Wi-00 =>", "1xVcrK-0000Wi-00 **").replace(
        "1xVcrK-0000Wl-0q =>", "1xVcrK-0000Wl-0q =="
    )
    assert verdicts(read(written(tmp_path, "main", other))) == {
        **verdicts(log),
        "1": "returned",
        "2": "waiting",
    }


@pytest.mark.parametrize(
    ("pattern", "replaced"),
    [
        (r"^(\S+ \S+) ", r"\1.123 +0000 [4711] "),  # log_selector = +millisec +pid, with a zone
        (r"^(\S+ \S+) ", r"Nov 23 22:50:01 relay exim[4711]: \1 "),  # by syslog
        (r"1xVcrK-0000(..)-(..)", r"1xVcrK-00000000\1x-00\2"),  # the ids of Exim 4.97
    ],
)
def test_the_forms_of_exims_log_are_read(tmp_path: Path, pattern: str, replaced: str) -> None:
    text = re.sub(pattern, replaced, (LOGS / "exim.log").read_text(), flags=re.M)

    assert verdicts(read(written(tmp_path, "main", text))) == verdicts(read(LOGS / "exim.log"))


def test_a_subject_in_exims_log_cannot_pass_for_a_message_id(tmp_path: Path) -> None:
    line = (
        "2026-11-23 22:50:02 1xVcrK-0000Wi-00 <= x@example.net P=esmtp S=1 "
        'T="hello id=seed.8@example.org" for p1@example.org\n'
    )

    assert read(written(tmp_path, "main", line)).traces == {}


def test_a_message_trace_of_exchange_online_is_read() -> None:
    log = read(LOGS / "message-trace.csv")

    assert log.kind == "Exchange trace"
    assert verdicts(log) == {
        "1": "delivered",
        "2": "returned",
        "3": "waiting",
        "4": "waiting",
        "5": "delivered",
    }
    assert log.traces[SEED[3]].said == "FilteredAsSpam"
    assert log.traces[SEED[0]].recipient == "jan@example.org"
    assert log.traces[SEED[0]].at == datetime(2026, 11, 23, 21, 4, 54, tzinfo=UTC).timestamp()
    assert log.last == datetime(2026, 11, 23, 23, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_trace_may_come_as_spreadsheets_save_it(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    text = (LOGS / "historical-search.csv").read_text().replace("Receive, ", "Receive ")
    path = written(tmp_path, "trace.csv", text.replace(",", delimiter).encode(encoding))

    assert verdicts(read(path)) == {"1": "delivered", "2": "returned", "3": "waiting"}


def test_the_tracking_log_of_an_exchange_server_is_read() -> None:
    log = read(LOGS / "tracking.log")

    # 3 is only another server's shadow copy
    assert verdicts(log) == {"1": "delivered", "2": "returned"}
    assert log.traces[SEED[0]].line == "tracking.log:7"
    assert log.traces[SEED[0]].at == datetime(2026, 11, 23, 21, 4, 54, 101000, UTC).timestamp()


def test_what_is_no_log_is_refused_by_name(tmp_path: Path) -> None:
    for content in (b"", b"dear diary\n" * 9, bytes(range(256)) * 40, b"email,first_name\na,b\n"):
        with pytest.raises(UsageError, match=r"notes\.txt: not a log of Postfix, Exim or Exchange"):
            read(written(tmp_path, "notes.txt", content))
    with pytest.raises(UsageError, match=r"nowhere\.log: No such file"):
        read(tmp_path / "nowhere.log")
    with pytest.raises(UsageError, match="Is a directory"):
        read(tmp_path)


def test_logs_of_two_kinds_are_refused() -> None:
    with pytest.raises(UsageError, match="these are a Exim log and a Postfix log"):
        read(LOGS / "postfix.log", LOGS / "exim.log")


def test_a_packed_log_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress((LOGS / "postfix.log").read_bytes())

    for damaged in (packed[:-20], packed[:300] + b"\0" * 40 + packed[340:]):
        with pytest.raises(UsageError, match="damaged or cut off"):
            read(written(tmp_path, "mail.log.1.gz", damaged))


def test_a_line_without_an_end_costs_no_memory_and_the_next_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + (LOGS / "postfix.log").read_bytes())

    log = read(path)

    assert verdicts(log) == POSTFIX
    assert log.traces[SEED[0]].line == "mail.log:10"


def test_what_a_log_says_cannot_steer_a_terminal(tmp_path: Path) -> None:
    text = (LOGS / "postfix.log").read_text()
    nasty = text.replace("delivered to maildir", "\x1b[2J\u202e\x07" + "x" * 9000)

    said = read(written(tmp_path, "mail.log", nasty)).traces[SEED[0]].said

    assert said.isascii()
    assert said.isprintable()
    assert len(said) <= 300


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_log_that_is_cut_anywhere_never_shows_more_than_the_whole(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["postfix.log", "exim.log", "tracking.log"]))
    whole = (LOGS / name).read_bytes()
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    taken = {it for it, trace in read(LOGS / name).traces.items() if trace.verdict.is_acceptance}

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), name, whole[first:last])
        try:
            found = read(path).traces
        except UsageError:
            return

    assert {it for it, trace in found.items() if trace.verdict.is_acceptance} <= taken


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_bytes_do_worse_than_be_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(path.name for path in LOGS.iterdir())))
    lines = (LOGS / name).read_bytes().splitlines(keepends=True)
    junk = st.one_of(st.binary(max_size=200), st.sampled_from(lines))
    content = b"".join(data.draw(st.lists(junk, max_size=20)))
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(st.binary(max_size=4)) + content[at + 1 :]

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), "log", content)
        try:
            log = read(path)
        except UsageError:
            return

    assert set(log.traces) <= set(SEED)
    assert all(trace.message_id == name for name, trace in log.traces.items())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nov 23 21:04:54", datetime(2026, 11, 23, 21, 4, 54)),
        ("Jan  2 01:00:00", datetime(2027, 1, 2, 1)),
        ("2026-11-23T21:04:54.5+02:00", datetime(2026, 11, 23, 19, 4, 54, 500000)),
        ("2026-11-23 21:04:54 -0500", datetime(2026, 11, 24, 2, 4, 54)),
        ("2026-11-23T21:04:54.1234567Z", datetime(2026, 11, 23, 21, 4, 54, 123456)),
        ("11/23/2026 9:04:54 PM", datetime(2026, 11, 23, 21, 4, 54)),
        ("23/11/2026 21:04:54", datetime(2026, 11, 23, 21, 4, 54)),
        ("12/11/2026 12:00 AM", datetime(2026, 12, 11)),  # nearer than 12 November would be
        ("Feb 30 00:00:00", None),
        ("Nov 23 25:04:54", None),
        ("99/99/2026 1:00", None),
        ("yesterday", None),
    ],
)
def test_moments_are_read_in_every_form_that_logs_have(
    text: str, expected: datetime | None
) -> None:
    near = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    found = times.moment(text, near)

    assert found == (expected.replace(tzinfo=UTC).timestamp() if expected else None)
