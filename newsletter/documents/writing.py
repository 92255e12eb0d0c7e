"""Writes recognised paragraphs as an announcement: front matter and Markdown."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from newsletter.documents import wording
from newsletter.documents.paragraphs import Kind, Paragraph, Reading
from newsletter.documents.recognising import Role

_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d"})
_LONGEST_NAME = 60
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Pairs = Sequence[tuple[Paragraph, Role]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An announcement as it came out of a document, for its author to look over."""

    name: str  #: of the file to write, without .md
    markdown: str  #: all of the file
    recognised: tuple[str, ...]  #: a sentence each
    unsure: tuple[str, ...]  #: what the author should look at


def slug(text: str) -> str:
    """Return *text* as a file name: small ASCII letters, digits and hyphens.

    >>> slug("District09 verwelkomt een nieuwe collègue!")
    'district09-verwelkomt-een-nieuwe-collegue'
    """
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    words = re.findall("[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    name = "-".join(words)
    if len(name) <= _LONGEST_NAME:
        return name
    return name[: _LONGEST_NAME + 1].rpartition("-")[0] or name[:_LONGEST_NAME]


def as_title(text: str) -> str:
    """Return *text* without the invisible signs and codes that no subject of a mail may carry."""
    return " ".join(_INVISIBLE.sub("", text).replace("=?", "= ?").split())


def quoted(value: str) -> str:
    """Return *value* as YAML between double quotes; a field takes no personal slots."""
    return json.dumps(re.sub(r"\{(?=\{)", "{ ", value), ensure_ascii=False)


def greeting(language: str) -> str:
    """Return the field with a greeting in *language*."""
    words = wording.GREETINGS.get(language, wording.GREETINGS["en"])
    return f"greeting: {_single_quoted(words)}"


def announcement(
    paragraphs: Sequence[Paragraph],
    roles: Sequence[Role],
    *,
    title: str,
    language: str,
    reading: Reading,
) -> str:
    """Return the whole file: front matter, an empty line, the body."""
    pairs = list(zip(paragraphs, roles, strict=True))
    return f"{_front_matter(pairs, title, language, reading)}\n{_body(pairs)}"


def _front_matter(pairs: Pairs, title: str, language: str, reading: Reading) -> str:
    said = {role: paragraph for paragraph, role in reversed(pairs)}
    lines = [f"title: {quoted(title)}"]
    if kicker := said.get(Role.KICKER):
        lines.append(f"kicker: {quoted(kicker.text)}")
    own = said.get(Role.GREETING)
    lines.append(greeting(language) if own is None else f"greeting: {_single_quoted(own.one_line)}")
    lines.append(f"language: {language}")
    caption = said.get(Role.CAPTION)
    if caption or reading.pictures:
        lines += _picture(caption.text if caption else "", reading.pictures)
    return "\n".join(["---", *lines, "---", ""])


def _single_quoted(value: str) -> str:
    """Return *value* as YAML in which the double quotes of a slot stay readable."""
    return "'" + value.replace("'", "''") + "'"


def _picture(caption: str, pictures: Iterable[str]) -> list[str]:
    alts = list(pictures) or [""]
    alt = alts[0] or "what can be seen on it, for those who cannot see it"
    lines = [
        "# Put the picture beside this file, name it here and take the # away from both lines:",
        '# image: "picture.jpg"',
        f"# image_alt: {quoted(alt)}",
    ]
    lines += [f"# another picture: {quoted(words)}" for words in alts[1:] if words]
    return [*lines, f"image_caption: {quoted(caption)}"] if caption else lines


def _body(pairs: Pairs) -> str:
    levels = [p.level for p, role in pairs if role is Role.HEADING and p.kind is Kind.HEADING]
    top = min(levels, default=1)
    return "\n\n".join(_block(group, top) for group in _grouped(_below(pairs))) + "\n"


def _below(pairs: Pairs) -> Iterator[tuple[Paragraph, Role]]:
    """Yield what the front matter does not say."""
    above = {Role.TITLE, Role.KICKER, Role.GREETING, Role.CAPTION}
    for paragraph, role in pairs:
        if role not in above:
            yield paragraph, role
        above.discard(role)


def _grouped(pairs: Iterable[tuple[Paragraph, Role]]) -> Iterator[list[tuple[Paragraph, Role]]]:
    """Yield each paragraph by itself, and each question with its answer."""
    group: list[tuple[Paragraph, Role]] = []
    for pair in pairs:
        if group and not _continues(group, pair[1]):
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _continues(group: Pairs, role: Role) -> bool:
    """Tell whether a paragraph belongs to the question that *group* begins with, if it does."""
    asked_in_two = role is Role.QUESTION and group[-1][1] is Role.QUESTION
    return group[0][1] is Role.QUESTION and (asked_in_two or role in (Role.ANSWER, Role.CAPTION))


def _block(group: Pairs, top: int) -> str:
    paragraph, role = group[0]
    match role:
        case Role.QUESTION:
            asked = " ".join(p.one_line for p, role in group if role is Role.QUESTION)
            answer = [p.whole for p, role in group if role is not Role.QUESTION]
            return _container(f"question {asked}", answer)
        case Role.HEADING:
            is_deeper = paragraph.kind is Kind.HEADING and paragraph.level > top
            return f"{'###' if is_deeper else '##'} {paragraph.one_line}"
        case Role.LEAD:
            return _container("lead", [paragraph.markdown])
    return paragraph.whole


def _container(opening: str, inside: Iterable[str]) -> str:
    return "\n".join([f"::: {opening}", "\n\n".join(inside), ":::"])
