"""Markdown read for a test: its blocks, or its faults with their lines."""

from newsletter import blocks
from newsletter.markdown import parse

NAME = blocks.Slot(blocks.Field.FIRST_NAME, "collega")
SLOT = '{{ first_name | "collega" }}'
SITE = "https://intranet.example.org"


def read(source: str) -> blocks.Blocks:
    content, faults = parse(source, "a.md")
    assert faults == []
    return content


def only(source: str) -> blocks.Block:
    (block,) = read(source)
    return block


def faults(source: str, first_line: int = 1) -> list[tuple[int, str]]:
    _, found = parse(source, "a.md", first_line)
    return [(int(fault.place.removeprefix("a.md:")), fault.message) for fault in found]


def fault(source: str) -> tuple[int, str]:
    (found,) = faults(source)
    return found


def p(*words: str) -> blocks.Paragraph:
    return blocks.Paragraph(tuple(map(blocks.Text, words)))
