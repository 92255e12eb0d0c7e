"""Templates as Jinja compiled them, kept from one run to the next."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """What became of each template under *options*; made again when any of it changes.

    Jinja compares the source and the version of Python. Its own version and the options are in
    the name of the file.
    """

    def __init__(self, folder: Path, options: object) -> None:
        decided_by = hashlib.sha256(f"{jinja2.__version__} {options!r}".encode()).hexdigest()
        super().__init__(str(folder), f"{decided_by[:16]}-%s")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read what *bucket* was compiled to."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # a file cut short may raise anything; compiling mends it
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what *bucket* was compiled to, where that can be written."""
        with suppress(OSError):
            os.makedirs(self.directory, exist_ok=True)
            super().dump_bytecode(bucket)
