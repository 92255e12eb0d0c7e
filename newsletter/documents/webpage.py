"""Reads HTML: a web page, a saved mail, or what `word` made of a Word document."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from newsletter.documents import surroundings
from newsletter.documents.escaping import Run, is_bold, link, markdown, unbold
from newsletter.documents.paragraphs import Kind, Paragraph, Reading, UnreadableError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DEEPEST = 200
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp"
    " small span strike strong sub sup time tt u var wbr".split()
)
_CAPTIONS = frozenset(("figcaption", "caption"))
_SPACE = re.compile(r"[ \t\n\r\f]+")
_WEIGHT = re.compile(r"font-weight\s*:\s*(?:(bold|[6-9]00)|normal|[1-5]00)", re.IGNORECASE)


def read(text: str) -> Reading:
    """Return the paragraphs of the page *text*; nothing it names is fetched."""
    page = _parse(text)
    if page is None:
        return Reading(paragraphs=())
    text_part = _main_part(page)
    around = surroundings.find(text_part)
    notes = [_left_out(element, look) for element, look in around]
    collected = _collected(text_part, [element for element, _ in around])
    if not collected.paragraphs:
        notes, collected = [], _collected(text_part, [])
    title = page.findtext(".//title") or ""
    return Reading(
        paragraphs=tuple(collected.paragraphs),
        title=" ".join(title.split()),
        pictures=tuple(collected.pictures),
        unsure=(*filter(None, notes), *dict.fromkeys(collected.lost)),
    )


@dataclass(slots=True)
class _Collector:
    """Gathers words until a paragraph ends."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  #: a sentence on each link without its target
    runs: list[Run] = field(default_factory=list)
    line: int = 0

    def say(self, run: Run) -> None:
        if run.text:
            self.runs.append(run)

    def end(self, kind: Kind = Kind.TEXT, level: int = 0) -> None:
        runs, self.runs = _tidy(self.runs), []
        for part in _parts(runs) if kind is Kind.TEXT else filter(_has_words, [runs]):
            self.paragraphs.append(_paragraph(part, self._place(), kind, level))

    def add_block(self, text: str, layout: str) -> None:
        if text.strip():
            block = Paragraph(text=text, markdown=layout, place=self._place(), kind=Kind.BLOCK)
            self.paragraphs.append(block)

    def _place(self) -> str:
        return f"line {self.line}"


def _parse(text: str) -> "HtmlElement | None":
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        page = html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError:
        return None
    if _depth(page) > _DEEPEST:
        raise UnreadableError(
            f"its elements are nested more than {_DEEPEST} deep; "
            "copy the text into a new document and import that"
        )
    return page


def _depth(page: "HtmlElement") -> int:
    depth, level = 0, [page]
    while level and depth <= _DEEPEST:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def _main_part(page: "HtmlElement") -> "HtmlElement":
    """Return the one <main> or <article> if it holds the title, the <body> if not."""
    body = page.find("body")
    whole = page if body is None else body
    has_title = whole.find(".//h1") is not None
    for tag in ("main", "article"):
        parts = whole.findall(f".//{tag}")
        if len(parts) == 1 and (parts[0].find(".//h1") is not None or not has_title):
            return parts[0]
    return whole


def _collected(part: "HtmlElement", around: "Sequence[HtmlElement]") -> _Collector:
    """Collect the words of *part* without those of the elements *around* its text."""
    collected = _Collector()
    for element in around:
        element.set("hidden", "")
    _walk(part, Run(""), collected)
    collected.end()
    for element in around:
        del element.attrib["hidden"]
    return collected


def _left_out(element: "HtmlElement", look: str) -> str:
    words = _short(_text(_inside(element, _Collector())), 60)
    return f'left out "{words}": it looks like {look}; copy what should stay' if words else ""


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _walk(element: "HtmlElement", style: Run, into: _Collector) -> None:
    """Collect the words of *element*, which is not itself a block."""
    into.say(_styled(style, element.text))
    for child in element:
        if not surroundings.is_hidden(child):
            _visit(child, style, into)
        into.say(_styled(style, child.tail))


def _visit(element: "HtmlElement", style: Run, into: _Collector) -> None:
    tag = element.tag
    if tag == "br":
        into.say(replace(style, text="\n"))
    elif tag == "img":
        _picture(element, into)
    elif tag in _INLINE or ":" in tag:  # Word has inline elements of its own: <o:p>
        if not _is_way_back(element):
            _note_lost_link(element, into)
            _walk(element, _style_of(element, style), into)
    else:
        into.end()
        into.line = element.sourceline or into.line
        _visit_block(element, into)


def _visit_block(element: "HtmlElement", into: _Collector) -> None:
    tag = element.tag
    if tag in ("ul", "ol"):
        _list(element, into)
    elif tag == "blockquote":
        _quote(element, into)
    elif tag == "table" and (rows := _data_rows(element)):
        _table(rows, into)
    elif tag == "pre":
        into.say(Run("".join(element.itertext()).replace("\n", "\v")))
        into.end()
    else:
        _walk(element, _style_of(element, Run("")), into)
        into.end(*_kind(element))


def _kind(element: "HtmlElement") -> tuple[Kind, int]:
    tag = str(element.tag)
    if re.fullmatch("h[1-6]", tag):
        return Kind.HEADING, int(tag[1])
    classes = element.get("class", "").split()
    if tag in _CAPTIONS or (tag == "p" and "caption" in classes):
        return Kind.CAPTION, 0
    return (Kind.LEAD if tag == "p" and "lead" in classes else Kind.TEXT), 0


def _is_way_back(element: "HtmlElement") -> bool:
    """Tell whether this is the little arrow that leads from a footnote to its text."""
    return element.tag == "a" and str(element.text_content()).strip() == "↑"


def _note_lost_link(element: "HtmlElement", into: _Collector) -> None:
    url = "".join(element.get("href", "").split())
    is_of_page = url.lower().startswith(("#", "javascript:"))
    words = " ".join(str(element.text_content()).split())
    if element.tag == "a" and url and words and not is_of_page and not link(url):
        into.lost.append(
            f'the link of "{_short(words, 60)}" ({_short(url, 80)}) leads nowhere outside'
            " the intranet page; write its whole address"
        )


def _style_of(element: "HtmlElement", style: Run) -> Run:
    if weight := _WEIGHT.search(element.get("style", "")):
        return replace(style, bold=bool(weight[1]))
    if element.tag in ("b", "strong"):
        return replace(style, bold=True)
    if element.tag in ("i", "em", "cite"):
        return replace(style, italic=True)
    if element.tag == "a":
        return replace(style, url=element.get("href", ""))
    return style


def _styled(style: Run, text: str | None) -> Run:
    return replace(style, text=_SPACE.sub(" ", text or ""))


def _picture(element: "HtmlElement", into: _Collector) -> None:
    """Leave the picture out, and keep the words that stand in for it."""
    words = " ".join(element.get("alt", "").split())
    into.pictures.append(words)
    figure = next(element.iterancestors("figure"), None)
    if words and (figure is None or figure.find(".//figcaption") is None):
        line = element.sourceline or into.line
        into.paragraphs.append(_paragraph([Run(words)], f"line {line}", Kind.CAPTION, 0))


def _list(element: "HtmlElement", into: _Collector) -> None:
    numbered = element.tag == "ol"
    start = element.get("start", "1")
    number = int(start) if re.fullmatch("[0-9]{1,6}", start) else 1
    into.say(Run(" ".join([element.text or "", *(item.tail or "" for item in element)])))
    into.end()
    words: list[str] = []
    points: list[str] = []
    for item in element:
        if inside := [] if surroundings.is_hidden(item) else _inside(item, into):
            marker = f"{number + len(points)}. " if numbered else "- "
            points.append(marker + _indent(_stack(inside), len(marker)))
            words.append(_text(inside))
    into.add_block(" ".join(words), "\n".join(points))


def _quote(element: "HtmlElement", into: _Collector) -> None:
    inside = _inside(element, into)
    lines = "\n\n".join(part.whole for part in inside).split("\n")
    into.add_block(_text(inside), "\n".join(f"> {line}".rstrip(" ") for line in lines))


def _data_rows(table: "HtmlElement") -> "list[list[HtmlElement]]":
    """Return the cells of a table with data; nothing for one that only places things."""
    if table.find(".//table") is not None or table.find(".//h1") is not None:
        return []
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if row]
    parts = [cell for row in rows for cell in row] + table.findall("caption")
    is_complete = sum(map(_word_count, parts)) == _word_count(table)
    return rows if is_complete and any(len(row) > 1 for row in rows) else []


def _word_count(element: "HtmlElement") -> int:
    return sum(len(text.split()) for text in element.itertext())


def _table(rows: "Sequence[Sequence[HtmlElement]]", into: _Collector) -> None:
    cells = [[_inside(cell, into) for cell in row] for row in rows]
    width = max(len(row) for row in cells)
    lines = [
        "| " + " | ".join([*map(_cell, row), *[""] * (width - len(row))]) + " |" for row in cells
    ]
    lines.insert(1, "|" + " --- |" * width)
    into.add_block(" ".join(_text(cell) for row in cells for cell in row), "\n".join(lines))
    caption = next(rows[0][0].iterancestors("table")).find("caption")
    if caption is not None:
        _visit_block(caption, into)


def _cell(inside: Sequence[Paragraph]) -> str:
    return " ".join(part.one_line for part in inside).replace("|", "\\|")


def _inside(element: "HtmlElement", into: _Collector) -> list[Paragraph]:
    """Return what is in a point, a cell or a quote; pictures are counted with the page's."""
    within = _Collector(pictures=into.pictures, lost=into.lost, line=into.line)
    _walk(element, Run(""), within)
    within.end()
    return within.paragraphs


def _text(paragraphs: Iterable[Paragraph]) -> str:
    return " ".join(part.text for part in paragraphs)


def _stack(paragraphs: Sequence[Paragraph]) -> str:
    """Put the parts of one point below each other; a list in it needs no empty line."""
    stacked = paragraphs[0].whole
    for part in paragraphs[1:]:
        is_list = part.kind is Kind.BLOCK and part.markdown[:1] in ("-", "1")
        stacked += ("\n" if is_list else "\n\n") + part.whole
    return stacked


def _indent(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width).replace("\n" + " " * width + "\n", "\n\n")


def _tidy(runs: Iterable[Run]) -> list[Run]:
    """Collapse the spaces of HTML across runs, and drop those around a line break."""
    tidied: list[Run] = []
    last = "\n"
    for run in runs:
        text = re.sub(r" *\n *", "\n", run.text.replace("\v", "\n"))
        text = text.lstrip(" ") if last in " \n" else text
        if text.startswith("\n") and tidied:
            tidied[-1] = replace(tidied[-1], text=tidied[-1].text.rstrip(" "))
        if text:
            tidied.append(replace(run, text=text))
            last = text[-1]
    return tidied


def _parts(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Split where an editor used line breaks for paragraphs.

    That is: at an empty line, and after a first line that is bold or asks, with its answer below.
    """
    for has_words, group in groupby(_lines(runs), _has_words):
        if not has_words:
            continue
        first, *rest = group
        asks = is_bold(first) or "".join(run.text for run in first).rstrip().endswith("?")
        if rest and asks and not all(map(is_bold, rest)):
            yield first
            yield _joined(rest)
        else:
            yield _joined([first, *rest])


def _lines(runs: Iterable[Run]) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        for n, text in enumerate(run.text.split("\n")):
            if n:
                lines.append([])
            if text:
                lines[-1].append(replace(run, text=text))
    return lines


def _has_words(runs: Iterable[Run]) -> bool:
    return any(run.text.strip() for run in runs)


def _joined(lines: Sequence[Sequence[Run]]) -> list[Run]:
    joined = list(lines[0])
    for line in lines[1:]:
        joined += [Run("\n"), *line]
    return joined


def _paragraph(runs: Sequence[Run], place: str, kind: Kind, level: int) -> Paragraph:
    bold = is_bold(runs)
    runs = _strip(unbold(runs) if bold else runs)
    return Paragraph(
        text=" ".join("".join(run.text for run in runs).split("\n")),
        markdown=markdown(runs),
        place=place,
        kind=kind,
        level=level,
        bold=bold,
    )


def _strip(runs: Sequence[Run]) -> list[Run]:
    """Return *runs* without white space, no-break spaces included, at either end."""
    stripped = list(runs)
    while stripped and not stripped[0].text.strip():
        del stripped[0]
    while stripped and not stripped[-1].text.strip():
        del stripped[-1]
    stripped[:1] = [replace(run, text=run.text.lstrip()) for run in stripped[:1]]
    stripped[-1:] = [replace(run, text=run.text.rstrip()) for run in stripped[-1:]]
    return stripped
