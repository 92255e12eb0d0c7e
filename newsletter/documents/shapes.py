"""How a paragraph looks: a line, a sentence above others, running text."""

import re
from collections.abc import Sequence

from newsletter.documents import interview, wording
from newsletter.documents.paragraphs import Kind, Paragraph

LONGEST_TITLE = 150
LONGEST_HEADING = 80
_LINE = 60


def may_be_title(paragraph: Paragraph) -> bool:
    """Tell whether *paragraph* is a line, not a sentence, that could be a title by its look."""
    text = paragraph.text
    return (
        paragraph.kind is Kind.TEXT
        and len(text) <= LONGEST_TITLE
        and text[-1] not in ".,;:…"
        and has_words(paragraph)
        and "\\\n" not in paragraph.markdown
        and not wording.is_salutation(text)
    )


def is_line(paragraph: Paragraph, longest: int) -> bool:
    """Tell whether *paragraph* is a short line that is no sentence."""
    text = paragraph.text
    return may_be_title(paragraph) and len(text) <= longest and text[-1] not in "!?"


def is_announcing(paragraph: Paragraph) -> bool:
    """Tell whether *paragraph* is a short sentence or line that could stand above others."""
    text = paragraph.text
    return (
        paragraph.kind is Kind.TEXT
        and len(text) <= _LINE
        and text[-1] not in ",;"
        and has_words(paragraph)
        and interview.is_one_sentence(text)
        and not wording.is_date_or_byline(text)
    )


def is_prose(paragraph: Paragraph) -> bool:
    """Tell whether *paragraph* is running text."""
    text = paragraph.text
    if paragraph.kind is not Kind.TEXT or not has_words(paragraph):
        return False
    if wording.is_date_or_byline(text) or wording.is_salutation(text):
        return False
    return len(text) > 100 or re.search(r"[.!?…][\s\"'’”»)]*$", text) is not None


def heads(paragraphs: Sequence[Paragraph], n: int) -> bool:
    """Tell whether paragraph *n* is a short line above longer text or a list."""
    if n + 1 >= len(paragraphs):
        return False
    line, below = paragraphs[n], paragraphs[n + 1]
    if line.kind is not Kind.TEXT or len(line.text) > LONGEST_HEADING or not has_words(line):
        return False
    if line.text[-1] in (",;" if line.bold else ".,;:!…") or "\\\n" in line.markdown:
        return False
    if wording.is_date_or_byline(line.text) or wording.is_footer(line.text):
        return False
    if line.bold or below.kind is Kind.BLOCK:
        return not below.bold
    return is_prose(below) and len(below.text) >= 1.5 * len(line.text)


def repeats(text: str, title: str) -> bool:
    """Tell whether *text* says little but what the title says."""
    words = set(re.findall(r"\w+", text.lower()))
    shared = words & set(re.findall(r"\w+", title.lower()))
    return len(shared) >= 3 and len(shared) >= 0.6 * len(words)


def has_words(paragraph: Paragraph) -> bool:
    """Tell whether there is more than signs in *paragraph*."""
    return re.search(r"\w", paragraph.text) is not None
