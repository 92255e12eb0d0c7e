"""aiosmtplib as tutorials use it: a message and a `send` a person, so many at a time."""

import asyncio
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib

from tests.benchmarks.senders.common import SENDER, SESSIONS, SLOT, Job, timed


def message(job: Job, bodies: tuple[str, str], to: str, first_name: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = SENDER, to, job.subject
    text, html = (body.replace(SLOT, first_name) for body in bodies)
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    return made


async def everybody(job: Job) -> None:
    places, bodies = asyncio.Semaphore(SESSIONS), job.bodies(SLOT)

    async def one(to: str, first_name: str) -> None:
        async with places:
            await aiosmtplib.send(
                message(job, bodies, to, first_name),
                hostname="127.0.0.1",
                port=job.port,
                start_tls=False,
                local_hostname="localhost",
            )

    await asyncio.gather(*(one(*person) for person in job.people()))


if __name__ == "__main__":
    timed(lambda job: asyncio.run(everybody(job)))
