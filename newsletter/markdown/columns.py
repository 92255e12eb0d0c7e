"""Two or three stories side by side, separated by a line `***`."""

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter import blocks
from newsletter.blocks import Blocks
from newsletter.markdown.container import Container, is_underlined

MOST = 3


def read(container: Container) -> Blocks:
    """Read the columns of *container*."""
    container.refuse_title()
    told = _split(container.nodes)
    underlined = [node for node in container.nodes if is_underlined(node)]
    for node in underlined:
        container.refuse_underline(node)
    if not underlined:
        _check_number(container, told)
    columns = tuple(container.read(nodes) for nodes in told)
    for part, line in (found for column in columns for found in blocks.walk(column)):
        if isinstance(part, blocks.Columns):
            container.fault("columns in columns fit on no phone; put them below each other", line)
    return (blocks.Columns(columns, line=container.line),)


def _split(nodes: list[Node]) -> list[list[Node]]:
    columns: list[list[Node]] = [[]]
    for node in nodes:
        if node.type == "hr":
            columns.append([])
        else:
            columns[-1].append(node)
    return columns


def _check_number(container: Container, columns: list[list[Node]]) -> None:
    if not 2 <= len(columns) <= MOST:
        container.fault(
            f"{len(columns)} column{'s' * (len(columns) > 1)}; write two or three, with a line "
            "`***` between them"
        )
    elif not all(columns):
        container.fault("an empty column; write something on both sides of each `***`")
