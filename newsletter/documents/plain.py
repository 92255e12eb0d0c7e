"""Reads a plain text file: finds its paragraphs, however its lines were broken."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from newsletter.documents import wording
from newsletter.documents.escaping import escape
from newsletter.documents.paragraphs import Kind, Paragraph, Reading

_NARROWEST_WRAP, _WIDEST_WRAP = 45, 120
_BULLET = re.compile(r"([-*•·▪◦])[ \t\xa0]+(?=\S)")
_NUMBER = re.compile(r"([0-9]{1,3})[.)][ \t\xa0]+(?=\S)")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    indented: bool


def read(text: str) -> Reading:
    """Return the paragraphs of plain *text*."""
    blocks = _blocks(text)
    speakers = _speakers(blocks)
    if len(blocks) == 1 and not _is_wrapped(blocks[0]):
        blocks = [[line] for line in blocks[0]]
    width = max((w for block in blocks if (w := _wrap_width(block)) <= _WIDEST_WRAP), default=0)
    joined = [found for block in blocks for found in _join(block, width, speakers)]
    return Reading(paragraphs=tuple(_with_lists(joined)))


def _blocks(text: str) -> list[list[_Line]]:
    lines = [
        _Line(number, re.sub(r"[ \t]+", " ", raw.strip()), raw[:1] in (" ", "\t"))
        for number, raw in enumerate(text.split("\n"), start=1)
    ]
    return [list(block) for filled, block in groupby(lines, lambda line: bool(line.text)) if filled]


def _speakers(blocks: Sequence[Sequence[_Line]]) -> set[str]:
    """Return the labels that open a turn in this text."""
    labels = Counter(wording.speaker(line.text) for block in blocks for line in block)
    return {
        label
        for label, count in labels.items()
        if label and (count > 1 or wording.is_asker(label) or wording.is_answerer(label))
    }


def _is_wrapped(block: Sequence[_Line]) -> bool:
    """Tell whether the lines of the only block were broken at a width, not at paragraphs."""
    width = _wrap_width(block)
    full = [_fits(line, after, width) for line, after in pairwise(block)]
    return width <= _WIDEST_WRAP and full.count(False) > len(full) * 0.6


def _wrap_width(block: Sequence[_Line]) -> int:
    return max((len(line.text) for line in block[:-1]), default=0)


def _fits(line: _Line, after: _Line, width: int) -> bool:
    """Tell whether the first word of the line *after* had room on *line* as well."""
    return len(line.text) + 1 + len(after.text.split()[0]) <= width


def _join(block: Sequence[_Line], width: int, speakers: set[str]) -> list[_Line]:
    """Return the paragraphs of *block*, each as one line; only a signature keeps its lines."""
    if _is_signature(block):
        return [replace(block[0], text="\n".join(line.text for line in block))]
    widest = max(width, *(len(line.text) for line in block))
    joined = [block[0]]
    for line, after in pairwise(block):
        if _begins(line, after, widest, speakers):
            joined.append(after)
        else:
            so_far = joined[-1]
            joined[-1] = replace(so_far, text=f"{so_far.text} {after.text}")
    return joined


def _is_signature(block: Sequence[_Line]) -> bool:
    are_short = all(len(line.text) < _NARROWEST_WRAP for line in block)
    return are_short and wording.is_thanks(block[0].text) and block[0].text.endswith(",")


def _begins(line: _Line, after: _Line, width: int, speakers: set[str]) -> bool:
    """Tell whether a paragraph begins with the line *after*."""
    if _BULLET.match(after.text) or wording.speaker(after.text) in speakers:
        return True
    if after.indented and (_BULLET.match(line.text) or _NUMBER.match(line.text)):
        return False
    if width < _NARROWEST_WRAP:
        return True
    # A person who breaks lines by hand is not as greedy as a program.
    asks = line.text.endswith("?") and not after.text[0].islower()
    return _fits(line, after, width if asks else int(width * 0.8))


def _with_lists(lines: Sequence[_Line]) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    for marker, group in groupby(_marked(lines), key=lambda pair: pair[0]):
        found = [line for _, line in group]
        if marker:
            paragraphs.append(_list(found))
        else:
            paragraphs += [_paragraph(line) for line in found]
    return paragraphs


def _marked(lines: Sequence[_Line]) -> list[tuple[str, _Line]]:
    """Pair every line with the list it is a point of; a list has two points at least."""
    keys, run, previous = [], 0, ""
    for line in lines:
        bullet, number = _BULLET.match(line.text), _NUMBER.match(line.text)
        key = bullet[1] if bullet else str(int(number[1]) - 1) if number else ""
        follows = bool(key) and previous == key
        run += not follows
        keys.append(f"{key if bullet else 'n'} {run}" if key else "")
        previous = str(int(number[1])) if number else key
    sizes = Counter(keys)
    return [(key if sizes[key] > 1 else "", line) for key, line in zip(keys, lines, strict=True)]


def _list(lines: Sequence[_Line]) -> Paragraph:
    points = []
    for line in lines:
        marker = _BULLET.match(line.text) or _NUMBER.match(line.text)
        assert marker is not None
        sign = "-" if _BULLET.match(line.text) else f"{int(marker[1])}."
        points.append(f"{sign} {escape(line.text[marker.end() :])}")
    words = " ".join(line.text for line in lines)
    markdown = "\n".join(points)
    return Paragraph(text=words, markdown=markdown, place=_place(lines[0]), kind=Kind.BLOCK)


def _paragraph(line: _Line) -> Paragraph:
    words = line.text.replace("\n", " ")
    return Paragraph(text=words, markdown=escape(line.text), place=_place(line))


def _place(line: _Line) -> str:
    return f"line {line.number}"
