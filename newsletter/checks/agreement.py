"""Does every language say the same? Blocks, pictures, links, dates, amounts, events, fields.

Each edition is laid beside the first. What may differ by language does: `/nl/` and `/fr/` in an
address, "plan-nl.png" and "plan-fr.png", and the way in which dates and numbers are written.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from newsletter import blocks
from newsletter.announcement import Edition
from newsletter.checks import spelling
from newsletter.checks.facts import Fact, Kind, facts
from newsletter.checks.finding import Finding
from newsletter.checks.passages import Passage, fields, passages
from newsletter.checks.rules import Rule


def check(editions: Sequence[Edition], languages: Sequence[str]) -> Iterator[Finding]:
    """Yield where *editions* differ, and which of the organisation's *languages* have none."""
    first, *others = editions
    if others or first.path.stem == first.language:  # one file of a folder with one a language
        yield from _missing_languages(editions, languages)
    for other in others:
        pair = _Pair(first, other)
        for look in (_fields, _structure, _pictures, _links, _events, _figures):
            yield from look(pair)


class _Pair:
    """The first edition, and the one that is laid beside it."""

    def __init__(self, first: Edition, other: Edition) -> None:
        self.first, self.other = first, other
        self.fields, self.other_fields = fields(first), fields(other)
        self.passages, self.other_passages = passages(first), passages(other)

    def where(self, line: int) -> str:
        """Return how a message about the other names a line of the first; 0: the whole file."""
        return f"{self.first.path.name}:{line}" if line else self.first.path.name

    def found(self, rule: Rule, line: int, message: str) -> Finding:
        """Return a finding on *line* of the other."""
        return rule.at(self.other, line, message)


def _missing_languages(editions: Sequence[Edition], wanted: Sequence[str]) -> Iterator[Finding]:
    made = {edition.language.partition("-")[0] for edition in editions}
    for language in wanted:
        if language.partition("-")[0] not in made:
            yield Rule.MISSING_LANGUAGE.at(
                editions[0],
                0,
                f"there is no edition in `{language}`, a language of the organisation; add "
                f"{language}.md beside this one",
            )


# -- fields and blocks

_FIELDS = ("preheader", "kicker", "greeting", "date", "image", "image_alt", "image_caption")


def _fields(pair: _Pair) -> Iterator[Finding]:
    for field in _FIELDS:
        first, other = pair.fields.get(field), pair.other_fields.get(field)
        if first and not other:
            message = f"no `{field}:` here, and {pair.where(first)} has one; add it"
            yield pair.found(Rule.MISSING_FIELD, 1, message)
        elif other and not first:
            message = f"`{field}:` is not in {pair.where(0)}; add it there too"
            yield pair.found(Rule.MISSING_FIELD, other, message)
    if pair.first.theme != pair.other.theme:
        yield pair.found(
            Rule.MISSING_FIELD,
            pair.other_fields.get("theme", 1),
            f"the theme is `{pair.other.theme}` here and `{pair.first.theme}` in {pair.where(0)}; "
            "give both the same",
        )


def _structure(pair: _Pair) -> Iterator[Finding]:
    """Yield the first difference between the blocks of both."""
    theirs = [(each.kind, each.within) for each in pair.passages]
    ours = [(each.kind, each.within) for each in pair.other_passages]
    n = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
    if n is None:
        if len(ours) == len(theirs):
            return
        n = min(len(ours), len(theirs))
    there = pair.where(pair.passages[min(n, len(theirs) - 1)].line)
    if n == len(ours) or theirs[n + 1 : n + 3] == ours[n : n + 2]:
        message = f"the {theirs[n][0]} of {there} is missing here"
    elif n == len(theirs) or ours[n + 1 : n + 3] == theirs[n : n + 2]:
        message = f"this {ours[n][0]} is missing in {pair.where(0)}"
    else:
        message = f"{_a(*ours[n])} stands here, and {_a(*theirs[n])} in {there}"
    yield pair.found(
        Rule.MISSING_BLOCK,
        pair.other_passages[min(n, len(ours) - 1)].line,
        f"{message}; give both the same blocks in the same order",
    )


def _a(kind: str, within: Sequence[str]) -> str:
    """Return "a paragraph", or "an image in a question"."""
    around = f" in {_a(within[-1], ())}" if within else ""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}{around}"


# -- pictures and links


def _pictures(pair: _Pair) -> Iterator[Finding]:
    yield from _compared(pair, _images, "picture", Rule.DIFFERENT_PICTURES)


def _links(pair: _Pair) -> Iterator[Finding]:
    yield from _compared(pair, _addresses, "link", Rule.DIFFERENT_LINKS)


Sources = Callable[[Edition], Iterator[tuple[str, int]]]


def _compared(pair: _Pair, sources: Sources, what: str, rule: Rule) -> Iterator[Finding]:
    """Yield what only one of both leads to or shows."""
    first = {_common(source, pair.first): (source, line) for source, line in sources(pair.first)}
    other = {_common(source, pair.other): (source, line) for source, line in sources(pair.other)}
    for source, line in (first[key] for key in first if key not in other):
        message = f"the {what} `{source}` of {pair.where(line)} is missing here; add it"
        yield pair.found(rule, 0, message)
    for source, line in (other[key] for key in other if key not in first):
        message = f"the {what} `{source}` is missing in {pair.where(0)}; add it there too"
        yield pair.found(rule, line, message)


def _images(edition: Edition) -> Iterator[tuple[str, int]]:
    if edition.image and edition.image.source:
        yield edition.image.source, edition.image.line
    for part, line in blocks.walk(edition.body):
        if isinstance(part, blocks.Image):
            yield part.source, line


def _addresses(edition: Edition) -> Iterator[tuple[str, int]]:
    for part, line in blocks.walk(edition.body):
        match part:
            case blocks.Link(url=url) | blocks.Button(url=url) | blocks.File(source=url):
                yield url, line


def _common(source: str, edition: Edition) -> tuple[str, str]:
    """Return what *source* has in common with its like in another language: host and path."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return "", source
    path = unquote(parts.path).rstrip("/")
    own = re.compile(rf"(?<![a-z0-9]){edition.language.partition('-')[0]}(?![a-z0-9])", re.I)
    if own.search(parts.netloc) or own.search(path):
        return own.sub("*", parts.netloc), f"*{PurePosixPath(path).suffix}"
    return parts.netloc.lower(), path


# -- events


def _events(pair: _Pair) -> Iterator[Finding]:
    for one, two in zip(_all_events(pair.first), _all_events(pair.other), strict=False):
        there = pair.where(one.line)
        if _moment(one) != _moment(two):
            message = f"this event is on {_said(two)}, and on {_said(one)} in {there}; correct one"
            yield pair.found(Rule.DIFFERENT_EVENTS, two.line, message)
        if bool(one.place) != bool(two.place):
            message = f"only one of this event and {there} has a `place:`; give it to both"
            yield pair.found(Rule.DIFFERENT_EVENTS, two.line, message)


def _all_events(edition: Edition) -> Iterator[blocks.Event]:
    return (part for part, _ in blocks.walk(edition.body) if isinstance(part, blocks.Event))


def _moment(event: blocks.Event) -> tuple[object, ...]:
    return event.date, event.until, event.starts, event.ends, event.timezone


def _said(event: blocks.Event) -> str:
    return " ".join(str(part).removesuffix(":00") for part in _moment(event) if part)


# -- dates, times, amounts and numbers


@dataclass(frozen=True, slots=True)
class _Part:
    """A passage, or a field on top, and what it says in figures."""

    where: tuple[str, ...]  #: the kinds of the blocks around it, and its own
    line: int
    facts: tuple[Fact, ...]
    spelled: frozenset[float]  #: numbers that stand there as words


def _figures(pair: _Pair) -> Iterator[Finding]:
    """Yield what is said in figures in one and not in the other."""
    first = tuple(_parts(pair.first, pair.fields, pair.passages))
    other = tuple(_parts(pair.other, pair.other_fields, pair.other_passages))
    if [each.where for each in first] == [each.where for each in other]:
        for n, both in enumerate(zip(first, other, strict=True)):
            around = slice(max(0, n - 1), n + 2)
            yield from _differences(pair, *both, _Said(first[around]), _Said(other[around]))
    else:  # nobody knows which passage belongs to which
        all_first, all_other = _Said(first), _Said(other)
        for part in first:
            yield from _differences(pair, part, _NOTHING, all_first, all_other)
        for part in other:
            yield from _differences(pair, _NOTHING, part, all_first, all_other)


_NOTHING = _Part((), 0, (), frozenset())


class _Said:
    """What several parts of an edition say in figures, together."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._names = {name for part in parts for fact in part.facts for name in fact.names}
        self._spelled = {number for part in parts for number in part.spelled}

    def has(self, fact: Fact) -> bool:
        return fact.number in self._spelled or not fact.sought.isdisjoint(self._names)


def _differences(
    pair: _Pair, first: _Part, other: _Part, in_first: _Said, in_other: _Said
) -> Iterator[Finding]:
    lacking = [fact for fact in dict.fromkeys(first.facts) if not in_other.has(fact)]
    added = [fact for fact in dict.fromkeys(other.facts) if not in_first.has(fact)]
    for rule, kinds in _RULES.items():
        there = ", ".join(f"`{fact.words}`" for fact in lacking if fact.kind in kinds)
        here = ", ".join(f"`{fact.words}`" for fact in added if fact.kind in kinds)
        where = pair.where(first.line)
        if there and here:
            message = f"{here} here is {there} in {where}; correct one"
        elif there:
            message = f"{there} of {where} is missing here; add or correct it"
        elif here:
            message = f"{here} is missing in {where}; add it there, or correct it here"
        else:
            continue
        yield pair.found(rule, other.line, message)


_RULES = {
    Rule.DIFFERENT_DATES: (Kind.DATE, Kind.TIME),
    Rule.DIFFERENT_AMOUNTS: (Kind.AMOUNT, Kind.NUMBER, Kind.PHONE),
}


def _parts(edition: Edition, lines: Mapping[str, int], body: Sequence[Passage]) -> Iterator[_Part]:
    image = edition.image
    above = (
        ("title", edition.title),
        ("subject", edition.subject),
        ("kicker", edition.kicker),
        ("image_caption", f"{image.alt} {image.caption}" if image else ""),
        ("date", edition.date.isoformat() if edition.date else ""),
    )
    tops = (Passage(name, words, lines.get(name, 1), ()) for name, words in above)
    for each in (*tops, *body):
        found = facts(each.words, edition.language)
        numbers = spelling.numbers(each.words, edition.language)
        yield _Part((*each.within, each.kind), each.line, found, numbers)
