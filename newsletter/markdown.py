"""Markdown as authors write it -> blocks; what it cannot say is a fault with its line.

CommonMark with tables, fenced containers (`::: question Why now?`), buttons
(`[Label](url){.button}`) and personal slots (`{{ first_name | "colleague" }}`). HTML is text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin

from newsletter import blocks, screening
from newsletter.blocks import Block, Blocks, Field, Inline, Inlines, Slot
from newsletter.errors import Fault, suggest

CONTAINERS = ("question", "lead", "callout", "divider")
SCHEMES = ("http:", "https:", "mailto:", "tel:")
DEEPEST = 16  #: levels of lists in quotes in blocks; markdown-it drops what is deeper than 19

_SLOT = re.compile(r"\{\{(.{0,200}?)\}\}")
_SLOT_PARTS = re.compile(r"""\s*([^|"']*?)\s*(?:\|\s*(?:"([^"]*)"|'([^']*)')\s*)?""")
_CLOSING = re.compile(r"[\s>]*:{3,}\s*")
_DASH = re.compile(r"^\s*(?:—|–|--)\s*")
_UNREAD = re.compile(r"\]\(|\{\.\w")


def parse(source: str, place: str, first_line: int = 1) -> tuple[Blocks, list[Fault]]:
    """Return the blocks of *source* and every fault in it.

    *place* names the file in faults; *first_line* is the line of the file that *source* begins on.
    """
    if refused := screening.faults(source, place, first_line):
        return (), refused
    reader = _Reader(place, first_line)
    text = reader.set_slots_aside(source)
    reader.lines = text.split("\n")
    return reader.blocks(reader.nodes(_markdown().parse(text))), reader.faults


def parse_line(source: str, place: str, line: int) -> tuple[Inlines, list[Fault]]:
    """Return the words of one line of Markdown, such as a greeting."""
    if refused := screening.faults(source, place, line):
        return (), refused
    reader = _Reader(place, line)
    return reader.line(reader.set_slots_aside(" ".join(source.split()))), reader.faults


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable("text_join")  # keeps `\[`, which is meant, apart from `[`, which may not be
    parser.use(container_plugin, name="block", validate=lambda info, markup: True)
    return parser.use(attrs_plugin, allowed=["class"])


@dataclass
class _Reader:
    """One reading of one source: the slots set aside, and the faults found on the way."""

    place: str
    first_line: int
    slots: list[Slot] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(f"{self.place}:{line}", message))

    def set_slots_aside(self, source: str) -> str:
        """Put a marker for each slot, so that `|` and quotes in it mean nothing to Markdown."""
        lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(
            _SLOT.sub(lambda found, line=number: self._slot(found, line), text)  # type: ignore[misc]
            for number, text in enumerate(lines, self.first_line)
        )

    def _slot(self, found: re.Match[str], line: int) -> str:
        parts = _SLOT_PARTS.fullmatch(found[1])
        known = [str(name) for name in Field]
        if parts is None or parts[1] not in known:
            word = parts[1] if parts else found[1].strip()
            near = suggest(word, known) or f"; the fields are {', '.join(known)}"
            self.fault(line, f"unknown personal field `{word}`{near}")
            return found[0]
        fallback = parts[2] if parts[2] is not None else parts[3]
        if fallback is None and parts[1] != Field.EMAIL:
            self.fault(
                line,
                f"`{found[0]}` says nothing for people whose {parts[1]} is unknown; "
                f'write `{{{{ {parts[1]} | "colleague" }}}}`',
            )
        self.slots.append(Slot(Field(parts[1]), fallback or ""))
        return blocks.marker(len(self.slots) - 1)

    def nodes(self, tokens: list[Token]) -> list[SyntaxTreeNode]:
        """Return *tokens* as a tree, or nothing when it is too deep to have been read whole."""
        for token in tokens:
            if _depth(token) > DEEPEST:
                self.fault(
                    self.first_line + (token.map[0] if token.map else 0),
                    "too many lists, quotes or marks inside each other; write it flatter",
                )
                return []
        return SyntaxTreeNode(tokens).children

    def line(self, text: str) -> Inlines:
        """Return the words of the one line that this reader is for."""
        nodes = self.nodes(_markdown().parseInline(text))
        return self.inlines(nodes[0].children, self.first_line) if nodes else ()

    def line_of(self, node: SyntaxTreeNode) -> int:
        while node.map is None and node.parent is not None:
            node = node.parent
        return self.first_line + (node.map[0] if node.map else 0)

    def blocks(self, nodes: list[SyntaxTreeNode]) -> Blocks:
        return tuple(block for node in nodes for block in self._block(node))

    def _block(self, node: SyntaxTreeNode) -> Blocks:
        line = self.line_of(node)
        match node.type:
            case "paragraph":
                return self._paragraph(node, line)
            case "heading":
                return self._heading(node, line)
            case "bullet_list" | "ordered_list":
                items = tuple(self.blocks(item.children) for item in node.children)
                start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
                return (blocks.List(items, start, line=line),)
            case "table":
                return (self._table(node, line),)
            case "blockquote":
                return (self._quote(node, line),)
            case "hr":
                return (blocks.Divider(line=line),)
            case "container_block":
                return self._container(node, line)
            case _:  # fence and code_block: the only ones left in CommonMark without HTML
                self.fault(
                    line,
                    "a block of code is not possible in a mail; remove the four spaces or the "
                    "``` lines around it",
                )
                return ()

    def _heading(self, node: SyntaxTreeNode, line: int) -> Blocks:
        level = int(node.tag[1])
        if level == 1:
            self.fault(line, "the title stands above, in `title:`; write `## ` for a sub-heading")
        elif level > 3:
            self.fault(line, f"a heading of level {level} is too deep; write `## ` or `### `")
        words = self._words(node, line)
        if not words:
            self.fault(line, "a heading without words; write them behind it, or delete it")
        return (blocks.Heading(level, words, line=line),)

    def _paragraph(self, node: SyntaxTreeNode, line: int) -> Blocks:
        parts = [
            (child, number)
            for child, number in _numbered(node.children[0].children, line)
            if not (child.type == "softbreak" or (child.type == "text" and not child.content))
        ]
        if parts and all(_is_button(part) for part, _ in parts):
            return tuple(self._button(part, number) for part, number in parts)
        if len(parts) == 1 and parts[0][0].type == "image":
            return (self._image(*parts[0]),)
        return (blocks.Paragraph(self._words(node, line), line=line),)

    def _button(self, node: SyntaxTreeNode, line: int) -> Block:
        label = blocks.plain(self.inlines(node.children, line))
        if _is_personal(node):
            self.fault(line, "a button has one label for everybody; take the personal field out")
        elif not label.strip():
            self.fault(line, "a button without words; write `[What it does](url){.button}`")
        return blocks.Button(label, self._url(str(node.attrs["href"]), line), line=line)

    def _image(self, node: SyntaxTreeNode, line: int) -> Block:
        alt = blocks.plain(self.inlines(node.children, line))
        source, caption = unquote(str(node.attrs["src"])), str(node.attrs.get("title", ""))
        if _is_personal(node) or screening.FORBIDDEN.search(source + caption):
            self.fault(
                line, "a picture is the same for everybody; take the personal field or code out"
            )
        return blocks.Image(source, alt, caption, line=line)

    def _table(self, node: SyntaxTreeNode, line: int) -> Block:
        rows = [
            tuple(self._words(cell, self.line_of(row)) for cell in row.children)
            for part in node.children
            for row in part.children
        ]
        first = node.children[0].children[0]
        styles = [str(cell.attrs.get("style", "")) for cell in first.children]
        alignments = tuple(style.removeprefix("text-align:") or "left" for style in styles)
        return blocks.Table(rows[0], tuple(rows[1:]), alignments, line=line)

    def _quote(self, node: SyntaxTreeNode, line: int) -> Block:
        """Read a quote; a last line that begins with a dash says whose words they are."""
        if not node.children or node.children[-1].type != "paragraph":
            return blocks.Quote(self.blocks(node.children), line=line)
        *before, last = node.children
        said, who = _split_last_line(last.children[0].children)
        if not who or who[0].type != "text" or not _DASH.match(who[0].content):
            return blocks.Quote(self.blocks(node.children), line=line)
        words, line_of_last = self.blocks(before), self.line_of(last)
        if said:
            words += (blocks.Paragraph(self.inlines(said, line_of_last), line=line_of_last),)
        *_, (_, line_of_name) = _numbered(last.children[0].children, line_of_last)
        dash, *rest = self.inlines(who, line_of_name)
        name = _DASH.sub("", blocks.plain((dash,)))
        return blocks.Quote(words, (*([blocks.Text(name)] if name else []), *rest), line=line)

    def _container(self, node: SyntaxTreeNode, line: int) -> Blocks:
        name, _, rest = node.info.strip().partition(" ")
        if not name:
            self.fault(line, "this `:::` closes no block; delete it, or name the block it opens")
            return self.blocks(node.children)
        inner = _Reader(self.place, line, slots=self.slots, faults=self.faults)
        words = inner.line(rest.strip()) if rest.strip() else ()
        around = node.parent
        if around and around.type == node.type and _end(around) == _end(node):
            self.fault(
                self.line_of(around),
                f"this block is not closed before the next one, on line {line}; put a line with "
                "only `:::` above that",
            )
        elif not self._is_closed(node):
            self.fault(line, f"`::: {name}` is never closed; put a line with only `:::` after it")
        children = self.blocks(node.children)
        match name:
            case "question":
                if not words:
                    self.fault(line, "a question without words; write `::: question Why now?`")
                return (blocks.Question(words, children, line=line),)
            case "lead":
                return (blocks.Lead(children, line=line),)
            case "callout":
                return (blocks.Callout(words, children, line=line),)
            case "divider":
                return (blocks.Divider(line=line), *children)
        near = suggest(name, CONTAINERS) or f"; the blocks are {', '.join(CONTAINERS)}"
        self.fault(line, f"unknown block `{name}`{near}")
        return children

    def _is_closed(self, node: SyntaxTreeNode) -> bool:
        """A `:::` follows, and not one that stands outside the quote or point around the block."""
        end, around = node.map[1] if node.map else 0, node.parent
        if around and around.type in ("blockquote", "list_item") and around.map:
            return end < around.map[1] and _CLOSING.fullmatch(self.lines[end]) is not None
        return end < len(self.lines) and _CLOSING.fullmatch(self.lines[end]) is not None

    def _words(self, node: SyntaxTreeNode, line: int) -> Inlines:
        return self.inlines(node.children[0].children, line)

    def inlines(self, nodes: list[SyntaxTreeNode], line: int) -> Inlines:
        found: list[Inline] = []
        for node, number in _numbered(nodes, line):
            found += self._inline(node, number)
        return tuple(_joined(found))

    def _inline(self, node: SyntaxTreeNode, line: int) -> list[Inline]:
        match node.type:
            case "text" | "text_special":
                if node.type == "text" and _UNREAD.search(node.content):
                    self.fault(
                        line,
                        "a link that cannot be read as one; write `[words](https://...)` without "
                        "spaces in the address (`%20`), and `{.button}` right behind it",
                    )
                return self._text(node.content)
            case "softbreak":
                return [blocks.Text(" ")]
            case "hardbreak":
                return [blocks.LineBreak()]
            case "strong":
                return [blocks.Strong(self.inlines(node.children, line))]
            case "em":
                return [blocks.Emphasis(self.inlines(node.children, line))]
            case "code_inline":
                if blocks.MARKER.search(node.content):
                    self.fault(line, "words to type exactly (`...`) cannot hold a personal field")
                return [blocks.Code(blocks.plain(tuple(self._text(node.content))))]
            case "link":
                return [self._link(node, line)]
            case "image":
                self.fault(
                    line, "a picture stands on a line of its own, with an empty line around it"
                )
        return []

    def _text(self, content: str) -> list[Inline]:
        """Put the slots back where their markers are."""
        pieces = blocks.MARKER.split(content)
        read: list[Callable[[str], Inline]] = [blocks.Text, lambda number: self.slots[int(number)]]
        return [read[n % 2](piece) for n, piece in enumerate(pieces) if piece]

    def _link(self, node: SyntaxTreeNode, line: int) -> Inline:
        if _is_button(node):
            self.fault(line, "a button stands on a line of its own, with an empty line around it")
        elif "class" in node.attrs:
            self.fault(line, f"unknown mark `{{.{node.attrs['class']}}}`; write `{{.button}}`")
        if not node.children:
            self.fault(line, "a link without words; write `[what it leads to](url)`")
        words = self.inlines(node.children, line)
        return blocks.Link(words, self._url(str(node.attrs["href"]), line))

    def _url(self, url: str, line: int) -> str:
        if blocks.MARKER.search(url) or "%EE%80%80" in url:
            self.fault(line, "a link is the same for everybody; take the personal field out of it")
        elif not url.lower().startswith(SCHEMES):
            self.fault(
                line,
                f"`{url}` is not a full address; write it whole, as in `https://intranet.example.org`",
            )
        return url


def _end(node: SyntaxTreeNode) -> int:
    return node.map[1] if node.map else 0


def _is_button(node: SyntaxTreeNode) -> bool:
    return node.type == "link" and "button" in str(node.attrs.get("class", "")).split()


def _is_personal(node: SyntaxTreeNode) -> bool:
    return any(blocks.MARKER.search(each.content) for each in node.walk())


def _depth(token: Token) -> int:
    return max((token.level, *(_depth(child) for child in token.children or ())))


def _numbered(nodes: list[SyntaxTreeNode], line: int) -> Iterator[tuple[SyntaxTreeNode, int]]:
    """Yield each of *nodes* with the line that it begins on; the first is on *line*."""
    for node in nodes:
        yield node, line
        line += sum(each.type in ("softbreak", "hardbreak") for each in node.walk())


def _joined(inlines: list[Inline]) -> Iterator[Inline]:
    """Join neighbouring words, which Markdown hands over in pieces."""
    words = ""
    for inline in inlines:
        if isinstance(inline, blocks.Text):
            words += inline.content
            continue
        if words:
            yield blocks.Text(words)
            words = ""
        yield inline
    if words:
        yield blocks.Text(words)


def _split_last_line(
    nodes: list[SyntaxTreeNode],
) -> tuple[list[SyntaxTreeNode], list[SyntaxTreeNode]]:
    """Return what stands before the last line break of *nodes*, and what follows it."""
    for n in range(len(nodes) - 1, -1, -1):
        if nodes[n].type in ("softbreak", "hardbreak"):
            return nodes[:n], nodes[n + 1 :]
    return [], nodes
