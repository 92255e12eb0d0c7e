"""Editions in the templates of a theme: one document of HTML, and one of text."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from newsletter import markdown, plaintext
from newsletter import theme as themes
from newsletter.announcement import Edition
from newsletter.blocks import Inlines
from newsletter.enclosure import Unusable
from newsletter.errors import SetupError
from newsletter.rendering.gathering import Gathering
from newsletter.rendering.sheet import Organisation, Setting, Sheet, kind
from newsletter.theme import Theme

LONGEST_SUBJECT = 100  #: characters of the subjects of several editions in one


class Page:
    """One mail in the making; what it gathered is in `gathering` once it is written."""

    def __init__(
        self,
        editions: tuple[Edition, ...],
        theme: Theme,
        organisation: Organisation,
        numbers: plaintext.Numbers,
    ) -> None:
        self.gathering = Gathering(organisation.base_url)
        self._editions = editions
        self._setting = Setting(
            theme=theme,
            templates=_environment(theme.folders, theme.compiled),
            organisation=organisation,
            numbers=numbers,
            logo=_logo(theme, self.gathering),
            footer=tuple(_footer_line(theme, n) for n in range(len(theme.footer))),
            gathering=self.gathering,
            sheets=len(editions),
        )
        self._sheets = [Sheet(self._setting, n, edition) for n, edition in enumerate(editions)]

    @property
    def subject(self) -> str:
        return _joined(tuple(dict.fromkeys(edition.subject for edition in self._editions)))

    def html(self) -> str:
        theme = self._setting.theme
        # Safe: what a template wrote has escaped what an author wrote.
        sheets = [(sheet.heading(), Markup(sheet.html())) for sheet in self._sheets]  # noqa: S704
        return self._setting.templates.get_template("mail.html.j2").render(
            colours=theme.colours,
            dark=theme.dark,
            fonts=theme.fonts,
            theme=theme,
            subject=self.subject,
            preheader=self._editions[0].preheader,
            sheets=sheets,
        )

    def text(self) -> str:
        sheets = [(sheet.heading(), sheet.text()) for sheet in self._sheets]
        return self._setting.templates.get_template("mail.txt.j2").render(sheets=sheets)


@cache
def _environment(folders: tuple[Path, ...], compiled: Path | None) -> Environment:
    """Return the environment of a theme; kept, for reading templates costs more than filling."""
    environment = themes.environment(folders, compiled)
    environment.filters |= {"kind": kind, "wrap": plaintext.wrap}
    return environment


def _logo(theme: Theme, gathering: Gathering) -> Mapping[str, Any] | None:
    logo = theme.logo
    if not logo:
        return None
    try:
        light = gathering.embed(logo.light, logo.width)
        dark = gathering.embed(logo.dark, logo.width) if logo.dark else None
    except Unusable as error:
        raise SetupError(f"theme `{theme.name}`: logo: {error}") from error
    return {"light": light, "dark": dark, "alt": logo.alt}


def _joined(subjects: tuple[str, ...]) -> str:
    """Return *subjects* in one; each is cut to its share where they are too long together."""
    between = " | "
    joined = between.join(subjects)
    if len(subjects) == 1 or len(joined) <= LONGEST_SUBJECT:
        return joined
    share = (LONGEST_SUBJECT - len(between) * (len(subjects) - 1)) // len(subjects)
    return between.join(_cut(subject, share) for subject in subjects)


def _cut(subject: str, length: int) -> str:
    """Return whole words of *subject*, at most *length* characters."""
    if len(subject) <= length:
        return subject
    return (subject[:length].rpartition(" ")[0] or subject[: length - 1]).rstrip(" ,;:-") + "…"


def _footer_line(theme: Theme, number: int) -> Inlines:
    place = f"theme `{theme.name}`, footer"
    words, faults = markdown.parse_line(theme.footer[number], place, number + 1)
    if faults:
        raise SetupError("\n".join(map(str, faults)))
    return words
