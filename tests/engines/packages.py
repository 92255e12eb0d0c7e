"""Finds what npm packages brought; tools/programs.sh puts them in .tools."""

from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from tests.servers.programs import unavailable

_PACKAGES = Path(__file__).parents[2] / ".tools" / "mail" / "node_modules"


def package(file: str) -> Path:
    """Return the path of *file*, which begins with the name of its package."""
    path = _PACKAGES / file
    if not path.is_file():
        unavailable(f"needs {file}: `make programs` says how to get it")
    return path


def node() -> str:
    """Return the Node that Playwright brings, which is newer than most systems' own."""
    program, _ = compute_driver_executable()
    return program
