"""The one list that figures and files are written as."""

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter.markdown.container import Container
from newsletter.markdown.words import parts


def read(container: Container, example: str) -> list[tuple[list[Node], int]]:
    """Return what stands in each point, and its line; all else is a fault with *example*."""
    points: list[tuple[list[Node], int]] = []
    for node in container.nodes:
        if node.type != "bullet_list":
            container.fault(
                f"`::: {container.name}` holds one list; write `{example}`", container.line_of(node)
            )
            continue
        for item in node.children:
            line = container.line_of(item)
            if [child.type for child in item.children] == ["paragraph"]:
                points.append(([part for part, _ in parts(item.children[0], line)], line))
            else:
                container.fault(f"this point is not one line; write `{example}`", line)
    if not container.nodes:
        container.fault(f"`::: {container.name}` is empty; write `{example}` in it")
    return points
