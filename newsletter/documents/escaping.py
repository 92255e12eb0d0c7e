"""Words as Markdown that shows exactly those words, whatever characters they are made of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_INLINE = re.compile(
    r"""  (?P<slot>\{{2,})                          # would open a personal slot
      |   [\\`*\[\]{]
      |   ~(?=~) | (?<=~)~
      |   (?<![^\W_])_ | _(?![^\W_])                # snake_case is safe, _emphasis_ is not
      |   <(?=[A-Za-z/!?])
      |   &(?=\#?\w+;)                              # would be read as an entity
    """,
    re.VERBOSE,
)
_LINE_START = re.compile(
    r"""^(?: \#{1,6}(?=\s|$) | [-+](?=\s|$) | > | ::: | \| | =+[ \t]*$ | [-:](?=[-:|\s]*$)
      |  (?<!\\)~~~ )""",
    re.VERBOSE | re.MULTILINE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_CLOSING_HASHES = re.compile(r"(?<=\s)(#+)$", re.MULTILINE)
_LONGEST_STYLED = 20_000  #: characters; reading back takes long where stars are many
_SAFE_URL = re.compile(r"(?:https?://|mailto:|tel:)\S", re.IGNORECASE)
_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f\xa0\u2028\u2029()<>\\\"'`{}|^\[\]*_~]")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words in one style; a newline in it is a line ended on purpose."""

    text: str
    bold: bool = False
    italic: bool = False
    url: str = ""


def escape(text: str) -> str:
    r"""Return *text* as the Markdown of one paragraph; a newline becomes a hard line break.

    >>> escape("1. Niet *alles* is {{ first_name }}")
    '1\\. Niet \\*alles\\* is &#123;&#123; first_name }}'
    """
    return _as_block(_escape_inline(text))


def markdown(runs: Sequence[Run]) -> str:
    """Return styled *runs* as the Markdown of one paragraph.

    CommonMark refuses some emphasis (a bold full stop stuck to the next word), and would then
    show the asterisks: what was written is read back, and style gives way to words.
    """
    text = "".join(run.text for run in runs)
    is_styled = any(run.bold or run.italic or run.url for run in runs)
    if is_styled and len(text) <= _LONGEST_STYLED:
        unstyled = [Run(run.text, url=run.url) for run in runs]
        for attempt in (runs, unstyled):
            written = _as_block(_links(attempt))
            if _shows(written, text):
                return written
    return escape(text)


def is_bold(runs: Iterable[Run]) -> bool:
    """Tell whether every word of *runs* is bold."""
    styles = [run.bold for run in runs if run.text.strip()]
    return bool(styles) and all(styles)


def unbold(runs: Iterable[Run]) -> list[Run]:
    """Return *runs* with their bold taken away."""
    return [replace(run, bold=False) for run in runs]


def link(url: str) -> str:
    """Return *url* fit for the round brackets of a link; empty for a scheme mail does not take."""
    url = url.strip()
    if not _SAFE_URL.match(url):
        return ""
    quoted = _UNSAFE_IN_URL.sub(lambda bad: "".join(f"%{b:02X}" for b in bad[0].encode()), url)
    return re.sub(r"&(?=#?\w+;)", "&amp;", quoted)


def _escape_inline(text: str) -> str:
    escaped = _INLINE.sub(
        lambda found: "&#123;" * len(found[0]) if found["slot"] else f"\\{found[0]}", text
    )
    return escaped.replace("\n", "\\\n")


def _as_block(inline: str) -> str:
    started = _LINE_START.sub(lambda found: f"\\{found[0]}", inline)
    numbered = _NUMBERED.sub(r"\1\\\2", started)
    return _CLOSING_HASHES.sub(r"\\\1", numbered)


def _links(runs: Sequence[Run]) -> str:
    written = []
    for url, linked in groupby(runs, key=lambda run: run.url):
        words = _strong(list(linked))
        target = link(url)
        written.append(_wrap("[", words, f"]({target})") if target else words)
    return "".join(written)


def _strong(runs: Sequence[Run]) -> str:
    return "".join(
        _wrap("**", _emphasis(list(group)), "**") if bold else _emphasis(list(group))
        for bold, group in groupby(runs, key=lambda run: run.bold)
    )


def _emphasis(runs: Sequence[Run]) -> str:
    written = []
    for italic, group in groupby(runs, key=lambda run: run.italic):
        words = _escape_inline("".join(run.text for run in group))
        written.append(_wrap("*", words, "*") if italic else words)
    return "".join(written)


def _wrap(opening: str, words: str, closing: str) -> str:
    """Put the marks against the words: `** word**` would not be bold."""
    core = words.strip()
    if not core or core == "\\":
        return words
    before, after = words[: words.index(core)], words[words.index(core) + len(core) :]
    return f"{before}{opening}{core}{closing}{after}"


def _shows(written: str, text: str) -> bool:
    tokens = _reader().parse(written)
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return False
    breaks = ("softbreak", "hardbreak")
    children = tokens[1].children or []
    shown = "".join("\n" if child.type in breaks else child.content for child in children)
    return shown.split() == text.split()


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")
