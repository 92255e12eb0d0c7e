import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.reply import LONGEST_TEXT, Outcome, Phase, Reply, outcome, parse

ACCEPTED, LATER, REFUSED = Outcome.ACCEPTED, Outcome.LATER, Outcome.REFUSED
RECONNECT, PAUSE = Outcome.RECONNECT, Outcome.PAUSE
MAIL, RCPT, DATA, BODY, DOT = Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY, Phase.DOT


@pytest.mark.parametrize(
    ("phase", "line", "meaning"),
    [
        # Any yes to the dot is a yes.
        (DOT, "250 2.0.0 Ok: queued as 4F1", ACCEPTED),
        (DOT, "250", ACCEPTED),
        (DOT, "251 will forward", ACCEPTED),
        (DOT, "252 cannot verify", ACCEPTED),
        # Not now: this person, later.
        (RCPT, "450 4.2.1 mailbox busy", LATER),
        (RCPT, "450 4.7.1 greylisted", LATER),
        (RCPT, "451 4.7.1 greylisted", LATER),
        (RCPT, "452 4.2.2 mailbox full", LATER),
        (DATA, "451 local error", LATER),
        (DOT, "452 4.3.1 insufficient storage", LATER),
        (BODY, "451 4.7.1 milter", LATER),
        # Too many recipients: temporary, whatever the number says (RFC 5321 4.5.3.1.10).
        (RCPT, "452 4.5.3 too many recipients", LATER),
        (RCPT, "552 too many recipients", LATER),
        (RCPT, "552 5.5.3 too many recipients", LATER),
        # The connection is over, the person is not charged.
        *((phase, "421 4.3.2 shutting down", RECONNECT) for phase in Phase),
        (DOT, "432 4.3.2 sender thread limit exceeded", RECONNECT),
        (MAIL, "451 4.3.0 try again", RECONNECT),
        (MAIL, "454 4.7.0 temporary authentication failure", RECONNECT),
        (Phase.AUTH, "454 4.7.0 try again", RECONNECT),
        (MAIL, "452 Too many messages sent", RECONNECT),
        (MAIL, "452 4.5.3 Too many messages sent", RECONNECT),
        (DOT, "354 go ahead", RECONNECT),
        (RCPT, "334 VXNlcm5hbWU6", RECONNECT),
        # This mailbox, for good.
        (RCPT, "550 5.1.1 user unknown", REFUSED),
        (RCPT, "550 no such user", REFUSED),
        (RCPT, "553 5.1.3 bad address", REFUSED),
        (RCPT, "551 user not local", REFUSED),
        (DOT, "550 5.1.1 user unknown", REFUSED),
        (DOT, "552 5.2.2 mailbox full", REFUSED),
        (DOT, "554 transaction failed", REFUSED),
        (BODY, "554 transaction failed", REFUSED),
        (RCPT, "552 5.2.2 mailbox full", REFUSED),
        # All of us: nothing was said of a person yet.
        (MAIL, "550 5.1.8 sender unknown", PAUSE),
        (MAIL, "552 5.3.4 message too big", PAUSE),
        (MAIL, "501 5.1.7 bad sender", PAUSE),
        (Phase.AUTH, "535 5.7.8 bad credentials", PAUSE),
        (Phase.EHLO, "550 who are you", PAUSE),
        (Phase.GREETING, "554 no service", PAUSE),
        (Phase.TLS, "502 not here", PAUSE),
        # One of us or all of us: the code does not tell, what others get does.
        (DATA, "554 5.5.1 no", REFUSED),
        (RCPT, "530 5.7.0 must issue STARTTLS first", REFUSED),
        (RCPT, "530 authentication required", REFUSED),
        (RCPT, "535 authentication failed", REFUSED),
        (DOT, "550 5.7.57 client was not authenticated", REFUSED),
        (RCPT, "554 5.7.1 relay access denied", REFUSED),
        (RCPT, "554 5.7.1: relay access denied", REFUSED),
        (DOT, "550 5.7.1 message content rejected", REFUSED),
        (DOT, "550 5.7.30 basic authentication is off", REFUSED),
        (DOT, "550 5.2.251 continuous errors", REFUSED),
        (DOT, "550 5.2.255 continuous errors", REFUSED),
        (DOT, "554 5.2.0 submission quota exceeded", REFUSED),
        (DOT, "550 5.4.5 daily sending quota exceeded", REFUSED),
        (RCPT, "550 5.5.105 external recipient", REFUSED),
        (DOT, "550 Daily Limit Exceeded", REFUSED),
        (DOT, "552 5.3.4 message too big", REFUSED),
        (DOT, "552 message size exceeds maximum permitted", REFUSED),
        (BODY, "552 message size exceeds maximum permitted", REFUSED),
    ],
)
def test_a_reply_means_what_its_code_and_its_phase_say(
    phase: Phase, line: str, meaning: Outcome
) -> None:
    assert outcome(parse([line.encode()]), phase) is meaning


@given(st.integers(200, 599), st.text(max_size=20), st.sampled_from(Phase))
def test_only_a_2xx_is_a_yes(code: int, text: str, phase: Phase) -> None:
    assert (outcome(Reply(code, "", text), phase) is ACCEPTED) == (200 <= code < 300)


@given(st.integers(400, 499), st.sampled_from([RCPT, DATA, BODY, DOT]))
def test_a_temporary_no_never_refuses_a_person_for_good(code: int, phase: Phase) -> None:
    assert outcome(Reply(code, "", ""), phase) in (LATER, RECONNECT)


def test_lines_of_one_reply_are_read_as_one() -> None:
    reply = parse([b"550-5.1.1 The mailbox", b"550-5.1.1 does not", b"550 5.1.1 exist."])

    assert reply == Reply(550, "5.1.1", "The mailbox does not exist.")
    assert str(reply) == "550 5.1.1 The mailbox does not exist."


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"250", Reply(250, "", "")),
        (b"250 ", Reply(250, "", "")),
        (b"250 2.0.0", Reply(250, "2.0.0", "")),
        (b"550 5.7.1: no", Reply(550, "5.7.1", "no")),
        (b"550 5.7.1.2 no", Reply(550, "", "5.7.1.2 no")),
        (b"550 5.1.1000 no", Reply(550, "", "5.1.1000 no")),
        (b"550 9.1.1 no", Reply(550, "", "9.1.1 no")),
        (b"250 Ok 2.0.0 queued", Reply(250, "", "Ok 2.0.0 queued")),
        (b"550 caf\xe9\x1b[31m\x00no", Reply(550, "", "caf [31m no")),
    ],
)
def test_an_enhanced_code_counts_only_first_and_whole(line: bytes, reply: Reply) -> None:
    assert parse([line]) == reply


def test_a_long_text_is_cut() -> None:
    assert len(parse([b"250-" + b"x" * 400, b"250 " + b"y" * 400]).text) == LONGEST_TEXT


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b""],
        [b"25"],
        [b"2500 no"],
        [b"199 no"],
        [b"600 no"],
        [b"HTTP/1.1 200 OK"],
        [b"250\tno"],
        [b"250-not the end"],
        [b"250 end", b"250 after the end"],
        [b"250-one", b"550 another"],
        ["²²² no".encode()],
    ],
)
def test_junk_is_no_reply(lines: list[bytes]) -> None:
    with pytest.raises(ValueError, match="not an SMTP reply"):
        parse(lines)


codes = st.sampled_from([b"250", b"550", b"421", b"199", b"ab1", b"", b"25"])
lines = st.builds(bytes.__add__, codes, st.binary(max_size=20))


@given(st.lists(st.binary(max_size=40) | lines, max_size=4))
def test_any_bytes_are_a_reply_or_a_value_error(lines: list[bytes]) -> None:
    try:
        reply = parse(lines)
    except ValueError:
        return

    assert 200 <= reply.code <= 599
    assert str(reply).isascii()
    assert str(reply).isprintable()
