"""A network of its own, with one bridge to ours that can be taken away without a word (root)."""

import contextlib
import ctypes
import itertools
import os
import subprocess
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from tests.servers.programs import require, require_root

_NUMBERS = itertools.count()
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET


class Island:
    """`island.address` is an address there; after `island.vanish()` every packet is lost."""

    def __init__(self) -> None:
        require_root()
        self._ip = require("ip")
        number = f"{os.getpid()}-{next(_NUMBERS)}"
        self._name, self._ours, self._theirs = (f"{word}{number}" for word in ("isle", "a", "b"))
        self.address = "198.51.100.2"  # RFC 5737

    def __enter__(self) -> Self:
        self._run("netns", "add", self._name)
        try:
            self._run(
                *("link", "add", self._ours, "type", "veth"),
                *("peer", "name", self._theirs, "netns", self._name),
            )
            self._run("address", "add", "198.51.100.1/30", "dev", self._ours)
            self._run("link", "set", self._ours, "up")
            self._there("address", "add", f"{self.address}/30", "dev", self._theirs)
            self._there("link", "set", self._theirs, "up")
        except BaseException:
            self._run("netns", "delete", self._name)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("link", "delete", self._ours)
        self._run("netns", "delete", self._name)

    def vanish(self) -> None:
        self._there("link", "set", self._theirs, "down")

    @contextlib.contextmanager
    def ashore(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are there."""
        with open("/proc/thread-self/ns/net") as here, open(f"/run/netns/{self._name}") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())

    def _there(self, *words: str) -> None:
        self._run("-n", self._name, *words)

    def _run(self, *words: str) -> None:
        subprocess.run([self._ip, *words], check=True, capture_output=True)


def _enter(network: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "setns")
