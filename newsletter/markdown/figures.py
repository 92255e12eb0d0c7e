"""A few numbers side by side, written as a list: `- **12** projects`."""

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter import blocks
from newsletter.blocks import Blocks, Figure, Inlines, Text
from newsletter.markdown import points
from newsletter.markdown.container import Container

MOST = 4
LONGEST = 12  #: characters of a number that still fits beside three others

_EXAMPLE = "- **12** projects"


def read(container: Container) -> Blocks:
    """Read the figures of *container*."""
    container.refuse_title()
    written = points.read(container, _EXAMPLE)
    if len(written) > MOST:
        container.fault(f"{len(written)} figures do not fit side by side; keep the best four")
    figures = tuple(_figure(container, nodes, line) for nodes, line in written)
    return (blocks.Figures(figures, line=container.line),)


def _figure(container: Container, nodes: list[Node], line: int) -> Figure:
    first, rest = (nodes[0], nodes[1:]) if nodes else (None, [])
    if first is None or first.type != "strong":
        container.fault(f"a figure begins with its number; write `{_EXAMPLE}`", line)
        return Figure("", container.words.inlines(nodes, line))
    words = container.words.inlines(first.children, line)
    number = blocks.plain(words).strip()
    label = _begun(container.words.inlines(rest, line))
    if not container.is_plain(words, "a number", line):
        pass  # told
    elif not any(character.isnumeric() for character in number):
        container.fault(f"`{number}` has no number in it; write `{_EXAMPLE}`", line)
    elif len(number) > LONGEST:
        container.fault(
            f"`{number}` is too long to be shown large; round it, as in `1.2 million`, with the "
            "unit behind the `**`",
            line,
        )
    elif not label:
        container.fault(f"a number that counts nothing; write `{_EXAMPLE}`", line)
    return Figure(number, label)


def _begun(inlines: Inlines) -> Inlines:
    """Return *inlines* without the space they begin with."""
    match inlines:
        case (Text(content), *rest):
            words = content.lstrip()
            return (*([Text(words)] if words else []), *rest)
    return inlines
