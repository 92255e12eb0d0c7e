"""The thing people write: front matter and Markdown, one file or a folder with one a language."""

import contextlib
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from babel import localedata

from newsletter import blocks, markdown, screening
from newsletter.blocks import Blocks, Image, Inlines
from newsletter.errors import AuthorError, Fault, UsageError, suggest

FIELDS = (
    "title",
    "subject",
    "preheader",
    "kicker",
    "greeting",
    "language",
    "date",
    "image",
    "image_alt",
    "image_caption",
    "theme",
    "lists",
)
LONGEST_PREHEADER = 90  #: characters that a mailbox shows beside the subject
LONGEST_TITLE = 400  #: characters; a header has lines of at most 998 octets (RFC 5322)
LARGEST_FILE = 500_000  #: bytes; Gmail shows about 102,000 of a mail

_LANGUAGE = re.compile(r"([a-z]{2,3})(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?")
# Characters that nobody sees, and the beginning of what mail programs read as coded text.
_UNSAFE_IN_SUBJECT = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]|=\\?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """An announcement in one language, as its author wrote it."""

    path: Path  #: the file; images are named relative to its folder
    language: str  #: BCP 47, "nl"
    title: str
    subject: str
    preheader: str
    kicker: str = ""
    greeting: Inlines = ()
    date: datetime.date | None = None
    image: Image | None = None  #: on top; its source is empty where only a caption is known
    theme: str = "default"
    lists: tuple[str, ...] = ()
    body: Blocks = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What one campaign says, in every language it says it in; the first is the default."""

    name: str
    editions: tuple[Edition, ...]


def find(given: str, folder: Path) -> Path:
    """Return the file or folder of the announcement called *given*, a name or a path."""
    with contextlib.suppress(OSError):  # a name longer than any file's
        for path in (folder / f"{given}.md", folder / given, Path(given)):
            if given.strip() and (path.is_file() or path.is_dir()):
                return path
    known = sorted(
        path.stem
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix == ".md" or path.is_dir()
    )
    near = suggest(given, known) or (f"; there are {', '.join(known)}" if known else "")
    raise UsageError(f"{folder / given}: no such announcement{near}")


def load(path: Path, languages: tuple[str, ...]) -> Announcement:
    """Read the announcement at *path*; *languages* are the organisation's, the default first.

    Every fault of every file is in the `AuthorError` that is raised if there is one.
    """
    files = sorted(filter(Path.is_file, path.glob("*.md"))) if path.is_dir() else [path]
    if not files:
        raise AuthorError([Fault(str(path), "no .md file in this folder; add nl.md, for example")])
    faults: list[Fault] = []
    editions = []
    for file in files:
        reader = _FrontMatter(file, path.is_dir(), languages[0])
        edition = reader.edition()
        faults += sorted(reader.faults, key=_line_of)
        if edition:
            editions.append(edition)
    if faults:
        raise AuthorError(faults)
    order = {language: n for n, language in enumerate(languages)}
    editions.sort(key=lambda edition: order.get(edition.language, len(order)))
    return Announcement(name=path.stem if path.is_file() else path.name, editions=tuple(editions))


def _line_of(fault: Fault) -> int:
    line = fault.place.rpartition(":")[2]
    return int(line) if line.isdigit() else 0


@dataclass
class _FrontMatter:
    """One file being read: its fields with their lines, and the faults found so far."""

    path: Path
    named_by_language: bool
    default_language: str
    faults: list[Fault] = field(default_factory=list)
    values: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(f"{self.path}:{line}", message))

    def edition(self) -> Edition | None:
        """Return the edition, or None when its faults leave nothing to return."""
        source = self._source()
        if source is None:
            return None
        head, body, first_line = self._split(source)
        self._read_fields(head)
        content, faults = markdown.parse(body, str(self.path), first_line)
        self.faults += faults
        if not self.faults and not content:
            self.fault(first_line, "there is no text under the front matter; write the news there")
        edition = self._built(content)
        return None if self.faults else edition

    def _source(self) -> str | None:
        if self.path.stat().st_size > LARGEST_FILE:
            self.fault(1, f"more than {LARGEST_FILE:,} bytes; this is not the text of one mail")
            return None
        try:
            source = self.path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.path.read_bytes()[: error.start].count(b"\n") + 1
            self.fault(
                line, f"not UTF-8; save the file as UTF-8, or run `newsletter import {self.path}`"
            )
            return None
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        self.faults += screening.forbidden_characters(source, str(self.path))
        return None if self.faults else source

    def _split(self, source: str) -> tuple[str, str, int]:
        """Return the front matter, the body, and the line that the body begins on."""
        lines = source.split("\n")
        if lines[0].rstrip() != "---":
            self.fault(
                1, "no front matter; begin with a line `---`, `title: ...` and a line `---` again"
            )
            return "", source, 1
        for number, line in enumerate(lines[1:], 1):
            if line.rstrip() == "---":
                return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
        self.fault(1, "the front matter is never closed; put a line `---` after its last field")
        return "", "", 1

    def _read_fields(self, head: str) -> None:
        try:
            node = yaml.compose(head, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            self.fault(
                mark.line + 2 if mark else 2,
                "this front matter cannot be read; a value with `:` or `#` in it, or one that "
                'begins with a sign, goes between quotes: `title: "News: a new CEO"`',
            )
            return
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._read_field(key, value, head.split("\n"))
        elif node is not None:
            self.fault(2, "front matter is lines of `field: value`, such as `title: A new CEO`")
        if not self.faults and not self.values.get("title"):
            self.fault(self.lines.get("title", 1), "no title; add `title: ...` to the front matter")

    def _read_field(self, key: yaml.Node, value: yaml.Node, source: list[str]) -> None:
        line = key.start_mark.line + 2
        # A node holds nodes, by aliases any number of times: only one that is text is looked into.
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if name not in FIELDS:
            near = suggest(name, FIELDS) or f"; the fields are {', '.join(FIELDS)}"
            self.fault(line, f"unknown field `{name}`{near}")
        elif name in self.values:
            self.fault(
                line, f"`{name}` stands twice; keep one (the other is line {self.lines[name]})"
            )
        elif name == "lists" and _is_sequence_of_text(value):
            self.values[name] = tuple(item.value for item in value.value)
        elif name == "lists" and not isinstance(value, yaml.ScalarNode):
            self.fault(line, "`lists` is names of lists, as in `lists: staff, board`")
        elif not isinstance(value, yaml.ScalarNode):
            self.fault(line, f"`{name}` is a piece of text; put it between quotes: `{name}: '...'`")
        elif forbidden := list(screening.forbidden_characters(value.value, str(self.path), line)):
            self.faults += forbidden
        elif value.style is None and "#" in source[value.end_mark.line][value.end_mark.column :]:
            self.fault(
                line, f"what follows `#` is not read; put it all between quotes: `{name}: '...'`"
            )
        else:
            self.values[name] = "" if value.tag.endswith(":null") else value.value.strip()
            if name == "lists":
                self.values[name] = tuple(value.value.replace(",", " ").split())
            elif name in ("title", "subject") and (
                unsafe := _UNSAFE_IN_SUBJECT.search(value.value)
            ):
                what = "`=?`" if unsafe[0] == "=?" else f"the character U+{ord(unsafe[0]):04X}"
                self.fault(line, f"{what} cannot stand in a subject; type it again without")
            elif name in ("title", "subject") and len(value.value) > LONGEST_TITLE:
                self.fault(
                    line,
                    f"`{name}` has {len(value.value):,} characters; keep it under {LONGEST_TITLE}",
                )
            elif name != "greeting" and "{{" in value.value:
                self.fault(line, f"`{name}` is the same for everybody; take `{{{{ ... }}}}` out")
        self.lines[name] = line

    def _text(self, name: str) -> str:
        return " ".join(str(self.values.get(name, "")).split())

    def _built(self, body: Blocks) -> Edition:
        greeting, faults = markdown.parse_line(
            self._text("greeting"), str(self.path), self.lines.get("greeting", 1)
        )
        self.faults += faults
        lists = self.values.get("lists", ())
        return Edition(
            path=self.path,
            language=self._language(),
            title=self._text("title"),
            subject=self._text("subject") or self._text("title"),
            preheader=self._text("preheader") or _opening(body),
            kicker=self._text("kicker"),
            greeting=greeting,
            date=self._date(),
            image=self._image(),
            theme=self._text("theme") or "default",
            lists=lists if isinstance(lists, tuple) else (),
            body=body,
        )

    def _language(self) -> str:
        default = self.path.stem if self.named_by_language else self.default_language
        language = self._text("language") or default
        line = self.lines.get("language", 1)
        found = _LANGUAGE.fullmatch(language)
        if not found or not localedata.exists(found[1]):
            self.fault(line, f"`{language}` is no language; write `nl`, `fr` or `en`, for example")
        elif self.named_by_language and language != self.path.stem:
            self.fault(
                line, f"the file is called {self.path.name}, yet its language is `{language}`"
            )
        return language

    def _date(self) -> datetime.date | None:
        text = self._text("date")
        if not text:
            return None
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            self.fault(
                self.lines["date"], f"`{text}` is no date; write year-month-day, as in 2023-09-01"
            )
            return None

    def _image(self) -> Image | None:
        source, caption = self._text("image"), self._text("image_caption")
        if not source and not caption:
            return None
        line = self.lines.get("image", self.lines.get("image_caption", 1))
        return Image(source, self._text("image_alt"), caption, line=line)


def _is_sequence_of_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and all(
        isinstance(item, yaml.ScalarNode) for item in node.value
    )


def _opening(body: Blocks) -> str:
    """Return the first words of *body*, at most `LONGEST_PREHEADER` characters, whole words."""
    words = " ".join(" ".join(_running_text(body)).split())
    if len(words) <= LONGEST_PREHEADER:
        return words
    whole = words[: LONGEST_PREHEADER + 1].rpartition(" ")[0] or words[:LONGEST_PREHEADER]
    return whole.rstrip(" ,;:") + "…"


def _running_text(body: Blocks) -> Iterator[str]:
    for block in body:
        match block:
            case blocks.Paragraph(children):
                yield blocks.plain(children)
            case blocks.Lead(children) | blocks.Callout(children=children):
                yield from _running_text(children)
