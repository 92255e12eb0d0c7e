"""An edition as a row of passages, so that two languages can be laid side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter import blocks
from newsletter.announcement import Edition
from newsletter.blocks import Block, Blocks, Inlines


@dataclass(frozen=True, slots=True)
class Passage:
    """A block with the words that are its own, not those of the blocks in it."""

    kind: str  #: "paragraph", "table of 3 rows"
    words: str
    line: int  #: where it stands in the file
    within: tuple[str, ...]  #: the kinds of the blocks around it, the outermost first


def passages(edition: Edition) -> tuple[Passage, ...]:
    """Return every block of the body of *edition*, however deep, in the order of reading."""
    return tuple(_passages(edition.body, (), 0))


def fields(edition: Edition) -> dict[str, int]:
    """Return the line of each field on top of the file of *edition* that says something."""
    found: dict[str, int] = {}
    try:
        lines = edition.path.read_text("utf-8-sig").split("\n")
    except OSError:  # an edition that was never a file
        return found
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            break
        name, _, value = line.partition(":")
        if value.strip():
            found[name.rstrip()] = number
    return found


def _passages(content: Blocks, within: tuple[str, ...], line: int) -> Iterator[Passage]:
    for block in content:
        kind, own = _kind(block), block.line or line
        yield Passage(kind, " ".join(_words(block)), own, within)
        yield from _passages(_inner(block), (*within, kind), own)


def _kind(block: Block) -> str:
    match block:
        case blocks.Table(rows=rows):
            return f"table of {len(rows)} rows"
        case blocks.Figures(figures=parts) | blocks.Files(files=parts):
            return f"{type(block).__name__.lower()} ({len(parts)})"
        case blocks.List(start=int()):
            return "numbered list"
    return type(block).__name__.lower()


def _words(block: Block) -> Iterator[str]:
    match block:
        case blocks.Heading(children=words) | blocks.Paragraph(words):
            yield blocks.plain(words)
        case blocks.Question(question=words) | blocks.Quote(attribution=words):
            yield blocks.plain(words)
        case blocks.Callout(title=words):
            yield blocks.plain(words)
        case blocks.Table(head, rows):
            yield from _cells((head, *rows))
        case blocks.Image(alt=alt, caption=caption):
            yield from (alt, caption)
        case blocks.Gallery(caption=words) | blocks.Button(label=words):
            yield words
        case blocks.Person(name=name, role=role):
            yield from (name, role)
        case blocks.Event(title=title, place=place):
            yield from (title, place)
        case blocks.Figures(figures):
            yield from (f"{each.number} {blocks.plain(each.label)}," for each in figures)
        case blocks.Files(title, files):
            yield from (blocks.plain(title), *(each.label for each in files))


def _cells(rows: tuple[tuple[Inlines, ...], ...]) -> Iterator[str]:
    for row in rows:
        for cell in row:
            yield f"{blocks.plain(cell)},"


def _inner(block: Block) -> Blocks:
    match block:
        case blocks.List(items=parts) | blocks.Columns(columns=parts):
            return tuple(each for part in parts for each in part)
        case blocks.Quote(children=inner) | blocks.Lead(inner) | blocks.Callout(children=inner):
            return inner
        case blocks.Question(answer=inner) | blocks.Event(children=inner):
            return inner
        case blocks.Person(portrait=portrait, children=inner):
            return (*(each for each in (portrait,) if each), *inner)
        case blocks.Gallery(images=images):
            return images
    return ()
