"""Which mail program supports what: the data of caniemail, and what of a mail it is about."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from newsletter.clients.notes import concerns
from newsletter.clients.uses import Use, Walk, walk
from newsletter.errors import SetupError, suggest

#: The mail programs that staff read with; docs/clients.md says why these.
FOURTEEN = {
    "outlook-windows": "Outlook for Windows (classic)",
    "outlook-com": "the new Outlook and Outlook.com",
    "outlook-macos": "Outlook for Mac",
    "outlook-ios": "Outlook for iPhone",
    "outlook-android": "Outlook for Android",
    "gmail-web": "Gmail in a browser",
    "gmail-ios": "Gmail for iPhone",
    "gmail-android": "Gmail for Android",
    "gmail-mobile-web": "Gmail in a phone's browser",
    "apple-mail-macos": "Apple Mail on a Mac",
    "apple-mail-ios": "Apple Mail on an iPhone",
    "thunderbird": "Thunderbird",
    "samsung-email-android": "Samsung Email",
    "yahoo-web": "Yahoo! Mail in a browser",
}
_DATA = Path(__file__).with_name("support.json")
_PROGRESSIVE = Path(__file__).with_name("progressive.toml")


class DataMissing(SetupError):
    """The data was not there to be fetched when newsletter was installed."""


class Level(StrEnum):
    """How little of a feature a client supports."""

    NONE = "none"
    PARTIAL = "partial"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something in a mail that some of its readers do not get, and that nothing stands in for."""

    feature: str  #: "css-display-flex"
    title: str  #: "display:flex"
    written: str  #: as it stands in the mail
    level: Level
    clients: tuple[str, ...]  #: titles, in the order asked for
    note: str  #: what caniemail remarks on a partial support
    element: int  #: of the document; the first that has it
    line: int  #: of the HTML
    times: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where the data comes from, for those who want to know how old it is."""

    package: str
    version: str
    date: str
    licence: str = "MIT"

    def __str__(self) -> str:
        return f"{self.package} {self.version} of {self.date}, {self.licence} licence"


@dataclass(frozen=True, slots=True)
class Feature:
    """What clients make of one feature, where they do not simply support it."""

    title: str
    tested: str
    support: dict[str, str]  #: client: "n", "u", "a 1 3" with the numbers of notes
    notes: dict[str, str]

    def level(self, client: str) -> str:
        """Return y(es), n(o), a(lmost) or u(nknown)."""
        return self.support.get(client, "y")[0]

    def notes_of(self, client: str) -> list[str]:
        """Return what is remarked on *client*; one empty remark where there is none."""
        numbers = self.support.get(client, "y").split()[1:]
        return [self.notes.get(number, "") for number in numbers] or [""]


@dataclass(frozen=True, slots=True)
class Support:
    """All features and clients."""

    source: Source
    clients: dict[str, str]
    features: dict[str, Feature]


@dataclass(frozen=True, slots=True)
class Enhancement:
    """A feature that may be missing, and why a mail without it is whole."""

    feature: str
    reason: str
    where: re.Pattern[str]
    clients: frozenset[str]  #: empty: in any
    provided: frozenset[str]  #: facts of the whole mail

    def allows(self, use: Use, client: str, facts: frozenset[str]) -> bool:
        """Whether *client* may miss *use* in a mail of which *facts* are true."""
        if self.clients and client not in self.clients:
            return False
        return self.provided <= facts and bool(self.where.search(use.written))

    @property
    def is_always(self) -> bool:
        """Whether it may be missing however it is written."""
        return not (self.where.pattern or self.clients or self.provided)


def unsupported(html: str, clients: Iterable[str] = ()) -> Iterator[Problem]:
    """Yield what *html* uses that *clients* (none named: the fourteen) do not support.

    Progressive enhancement is passed over. Raises `DataMissing`, and `SetupError` for a client
    that is not known.
    """
    asked = named(clients)
    walked = walk(html, _doubtful(tuple(asked)))
    found: dict[tuple[str, Level], list[tuple[Use, dict[str, str]]]] = {}
    for use in walked.uses:
        for level, notes in _verdicts(use, tuple(asked), walked.facts):
            found.setdefault((use.feature, level), []).append((use, notes))
    for (slug, level), each in found.items():
        yield _problem(slug, level, each, asked, walked)


@cache
def support() -> Support:
    """Return the data; raises `DataMissing` where the build could not fetch it."""
    try:
        read = json.loads(_DATA.read_text("utf-8"))
    except FileNotFoundError:
        raise DataMissing(
            "the data on mail programs is missing, so nobody looked at what they do not support: "
            "install newsletter again where npm reaches its registry"
        ) from None
    return Support(
        source=Source(read["package"], read["version"], read["date"]),
        clients=read["clients"] | FOURTEEN,
        features={
            slug: Feature(each["title"], each["tested"], each["support"], each["notes"])
            for slug, each in read["features"].items()
        },
    )


@cache
def progressive() -> tuple[Enhancement, ...]:
    """Return what may be missing, each with its reason."""
    entries = tomllib.loads(_PROGRESSIVE.read_text("utf-8"))["enhancement"]
    return tuple(
        Enhancement(
            feature=slug,
            reason=each["reason"],
            where=re.compile(each.get("where", "")),
            clients=frozenset(each.get("clients", ())),
            provided=frozenset(each.get("provided", ())),
        )
        for each in entries
        for slug in each["features"]
    )


def named(clients: Iterable[str]) -> dict[str, str]:
    """Return the titles of *clients* by name; of the fourteen where none is named."""
    known, asked = support().clients, tuple(clients) or tuple(FOURTEEN)
    if unknown := [name for name in asked if name not in known]:
        near = suggest(unknown[0], known) or f"; there are {', '.join(sorted(known))}"
        raise SetupError(f"`checks.clients`: no mail program `{unknown[0]}` is known{near}")
    return {name: known[name] for name in asked}


@cache
def _doubtful(clients: tuple[str, ...]) -> frozenset[str]:
    """Return the features that one of *clients* does not simply support, and a mail may need."""
    always = {each.feature for each in progressive() if each.is_always}
    return frozenset(
        slug
        for slug, feature in support().features.items()
        if slug not in always and any(feature.level(name) in "na" for name in clients)
    )


@lru_cache(maxsize=4096)  # a theme repeats a few hundred uses in all of its mails
def _verdicts(
    use: Use, clients: tuple[str, ...], facts: frozenset[str]
) -> tuple[tuple[Level, dict[str, str]], ...]:
    """Return at which levels *clients* fail *use*, each client with the note that says how."""
    levels: dict[Level, dict[str, str]] = {}
    feature = support().features[use.feature]
    for client in clients:
        level = feature.level(client)
        if level not in "na" or not _is_seen(use, client) or _may_miss(use, client, facts):
            continue
        if level == "n":
            levels.setdefault(Level.NONE, {})[client] = ""
        elif telling := [note for note in feature.notes_of(client) if concerns(note, use, facts)]:
            levels.setdefault(Level.PARTIAL, {})[client] = telling[0]
    return tuple(levels.items())


def _is_seen(use: Use, client: str) -> bool:
    if (use.only and client != use.only) or client == use.hidden:
        return False
    features = support().features
    return all(features[each].level(client) != "n" for each in use.conditions if each in features)


def _may_miss(use: Use, client: str, facts: frozenset[str]) -> bool:
    return any(each.allows(use, client, facts) for each in _enhancements().get(use.feature, ()))


@cache
def _enhancements() -> dict[str, list[Enhancement]]:
    by_feature: dict[str, list[Enhancement]] = {}
    for each in progressive():
        by_feature.setdefault(each.feature, []).append(each)
    return by_feature


def _problem(
    slug: str,
    level: Level,
    found: list[tuple[Use, dict[str, str]]],
    asked: dict[str, str],
    walked: Walk,
) -> Problem:
    places = sorted(place for use, _ in found for place in walked.uses[use])
    first = min(found, key=lambda each: walked.uses[each[0]])
    return Problem(
        feature=slug,
        title=support().features[slug].title,
        written=first[0].written,
        level=level,
        clients=tuple(asked[name] for name in asked if any(name in each for _, each in found)),
        note=next((note for _, each in found for note in each.values() if note), ""),
        element=places[0][0],
        line=places[0][1],
        times=len(places),
    )
