"""Which of the first lines of a document is the title, and which the small line above it."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.documents import interview, wording
from newsletter.documents.paragraphs import Kind, Paragraph
from newsletter.documents.shapes import (
    LONGEST_TITLE,
    is_announcing,
    is_line,
    is_prose,
    may_be_title,
)

_KICKER = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What a document opens with, by its place among the paragraphs."""

    title: int
    kicker: int | None = None
    rival: int | None = None  #: another line that may be the title


def find(paragraphs: Sequence[Paragraph], language: str) -> Opening | None:
    """Return where the title of *paragraphs* is; nothing if no line looks like one."""
    title = _own_title(paragraphs)
    if title is not None:
        return Opening(title=title, kicker=_kicker_above(paragraphs, title))
    lines = _opening_lines(paragraphs)
    title = next((n for n in lines if not wording.is_date_or_byline(paragraphs[n].text)), None)
    if title is None or not _suits(paragraphs, title):
        return None
    if title > lines[0]:
        above = _kicker_above(paragraphs, title)
        return Opening(title=title, kicker=above, rival=above)
    below = title + 1
    if below not in lines or _is_text(paragraphs, below, language):
        return Opening(title=title)
    if not _suits(paragraphs, below):
        return Opening(title=title, rival=below if _asks_alone(paragraphs, below) else None)
    is_guess = paragraphs[title].bold == paragraphs[below].bold
    if _is_kicker(paragraphs[title], paragraphs[below]):
        return Opening(title=below, kicker=title, rival=title if is_guess else None)
    return Opening(title=title, rival=below if is_guess else None)


def _kicker_above(paragraphs: Sequence[Paragraph], title: int) -> int | None:
    above = title - 1
    return above if above >= 0 and is_line(paragraphs[above], _KICKER) else None


def _own_title(paragraphs: Sequence[Paragraph]) -> int | None:
    """Return the heading that the document itself sets as its title."""
    headings = [n for n, p in enumerate(paragraphs[:-1]) if p.kind is Kind.HEADING]
    highest = [n for n in headings if paragraphs[n].level == 1]
    if len(highest) == 1 and not _is_never_title(paragraphs[highest[0]].text):
        return highest[0]
    prose = next((n for n, p in enumerate(paragraphs) if is_prose(p)), len(paragraphs))
    early = [n for n in [*highest, *headings] if n < prose and _suits(paragraphs, n)]
    return early[0] if early else None


def _opening_lines(paragraphs: Sequence[Paragraph]) -> list[int]:
    """Return the short lines that a text opens with; text must follow them."""
    first = next((n for n, p in enumerate(paragraphs) if p.kind is not Kind.CAPTION), 0)
    lines = []
    for n in range(first, len(paragraphs) - 1):
        if not may_be_title(paragraphs[n]):
            break
        lines.append(n)
    if lines and not (len(lines) == 1 and wording.is_date_or_byline(paragraphs[lines[0]].text)):
        return lines
    opening = paragraphs[first : first + 2]
    is_short = len(opening) == 2 and len(opening[0].text) * 2 <= len(opening[1].text)
    return [first] if is_short and is_announcing(opening[0]) else []


def _suits(paragraphs: Sequence[Paragraph], n: int) -> bool:
    """Tell whether *n* may be a title: not the place and date, nor a question of an interview."""
    text = paragraphs[n].text
    if not interview.asks(text):
        return not wording.is_date_or_byline(text)
    above = [p for p in paragraphs[:n] if not wording.is_date_or_byline(p.text)]
    return _asks_alone(paragraphs, n) and not any(map(may_be_title, above))


def _asks_alone(paragraphs: Sequence[Paragraph], n: int) -> bool:
    """Tell whether *n* is a question, and not the first one of an interview."""
    text = paragraphs[n].text
    below = [p.text for p in paragraphs[n + 1 :] if len(p.text) <= LONGEST_TITLE]
    is_asked = interview.asks(text) and not _is_never_title(text)
    return is_asked and not any(map(interview.asks, below))


def _is_never_title(text: str) -> bool:
    is_question = interview.asks(text) and interview.is_numbered(text)
    return is_question or wording.is_date_or_byline(text)


def _is_text(paragraphs: Sequence[Paragraph], n: int, language: str) -> bool:
    """Tell whether line *n* belongs to what follows it: a welcome that is answered, a caption."""
    text, after = paragraphs[n].text, paragraphs[n + 1].text
    is_answered = text[-1] in "?!" and wording.first_person(after, language)
    return is_answered or wording.is_reply(after) or wording.is_about_a_picture(text)


def _is_kicker(line: Paragraph, below: Paragraph) -> bool:
    """Tell whether *line* is the small line above a title, not the title itself."""
    if line.bold != below.bold:
        return below.bold
    return len(line.text) <= _KICKER and line.text[-1] not in "!?"
