"""Whatever a document says, the draft says it in the same words."""

import re
from collections.abc import Iterator
from html import escape as html_escape
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter import announcement, blocks, markdown
from newsletter.announcement import Edition
from newsletter.blocks import Block, Paragraph
from newsletter.documents import draft, wording
from newsletter.documents.decoding import clean
from newsletter.documents.escaping import Run, escape
from newsletter.documents.escaping import markdown as written

AWKWARD = [
    "# no heading", "####### seven", "- no point", "+ no point", "* no point", "-", "--- ", "- - -",
    "***", "___", "===", "1. no number", "12) no number", "1.", "> no quote", ">no quote",
    "::: question", ":::", "| a | b |", "|---|", ":-- | --:", "~~~", "```", "`code`", "*stars*",
    "**bold**", "_under_", "__init__", "snake_case_name", "a__b", "[link](https://example.org)",
    "[note]: https://example.org", "[red.]", "![alt](x.png)", "[Go](https://example.org){.button}",
    "<b>bold</b>", "<https://example.org>", "<!-- no -->", "a < b", "R&D", "&amp; &copy; &#65;",
    "back\\slash\\", "\\*", "{{ first_name }}", '{{ first_name | "x" }}', "{{{{", "{.button}",
    "](x){.a}", "(x){#id}", "Foo #", "Foo ##", "title: x", "~~gone~~", "a  b", "\u00a0nbsp\u00a0",
    "e\u0301 ‘quotes’ … — –", "!", "\ufb01", "\u200bzero",
]  # fmt: skip
texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Co"], exclude_characters="\ufeff\u2028\u2029"),
    min_size=1,
    max_size=60,
)
awkward = st.lists(st.sampled_from(AWKWARD) | texts, min_size=1, max_size=5).map(" ".join)
urls = st.sampled_from(["", "https://example.org/a_b?c=(d)&e={{f}}", "javascript:alert(1)"])
runs = st.lists(st.builds(Run, awkward, st.booleans(), st.booleans(), urls), min_size=1, max_size=4)


@pytest.mark.parametrize("text", AWKWARD)
def test_marks_of_markdown_in_a_text_are_shown_as_they_are(text: str) -> None:
    assert shown(escape(text)) == text.split()


@given(awkward)
def test_any_text_comes_back_from_markdown_as_one_paragraph_of_the_same_words(text: str) -> None:
    assert shown(escape(text)) == text.split()


@given(runs)
@example([Run("Zeker.", bold=True), Run("Er")])
@example([Run("a", bold=True), Run("b", italic=True), Run("*", bold=True)])
def test_styled_words_come_back_as_the_same_words(styled: list[Run]) -> None:
    text = "".join(run.text for run in styled)
    assert shown(written(styled)) == text.split()


@given(st.lists(awkward, min_size=1, max_size=8), st.sampled_from(["\n", "\n\n", "\r\n\r\n"]))
def test_a_text_file_and_its_draft_say_the_same_words(paragraphs: list[str], between: str) -> None:
    source = "\n".join(paragraphs).replace("\n", between)
    edition = imported(source, "notes.txt")
    if edition is not None:
        assert letters(said(edition)) == letters(clean(source)[0])


@given(st.lists(st.tuples(st.sampled_from("p h1 h2 li td b".split()), awkward), max_size=8))
def test_a_page_and_its_draft_say_the_same_words(parts: list[tuple[str, str]]) -> None:
    page = "\n".join(f"<{tag}>{html_escape(text)}</{tag}>" for tag, text in parts)
    page = page.replace("<li>", "<ul><li>").replace("</li>", "</li></ul>")
    page = page.replace("<td>", "<table><tr><th>A</th><td>").replace("</td>", "</td></tr></table>")
    edition = imported(page, "notes.html")
    if edition is not None:
        expected = " ".join(f"A {text}" if tag == "td" else text for tag, text in parts)
        assert letters(said(edition)) == letters(expected)


def shown(source: str) -> list[str]:
    found, faults = markdown.parse(source, "draft.md")
    assert faults == []
    if not found:
        return []
    (paragraph,) = found
    assert isinstance(paragraph, Paragraph)
    return blocks.plain(paragraph.children).split()


def imported(source: str, name: str) -> Edition | None:
    """Import *source*, and read the draft back; None if there is nothing in it to send."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(source.encode())
        if not re.search(r"\w", source):
            return None
        made = draft(path)
        path = Path(folder) / f"{made.name}.md"
        path.write_text(made.markdown)
        (edition,) = announcement.load(path, ("nl", "fr", "en")).editions
    return edition


def letters(text: str) -> list[str]:
    """Return the words of *text* in no order; signs are left to the tests of one paragraph."""
    seen = re.sub("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text)
    return sorted(re.findall(r"\w+", seen))


def said(edition: Edition) -> str:
    """Return all words of *edition* that came from a document."""
    top = [edition.kicker] if edition.title == "Notes" else [edition.title, edition.kicker]
    if edition.image:
        top.append(edition.image.caption)
    greeting = blocks.plain(edition.greeting)
    if not any(greeting == added(language) for language in wording.GREETINGS):
        top.append(greeting)
    return " ".join([*top, *(words for block in edition.body for words in words_of(block))])


def added(language: str) -> str:
    source = wording.GREETINGS[language]
    return blocks.plain(markdown.parse_line(source, "", 1)[0])


def words_of(block: Block) -> Iterator[str]:
    match block:
        case blocks.Heading(_, children) | blocks.Paragraph(children):
            yield blocks.plain(children)
        case blocks.List(items, start):
            for number, item in enumerate(items, start or 0):
                yield str(number) if start is not None else ""
                yield from (words for inner in item for words in words_of(inner))
        case blocks.Table(head, rows):
            yield from (blocks.plain(cell) for row in (head, *rows) for cell in row)
        case blocks.Question(question, answer):
            yield blocks.plain(question)
            yield from (words for inner in answer for words in words_of(inner))
        case blocks.Lead(children) | blocks.Quote(children):
            yield from (words for inner in children for words in words_of(inner))
        case _:
            raise AssertionError(f"a document does not become {block}")
