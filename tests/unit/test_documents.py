"""An interview with a new director, as text, Markdown, HTML and Word."""

import re
from collections.abc import Callable
from html import escape
from io import BytesIO
from pathlib import Path

import docx
import pytest

from newsletter import announcement, blocks
from newsletter.announcement import Edition
from newsletter.blocks import Block, Heading, Lead, Paragraph, Question
from newsletter.documents import Draft, draft
from newsletter.errors import AuthorError

INTERVIEW = Path(__file__).parent.parent / "data" / "interview.txt"
KICKER = "Ons werk"
TITLE = "Waterdienst verwelkomt nieuwe directeur Mira Van Acker"
CAPTION = "Waterdienst Nieuwe directeur - Mira Van Acker"
HEADING = "Tijd voor een eerste gesprek."
QUESTIONS = {
    "Dag Mira, fijn dat je er bent!": 2,
    "Er staat nogal wat op de planning": 1,
    "Waar moet volgens jou de nadruk liggen bij het vernieuwen van het net in de binnenstad en"
    " welke rol zie je daarin voor de Waterdienst?": 2,
    "Jij stapte zelf over van de privésector": 1,
    "Wat gaf voor jou de doorslag om hierheen te komen?": 1,
    "Wat mogen we dit jaar verwachten?": 5,
}


def interview() -> list[str]:
    paragraphs = re.split(r"\n\s*\n", INTERVIEW.read_text("utf-8"))
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def as_text() -> bytes:
    return INTERVIEW.read_bytes()


def as_page() -> bytes:
    elements = []
    for text in interview():
        tag = {TITLE: "h1", HEADING: "h2", CAPTION: "figcaption"}.get(text, "p")
        tag = "h3" if text in QUESTIONS else tag
        elements.append(f"<{tag}>{escape(text)}</{tag}>")
    scripts = "<script>track('you')</script><style>p {color: red}</style>"
    return (
        f"<!doctype html><html><head><title>Intranet</title>{scripts}</head><body>"
        f"<nav>Home Nieuws</nav><main>{''.join(elements)}</main></body></html>"
    ).encode()


def as_bold_page() -> bytes:
    lines = [f"<b>{escape(t)}</b>" if t in QUESTIONS else escape(t) for t in interview()]
    return "<br><br>\n".join(lines).encode()


def as_word_with_styles() -> bytes:
    document = docx.Document()
    for text in interview():
        style = {TITLE: "Title", HEADING: "Heading 1", CAPTION: "Caption"}.get(text)
        document.add_paragraph(text, style="Heading 2" if text in QUESTIONS else style)
    return saved(document)


def as_word_with_bold() -> bytes:
    document = docx.Document()
    for text in interview():
        document.add_paragraph().add_run(text).bold = text in QUESTIONS or text == TITLE
    return saved(document)


def as_bare_word() -> bytes:
    document = docx.Document()
    for text in interview():
        document.add_paragraph(text)
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


FORMATS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "text": ("txt", as_text),
    "one line a paragraph": ("txt", lambda: "\n".join(interview()).encode()),
    "Markdown without marks": ("md", as_text),
    "a web page": ("html", as_page),
    "a page with bold questions": ("html", as_bold_page),
    "Word with styles": ("docx", as_word_with_styles),
    "Word with bold": ("docx", as_word_with_bold),
    "bare Word": ("docx", as_bare_word),
}


def imported(folder: Path, suffix: str, data: bytes) -> tuple[Draft, Edition]:
    source = folder / f"bron.{suffix}"
    source.write_bytes(data)
    made = draft(source)
    path = folder / f"{made.name}.md"
    path.write_text(made.markdown, "utf-8")
    return made, announcement.load(path, ("nl", "fr", "en")).editions[0]


def words(block: Block) -> str:
    match block:
        case Heading(_, children) | Paragraph(children):
            return blocks.plain(children)
        case Question(question, answer):
            return " ".join([blocks.plain(question), *map(words, answer)])
        case Lead(children):
            return " ".join(map(words, children))
    raise AssertionError(f"the interview has no {block}")


@pytest.mark.parametrize("kind", FORMATS)
def test_the_interview_becomes_the_same_announcement_from_every_format(
    kind: str, tmp_path: Path
) -> None:
    suffix, build = FORMATS[kind]
    made, edition = imported(tmp_path, suffix, build())
    assert made.name == "waterdienst-verwelkomt-nieuwe-directeur-mira-van-acker"
    assert (edition.kicker, edition.title, edition.language) == (KICKER, TITLE, "nl")
    assert blocks.plain(edition.greeting) == "Dag collega,"
    assert edition.image is not None
    assert (edition.image.source, edition.image.caption) == ("", CAPTION)
    lead, first, second, heading, *questions, closing = edition.body
    assert isinstance(lead, Lead)
    assert words(lead).startswith("Sinds 1 maart 2026")
    assert isinstance(first, Paragraph)
    assert isinstance(second, Paragraph)
    assert isinstance(heading, Heading)
    assert (heading.level, words(heading)) == (2, HEADING)
    found = {
        " ".join(blocks.plain(turn.question).split()): len(turn.answer)
        for turn in questions
        if isinstance(turn, Question)
    }
    assert (found, len(questions)) == (QUESTIONS, 6)
    assert isinstance(closing, Paragraph)
    assert words(closing).startswith("Bedankt, Mira!")


@pytest.mark.parametrize("kind", FORMATS)
def test_no_word_of_the_interview_is_lost_or_added_in_any_format(kind: str, tmp_path: Path) -> None:
    suffix, build = FORMATS[kind]
    _, edition = imported(tmp_path, suffix, build())
    assert edition.image is not None
    said = [edition.kicker, edition.title, edition.image.caption, *map(words, edition.body)]
    assert sorted(" ".join(said).split()) == sorted(INTERVIEW.read_text("utf-8").split())


def test_what_was_recognised_in_the_interview_is_said_in_sentences(tmp_path: Path) -> None:
    made, _ = imported(tmp_path, "txt", as_text())
    assert f'title: "{TITLE}"' in made.recognised
    assert f'kicker: "{KICKER}"' in made.recognised
    assert "6 questions with their answers" in made.recognised
    assert any("delete the line `greeting:`" in sentence for sentence in made.recognised)


def test_questions_without_a_question_mark_are_reported_with_their_line(tmp_path: Path) -> None:
    made, _ = imported(tmp_path, "txt", as_text())
    doubted = [note for note in made.unsure if "has no question mark" in note]
    assert [note.split('"')[0:2] for note in doubted] == [
        ["line 15 ", "Dag Mira, fijn dat je er bent!"],
        ["line 21 ", "Er staat nogal wat op de planning"],
        ["line 31 ", "Jij stapte zelf over van de privésector"],
    ]


def test_the_author_is_told_how_to_put_the_picture_above_its_caption(tmp_path: Path) -> None:
    made, _ = imported(tmp_path, "txt", as_text())
    head = made.markdown.partition("image_caption")[0]
    assert "# Put the picture beside this file" in head
    assert "# image: " in head
    assert "# image_alt: " in head


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_draft(
    encoding: str, newline: str, tmp_path: Path
) -> None:
    text = INTERVIEW.read_text("utf-8")
    made, _ = imported(tmp_path, "txt", text.replace("\n", newline).encode(encoding))
    assert made == imported(tmp_path, "txt", as_text())[0]


def test_cp1252_quotes_in_a_page_that_claims_another_encoding_survive(tmp_path: Path) -> None:
    page = "<meta charset=us-ascii><h1>Nieuws</h1><p>Een ‘waterstad’ – 5 €…</p>"
    _, edition = imported(tmp_path, "html", page.encode("cp1252"))
    assert words(edition.body[0]) == "Een ‘waterstad’ – 5 €…"


def test_control_characters_are_left_out_and_said_so(tmp_path: Path) -> None:
    made, edition = imported(tmp_path, "txt", b"Nieuws\n\nHallo\x00 alle\x07maal, dit is er.")
    assert words(edition.body[0]) == "Hallo allemaal, dit is er."
    assert made.unsure == ("2 invisible characters left out",)


def test_a_title_carries_nothing_that_a_subject_may_not(tmp_path: Path) -> None:
    _, edition = imported(tmp_path, "txt", "\u200bNieuws =?\u202e {{ x }}\n\nEen zin.".encode())
    assert edition.title == "Nieuws = ? { { x }}"


@pytest.mark.parametrize(
    ("name", "data", "mend"),
    [
        ("leeg.txt", b"", "this file is empty; write"),
        ("spaties.txt", b" \n\xc2\xa0\n", "this file is empty; write"),
        ("leeg.html", b"<html><body><p>&nbsp;</p></body></html>", "no words in this document"),
        ("leeg.docx", b"", "this file is empty; write"),
        ("brief.doc", b"x", "save it as .docx"),
        ("brief.pdf", b"%PDF", "save that as .docx"),
        ("brief", b"x", "give a .docx, .html, .md or .txt"),
        ("groot.txt", b"a" * 5_000_001, "more than 5 MB"),
        ("lang.txt", b"woord " * 400_000, "too long for one mail"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_mend(
    name: str, data: bytes, mend: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(AuthorError) as caught:
        draft(path)
    (fault,) = caught.value.faults
    assert fault.place == str(path)
    assert mend in fault.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"weg\.txt: cannot be read \(no such file"):
        draft(tmp_path / "weg.txt")
