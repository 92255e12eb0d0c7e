"""The command on a real terminal, with somebody at the keyboard."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable

from tests.workplace import COMMAND, Workplace


def type_into(
    workplace: Workplace,
    arguments: tuple[str, ...],
    keys: str,
    *,
    status: int,
    meanwhile: Callable[[], object] = lambda: None,
) -> str:
    """Run the command and type *keys* at its question; return what the screen showed.

    What happens *meanwhile* happens while the question stands there.
    """
    process, master = on_a_terminal(workplace, *arguments)
    shown, typed, end = b"", False, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            shown += os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not typed and b"Type the number of people" in shown:
            meanwhile()
            os.write(master, keys.encode())
            typed = True
    os.close(master)
    assert process.wait(10) == status, shown.decode()
    return shown.decode()


def on_a_terminal(workplace: Workplace, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the command on a terminal; return it and the terminal's other end."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [str(COMMAND), *arguments],
        cwd=workplace.root,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        close_fds=True,
    )
    os.close(slave)
    return process, master
