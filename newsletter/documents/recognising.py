"""What is the title, the lead, a question, an answer: gives every paragraph its role."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.documents import interview, opening, wording
from newsletter.documents.paragraphs import Kind, Paragraph
from newsletter.documents.shapes import (
    LONGEST_HEADING,
    heads,
    is_announcing,
    is_line,
    is_prose,
    repeats,
)

_CAPTION = 120
_LONGEST_CLOSING = 12  #: paragraphs


class Role(StrEnum):
    """What a paragraph is for."""

    KICKER = "kicker"
    TITLE = "title"
    GREETING = "greeting"
    LEAD = "lead"
    CAPTION = "caption"
    HEADING = "heading"
    QUESTION = "question"
    ANSWER = "answer"
    CLOSING = "closing"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognition:
    """The role of every paragraph, and what was not certain."""

    roles: tuple[Role, ...]
    unsure: tuple[str, ...]


def recognise(paragraphs: Sequence[Paragraph], language: str) -> Recognition:
    """Give each of *paragraphs*, written in *language*, the role it plays."""
    assigned = _Assigned(paragraphs, language)
    assigned.opening()
    assigned.interview()
    assigned.greeting()
    assigned.captions()
    assigned.lead()
    assigned.headings()
    assigned.closing()
    assigned.last_answer()
    assigned.leave_a_body()
    return Recognition(
        roles=tuple(assigned.roles.get(n, Role.PARAGRAPH) for n in range(len(paragraphs))),
        unsure=tuple(text for _, text in sorted(assigned.doubts)),
    )


@dataclass(slots=True)
class _Assigned:
    """The roles given so far; each step gives roles only to what has none yet."""

    paragraphs: Sequence[Paragraph]
    language: str
    roles: dict[int, Role] = field(default_factory=dict)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    start: int = 0  #: where the text below the title begins
    first_question: int = 0
    last_question: int = -1

    def doubt(self, n: int, message: str) -> None:
        self.doubts.append((n, f"{name(self.paragraphs[n])} {message}"))

    def opening(self) -> None:
        found = opening.find(self.paragraphs, self.language)
        if found is None:
            return
        self.roles[found.title] = Role.TITLE
        self.start = found.title + 1
        if found.kicker is not None:
            self.roles[found.kicker] = Role.KICKER
        if found.rival is None:
            return
        if found.rival == found.kicker:
            self.doubt(
                found.rival,
                "is taken as the small line above the title;"
                " exchange `kicker` and `title` if it is the title",
            )
        else:
            self.doubt(found.rival, "may be the title as well; exchange it with `title` if it is")

    def interview(self) -> None:
        turns = interview.questions(self.paragraphs, self.start, self.language)
        if not turns.questions:
            self.first_question = len(self.paragraphs)
            return
        self.first_question, self.last_question = turns.questions[0], turns.questions[-1]
        asides = [n for n in turns.asides if n > self.first_question]
        for n in asides:
            self.doubt(n, "stands in the interview; taken as a sub-heading")
        asked, aside = set(turns.questions), set(asides)
        role = Role.PARAGRAPH
        for n in range(self.first_question, len(self.paragraphs)):
            if n in asked:
                self.roles[n], role = Role.QUESTION, Role.ANSWER
            elif n in aside or self.paragraphs[n].kind is Kind.HEADING:
                self.roles[n], role = Role.HEADING, Role.PARAGRAPH
            else:
                self.roles[n] = role
        for n in turns.unmarked:
            self.doubt(
                n,
                "has no question mark; taken as a question because it is set like one"
                if turns.by_look
                else "has no question mark; taken as a question because it is short and stands"
                " above longer text",
            )

    def greeting(self) -> None:
        for n in range(self.start, min(self.start + 3, self.first_question)):
            if wording.is_salutation(self.paragraphs[n].text) and n not in self.roles:
                self.roles[n] = Role.GREETING
                return

    def captions(self) -> None:
        known = [n for n, p in enumerate(self.paragraphs) if p.kind is Kind.CAPTION]
        for n in known:
            self.roles[n] = Role.CAPTION
        if not known and (found := self._guessed_caption()) is not None:
            self.roles[found] = Role.CAPTION
            self.doubt(
                found,
                "is taken as the caption of a picture, for it is short, no sentence,"
                " and no text belongs to it",
            )
        elif not known and (credits := self._credits()):
            self._take_as_caption(credits[0])

    def _guessed_caption(self) -> int | None:
        titles = [self.paragraphs[n].text for n, r in self.roles.items() if r is Role.TITLE]
        for n in self._free(self.start, self.first_question):
            paragraph = self.paragraphs[n]
            if (
                is_line(paragraph, _CAPTION)
                and not paragraph.bold
                and not wording.is_date_or_byline(paragraph.text)
                and (
                    wording.is_about_a_picture(paragraph.text)
                    or repeats(paragraph.text, " ".join(titles))
                    or self._is_left_alone(n)
                )
            ):
                return n
        return None

    def _credits(self) -> list[int]:
        """Return the lines about a picture that stand in the answers."""
        return [
            n
            for n, role in sorted(self.roles.items())
            if role is Role.ANSWER
            and self.roles.get(n - 1) is not Role.QUESTION
            and len(self.paragraphs[n].text) <= _CAPTION
            and wording.is_credit(self.paragraphs[n].text)
        ]

    def _take_as_caption(self, n: int) -> None:
        self.roles[n] = Role.CAPTION
        self.doubt(n, "is taken as the caption of a picture, for it opens as one")

    def _is_left_alone(self, n: int) -> bool:
        """Tell whether a line introduces nothing: what follows is itself a line above text."""
        if n + 2 == self.first_question <= self.last_question:
            return is_announcing(self.paragraphs[n + 1])
        dashed = re.search(" [-–—] ", self.paragraphs[n].text) is not None
        return dashed and (n + 1 == self.first_question or heads(self.paragraphs, n + 1))

    def lead(self) -> None:
        free = list(self._free(self.start, self.first_question))
        subtitles = [n for n in free if self.paragraphs[n].kind is Kind.LEAD]
        prose = [n for n in free if is_prose(self.paragraphs[n])]
        for n in [*subtitles, *prose][:1]:
            self.roles[n] = Role.LEAD

    def headings(self) -> None:
        known = [n for n, p in enumerate(self.paragraphs) if p.kind is Kind.HEADING]
        for n in known:
            self.roles.setdefault(n, Role.HEADING)
        leads = [n for n, role in self.roles.items() if role is Role.LEAD]
        below = max([*leads, self.start])
        has_own = any(self.roles[n] is not Role.TITLE for n in known)
        has_bold = any(p.bold for p in self.paragraphs[below:])
        for n in self._free(below, self.first_question):
            paragraph = self.paragraphs[n]
            if n + 1 == self.first_question <= self.last_question and is_announcing(paragraph):
                self.roles[n] = Role.HEADING
                if paragraph.text.endswith("."):
                    self.doubt(
                        n,
                        "is a sentence; taken as a sub-heading because it is short and"
                        " stands above the first question",
                    )
            elif heads(self.paragraphs, n) and (paragraph.bold or not (has_own or has_bold)):
                self.roles[n] = Role.HEADING

    def closing(self) -> None:
        first = max(self.last_question + 2, self.start + 1)
        for n in range(max(first, len(self.paragraphs) - _LONGEST_CLOSING), len(self.paragraphs)):
            if self._ends_here(n):
                self._close_from(n)
                return

    def _close_from(self, first: int) -> None:
        for n in range(first, len(self.paragraphs)):
            if self.roles.get(n) is Role.HEADING:
                return
            if self.roles.get(n) in (None, Role.ANSWER, Role.PARAGRAPH):
                self.roles[n] = Role.CLOSING

    def last_answer(self) -> None:
        """Tell what the last answer may have taken in, for no question ends it."""
        for n in self._credits():
            self.roles[n] = Role.CAPTION
        for n in range(self.last_question + 2, len(self.paragraphs)):
            if self.roles.get(n) is not Role.ANSWER:
                continue
            is_short = is_line(self.paragraphs[n], LONGEST_HEADING)
            if is_short and self.roles.get(n + 1) is Role.ANSWER:
                self.doubt(
                    n,
                    "may be a sub-heading: it was left in the answer above it;"
                    " if it is one, put the `:::` above it and `## ` before it",
                )
            elif is_short or wording.is_call(self.paragraphs[n].text):
                self.doubt(
                    n,
                    "may be no part of the answer that it was left in;"
                    " if so, put the `:::` above it",
                )

    def leave_a_body(self) -> None:
        """Take back what would leave nothing below the front matter."""
        above = {Role.TITLE, Role.KICKER, Role.GREETING, Role.CAPTION}
        shown = [n for n in range(len(self.paragraphs)) if self.roles.get(n) not in above]
        captions = list(self.roles.values()).count(Role.CAPTION)
        if not shown and captions < 2:
            self.roles = {n: role for n, role in self.roles.items() if role is Role.TITLE}
            self.doubts = []

    def _ends_here(self, n: int) -> bool:
        said, *rest = [paragraph.text for paragraph in self.paragraphs[n:]]
        if wording.is_thanks(said) and not wording.first_person(said, self.language):
            return all(len(text) < 200 for text in rest)
        return all(wording.is_footer(text) for text in (said, *rest))

    def _free(self, start: int, end: int) -> Iterable[int]:
        return [n for n in range(start, end) if n not in self.roles]


def name(paragraph: Paragraph) -> str:
    """Return how to point at *paragraph*: its place and its first words."""
    words = paragraph.text if len(paragraph.text) <= 70 else paragraph.text[:69].rstrip() + "…"
    return f'{paragraph.place} "{words}"'
