"""A connected socket: of the addresses a host has, the first that answers."""

import asyncio
import socket

import aiohappyeyeballs
from aiohappyeyeballs import AddrInfoType

CONNECT_TIMEOUT = 30.0  #: seconds, for all addresses together
NEXT_ADDRESS = 0.25  #: seconds until the next one is tried beside those before (RFC 8305)

# The kernel gives up a peer that acknowledges nothing for so long. As long as the wait for the
# reply to the final dot, or a slow relay would be given up before it (RFC 1047).
UNACKNOWLEDGED = 600_000  #: milliseconds

_OPTIONS = (  #: those that this system has
    ("TCP_NODELAY", socket.IPPROTO_TCP, 1),  # a dot waits for nothing
    ("SO_KEEPALIVE", socket.SOL_SOCKET, 1),
    ("TCP_KEEPIDLE", socket.IPPROTO_TCP, 60),
    ("TCP_KEEPINTVL", socket.IPPROTO_TCP, 30),
    ("TCP_USER_TIMEOUT", socket.IPPROTO_TCP, UNACKNOWLEDGED),
)


async def reach(host: str, port: int) -> socket.socket:
    """Return a socket connected to *host*; `OSError` or `UnicodeError` says why there is none."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            addresses = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
            return await aiohappyeyeballs.start_connection(
                addresses, happy_eyeballs_delay=NEXT_ADDRESS, socket_factory=_socket
            )
    except TimeoutError:
        raise TimeoutError(f"nothing came within {CONNECT_TIMEOUT:.0f} seconds") from None
    except RuntimeError as error:  # what happens to several addresses under uvloop
        raise OSError("none of its addresses answers") from error


def _socket(address: AddrInfoType) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    for name, level, value in _OPTIONS:
        if hasattr(socket, name):
            made.setsockopt(level, getattr(socket, name), value)
    return made
