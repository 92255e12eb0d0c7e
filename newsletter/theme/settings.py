"""What theme.toml may say: strict, because a setting that is misspelt does nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter import blocks, markdown
from newsletter.blocks import Link, Slot
from newsletter.errors import suggest

NARROWEST, WIDEST = 480, 800  #: pixels of a sheet that still works as a mail
ROUNDEST = 24  #: pixels
TEXT_LINKS = ("inline", "numbered")
LOGO_WIDTHS = (16, 400)  #: pixels; a phone shows 280 of them beside its margins, and scales
LONGEST_LINE = 300  #: characters of a line of the footer

Said = Sequence[tuple[Path, Mapping[str, Any]]]  #: each theme.toml, an earlier one on top

_PICTURE = re.compile(r"[^\x00-\x1f\\]{1,120}\.(png|jpe?g)", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
_COLOUR = (re.compile(r"#[0-9a-fA-F]{6}"), "is not a colour of six digits such as #0a5ca8")
_FONTS = (
    re.compile(r"[A-Za-z0-9-]+([ ,]+[A-Za-z0-9-]+)*"),
    "is not a list of font names without quotes",
)
_TABLES = {"colours": _COLOUR, "dark": _COLOUR, "fonts": _FONTS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Logo:
    """The picture that stands for the organisation."""

    light: Path
    dark: Path | None  #: what replaces it on a dark screen; None: nothing needs to
    alt: str
    width: int  #: as shown, in pixels


def faults(said: Said) -> list[str]:
    """Return what is wrong with the settings of a theme and of those it builds on."""
    known = said[-1][1]
    return [
        f"{file}: {complaint}"
        for file, own in said
        for key, value in own.items()
        for complaint in _complaints(file, key, value, known)
    ]


def merged(said: Said) -> dict[str, Any]:
    """Return all settings; those without faults only."""
    together: dict[str, Any] = {}
    for file, own in reversed(said):
        tables = {key: together.get(key, {}) | own[key] for key in _TABLES if key in own}
        together |= dict(own) | tables
        if "logo" in own:
            together["logo"] = _logo(file.parent, own["logo"])
        if "footer" in own:
            together["footer"] = tuple(own["footer"])
    return together


def _logo(folder: Path, own: Mapping[str, Any]) -> Logo:
    return Logo(
        light=folder / own["light"],
        dark=folder / own["dark"] if "dark" in own else None,
        alt=own["alt"],
        width=own["width"],
    )


def _complaints(file: Path, key: str, value: object, known: Mapping[str, Any]) -> Iterable[str]:
    if key in _TABLES:
        return _about_table(key, value, known[key])
    if key == "logo":
        return _about_logo(file.parent, value)
    if key in _SINGLE:
        return _SINGLE[key](value)
    return [_unknown(key, [*_TABLES, *_SINGLE, "logo"])]


def _about_table(table: str, own: object, default: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(own, dict):
        yield f"`{table}` must be a table; write it as [{table}]"
        return
    pattern, complaint = _TABLES[table]
    for key, value in own.items():
        if key not in default:
            yield f"{table}: {_unknown(key, default)}"
        elif not isinstance(value, str) or not pattern.fullmatch(value):
            yield f"{table}.{key}: `{value}` {complaint}"


def _about_logo(folder: Path, own: object) -> Iterator[str]:
    if not isinstance(own, dict):
        yield "`logo` must be a table; write it as [logo]"
        return
    yield from (f"logo: {_unknown(key, _LOGO)}" for key in own if key not in _LOGO)
    for key, needed in _LOGO.items():
        if key not in own:
            if needed:
                yield f"logo.{key}: is missing; a logo has {needed}"
        elif key in ("light", "dark"):
            yield from (f"logo.{key}: {fault}" for fault in _about_picture(folder, own[key]))
    alt, width = own.get("alt", "x"), own.get("width", LOGO_WIDTHS[0])
    if not isinstance(alt, str) or not alt.strip():
        yield f"logo.alt: `{alt}` are no words; write whose logo it is"
    yield from _about_number("logo.width", width, *LOGO_WIDTHS)


_LOGO = {  # and what each is for, where it is needed
    "light": 'a picture beside theme.toml, light = "logo.png"',
    "dark": "",
    "alt": 'words for who cannot see it, alt = "City of Ghent"',
    "width": "a width in pixels, width = 160",
}


def _about_picture(folder: Path, name: object) -> Iterator[str]:
    if not isinstance(name, str) or not _PICTURE.fullmatch(name):
        yield f"`{name}` is not the name of a .png or .jpg file"
    elif not (folder / name).resolve().is_relative_to(folder.resolve()):
        yield f"`{name}` is outside the folder of the theme; copy it into {folder}"
    elif not (folder / name).is_file():
        there = [path.name for path in folder.iterdir() if _PICTURE.fullmatch(path.name)]
        yield f"`{name}` is not in {folder}{suggest(name, there) or '; put it there'}"


def _about_number(key: str, value: object, least: int, most: int) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        yield f"{key}: {value} is not between {least} and {most}"


def _about_text_links(value: object) -> Iterator[str]:
    if value not in TEXT_LINKS:
        yield f"text_links: `{value}` is neither `inline` nor `numbered`"


def _about_footer(value: object) -> Iterator[str]:
    if not isinstance(value, list):
        yield 'footer: must be a list; write footer = ["first line", "second line"]'
        return
    for number, line in enumerate(value, 1):
        yield from (f"footer, line {number}: {fault}" for fault in _about_line(line))


def _about_line(line: object) -> Iterator[str]:
    if not isinstance(line, str) or not line.strip() or "\n" in line:
        yield f"`{line}` is not one line of words"
    elif len(line) > LONGEST_LINE:
        yield f"is longer than {LONGEST_LINE} characters; make it two"
    else:
        words, found = markdown.parse_line(line, "", 0)
        yield from (fault.message for fault in found)
        for word, _ in blocks.walk(words):
            if isinstance(word, Slot):
                yield "has a reader's own word in it; the footer is the same for everybody"
            elif isinstance(word, Link) and not _ADDRESS.match(word.url):
                yield f"link `{word.url}` does not begin with https:, http:, mailto: or tel:"


_SINGLE: dict[str, Callable[[object], Iterable[str]]] = {
    "width": lambda value: _about_number("width", value, NARROWEST, WIDEST),
    "radius": lambda value: _about_number("radius", value, 0, ROUNDEST),
    "text_links": _about_text_links,
    "footer": _about_footer,
}


def _unknown(key: str, known: Iterable[str]) -> str:
    names = sorted(known)
    choice = f"; there are {', '.join(f'`{name}`' for name in names)}"
    return f"unknown setting `{key}`{suggest(key, names) or choice}"
