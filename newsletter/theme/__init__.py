"""The look of a mail: a folder of templates, two style sheets, the brand and fixed words."""

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newsletter import screening
from newsletter.errors import SetupError, suggest
from newsletter.theme import legibility, settings
from newsletter.theme.compiled import Compiled
from newsletter.theme.settings import Logo as Logo

SETTINGS = "theme.toml"  #: the file that makes a folder a theme
PARENT = "default"  #: what a theme does not say, this one does


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """One look; what its own folder does not hold comes from the theme `default`."""

    name: str
    folders: tuple[Path, ...]  #: where its files are looked for, in this order
    width: int  #: of the sheet, in pixels
    colours: Mapping[str, str]
    dark: Mapping[str, str]  #: the same colours where the reader's screen is dark
    fonts: Mapping[str, str]
    radius: int  #: of the corners of boxes and buttons, in pixels
    text_links: str  #: "inline" or "numbered": where the text part has its addresses
    logo: Logo | None = None
    footer: tuple[str, ...] = ()  #: each a line of Markdown, words and links
    compiled: Path | None = None  #: the folder that keeps its templates compiled, if any does


def load(name: str, folders: Sequence[Path], compiled: Path | None = None) -> Theme:
    """Return the theme *name* from the first of *folders* that holds it.

    Its settings are faultless and its words readable, or `SetupError` says what is not.
    """
    known = names(folders)
    if name not in known:
        raise SetupError(f"unknown theme `{name}`{suggest(name, known) or _choice(known)}")
    places = [folder / theme for theme in (name, PARENT) for folder in folders]
    chain = _chain([place for place in places if (place / SETTINGS).is_file()])
    said = [(folder / SETTINGS, _toml(folder / SETTINGS)) for folder in chain]
    faults = settings.faults(said) or legibility.faults(said)
    if faults:
        raise SetupError("\n".join(faults))
    return Theme(name=name, folders=chain, compiled=compiled, **settings.merged(said))


def names(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the themes in *folders*."""
    found = (path for folder in folders for path in folder.glob(f"*/{SETTINGS}"))
    return tuple(sorted({path.parent.name for path in found if path.is_file()}))


def shipped() -> Path:
    """Return the folder of the themes that come with the package."""
    package = Path(__file__).parent.parent
    inside_wheel = package / "templates"
    return inside_wheel if inside_wheel.is_dir() else package.parent / "templates"


def strings(theme: Theme, language: str) -> dict[str, str]:
    """Return the fixed words of *theme* in *language*, "nl-BE" speaking as "nl"."""
    spoken = language.split("-")[0].lower()
    files = [folder / "strings" / f"{spoken}.toml" for folder in reversed(theme.folders)]
    found = [_toml(file) for file in files if file.is_file()]
    every = theme.folders[-1] / "strings" / "en.toml"
    if not found:
        raise SetupError(
            f"theme `{theme.name}` has no words in `{language}`; "
            f"copy {every} to {_place_for_words(theme)}/{spoken}.toml and translate it"
        )
    words = {name: word for file in found for name, word in file.items()}
    if missing := ", ".join(name for name in _toml(every) if name not in words):
        place = next(file for file in reversed(files) if file.is_file())
        raise SetupError(f"{place}: words are missing: {missing}; add them, as in en.toml")
    if wrong := ", ".join(name for name, word in words.items() if not _is_words(word)):
        raise SetupError(
            f"theme `{theme.name}`, words in `{spoken}`: no words: {wrong}; quote them"
        )
    return words


def _is_words(word: object) -> bool:
    return isinstance(word, str) and not screening.FORBIDDEN.search(word)


def _place_for_words(theme: Theme) -> str:
    """Return where new words go: into a folder of the workspace, not into the package."""
    own = (folder for folder in theme.folders if not folder.is_relative_to(shipped()))
    folder = next(own, None)
    if folder is None:
        return f"a theme of your own (`newsletter theme new {PARENT}`): templates/{PARENT}/strings"
    return str(folder / "strings")


def environment(folders: Sequence[Path], compiled: Path | None = None) -> Environment:
    """Return the Jinja environment that finds templates in *folders*, the first that has one.

    What it compiles is kept in the folder *compiled*.

    A template can build on the one that it replaces: `{% include "default/base.css" %}`.
    """
    # The shipped folder first, so that a `default` of the workspace can build on the shipped one.
    named = dict.fromkeys((shipped(), *(folder.parent for folder in folders)))
    options: dict[str, Any] = {
        "trim_blocks": True,
        "lstrip_blocks": True,
        "optimized": False,  # what a filter makes of a constant would be kept with the template
    }
    unescaped = ("css", "txt.j2")
    return Environment(
        loader=_Files([*folders, *named]),
        bytecode_cache=Compiled(compiled, (options, unescaped)) if compiled else None,
        autoescape=select_autoescape((), disabled_extensions=unescaped, default=True),
        undefined=StrictUndefined,
        **options,
    )


class _Files(FileSystemLoader):
    """Reads templates again when they change, also when one is put before another."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        try:
            source, file, is_fresh = super().get_source(environment, template)
        except UnicodeDecodeError as error:
            raise SetupError(
                f"`{template}` of the theme is not UTF-8; save the file as UTF-8"
            ) from error
        return source, file, lambda: is_fresh() and self._first(template) == file

    def _first(self, template: str) -> str | None:
        places = (os.path.normpath(os.path.join(folder, template)) for folder in self.searchpath)
        return next(filter(os.path.isfile, places), None)


def _choice(known: Iterable[str]) -> str:
    return f"; there are {', '.join(f'`{name}`' for name in sorted(known))}" if known else ""


def _chain(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the first of *places* for each theme, and below them the `default` shipped."""
    first: dict[str, Path] = {}
    for place in places:
        first.setdefault(place.name, place)
    return tuple(dict.fromkeys((*first.values(), shipped() / PARENT)))


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{file}: {error}") from error
