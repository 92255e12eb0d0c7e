"""Markdown as authors write it -> blocks; what it cannot say is a fault with its line.

CommonMark with tables, fenced containers (`::: question Why now?`), buttons
(`[Label](url){.button}`) and personal slots (`{{ first_name | "colleague" }}`). HTML is text.
"""

from newsletter import screening
from newsletter.blocks import Blocks, Inlines
from newsletter.errors import Fault
from newsletter.markdown.reader import CONTAINERS, Reader
from newsletter.markdown.words import DEEPEST, SCHEMES, Words, parser

__all__ = ["CONTAINERS", "DEEPEST", "SCHEMES", "parse", "parse_line"]


def parse(source: str, place: str, first_line: int = 1) -> tuple[Blocks, list[Fault]]:
    """Return the blocks of *source* and every fault in it.

    *place* names the file in faults; *first_line* is the line of the file that *source* begins on.
    """
    if refused := screening.faults(source, place, first_line):
        return (), refused
    words = Words(place, first_line)
    text = words.set_slots_aside(source)
    reader = Reader(words, text.split("\n"))
    return reader.blocks(words.nodes(parser().parse(text))), words.faults


def parse_line(source: str, place: str, line: int) -> tuple[Inlines, list[Fault]]:
    """Return the words of one line of Markdown, such as a greeting."""
    if refused := screening.faults(source, place, line):
        return (), refused
    words = Words(place, line)
    return words.line(words.set_slots_aside(" ".join(source.split()))), words.faults
