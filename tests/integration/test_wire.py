"""Replies come out as the relay meant them, however it cuts, drips or garbles them."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.reply import Reply
from newsletter.smtp.wire import LONGEST_LINE, MOST_LINES, MOST_UNREAD, Wire
from tests.integration.campaigns import run

Read = tuple[list[Reply], type[Exception]]


@asynccontextmanager
async def line(send_buffer: int = 0) -> AsyncIterator[tuple[Wire, socket.socket]]:
    """A wire, and the relay's end of it."""
    ours, theirs = socket.socketpair()
    if send_buffer:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    wire = Wire(transport)
    try:
        yield wire, theirs
    finally:
        wire.abort()
        theirs.close()


async def read_all(wire: Wire) -> Read:
    replies = []
    try:
        while True:
            replies.append(await wire.read_reply())
    except (EOFError, OSError, ValueError) as end:
        return replies, type(end)


def received(*segments: bytes) -> Read:
    """Everything that can be read when the relay sends these segments and hangs up."""

    async def talk() -> Read:
        async with line() as (wire, theirs):
            for segment in segments:
                wire.data_received(segment)
            theirs.close()
            return await read_all(wire)

    return run(talk())


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


texts = st.binary(max_size=40).map(lambda text: text.translate(None, b"\r\n"))
valid_replies = st.tuples(
    st.integers(200, 599),
    st.lists(texts, min_size=1, max_size=5),
    st.sampled_from([b"\r\n", b"\n"]),
)


def written(code: int, lines: list[bytes], end: bytes) -> bytes:
    separators = [b"-"] * (len(lines) - 1) + [b" "]
    return b"".join(
        b"%d%b%b%b" % (code, separator, text, end)
        for separator, text in zip(separators, lines, strict=True)
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(valid_replies, max_size=MOST_UNREAD), st.lists(st.integers(0, 5000), max_size=30))
def test_any_way_of_cutting_a_stream_gives_the_same_replies(
    replies: list[tuple[int, list[bytes], bytes]], places: list[int]
) -> None:
    stream = b"".join(written(*reply) for reply in replies)
    whole = received(stream)
    assert [reply.code for reply in whole[0]] == [code for code, _, _ in replies]
    assert whole[1] is EOFError
    assert received(*cut(stream, places)) == whole


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([b"250", b"25O", b"-", b" ", b"x", b"\0", b"\xff", b"\r", b"\n"])),
    st.lists(st.integers(0, 5000), max_size=30),
)
def test_rubbish_is_the_same_rubbish_however_it_is_cut(
    words: list[bytes], places: list[int]
) -> None:
    stream = b"".join(words)
    assert received(*cut(stream, places)) == received(stream)


@pytest.mark.parametrize("length", [LONGEST_LINE - 1, LONGEST_LINE, LONGEST_LINE + 1])
def test_where_a_long_line_is_cut_does_not_decide_whether_it_is_too_long(length: int) -> None:
    stream = b"250 ".ljust(length, b"x") + b"\r\n"
    assert received(*cut(stream, [length + 1])) == received(stream) == received(*cut(stream, [9]))


def test_replies_come_byte_by_byte() -> None:
    stream = b"250-2.0.0 one\r\n250 2.0.0 two\r\n550 5.1.1 gone\r\n"
    replies, _ = received(*(stream[n : n + 1] for n in range(len(stream))))
    assert replies == [Reply(250, "2.0.0", "one two"), Reply(550, "5.1.1", "gone")]


def test_two_replies_in_one_packet_are_two_replies() -> None:
    assert [reply.code for reply in received(b"250 a\r\n550 b\r\n")[0]] == [250, 550]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"25O Ok\r\n",
        b"\r\n",
        b"250-a\r\n251 b\r\n",
        b"250-a\r\nhello\r\n",
        b"250-a\r\n\r\n",
        b"2500 Ok\r\n",
        b"25\r\n",
        b"199 x\r\n",
        b"600 x\r\n",
        b"999999 x\r\n",
        b"\xc2\xb250 x\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\0\0\0\r\n",
    ],
)
def test_what_is_no_reply_is_a_fault_and_nothing_after_it_counts(rubbish: bytes) -> None:
    assert received(rubbish, b"250 Ok\r\n") == ([], ValueError)


def test_what_came_before_the_rubbish_still_counts() -> None:
    replies, fault = received(b"550 5.1.1 gone\r\nrubbish\r\n")
    assert [reply.code for reply in replies] == [550]
    assert fault is ValueError


def test_no_control_character_of_the_relay_gets_through() -> None:
    [reply], _ = received(b"250 a\0b\x1b[31mc\x07\xff d\r\n")
    assert reply.text == "a b [31mc  d"


def test_a_line_without_end_is_given_up_and_takes_no_memory() -> None:
    async def talk() -> int:
        async with line() as (wire, _):
            for _ in range(160):
                wire.data_received(b"x" * 65536)  # 10 MB
            assert await read_all(wire) == ([], ValueError)
            return len(wire._buffer)

    assert run(talk()) <= LONGEST_LINE + 65536


def test_a_reply_without_end_is_given_up() -> None:
    assert received(b"250-x\r\n" * (MOST_LINES + 1)) == ([], ValueError)
    assert [
        reply.code for reply in received(b"250-x\r\n" * (MOST_LINES - 1) + b"250 x\r\n")[0]
    ] == [250]


def test_a_flood_of_replies_is_given_up() -> None:
    replies, fault = received(b"250 x\r\n" * 100_000)
    assert len(replies) <= MOST_UNREAD + 1
    assert fault is ValueError


def test_half_a_reply_at_the_end_is_no_reply() -> None:
    assert received(b"250 Ok") == ([], EOFError)
    assert received(b"250-Ok\r\n") == ([], EOFError)


def test_a_reply_then_the_end_is_a_reply_then_the_end() -> None:
    async def talk() -> Read:
        async with line() as (wire, theirs):
            theirs.sendall(b"421 4.3.2 bye\r\n")
            theirs.close()
            return await read_all(wire)

    assert run(talk()) == ([Reply(421, "4.3.2", "bye")], EOFError)


@pytest.mark.parametrize("segment", [b"250 x\r\n", b"250-x\r\n", b"2", b"rubbish\r\n"])
def test_anything_unasked_for_breaks_the_silence(segment: bytes) -> None:
    async def talk() -> None:
        async with line() as (wire, _):
            wire.expect_silence()
            wire.data_received(segment)
            assert wire.has_unread
            with pytest.raises(ValueError, match=r"nobody asked for|not an SMTP reply"):
                wire.expect_silence()

    run(talk())


def test_a_wait_that_was_cancelled_leaves_the_reply_for_the_next() -> None:
    async def talk() -> Reply:
        async with line() as (wire, theirs):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await wire.read_reply()
            theirs.sendall(b"250 late\r\n")
            return await wire.read_reply()

    assert run(talk()).text == "late"


@pytest.mark.parametrize("size", [20_000, 60_000, 5_000_000])
def test_drained_means_that_nothing_is_left_with_us(size: int) -> None:
    async def talk() -> tuple[bool, int]:
        async with line(send_buffer=4096) as (wire, theirs):
            wire.write(b"x" * size)
            drained = asyncio.create_task(wire.drained())
            await asyncio.sleep(0.02)
            early = drained.done()
            theirs.setblocking(False)
            while not drained.done():
                await asyncio.get_running_loop().sock_recv(theirs, 1 << 20)
            await drained
            return early, wire._transport.get_write_buffer_size()

    assert run(talk()) == (False, 0)


def test_a_relay_that_goes_away_ends_the_wait_for_room() -> None:
    async def talk() -> None:
        async with line() as (wire, theirs):
            wire.write(b"x" * 5_000_000)
            drained = asyncio.create_task(wire.drained())
            await asyncio.sleep(0.01)
            theirs.close()
            with pytest.raises((OSError, EOFError)):
                await drained

    run(talk())
