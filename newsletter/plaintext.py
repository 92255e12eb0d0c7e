"""An announcement as plain text: every word and every link that the HTML has, in lines of 72."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsletter import blocks
from newsletter.blocks import Block, Blocks, Inlines

WIDTH = 72  #: columns; RFC 3676 asks for no more than 78

_SPACE = re.compile(r"[ \t\n]+")  # not the no-break spaces of French
_PUNCTUATION = re.compile(r"[\s./()-]")  # between the digits of a telephone number
_NAME = "x" * 12  # a slot is measured as a name of middling length
_GAP = 2  # columns between those of a table

Numbers = Mapping[blocks.Slot, int]
Addresses = list[str]  #: of links, in the order of their numbers
Described = Mapping[str, str]  #: of a file: its href ("" if attached), filename, kind and size


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """What the text of one mail is written with."""

    strings: Mapping[str, str]  #: the fixed words of its language
    when: Callable[[blocks.Event], str]
    calendar: Callable[[blocks.Event], Described]
    enclosed: Callable[[blocks.File], Described]
    numbers: Numbers | None = None  #: of the slots' markers; none: what reads as their fallback
    addresses: Addresses | None = None  #: gathers the links, to be listed below; none: inline


def text(content: Blocks, mail: Mail, width: int = WIDTH) -> str:
    """Return *content* as text."""
    return _Writer(mail).write(content, width)


def words(inlines: Inlines, numbers: Numbers | None, addresses: Addresses | None = None) -> str:
    """Return *inlines* as text with their links behind them; a line break is a line break."""
    return "".join(_inline(inline, numbers, addresses) for inline in inlines)


def references(addresses: Addresses) -> str:
    """Return the list of *addresses* by number: "[1] https://example.org"."""
    return "\n".join(f"[{number}] {url}" for number, url in enumerate(addresses, 1))


def wrap(line: str, width: int = WIDTH, first: str = "", rest: str = "") -> str:
    """Return *line* in lines of *width*, never cutting a word, a link or a marker.

    The first line begins with *first*, all others with *rest*.
    """
    lines: list[str] = []
    for given in line.split("\n"):
        for wrapped in _lines(given, width - len(rest)):
            lines.append((rest if lines else first) + wrapped)
    return "\n".join(line.rstrip() for line in lines)


def measure(line: str) -> int:
    """Return how many columns *line* takes, about, once its slots are filled in."""
    return len(blocks.MARKER.sub(_NAME, line))


def _inline(inline: blocks.Inline, numbers: Numbers | None, addresses: Addresses | None) -> str:
    match inline:
        case blocks.Text(content) | blocks.Code(content):
            return _SPACE.sub(" ", content)
        case blocks.Strong(children) | blocks.Emphasis(children):
            return words(children, numbers, addresses)
        case blocks.Link(children, url):
            return _link(words(children, numbers, addresses), url, addresses)
        case blocks.LineBreak():
            return "\n"
        case blocks.Slot():
            return inline.fallback if numbers is None else blocks.marker(numbers[inline])


def _link(label: str, url: str, addresses: Addresses | None) -> str:
    address = url.partition(":")[2] if url.startswith(("mailto:", "tel:")) else url
    if label in (url, address) or (url[:4] == "tel:" and _PUNCTUATION.sub("", label) == address):
        return label
    if addresses is None:
        return f"{label} <{url}>"
    if url not in addresses:
        addresses.append(url)
    return f"{label} [{addresses.index(url) + 1}]"


def _lines(given: str, width: int) -> Iterator[str]:
    line = ""
    for word in _SPACE.split(given.strip(" \t")):
        longer = f"{line} {word}" if line else word
        if line and measure(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


class _Writer:
    """Writes blocks below each other, an empty line between them."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def write(self, content: Blocks, width: int) -> str:
        return _apart(self._block(block, width) for block in content)

    def _block(self, block: Block, width: int) -> str:
        match block:
            case blocks.Heading(level, children):
                return _heading(wrap(self._words(children), width), "-" if level == 2 else "")
            case blocks.Paragraph(children):
                return wrap(self._words(children), width)
            case blocks.Lead(children):
                return self.write(children, width)
            case blocks.List():
                return self._list(block, width)
            case blocks.Table():
                return self._table(block, width)
            case blocks.Quote():
                return self._quote(block, width)
            case blocks.Image():
                return self._image(block, width)
            case blocks.Button(label, url):
                return wrap(self._link(label, url), width)
            case blocks.Question(question, answer):
                asked = wrap(self._words(question), width, first="— ", rest="  ")
                answered = _indent(self.write(answer, width - 2), "  ")
                return _apart((asked, answered))
            case blocks.Callout(title, children):
                titled = wrap(self._words(title), width - 2) if title else ""
                return _indent(_apart((titled, self.write(children, width - 2))), "| ")
            case blocks.Divider():
                return "* * *"
            case blocks.Columns(columns):
                return _apart(self.write(column, width) for column in columns)
            case blocks.Person():
                return self._person(block, width)
            case blocks.Event():
                return self._event(block, width)
            case blocks.Gallery(images, caption):
                shown = (self._image(image, width) for image in images)
                return _apart((*shown, wrap(caption, width)))
            case blocks.Figures():
                return self._figures(block, width)
            case blocks.Files():
                return self._files(block, width)

    def _words(self, inlines: Inlines) -> str:
        return words(inlines, self._mail.numbers, self._mail.addresses)

    def _link(self, label: str, url: str) -> str:
        return _link(label, url, self._mail.addresses)

    def _list(self, block: blocks.List, width: int) -> str:
        items = [
            self._item("- " if block.start is None else f"{block.start + index}. ", item, width)
            for index, item in enumerate(block.items)
        ]
        return ("\n\n" if any("\n\n" in item for item in items) else "\n").join(items)

    def _item(self, point: str, item: Blocks, width: int) -> str:
        inside = self.write(item, width - len(point))
        if _is_tight(item):
            inside = inside.replace("\n\n", "\n", 1)
        return point + _indent(inside, " " * len(point))[len(point) :]

    def _table(self, block: blocks.Table, width: int) -> str:
        head = [self._cell(cell) for cell in block.head]
        rows = [[self._cell(cell) for cell in row] for row in block.rows]
        widths = [max(map(measure, column)) for column in zip(head, *rows, strict=True)]
        if sum(widths) + _GAP * (len(widths) - 1) > width:
            return "\n\n".join(_record(head, row, width) for row in rows)
        rule = ["-" * columns for columns in widths]
        return "\n".join(_row(line, widths, block.alignments) for line in (head, rule, *rows))

    def _cell(self, cell: Inlines) -> str:
        return self._words(cell).replace("\n", " ").strip()

    def _quote(self, block: blocks.Quote, width: int) -> str:
        said = self.write(block.children, width - 4)
        if block.attribution:
            by = wrap(self._words(block.attribution), width - 4, first="— ", rest="  ")
            said = f"{said}\n\n{by}"
        return _indent(said, "    ")

    def _image(self, block: blocks.Image, width: int) -> str:
        alt = (
            f"[{self._mail.strings['picture']}: {block.alt}]" if block.source and block.alt else ""
        )
        return _below((alt, block.caption), width)

    def _person(self, block: blocks.Person, width: int) -> str:
        portrait = self._image(block.portrait, width) if block.portrait else ""
        contacts = (self._words((contact,)) for contact in block.contacts)
        who = _below((portrait, block.name, block.role, *contacts), width)
        return _apart((who, self.write(block.children, width)))

    def _event(self, block: blocks.Event, width: int) -> str:
        file, strings = self._mail.calendar(block), self._mail.strings
        if file["href"]:
            calendar = self._link(strings["calendar"], file["href"])
        else:
            calendar = strings["calendar_attached"].replace("{filename}", file["filename"])
        lines = (block.title, self._mail.when(block), block.place, calendar)
        return _apart((_below(lines, width), self.write(block.children, width)))

    def _figures(self, block: blocks.Figures, width: int) -> str:
        widest = max((measure(figure.number) for figure in block.figures), default=0)
        margin = " " * (widest + _GAP)
        return "\n".join(
            wrap(
                self._words(figure.label),
                width,
                first=_pad(figure.number, widest, "right") + " " * _GAP,
                rest=margin,
            )
            for figure in block.figures
        )

    def _files(self, block: blocks.Files, width: int) -> str:
        title = wrap(self._words(block.title), width) if block.title else ""
        files = [wrap(self._file(file), width, first="- ", rest="  ") for file in block.files]
        return _apart((title, "\n".join(files)))

    def _file(self, file: blocks.File) -> str:
        about = self._mail.enclosed(file)
        attached = self._mail.strings["attached"].replace("{filename}", about["filename"])
        where = "" if about["href"] else attached
        facts = ", ".join(filter(None, (about["kind"], about["size"], where)))
        said = f"{file.label} ({facts})" if facts else file.label
        return self._link(said, about["href"]) if about["href"] else said


def _apart(written: Iterable[str]) -> str:
    """Return what was *written*, an empty line between."""
    return "\n\n".join(filter(None, written))


def _below(lines: Iterable[str], width: int) -> str:
    return "\n".join(wrap(line, width) for line in lines if line)


def _is_tight(item: Blocks) -> bool:
    """Return whether *item* is one paragraph and a list under it."""
    kinds = [type(block) for block in item]
    return kinds == [blocks.Paragraph, blocks.List]


def _heading(title: str, line: str) -> str:
    longest = max(map(measure, title.split("\n")))
    return f"{title}\n{line * longest}" if line else title


def _indent(written: str, margin: str) -> str:
    return "\n".join((margin + line).rstrip() for line in written.split("\n"))


def _row(cells: Sequence[str], widths: Sequence[int], alignments: Sequence[str]) -> str:
    padded = (
        _pad(cell, width, alignment)
        for cell, width, alignment in zip(cells, widths, alignments, strict=True)
    )
    return (" " * _GAP).join(padded).rstrip()


def _pad(cell: str, width: int, alignment: str) -> str:
    room = width - measure(cell)
    before = {"left": 0, "center": room // 2, "right": room}[alignment]
    return " " * before + cell + " " * (room - before)


def _record(head: Sequence[str], row: Sequence[str], width: int) -> str:
    """Return a row of a table too wide for the lines: each cell after its column's name."""
    pairs = (f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=True))
    return "\n".join(wrap(pair, width, rest="  ") for pair in pairs)
