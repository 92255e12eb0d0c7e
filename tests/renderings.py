"""Editions rendered for a test, and what stands in them."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from newsletter import blocks, theme
from newsletter.announcement import Edition
from newsletter.rendering import Organisation, Rendering, render

ORGANISATION = Organisation(name="Stad Voorbeeld", contact="communicatie@example.org")
DEFAULT = theme.load("default", [theme.shipped()])


def edition(*body: blocks.Block, **changes: Any) -> Edition:
    plain = Edition(
        path=Path("ceo.md"),
        language="nl",
        title="Titel",
        subject="Onderwerp",
        preheader="",
        body=body,
    )
    return dataclasses.replace(plain, **changes)


def mail(*body: blocks.Block, **changes: Any) -> Rendering:
    return render(edition(*body, **changes), DEFAULT, ORGANISATION)


def p(*words: str | blocks.Inline) -> blocks.Paragraph:
    return blocks.Paragraph(tuple(blocks.Text(w) if isinstance(w, str) else w for w in words))


def elements(document: etree._Element, *tags: str) -> list[etree._Element]:
    return list(document.iter(*tags))


def word_only(html: str) -> str:
    """Return what only Word reads."""
    return "".join(re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", html, re.DOTALL))


def changed(folder: Path, name: str, content: str) -> theme.Theme:
    (folder / "stad" / name).parent.mkdir(parents=True)
    (folder / "stad" / "theme.toml").write_text("")
    (folder / "stad" / name).write_text(content)
    return theme.load("stad", [folder, theme.shipped()])


def words_of(value: object) -> Iterator[str]:
    """Yield all that an author wrote, in the order in which it is read."""
    match value:
        case str():
            yield value
        case tuple():
            for each in value:
                yield from words_of(each)
        case blocks.Slot():
            yield "\ue000"
        case blocks.Link(children):
            yield from words_of(children)
        case blocks.List(items):
            yield from words_of(items)
        case blocks.Table(head, rows):
            yield from words_of((head, rows))
        case blocks.Quote(children, attribution):
            yield from words_of((children, attribution))
        case blocks.Image(_, _, caption):
            yield caption
        case blocks.Button(label):
            yield label
        case blocks.Question(question, answer):
            yield from words_of((question, answer))
        case blocks.Callout(title, children):
            yield from words_of((title, children))
        case blocks.Columns(columns):
            yield from words_of(columns)
        case blocks.Person():
            yield from words_of((value.name, value.role, value.contacts, value.children))
        case blocks.Event():
            yield from words_of((value.title, value.place, value.children))
        case blocks.Gallery(images, caption):
            yield from words_of((images, caption))
        case blocks.Figures(figures):
            yield from words_of(tuple((each.number, each.label) for each in figures))
        case blocks.Files(title, files):
            yield from words_of((title, tuple(each.label for each in files)))
        case blocks.Text(content) | blocks.Code(content):
            yield content
        case blocks.LineBreak() | blocks.Divider():
            pass
        case _:
            yield from words_of(value.children)  # type: ignore[attr-defined]  # all others have


def assert_in_order(expected: Iterator[str], said: str) -> None:
    place = 0
    for words in expected:
        for word in words.split():
            place = said.find(word, place)
            assert place >= 0, f"`{word}` of `{words}` is missing or out of order"
            place += len(word)
