"""A folder that programs take for the whole disk, for servers whose places are compiled into them.

It holds each program with its libraries, and accounts of its own: the machine needs none of them.
"""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

_DEVICES = {"null": (1, 3), "zero": (1, 5), "urandom": (1, 9)}
FIRST_ACCOUNT = 64001  #: number of the first account and group; nobody else's on a usual machine


class Jail:
    """An empty one in *root*; *package* is the folder that programs are copied from."""

    def __init__(self, root: Path, package: Path, accounts: Iterable[str]) -> None:
        self.root, self._package = root, package
        for name in ("dev", "etc", "tmp"):
            (root / name).mkdir(parents=True)
        for name, (major, minor) in _DEVICES.items():
            os.mknod(root / "dev" / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
            (root / "dev" / name).chmod(0o666)
        self._numbers = {"root": 0} | {who: FIRST_ACCOUNT + n for n, who in enumerate(accounts)}
        rows = self._numbers.items()
        self.write("etc/passwd", "".join(f"{who}:x:{n}:{n}::/tmp:/bin/sh\n" for who, n in rows))
        self.write("etc/group", "".join(f"{who}:x:{n}:\n" for who, n in rows))
        self.write("etc/hosts", "127.0.0.1 localhost\n")

    def command(self, *words: str) -> list[str | Path]:
        """What to run from outside."""
        return ["/usr/sbin/chroot", self.root, *words]

    def copy(self, *programs: str) -> None:
        """Copies programs, each with its libraries, to the places that they have."""
        for program in programs:
            found = self._package / program.lstrip("/")
            found = found if found.exists() else Path(program)
            self._copy(found, program)
            for library in self._libraries(found):
                self._copy(
                    library, "/" + str(library).removeprefix(f"{self._package}/").lstrip("/")
                )

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)

    def folder(self, path: str, owner: str, mode: int = 0o755) -> Path:
        """Makes a folder that belongs to one of the accounts."""
        folder = self.root / path
        folder.mkdir(parents=True)
        os.chown(folder, self._numbers[owner], self._numbers[owner])
        folder.chmod(mode)
        return folder

    def _libraries(self, program: Path) -> list[Path]:
        here = ":".join(map(str, self._package.glob("usr/lib/*-linux-gnu*")))
        said = subprocess.run(
            ["ldd", program],
            env=os.environ | {"LD_LIBRARY_PATH": here},
            capture_output=True,
            text=True,
            check=True,
        )
        return [Path(each) for each in re.findall(r"(/\S+) \(0x", said.stdout)]

    def _copy(self, file: Path, to: str) -> None:
        target = self.root / to.lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
