"""Is this an interview, and which of its lines are the questions?"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from newsletter.documents import wording
from newsletter.documents.paragraphs import Kind, Paragraph

_SHORT = 160
_LONGEST = 300  #: characters of a question that is clearly put to somebody
_ASKS = re.compile(r"\?[\s\"'’”»)]*$")
_EXCLAIMS = re.compile(r"![\s\"'’”»)]*$")
_ENDS_SENTENCE = re.compile(r"(?:[,;:]|(?<!\.)\.)[\s\"'’”»)]*$")
_NUMBERED = re.compile(r"\d{1,2} ?[.):]\s")
_SECOND_SENTENCE = re.compile(r"[^\W\d]{3}[.?…]\s+\S")  # "2. ", "dr. " and "Dag! " end none


@dataclass(frozen=True, kw_only=True, slots=True)
class Turns:
    """The questions of an interview, by their place among the paragraphs; none if it is none."""

    questions: tuple[int, ...] = ()
    unmarked: tuple[int, ...] = ()  #: those without a question mark
    asides: tuple[int, ...] = ()  #: lines that head a box beside the interview
    by_look: bool = False  #: questions are bold or headings; otherwise they are short lines


def questions(paragraphs: Sequence[Paragraph], start: int, language: str) -> Turns:
    """Find the questions among *paragraphs* from *start* on.

    Speakers' labels are the surest sign, then a look of their own, then short lines.
    """
    talk = _Talk(paragraphs, start, language)
    return talk.labelled() or talk.by_look() or talk.by_length() or Turns()


def asks(text: str) -> bool:
    """Tell whether *text* ends in a question mark."""
    return _ASKS.search(text) is not None


def is_numbered(text: str) -> bool:
    """Tell whether *text* opens as "3. " or "Vraag 3: " does."""
    return _NUMBERED.match(text) is not None or wording.is_asker(wording.speaker(text))


def is_one_sentence(text: str) -> bool:
    """Tell whether nothing follows the first sentence of *text*."""
    return _SECOND_SENTENCE.search(text) is None


@dataclass(frozen=True, slots=True)
class _Talk:
    paragraphs: Sequence[Paragraph]
    start: int
    language: str

    def labelled(self) -> Turns | None:
        labels = [wording.speaker(paragraph.text) for paragraph in self.paragraphs]
        askers = self._askers(labels)
        found = tuple(
            n
            for n in range(self.start, len(labels) - 1)
            if labels[n] in askers and labels[n + 1] not in askers
        )
        return Turns(questions=found) if found else None

    def _askers(self, labels: Sequence[str]) -> set[str]:
        counts = Counter(label for label in labels[self.start :] if label)
        known = {label for label in counts if wording.is_asker(label)}
        answers = any(wording.is_answerer(label) for label in counts)
        if known and (answers or sum(counts[label] for label in known) > 1):
            return known
        speakers = [label for label, count in counts.items() if count > 1]
        if len(speakers) < 2:
            return set()
        turns = zip(self.paragraphs, labels, strict=True)
        asked = Counter(label for paragraph, label in turns if asks(paragraph.text))
        asker = max(speakers, key=lambda label: asked[label] / counts[label])
        return {asker} if 2 * asked[asker] >= counts[asker] else set()

    def by_look(self) -> Turns | None:
        marked = {n for n in self._below_title() if self._stands_out(n)}
        heading = [
            n for n in sorted(marked) if n + 1 < len(self.paragraphs) and n + 1 not in marked
        ]
        looks = {self._look(n) for n in heading if asks(self.paragraphs[n].text)}
        found = [n for n in heading if self._look(n) in looks and self._is_answered(n)]
        return self._turns(found, by_look=True) if self._is_interview(found) else None

    def by_length(self) -> Turns | None:
        found = [n for n in self._below_title() if self._is_short_line(n)]
        return self._turns(found, by_look=False) if self._is_interview(found) else None

    def _below_title(self) -> range:
        return range(self.start, len(self.paragraphs))

    def _stands_out(self, n: int) -> bool:
        paragraph = self.paragraphs[n]
        marked = paragraph.kind is Kind.HEADING or (paragraph.kind is Kind.TEXT and paragraph.bold)
        return marked and len(paragraph.text) <= _LONGEST

    def _look(self, n: int) -> tuple[Kind, int, bool]:
        paragraph = self.paragraphs[n]
        is_heading = paragraph.kind is Kind.HEADING
        return paragraph.kind, paragraph.level, paragraph.bold and not is_heading

    def _is_answered(self, n: int) -> bool:
        """Tell whether what follows may be an answer: not who to write to with questions."""
        after = self.paragraphs[n + 1]
        return after.kind in (Kind.TEXT, Kind.BLOCK) and not wording.is_footer(after.text)

    def _is_short_line(self, n: int) -> bool:
        paragraph, text = self.paragraphs[n], self.paragraphs[n].text
        if n + 1 == len(self.paragraphs) or not self._is_answered(n):
            return False
        if paragraph.kind is not Kind.TEXT or not re.search(r"\w", text):
            return False
        if "\\\n" in paragraph.markdown or wording.is_footer(text):
            return False
        if asks(text):
            return len(text) <= _SHORT or (len(text) <= _LONGEST and self._is_put_to_somebody(text))
        return len(text) < _SHORT and self._introduces(n)

    def _is_put_to_somebody(self, text: str) -> bool:
        spoken_to = wording.second_person(text, self.language)
        return spoken_to and not wording.first_person(text, self.language)

    def _introduces(self, n: int) -> bool:
        """Tell whether a line without a question mark stands above longer text."""
        text, after = self.paragraphs[n].text, self.paragraphs[n + 1]
        if _ENDS_SENTENCE.search(text) or not is_one_sentence(text):
            return False
        if wording.is_date_or_byline(text) or after.kind is not Kind.TEXT:
            return False
        return len(after.text) >= 1.5 * len(text) or wording.is_reply(after.text)

    def _is_interview(self, found: Sequence[int]) -> bool:
        """Two turns with a question mark are needed, or one, and the voice of who answers.

        An announcement has short lines above longer text as well: its sub-headings.
        """
        asked = sum(asks(self.paragraphs[n].text) for n in found)
        voices = len(self._spoken(found))
        if len(found) < 2 or not asked:
            return False
        return 2 * voices >= len(found) or (asked > 1 and 2 * asked >= len(found))

    def _spoken(self, found: Sequence[int]) -> set[int]:
        """Return the lines of *found* below which somebody answers for himself."""
        ends = pairwise([*found, len(self.paragraphs)])
        return {n for n, end in ends if self._is_spoken(n, end)}

    def _is_spoken(self, n: int, end: int) -> bool:
        said = [paragraph.text for paragraph in self.paragraphs[n + 1 : end]]
        return any(wording.first_person(text, self.language) for text in said) or (
            bool(said) and wording.is_reply(said[0])
        )

    def _turns(self, found: Sequence[int], *, by_look: bool) -> Turns:
        asides = {n for n in found if self._is_aside(n)}
        spoken = self._spoken(found)
        asked: set[int] = set()
        for n in found:
            text = self.paragraphs[n].text
            if n in asides:
                continue
            # The first turn is a welcome, or somebody answers it; if not, it is a sub-heading.
            opens = not asked and (n in spoken or _EXCLAIMS.search(text) is not None)
            is_answer = n - 1 in asked or wording.first_person(text, self.language)
            if asks(text) or opens or (asked and (by_look or not is_answer)):
                asked.add(n)
        return Turns(
            questions=tuple(sorted(asked)),
            unmarked=tuple(n for n in sorted(asked) if not asks(self.paragraphs[n].text)),
            asides=tuple(sorted(asides)),
            by_look=by_look,
        )

    def _is_aside(self, n: int) -> bool:
        text = self.paragraphs[n].text
        return wording.is_aside(text) and not asks(text)
