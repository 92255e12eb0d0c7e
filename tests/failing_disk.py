"""A disk that fails under the ledger, or falls with the power: in the program that a test runs.

The environment that these return goes to the program; nothing else of the machine notices.
"""

import shutil
import subprocess
from pathlib import Path

from tests.servers.programs import unavailable

_SOURCE = Path(__file__).with_suffix(".c")


def failing(folder: Path, what: str, error: int, *, after: int) -> dict[str, str]:
    """From the call with this number on, every "write" or "flush" of the ledger fails."""
    return {
        "LD_PRELOAD": _compiled(folder),
        "DISK_FAILS": what,
        "DISK_ERROR": str(error),
        "DISK_AFTER": str(after),
    }


def remembering(folder: Path) -> dict[str, str]:
    """A disk on which `lose_power` can take back what was not flushed."""
    return {"LD_PRELOAD": _compiled(folder), "DISK_REMEMBERS": "1"}


def lose_power(ledger: Path) -> None:
    """Leave of the ledger only what was flushed: all else was in memory."""
    for name in ("", "-wal"):
        file = ledger.with_name(ledger.name + name)
        flushed = file.with_name(f"{file.name}.flushed")
        file.write_bytes(flushed.read_bytes() if flushed.exists() else b"")  # the same file
    ledger.with_name(f"{ledger.name}-shm").unlink(missing_ok=True)


def _compiled(folder: Path) -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        unavailable("needs a C compiler: sudo apt-get install gcc")
    library = folder / "failing_disk.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True
    )
    return str(library)
