"""The small file beside a ledger that says which generation of it was here last."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stamp:
    """Says nothing about a ledger of another name; where it is missing, it says nothing."""

    path: Path

    def generation(self, name: str) -> int:
        """Return the newest generation seen of the ledger *name*; 0: none."""
        try:
            found, _, generation = self.path.read_text(encoding="ascii").strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            return 0
        return int(generation) if found == name and generation.isdecimal() else 0

    def set(self, name: str, generation: int) -> None:
        """Remember *generation*, whatever happens while it is written down."""
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_text(f"{name} {generation}\n", encoding="ascii")
        os.replace(new, self.path)
