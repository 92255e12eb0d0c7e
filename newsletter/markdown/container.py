"""What stands between `::: name` and `:::`, as the reader of that block is given it."""

from collections.abc import Callable
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter import blocks
from newsletter.blocks import Blocks, Inlines, Link, Slot
from newsletter.markdown.words import Words


@dataclass(frozen=True, slots=True)
class Container:
    """A block that `:::` opened: its name, the words behind that, and what stands in it."""

    name: str
    title: Inlines
    line: int
    nodes: list[Node]
    words: Words
    read: Callable[[list[Node]], Blocks]

    def fault(self, message: str, line: int = 0) -> None:
        self.words.fault(line or self.line, message)

    def line_of(self, node: Node) -> int:
        return self.words.line_of(node)

    def plain_title(self, missing: str = "") -> str:
        """Return the title of a block that has one for everybody; *missing* is the fault if not."""
        title = self.plain(self.title, "the title", self.line)
        if missing and not title:
            self.fault(missing)
        return title

    def refuse_title(self) -> None:
        """Tell that words behind the name would be lost, for this block shows none."""
        if self.title:
            self.fault(f"`::: {self.name}` has no title; put these words in the text")

    def plain(self, inlines: Inlines, what: str, line: int) -> str:
        """Return *inlines* as bare words; a fault if a personal field or a link were lost."""
        self.is_plain(inlines, what, line)
        return blocks.plain(inlines).strip()

    def is_plain(self, inlines: Inlines, what: str, line: int) -> bool:
        """Return whether *inlines* are the same without their marks; a fault if not."""
        parts = [part for part, _ in blocks.walk(inlines)]
        if any(isinstance(part, Slot) for part in parts):
            self.fault(f"{what} is the same for everybody; take the personal field out", line)
            return False
        if any(isinstance(part, Link) and _is_hidden(part) for part in parts):
            self.fault(f"{what} is plain words; put the link in the text below", line)
            return False
        return True

    def refuse_underline(self, node: Node) -> None:
        """Tell that `---`, meant as a line of its own, made the text above it a heading."""
        mark = "`***` or `---`" if node.markup == "-" else "`***`"
        self.fault(
            f"`{node.markup * 3}` right under text makes that text a heading; put an empty line "
            f"above it and write {mark}, or write `## ` before the heading",
            self.line_of(node),
        )


def is_underlined(node: Node) -> bool:
    """Return whether *node* is text that a line right under it made a heading."""
    return node.type == "heading" and node.markup in ("-", "=")


def _is_hidden(link: Link) -> bool:
    words = blocks.plain(link.children)
    return words not in (link.url, link.url.partition(":")[2])
