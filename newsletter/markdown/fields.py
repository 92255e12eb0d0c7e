"""The lines `name: value` that a person or an event begins with."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter import blocks
from newsletter.blocks import Inlines, Link, Text
from newsletter.errors import suggest
from newsletter.markdown.container import Container, is_underlined
from newsletter.markdown.words import numbered

_NAMED = re.compile(r"\s*([^\W\d]\w*)\s*:(?=\s|$)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its name, the words behind the colon, its line in the file."""

    name: str
    value: Inlines
    line: int

    @property
    def plain(self) -> str:
        return blocks.plain(self.value).strip()


def read(
    container: Container, known: Collection[str], several: Collection[str] = ()
) -> tuple[list[Entry], list[Node]]:
    """Return the fields of *container* and what comes after; each once but for *several*."""
    first, rest = container.nodes[:1], container.nodes[1:]
    if first and is_underlined(first[0]) and _NAMED.match(first[0].children[0].content):
        container.refuse_underline(first[0])
        return [], rest
    if not first or not _has_fields(container, known):
        return [], container.nodes
    entries: list[Entry] = []
    for entry in _entries(container, first[0]):
        if entry.name not in known:
            near = suggest(entry.name, known) or f"; the fields are {', '.join(known)}"
            container.fault(f"unknown field `{entry.name}`{near}", entry.line)
        elif not entry.value:
            container.fault(f"`{entry.name}:` says nothing; fill it in or delete it", entry.line)
        elif entry.name not in several and entry.name in [other.name for other in entries]:
            container.fault(f"`{entry.name}:` stands here twice; keep one", entry.line)
        elif container.is_plain(_shown(entry), f"`{entry.name}:`", entry.line):
            entries.append(entry)
    return entries, rest


def _shown(entry: Entry) -> Inlines:
    """Return what must be plain words: all of it, and of a `link:` what is to be read."""
    if entry.name != "link":
        return entry.value
    shown = (part.children if isinstance(part, Link) else (part,) for part in entry.value)
    return tuple(inline for part in shown for inline in part)


def _has_fields(container: Container, known: Collection[str]) -> bool:
    """Fields stand right under the opening line; further down, only those with a known name."""
    first = container.nodes[0]
    if first.type != "paragraph":
        return False
    name = _NAMED.match(first.children[0].content)
    right_under = container.line_of(first) == container.line + 1
    return name is not None and (right_under or name[1].lower() in known)


def _entries(container: Container, paragraph: Node) -> Iterator[Entry]:
    for nodes, line in _lines(paragraph, container.line_of(paragraph)):
        before = len(container.words.faults)
        inlines = container.words.inlines(nodes, line)
        if len(container.words.faults) > before:
            continue
        first = inlines[0] if inlines else Text("")
        named = _NAMED.match(first.content) if isinstance(first, Text) else None
        if not named or not isinstance(first, Text):
            container.fault(
                "this line is no `name: value`; put an empty line above the text or picture", line
            )
            continue
        words = first.content[named.end() :]
        yield Entry(named[1].lower(), (*([Text(words)] if words else []), *inlines[1:]), line)


def _lines(paragraph: Node, line: int) -> Iterator[tuple[list[Node], int]]:
    """Yield what stands on each line of *paragraph*."""
    here: list[Node] = []
    first = line
    for node, number in numbered(paragraph.children[0].children, line):
        if node.type in ("softbreak", "hardbreak"):
            yield here, first
            here, first = [], number + 1
        else:
            here.append(node)
    yield here, first
