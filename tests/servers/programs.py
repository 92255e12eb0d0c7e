"""Finds the system programs that tests need: without one a test is skipped, in CI it fails."""

import os
import shutil
import socket
from pathlib import Path
from typing import NoReturn

import pytest

#: Mail servers are unpacked here by tools/programs.sh, and never installed.
TOOLS = Path(__file__).parents[2] / ".tools"
POSTFIX = TOOLS / "postfix"
_PLACES = (POSTFIX / "usr/sbin", POSTFIX / "usr/lib/postfix/sbin")


def require(program: str) -> Path:
    """Where the program is; the test that asks ends here when it is nowhere."""
    path = os.pathsep.join([*map(str, _PLACES), os.environ.get("PATH", os.defpath)])
    found = shutil.which(program, path=path)
    if found is None:
        unavailable(f"needs {program}: `make programs` says how to get it")
    return Path(found)


def unpacked(package: str, program: str) -> Path:
    """The folder of a package, which has this program; the test ends here when it has not."""
    if not (TOOLS / package / program).exists():
        unavailable(f"needs {package}: `make programs` says how to get it")
    return TOOLS / package


def require_root() -> None:
    if os.geteuid() != 0:
        unavailable("needs root: sudo make test")


def unavailable(reason: str) -> NoReturn:
    """A skip on a desk, a failure in CI, where nothing may go untested unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def postfix_environment() -> dict[str, str]:
    """What a program of the unpacked Postfix needs to find its own libraries."""
    shared = (path for lib in ("usr/lib", "lib") for path in POSTFIX.glob(f"{lib}/*-linux-gnu*"))
    libraries = (POSTFIX / "usr/lib/postfix", *shared)
    return os.environ | {"LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries))}


def free_port() -> int:
    """A loopback port that was free a moment ago, for programs that cannot choose one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
