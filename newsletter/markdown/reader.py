"""Blocks of Markdown: paragraphs, lists, tables, quotes, and what `:::` opens."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter import blocks
from newsletter.blocks import Block, Blocks, Inlines
from newsletter.errors import suggest
from newsletter.markdown import columns, event, figures, files, gallery, person, telling
from newsletter.markdown.container import Container
from newsletter.markdown.words import Words, is_button, numbered, parts

_READERS: dict[str, Callable[[Container], Blocks]] = {
    "question": telling.question,
    "lead": telling.lead,
    "callout": telling.callout,
    "divider": telling.divider,
    "columns": columns.read,
    "person": person.read,
    "event": event.read,
    "gallery": gallery.read,
    "figures": figures.read,
    "files": files.read,
}
CONTAINERS = tuple(_READERS)

_CLOSING = re.compile(r"[\s>]*:{3,}\s*")
_DASH = re.compile(r"^\s*(?:—|–|--)\s*")


@dataclass
class Reader:
    """Reads the blocks of a source of so many *lines*, whose words are *words*."""

    words: Words
    lines: list[str]

    def blocks(self, nodes: list[Node]) -> Blocks:
        return tuple(block for node in nodes for block in self._block(node))

    def _block(self, node: Node) -> Blocks:
        line = self.words.line_of(node)
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
                self.words.fault(
                    line,
                    "a block of code is not possible in a mail; remove the four spaces or the "
                    "``` lines around it",
                )
                return ()

    def _heading(self, node: Node, line: int) -> Blocks:
        level, fault = int(node.tag[1]), self.words.fault
        if level == 1:
            fault(line, "the title stands above, in `title:`; write `## ` for a sub-heading")
        elif level > 3:
            fault(line, f"a heading of level {level} is too deep; write `## ` or `### `")
        words = self._words(node, line)
        if not words:
            fault(line, "a heading without words; write them behind it, or delete it")
        return (blocks.Heading(level, words, line=line),)

    def _paragraph(self, node: Node, line: int) -> Blocks:
        held = parts(node, line)
        if held and all(is_button(part) for part, _ in held):
            return tuple(self.words.button(part, number) for part, number in held)
        if len(held) == 1 and held[0][0].type == "image":
            return (self.words.image(*held[0]),)
        return (blocks.Paragraph(self._words(node, line), line=line),)

    def _table(self, node: Node, line: int) -> Block:
        rows = [
            tuple(self._words(cell, self.words.line_of(row)) for cell in row.children)
            for part in node.children
            for row in part.children
        ]
        first = node.children[0].children[0]
        styles = [str(cell.attrs.get("style", "")) for cell in first.children]
        alignments = tuple(style.removeprefix("text-align:") or "left" for style in styles)
        return blocks.Table(rows[0], tuple(rows[1:]), alignments, line=line)

    def _quote(self, node: Node, line: int) -> Block:
        """Read a quote; a last line that begins with a dash says whose words they are."""
        if not node.children or node.children[-1].type != "paragraph":
            return blocks.Quote(self.blocks(node.children), line=line)
        *before, last = node.children
        said, who = _split_last_line(last.children[0].children)
        if not who or who[0].type != "text" or not _DASH.match(who[0].content):
            return blocks.Quote(self.blocks(node.children), line=line)
        words, line_of_last = self.blocks(before), self.words.line_of(last)
        if said:
            paragraph = self.words.inlines(said, line_of_last)
            words += (blocks.Paragraph(paragraph, line=line_of_last),)
        *_, (_, line_of_name) = numbered(last.children[0].children, line_of_last)
        dash, *rest = self.words.inlines(who, line_of_name)
        name = _DASH.sub("", blocks.plain((dash,)))
        return blocks.Quote(words, (*([blocks.Text(name)] if name else []), *rest), line=line)

    def _container(self, node: Node, line: int) -> Blocks:
        name, _, rest = node.info.strip().partition(" ")
        if not name:
            self.words.fault(
                line, "this `:::` closes no block; delete it, or name the block it opens"
            )
            return self.blocks(node.children)
        title = self.words.line(rest.strip(), line) if rest.strip() else ()
        self._check_closed(node, name, line)
        if name in _READERS:
            return _READERS[name](
                Container(name, title, line, node.children, self.words, self.blocks)
            )
        near = suggest(name, CONTAINERS) or f"; the blocks are {', '.join(CONTAINERS)}"
        self.words.fault(line, f"unknown block `{name}`{near}")
        return self.blocks(node.children)

    def _check_closed(self, node: Node, name: str, line: int) -> None:
        around = node.parent
        if around and around.type == node.type and _end(around) == _end(node):
            self.words.fault(
                self.words.line_of(around),
                f"this block is not closed before the next one, on line {line}; put a line with "
                "only `:::` above that",
            )
        elif not self._is_closed(node):
            self.words.fault(
                line, f"`::: {name}` is never closed; put a line with only `:::` after it"
            )

    def _is_closed(self, node: Node) -> bool:
        """A `:::` follows, and not one that stands outside the quote or point around the block."""
        end, around = _end(node), node.parent
        if around and around.type in ("blockquote", "list_item") and around.map:
            return end < around.map[1] and _CLOSING.fullmatch(self.lines[end]) is not None
        return end < len(self.lines) and _CLOSING.fullmatch(self.lines[end]) is not None

    def _words(self, node: Node, line: int) -> Inlines:
        return self.words.inlines(node.children[0].children, line)


def _end(node: Node) -> int:
    return node.map[1] if node.map else 0


def _split_last_line(nodes: list[Node]) -> tuple[list[Node], list[Node]]:
    """Return what stands before the last line break of *nodes*, and what follows it."""
    for n in range(len(nodes) - 1, -1, -1):
        if nodes[n].type in ("softbreak", "hardbreak"):
            return nodes[:n], nodes[n + 1 :]
    return [], nodes
