"""Words within a block: marks, links, pictures and personal slots."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode as Node
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin

from newsletter import blocks, screening
from newsletter.blocks import Field, Inline, Inlines, Slot
from newsletter.errors import Fault, suggest

SCHEMES = ("http:", "https:", "mailto:", "tel:")
DEEPEST = 16  #: levels of lists in quotes in blocks; markdown-it drops what is deeper than 19

_SLOT = re.compile(r"\{\{(.{0,200}?)\}\}")
_SLOT_PARTS = re.compile(r"""\s*([^|"']*?)\s*(?:\|\s*(?:"([^"]*)"|'([^']*)')\s*)?""")
_UNREAD = re.compile(r"\]\(|\{\.\w")


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:
        """Leave a personal field in a link alone, for as a host it would be a name in Punycode."""
        return url if blocks.MARKER.search(url) else super().normalizeLink(url)


@cache
def parser() -> MarkdownIt:
    """Return the parser, with what is more than CommonMark."""
    made = _Parser("commonmark", {"html": False}).enable("table")
    made.disable("text_join")  # keeps `\[`, which is meant, apart from `[`, which may not be
    made.use(container_plugin, name="block", validate=lambda info, markup: True)
    return made.use(attrs_plugin, allowed=["class"])


@dataclass
class Words:
    """One reading of one source: the slots set aside, and the faults found on the way."""

    place: str
    first_line: int
    slots: list[Slot] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

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

    def nodes(self, tokens: list[Token]) -> list[Node]:
        """Return *tokens* as a tree, or nothing when it is too deep to have been read whole."""
        for token in tokens:
            if _depth(token) > DEEPEST:
                self.fault(
                    self.first_line + (token.map[0] if token.map else 0),
                    "too many lists, quotes or marks inside each other; write it flatter",
                )
                return []
        return Node(tokens).children

    def line_of(self, node: Node) -> int:
        while node.map is None and node.parent is not None:
            node = node.parent
        return self.first_line + (node.map[0] if node.map else 0)

    def line(self, text: str, line: int = 0) -> Inlines:
        """Return the words of *text*, which is *line* of the file (else the first one)."""
        here = Words(self.place, line or self.first_line, self.slots, self.faults)
        nodes = here.nodes(parser().parseInline(text))
        return here.inlines(nodes[0].children, here.first_line) if nodes else ()

    def inlines(self, nodes: list[Node], line: int) -> Inlines:
        found: list[Inline] = []
        for node, number in numbered(nodes, line):
            found += self._inline(node, number)
        # Joined first, for a backslash takes the beginning of a marker for itself.
        return tuple(
            part
            for each in _joined(found)
            for part in (self._text(each.content) if isinstance(each, blocks.Text) else [each])
        )

    def image(self, node: Node, line: int) -> blocks.Image:
        alt = blocks.plain(self.inlines(node.children, line))
        source, caption = unquote(str(node.attrs["src"])), str(node.attrs.get("title", ""))
        if is_personal(node) or screening.FORBIDDEN.search(source + caption):
            self.fault(
                line, "a picture is the same for everybody; take the personal field or code out"
            )
        return blocks.Image(source, alt, caption, line=line)

    def button(self, node: Node, line: int) -> blocks.Button:
        label = blocks.plain(self.inlines(node.children, line))
        if is_personal(node):
            self.fault(line, "a button has one label for everybody; take the personal field out")
        elif not label.strip():
            self.fault(line, "a button without words; write `[What it does](url){.button}`")
        return blocks.Button(label, self.url(str(node.attrs["href"]), line), line=line)

    def url(self, url: str, line: int) -> str:
        """Return *url*; a fault if it is no address that everybody can follow."""
        if blocks.MARKER.search(url) or "%EE%80%80" in url:
            self.fault(line, "a link is the same for everybody; take the personal field out of it")
        elif not url.lower().startswith(SCHEMES):
            self.fault(
                line,
                f"`{url}` is not a full address; write it whole, as in `https://intranet.example.org`",
            )
        return url

    def _inline(self, node: Node, line: int) -> list[Inline]:
        match node.type:
            case "text" | "text_special":
                if node.type == "text" and _UNREAD.search(node.content):
                    self.fault(
                        line,
                        "a link that cannot be read as one; write `[words](https://...)` without "
                        "spaces in the address (`%20`), and `{.button}` right behind it",
                    )
                return [blocks.Text(node.content)]
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

    def _link(self, node: Node, line: int) -> Inline:
        if is_button(node):
            self.fault(line, "a button stands on a line of its own, with an empty line around it")
        elif "class" in node.attrs:
            self.fault(line, f"unknown mark `{{.{node.attrs['class']}}}`; write `{{.button}}`")
        if not node.children:
            self.fault(line, "a link without words; write `[what it leads to](url)`")
        words = self.inlines(node.children, line)
        return blocks.Link(words, self.url(str(node.attrs["href"]), line))


def numbered(nodes: list[Node], line: int) -> Iterator[tuple[Node, int]]:
    """Yield each of *nodes* with the line that it begins on; the first is on *line*."""
    for node in nodes:
        yield node, line
        line += sum(each.type in ("softbreak", "hardbreak") for each in node.walk())


def parts(paragraph: Node, line: int) -> list[tuple[Node, int]]:
    """Return what stands in *paragraph*, its line ends aside, each with its line."""
    return [
        (child, number)
        for child, number in numbered(paragraph.children[0].children, line)
        if not (child.type == "softbreak" or (child.type == "text" and not child.content))
    ]


def is_button(node: Node) -> bool:
    """Return whether *node* is a link that is marked as a button."""
    return node.type == "link" and "button" in str(node.attrs.get("class", "")).split()


def is_personal(node: Node) -> bool:
    """Return whether a personal field stands in the words of *node*."""
    return any("\ue000" in each.content for each in node.walk())


def _depth(token: Token) -> int:
    return max((token.level, *(_depth(child) for child in token.children or ())))


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
