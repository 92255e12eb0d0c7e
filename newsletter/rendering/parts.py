"""A long body in parts that Outlook's Word engine shows on one page each."""

from collections.abc import Callable, Iterator

from newsletter import blocks
from newsletter.blocks import Block, Blocks

TALLEST = 42  #: lines; Word breaks a page inside a table of more than 1,800 pixels

Height = Callable[[Block], int]  #: how many lines a block takes


def parts(body: Blocks, height: Height) -> Iterator[Blocks]:
    """Yield *body* in parts of at most `TALLEST` lines where it can be; a heading begins one."""
    part: list[Block] = []
    lines = 0
    for block in _cut(body, height):
        tall = height(block)
        begins = isinstance(block, blocks.Heading) and block.level == 2
        if part and (begins or lines + tall > TALLEST):
            yield tuple(part)
            part, lines = [], 0
        part.append(block)
        lines += tall
    if part:
        yield tuple(part)


def _cut(body: Blocks, height: Height) -> Iterator[Block]:
    """Yield *body* with an answer that is too tall as several, the first with the question."""
    for block in body:
        if isinstance(block, blocks.Question) and height(block) > TALLEST:
            asked = block.question
            for part in parts(block.answer, height):
                yield blocks.Question(asked, part, line=block.line)
                asked = ()
        else:
            yield block
