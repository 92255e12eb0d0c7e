"""An announcement as plain text: every word and every link that the HTML has, in lines of 72."""

import re
from collections.abc import Iterator, Mapping, Sequence

from newsletter import blocks
from newsletter.blocks import Block, Blocks, Inlines

WIDTH = 72  #: columns; RFC 3676 asks for no more than 78

_SPACE = re.compile(r"[ \t\n]+")  # not the no-break spaces of French
_NAME = "x" * 12  # a slot is measured as a name of middling length
_GAP = 2  # columns between those of a table

Numbers = Mapping[blocks.Slot, int]


def text(content: Blocks, numbers: Numbers, picture: str, width: int = WIDTH) -> str:
    """Return *content* as text; *numbers* are the slots' markers, *picture* the word for one."""
    return _Writer(numbers, picture).write(content, width)


def words(inlines: Inlines, numbers: Numbers) -> str:
    """Return *inlines* as text with their links behind them; a line break is a line break."""
    return "".join(_inline(inline, numbers) for inline in inlines)


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


def _inline(inline: blocks.Inline, numbers: Numbers) -> str:
    match inline:
        case blocks.Text(content) | blocks.Code(content):
            return _SPACE.sub(" ", content)
        case blocks.Strong(children) | blocks.Emphasis(children):
            return words(children, numbers)
        case blocks.Link(children, url):
            return _link(words(children, numbers), url)
        case blocks.LineBreak():
            return "\n"
        case blocks.Slot():
            return blocks.marker(numbers[inline])


def _link(label: str, url: str) -> str:
    address = url.partition(":")[2] if url.startswith(("mailto:", "tel:")) else url
    return label if label in (url, address) else f"{label} <{url}>"


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

    def __init__(self, numbers: Numbers, picture: str) -> None:
        self._numbers = numbers
        self._picture = picture

    def write(self, content: Blocks, width: int) -> str:
        written = (self._block(block, width) for block in content)
        return "\n\n".join(part for part in written if part)

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
                return wrap(_link(label, url), width)
            case blocks.Question(question, answer):
                asked = wrap(self._words(question), width, first="— ", rest="  ")
                answered = _indent(self.write(answer, width - 2), "  ")
                return "\n\n".join(filter(None, (asked, answered)))
            case blocks.Callout(title, children):
                titled = wrap(self._words(title), width - 2) if title else ""
                inside = "\n\n".join(filter(None, (titled, self.write(children, width - 2))))
                return _indent(inside, "| ")
            case blocks.Divider():
                return "* * *"

    def _words(self, inlines: Inlines) -> str:
        return words(inlines, self._numbers)

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
        alt = wrap(f"[{self._picture}: {block.alt}]", width) if block.source and block.alt else ""
        return "\n".join(filter(None, (alt, wrap(block.caption, width))))


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
