"""The built-in mail server: takes everything on loopback and keeps it as .eml files.

The relay of a new workspace, and of every rehearsal: no mail leaves the machine.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MESSAGE = 50_000_000  #: bytes


class _Keeper:
    """Writes each message to a file of its own, named after its reader, before it says yes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # every mail of it is somebody's
        numbers = (path.name.partition("-")[0] for path in folder.glob("*.eml"))
        self._number = max((int(number) for number in numbers if number.isdecimal()), default=0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message as a mail client would: with its envelope as headers on top."""
        self._number += 1
        readers = ", ".join(envelope.rcpt_tos)
        name = re.sub(r"[^A-Za-z0-9@._+-]", "_", readers)[:100]
        envelope_headers = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {readers}\r\n"
        content = envelope.original_content or b""
        path = self._folder / f"{self._number:06d}-{name}.eml"
        part = path.with_suffix(".part")
        try:
            part.write_bytes(envelope_headers.encode() + content)
            part.rename(path)
        except OSError as error:  # the disk is full: about now, not about this reader
            return f"452 4.3.1 cannot be kept: {error.strerror}"
        return f"250 2.0.0 kept as {path.name}"


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[int]:
    """Keep mail in *folder* for as long as the context lasts; yields the port on 127.0.0.1."""
    keeper = _Keeper(folder)

    def session() -> SMTP:
        return SMTP(
            keeper,
            hostname="inbox.invalid",
            data_size_limit=LARGEST_MESSAGE,
            ident="newsletter inbox",
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
