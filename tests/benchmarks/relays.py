"""Into a real Postfix that writes its queue to disk, to a relay far away, and signed."""

import socket
import statistics
import subprocess
import time
from collections.abc import Callable

from tests.benchmarks.campaign import CONNECTIONS, waiting
from tests.benchmarks.contest import ROUNDS, Row, at_least, at_most, ratio, rounds
from tests.benchmarks.sending import MESSAGES, median, rate
from tests.servers.delay import Delayed
from tests.servers.postfix import Postfix
from tests.servers.sink import Sink, flood

QUEUED = 2_000  #: messages into Postfix in one round
FAR = 1_000  #: messages to the relay far away in one round
LINES = 4  #: connections to it: more of them would measure the proxy
AWAY = 0.020  #: seconds there and back


def postfix() -> list[Row]:
    """Ours and smtp-source into the same Postfix, which queues to disk and discards."""
    return [_into_postfix(connections) for connections in (CONNECTIONS, 2 * CONNECTIONS)]


def _into_postfix(connections: int) -> Row:
    with waiting(QUEUED * (ROUNDS + 2)) as campaign, Postfix(discarding=True) as server:

        def when_done(turn: Callable[[], float]) -> Callable[[], float]:
            def measured() -> float:
                before = len(server.taken())
                found = turn()
                server.wait_until_discarded(before + QUEUED)
                return found

            return measured

        def ours() -> float:
            return rate(campaign.sent(server.port, QUEUED, connections=connections))

        def theirs() -> float:
            return flood(server.port, QUEUED, mail=campaign.mail, sessions=connections)

        found = rounds({"newsletter": when_done(ours), "smtp-source": when_done(theirs)})
    times = ratio(found["newsletter"], found["smtp-source"])
    what = f"smtp-source, both into a real Postfix, {connections} connections"
    return at_least(what, 0.9, times, f" ({median(found['newsletter'])} a second)")


def distance() -> list[Row]:
    """How many times a message waits for the way there and back, one connection after another."""
    with waiting(FAR * ROUNDS + 1000) as campaign, Sink() as sink, Delayed(sink.port, AWAY) as far:
        taken = [campaign.sent(far.port, FAR, connections=LINES) for _ in range(ROUNDS)]
        trip = _round_trip(far.port)
    trips = statistics.median(each.seconds * LINES / each.messages / trip for each in taken)
    what = f"a relay {AWAY * 1000:.0f} ms away: round trips a message"
    return [at_most(what, 1.2, trips, "", f" (of {trip * 1000:.1f} ms, as NOOP takes)")]


def _round_trip(port: int) -> float:
    """Returns how many seconds it is there and back: a proxy's clock wakes it a little late."""
    times = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.recv(500)
        for _ in range(50):
            start = time.perf_counter()
            line.sendall(b"NOOP\r\n")
            line.recv(500)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def signing() -> list[Row]:
    """Signed with RSA-2048 beside unsigned."""
    with waiting(MESSAGES * 2 * ROUNDS + 2000) as campaign:
        root = campaign.workplace.root
        key = ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        subprocess.run(
            ["openssl", *key, "-out", root / "dkim.pem"], check=True, capture_output=True
        )
        (root / "dkim.pem").chmod(0o600)
        lines = ("[dkim]", 'domain = "example.org"', 'selector = "s1"', 'key_file = "dkim.pem"')
        turns = {
            "plain": lambda: rate(campaign.sent_to_sink(MESSAGES)),
            "signed": lambda: rate(campaign.sent_to_sink(MESSAGES, *lines)),
        }
        found = rounds(turns)
    return [
        at_least(
            "signed with RSA-2048, beside unsigned", 0.5, ratio(found["signed"], found["plain"])
        )
    ]
