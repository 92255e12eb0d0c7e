"""The look of a mail: a folder of templates, two style sheets, colours, fonts and fixed words."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newsletter.errors import SetupError, suggest

NARROWEST, WIDEST = 480, 800  #: pixels of a sheet that still works as a mail

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FONTS = re.compile(r"[A-Za-z0-9-]+([ ,]+[A-Za-z0-9-]+)*")
_VALUES = {
    "colours": (_COLOUR, "is not a colour of six digits such as #0a5ca8"),
    "dark": (_COLOUR, "is not a colour of six digits such as #86c3fb"),
    "fonts": (_FONTS, "is not a list of font names without quotes"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """One look; what its own folder does not hold comes from the theme `default`."""

    name: str
    folders: tuple[Path, ...]  #: where its files are looked for, in this order
    width: int  #: of the sheet, in pixels
    colours: Mapping[str, str]
    dark: Mapping[str, str]  #: the same colours where the reader's screen is dark
    fonts: Mapping[str, str]


def load(name: str, folders: Sequence[Path]) -> Theme:
    """Return the theme *name* from the first of *folders* that holds it."""
    known = {path.parent.name for folder in folders for path in folder.glob("*/theme.toml")}
    if name not in known:
        raise SetupError(f"unknown theme `{name}`{suggest(name, known) or _choice(known)}")
    places = [folder / theme for theme in (name, "default") for folder in folders]
    chain = _chain([place for place in places if (place / "theme.toml").is_file()])
    settings = _settings(chain)
    return Theme(
        name=name,
        folders=chain,
        width=settings["width"],
        colours=settings["colours"],
        dark=settings["dark"],
        fonts=settings["fonts"],
    )


def shipped() -> Path:
    """Return the folder of the themes that come with the package."""
    package = Path(__file__).parent
    inside_wheel = package / "templates"
    return inside_wheel if inside_wheel.is_dir() else package.parent / "templates"


def strings(theme: Theme, language: str) -> dict[str, str]:
    """Return the fixed words of *theme* in *language*, "nl-BE" speaking as "nl"."""
    spoken = language.split("-")[0].lower()
    files = [folder / "strings" / f"{spoken}.toml" for folder in reversed(theme.folders)]
    found = [_toml(file) for file in files if file.is_file()]
    if not found:
        raise SetupError(
            f"theme `{theme.name}` has no words in `{language}`; "
            f"copy {theme.folders[-1] / 'strings' / 'en.toml'} to {files[-1]} and translate it"
        )
    return {name: words for file in found for name, words in file.items()}


def environment(theme: Theme) -> Environment:
    """Return the Jinja environment that finds the templates of *theme*."""
    return Environment(
        loader=FileSystemLoader(theme.folders),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _choice(known: Iterable[str]) -> str:
    return f"; there are {', '.join(f'`{name}`' for name in sorted(known))}" if known else ""


def _chain(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the first of *places* for each theme, and below them the `default` shipped."""
    first: dict[str, Path] = {}
    for place in places:
        first.setdefault(place.name, place)
    return tuple(dict.fromkeys((*first.values(), shipped() / "default")))


def _settings(chain: Sequence[Path]) -> dict[str, Any]:
    """Return the settings of the themes in *chain*, an earlier one on top of a later."""
    known = _toml(chain[-1] / "theme.toml")
    settings = known
    for file in (folder / "theme.toml" for folder in reversed(chain[:-1])):
        own = _toml(file)
        _check(file, own, known)
        tables = {key: settings[key] | own[key] for key in _VALUES if key in own}
        settings = settings | own | tables
    return settings


def _check(file: Path, own: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for key, value in own.items():
        _known(file, key, known)
        if key in _VALUES:
            _check_table(file, key, value, known[key])
    width = own.get("width", known["width"])
    if not isinstance(width, int) or not NARROWEST <= width <= WIDEST:
        raise SetupError(f"{file}: width: {width} is not between {NARROWEST} and {WIDEST}")


def _check_table(file: Path, table: str, own: object, default: Mapping[str, str]) -> None:
    if not isinstance(own, dict):
        raise SetupError(f"{file}: `{table}` must be a table; write it as [{table}]")
    pattern, complaint = _VALUES[table]
    for key, value in own.items():
        _known(file, key, default)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise SetupError(f"{file}: {table}.{key}: `{value}` {complaint}")


def _known(file: Path, key: str, known: Iterable[str]) -> None:
    if key not in known:
        raise SetupError(f"{file}: unknown setting `{key}`{suggest(key, known) or _choice(known)}")


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{file}: {error}") from error
