"""How fast mail leaves, beside what else could send it: ratios, for these machines are noisy.

Each sends mails of the size of a real interview to smtp-sink on this machine: our `send`,
with its ledger; smtp-source, Postfix's own generator in C, which keeps no books; and one
`aiosmtplib.send` a person with a message built by the standard library, as tutorials do.
"""

import asyncio
import re
import tempfile
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from tests.benchmarks import building
from tests.servers.sink import Sink, flood
from tests.workplace import Workplace, address

PEOPLE = 2000
FEW = 300  #: for the slow way
SESSIONS = 8


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(Path(folder) / "workspace")
        name = workplace.import_interview()
        workplace.run("build", name)
        mail = next((workplace.root / "var" / "outbox").glob("*/*.eml")).read_bytes()
        workplace.add_list("staff", range(PEOPLE))
        rates = {
            "smtp-source (C, no books)": _generator(len(mail)),
            "newsletter send": _newsletter(workplace, name),
            "aiosmtplib.send, one a person": _naive(mail),
        }
    ours = rates["newsletter send"]
    print(f"{PEOPLE:,} mails of {len(mail):,} bytes, {SESSIONS} connections, to smtp-sink")
    for who, rate in rates.items():
        print(f"  {who:32} {rate:8,.0f} a second   {ours / rate:6.2f} x for us")
    building.compare()


def _generator(size: int) -> float:
    with Sink() as sink:
        return flood(sink.port, PEOPLE, size=size, sessions=SESSIONS)


def _newsletter(workplace: Workplace, name: str) -> float:
    with Sink() as sink:
        workplace.relay(f"smtp://127.0.0.1:{sink.port}", f"connections = {SESSIONS}")
        printed = workplace.run("send", name, "--list", "staff", "--yes").stdout
        assert sink.messages() == PEOPLE
    found = re.search(r"\(([\d.]+) s, ([\d,]+) a second\)", printed)
    assert found
    return float(found[2].replace(",", ""))


def _naive(mail: bytes) -> float:
    parsed = message_from_bytes(mail, policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    text, html = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    bodies = text.get_content(), html.get_content()

    async def one(number: int, port: int, places: asyncio.Semaphore) -> None:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"] = "communicatie@example.org", address(number)
        message["Subject"] = str(parsed["Subject"])
        message.set_content(bodies[0])
        message.add_alternative(bodies[1], subtype="html")
        async with places:
            await aiosmtplib.send(
                message,
                hostname="127.0.0.1",
                port=port,
                start_tls=False,
                local_hostname="localhost",
            )

    async def everybody(port: int) -> None:
        places = asyncio.Semaphore(SESSIONS)
        await asyncio.gather(*(one(number, port, places) for number in range(FEW)))

    with Sink() as sink:
        start = time.perf_counter()
        asyncio.run(everybody(sink.port))
        return FEW / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
