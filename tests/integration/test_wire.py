"""Replies come out as the relay meant them, however it cuts, drips or garbles them."""

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.reply import Reply
from newsletter.smtp.wire import CHUNK, LONGEST_LINE, MOST_LINES, MOST_UNREAD, Wire
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
            replies.append(await wire.read_reply(5))
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
                    await wire.read_reply(5)
            theirs.sendall(b"250 late\r\n")
            return await wire.read_reply(5)

    assert run(talk()).text == "late"


@pytest.mark.parametrize("size", [20_000, 60_000, 5_000_000])
def test_poured_means_that_nothing_is_left_with_us(size: int) -> None:
    async def talk() -> tuple[bool, int, int]:
        async with line(send_buffer=4096) as (wire, theirs):
            poured = asyncio.create_task(wire.pour(b"x" * size, 5))
            await asyncio.sleep(0.02)
            early = poured.done()
            theirs.setblocking(False)
            came = 0
            while not poured.done():
                came += len(await asyncio.get_running_loop().sock_recv(theirs, 1 << 20))
            await poured
            left = wire._transport.get_write_buffer_size()
            while came < size:
                came += len(await asyncio.get_running_loop().sock_recv(theirs, 1 << 20))
            return early, left, came

    assert run(talk()) == (False, 0, size)


def test_a_large_message_takes_little_memory_on_its_way() -> None:
    """TLS encrypts whatever it is given, so it is given little at a time."""

    async def talk() -> int:
        async with line(send_buffer=4096) as (wire, _):
            pouring = asyncio.create_task(wire.pour(b"x" * 5_000_000, 5))
            await asyncio.sleep(0.02)
            waiting = wire._transport.get_write_buffer_size()
            pouring.cancel()
            return waiting

    assert 0 < run(talk()) <= CHUNK


def test_a_relay_that_goes_away_ends_the_wait_for_room() -> None:
    async def talk() -> None:
        async with line() as (wire, theirs):
            poured = asyncio.create_task(wire.pour(b"x" * 5_000_000, 5))
            await asyncio.sleep(0.01)
            theirs.close()
            await poured
            assert wire.has_unread
            with pytest.raises((OSError, EOFError)):
                await wire.read_reply(5)

    run(talk())


def test_a_relay_that_speaks_ends_the_wait_for_room() -> None:
    async def talk() -> Reply:
        async with line() as (wire, theirs):
            poured = asyncio.create_task(wire.pour(b"x" * 5_000_000, 60))
            await asyncio.sleep(0.01)
            assert not poured.done()
            theirs.sendall(b"552 5.3.4 Enough\r\n")
            await poured
            return await wire.read_reply(5)

    assert run(talk()) == Reply(552, "5.3.4", "Enough")


# How long it may take


def seconds_until_given_up(wait: Callable[[Wire, socket.socket], Awaitable[object]]) -> float:
    async def talk() -> float:
        async with line(send_buffer=4096) as (wire, theirs):
            start = time.monotonic()
            with pytest.raises(TimeoutError, match="nothing came within"):
                await wait(wire, theirs)
            return time.monotonic() - start

    return run(talk())


def test_silence_is_given_up_in_time() -> None:
    assert 0.2 <= seconds_until_given_up(lambda wire, _: wire.read_reply(0.2)) < 0.5


def test_each_wait_has_its_own_time_whatever_the_one_before_had() -> None:
    async def wait(wire: Wire, theirs: socket.socket) -> None:
        for seconds in (600.0, 0.5, 300.0):
            theirs.sendall(b"250 Ok\r\n")
            await wire.read_reply(seconds)
        await asyncio.sleep(0.6)  # the time between two waits counts for neither
        await wire.read_reply(0.2)

    assert 0.8 <= seconds_until_given_up(wait) < 1.2


def test_one_timer_serves_any_number_of_waits() -> None:
    async def talk() -> int:
        async with line() as (wire, theirs):
            for _ in range(50):
                reading = asyncio.create_task(wire.read_reply(600))
                await asyncio.sleep(0)
                theirs.sendall(b"250 Ok\r\n")
                await reading
            return len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]

    assert run(talk()) <= 3  # ours, and that of the test


def test_a_body_of_which_nothing_moves_is_given_up() -> None:
    async def wait(wire: Wire, theirs: socket.socket) -> None:
        await wire.pour(b"x" * 5_000_000, 0.2)
        await wire.read_reply(5)

    assert 0.2 <= seconds_until_given_up(wait) < 0.6


def test_a_body_that_moves_slowly_is_waited_for() -> None:
    async def talk() -> float:
        async with line(send_buffer=4096) as (wire, theirs):
            start = time.monotonic()
            poured = asyncio.create_task(wire.pour(b"x" * 60_000, 0.8))
            theirs.setblocking(False)
            while not poured.done():
                await asyncio.sleep(0.04)
                with contextlib.suppress(BlockingIOError):
                    theirs.recv(1000)
            assert not wire.has_unread
            return time.monotonic() - start

    assert run(talk()) > 1.5
