"""The blocks that hold words and nothing else: question, lead, callout, divider."""

from newsletter import blocks
from newsletter.blocks import Blocks
from newsletter.markdown.container import Container


def question(container: Container) -> Blocks:
    """Read one turn of an interview."""
    if not container.title:
        container.fault("a question without words; write `::: question Why now?`")
    answer = container.read(container.nodes)
    return (blocks.Question(container.title, answer, line=container.line),)


def lead(container: Container) -> Blocks:
    """Read the opening."""
    container.refuse_title()
    return (blocks.Lead(container.read(container.nodes), line=container.line),)


def callout(container: Container) -> Blocks:
    """Read a boxed notice."""
    children = container.read(container.nodes)
    return (blocks.Callout(container.title, children, line=container.line),)


def divider(container: Container) -> Blocks:
    """Read a pause; what was put into it comes after it."""
    container.refuse_title()
    return (blocks.Divider(line=container.line), *container.read(container.nodes))
