"""Turns a Word, HTML, Markdown or text document into the draft of an announcement."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from newsletter.announcement import LARGEST_FILE
from newsletter.documents import marked, plain, recognising, webpage, word, wording, writing
from newsletter.documents.decoding import decode
from newsletter.documents.paragraphs import Paragraph, Reading, UnreadableError
from newsletter.documents.recognising import Recognition, Role
from newsletter.documents.writing import Draft
from newsletter.errors import AuthorError, Fault

__all__ = ["Draft", "draft"]

LARGEST_TEXT = 5_000_000  #: bytes
LARGEST_WORD = 20_000_000  #: bytes

_TEXT = (".txt", ".text")
_MARKDOWN = (".md", ".markdown")
_HTML = (".html", ".htm")
_WORD = (".docx",)


def draft(path: Path, *, default_language: str = "nl") -> Draft:
    """Return the document at *path* as a draft; *default_language* where its words do not tell."""
    try:
        found = _draft(path, default_language)
        if len(found.markdown.encode()) > LARGEST_FILE:
            raise UnreadableError("its text is too long for one mail; shorten it, or link to it")
    except UnreadableError as error:
        raise AuthorError([Fault(str(path), str(error))]) from error
    return found


def _draft(path: Path, default_language: str) -> Draft:
    suffix = path.suffix.lower()
    if suffix in _WORD:
        return _composed(word.read(_bytes(path, LARGEST_WORD)), path.stem, default_language)
    if suffix not in (*_TEXT, *_MARKDOWN, *_HTML):
        raise UnreadableError(_unsupported(suffix))
    text, notes = decode(_bytes(path, LARGEST_TEXT))
    if not text.strip():
        raise UnreadableError("this file is empty; write the text in it and save it")
    if suffix in _MARKDOWN:
        reading = marked.read(text)
        if reading is None:
            return _noted(marked.keep(text, _as_title(path.stem), default_language), notes)
    else:
        reading = webpage.read(text) if suffix in _HTML else plain.read(text)
    return _noted(_composed(reading, path.stem, default_language), notes)


def _bytes(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UnreadableError(
            f"cannot be read ({why}); check its name and who may read it"
        ) from error
    if not data:
        raise UnreadableError("this file is empty; write the text in it and save it")
    if len(data) > largest:
        raise UnreadableError(
            f"more than {largest // 1_000_000} MB; take the pictures and what is no news out of it"
        )
    return data


def _unsupported(suffix: str) -> str:
    if suffix in (".doc", ".odt", ".rtf", ".pages", ".dotx", ".docm"):
        return f"{suffix} cannot be read; open it in a word processor and save it as .docx"
    if suffix == ".pdf":
        return ".pdf cannot be read; find the document it was made from, and save that as .docx"
    what = suffix or "a file without an extension"
    return f"{what} cannot be read; give a .docx, .html, .md or .txt"


def _noted(found: Draft, notes: Sequence[str]) -> Draft:
    return replace(found, unsure=(*found.unsure, *notes))


def _composed(reading: Reading, stem: str, default_language: str) -> Draft:
    paragraphs = reading.paragraphs
    if not paragraphs:
        raise UnreadableError("there are no words in this document; write the text in it")
    words = " ".join(paragraph.text for paragraph in paragraphs)
    language = wording.language(words, default=default_language)
    recognition = recognising.recognise(paragraphs, language)
    title, doubts = _title(reading, recognition, stem)
    title = writing.as_title(title)
    return Draft(
        name=writing.slug(title) or writing.slug(stem) or "announcement",
        markdown=writing.announcement(
            paragraphs, recognition.roles, title=title, language=language, reading=reading
        ),
        recognised=tuple(_recognised(paragraphs, recognition, title, language)),
        unsure=(*doubts, *recognition.unsure, *_left_out(reading, recognition), *reading.unsure),
    )


def _title(reading: Reading, recognition: Recognition, stem: str) -> tuple[str, tuple[str, ...]]:
    """Return the title, and what is not certain about it."""
    if Role.TITLE in recognition.roles:
        return reading.paragraphs[recognition.roles.index(Role.TITLE)].text, ()
    if reading.title:
        return reading.title, (
            "the title comes from the page's <title>, for no line looks like one",
        )
    title = _as_title(stem)
    return title, (
        f'no line looks like a title; the file\'s name became one, "{title}": write a better one',
    )


def _as_title(stem: str) -> str:
    words = " ".join(stem.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:] or "Announcement"


def _left_out(reading: Reading, recognition: Recognition) -> list[str]:
    notes = []
    if count := len(reading.pictures):
        what = f"{count} pictures" if count > 1 else "1 picture"
        notes.append(f"{what} left out: save them beside the announcement and name them in it")
    captions = [n for n, role in enumerate(recognition.roles) if role is Role.CAPTION]
    notes += [
        f"{recognising.name(reading.paragraphs[n])} is a second caption, left in the text"
        for n in captions[1:]
    ]
    return notes


def _recognised(
    paragraphs: Sequence[Paragraph], recognition: Recognition, title: str, language: str
) -> list[str]:
    """Say in a sentence each what was found, in the order of a mail."""
    said = {
        role: [p.text for p, r in zip(paragraphs, recognition.roles, strict=True) if r is role]
        for role in Role
    }
    sentences = [f"language: {wording.NAMES.get(language, language)}"]
    sentences += [f'kicker: "{text}"' for text in said[Role.KICKER]]
    sentences.append(f'title: "{title}"')
    if said[Role.GREETING]:
        sentences.append(f'greeting: "{said[Role.GREETING][0]}"')
    else:
        words = writing.greeting(language).partition(": ")[2]
        sentences.append(f"added a greeting, {words}; delete the line `greeting:` to leave it out")
    sentences += [f'lead: "{_short(text)}"' for text in said[Role.LEAD]]
    sentences += _counted(said, Role.PARAGRAPH, "other paragraph", "other paragraphs")
    sentences += [f'caption of a picture: "{text}"' for text in said[Role.CAPTION][:1]]
    sentences += [f'sub-heading: "{text}"' for text in said[Role.HEADING]]
    sentences += _counted(
        said, Role.QUESTION, "question with its answer", "questions with their answers"
    )
    return sentences + [f'closing: "{_short(text)}"' for text in said[Role.CLOSING]]


def _counted(said: dict[Role, list[str]], role: Role, one: str, many: str) -> list[str]:
    count = len(said[role])
    return [f"{count} {one if count == 1 else many}"] if count else []


def _short(text: str) -> str:
    return text if len(text) <= 70 else text[:69].rstrip() + "…"
