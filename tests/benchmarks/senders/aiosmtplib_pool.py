"""aiosmtplib as well as it goes: a pool of open connections, a message a person."""

import asyncio

import aiosmtplib

from tests.benchmarks.senders.aiosmtplib_send import message
from tests.benchmarks.senders.common import SESSIONS, SLOT, Job, timed


async def everybody(job: Job) -> None:
    people, bodies = iter(job.people()), job.bodies(SLOT)

    async def work() -> None:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=job.port, start_tls=False, local_hostname="localhost"
        )
        async with client:
            for to, first_name in people:
                await client.send_message(message(job, bodies, to, first_name))

    await asyncio.gather(*(work() for _ in range(SESSIONS)))


if __name__ == "__main__":
    timed(lambda job: asyncio.run(everybody(job)))
