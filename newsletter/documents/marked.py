"""Reads Markdown: keeps what its author marked, and adds what an announcement needs."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from newsletter.announcement import FIELDS
from newsletter.documents import plain, wording
from newsletter.documents.paragraphs import Kind, Paragraph, Reading, UnreadableError
from newsletter.documents.writing import Draft, as_title, greeting, quoted, slug

if TYPE_CHECKING:
    from markdown_it.token import Token


def read(text: str) -> Reading | None:
    """Return the paragraphs of a *text* without a title of its own, and nothing of one with."""
    env: dict[str, Any] = {}
    text = re.sub(r"^[^\S\n]+$", "", text, flags=re.MULTILINE)
    tokens = _tokens(text, env)
    if not _is_own(text) and all(_is_plain(token) for token in tokens):
        return plain.read(text)
    has_marks = any(token.type == "heading_open" for token in tokens)
    if has_marks or env.get("references") or _is_own(text):
        return None
    lines = text.split("\n")
    paragraphs = []
    for n, token in enumerate(tokens):
        if token.level == 0 and token.map and token.nesting >= 0:
            inline = tokens[n + 1] if token.type == "paragraph_open" else None
            paragraphs.append(_paragraph(lines[slice(*token.map)], token.map[0] + 1, inline))
    return Reading(paragraphs=tuple(paragraphs))


def _is_own(text: str) -> bool:
    """Tell whether *text* is written for this program: it has front matter, or its blocks."""
    return bool(_split(text)[0]) or re.search("^ {0,3}:::", text, re.MULTILINE) is not None


def _is_plain(token: "Token") -> bool:
    """Tell whether nothing in *token* is marked, so that this might as well be a text file."""
    if token.type != "inline":
        return token.type in ("paragraph_open", "paragraph_close")
    children = token.children or []
    is_text = all(child.type in ("text", "softbreak") for child in children)
    return is_text and "".join(child.content or "\n" for child in children) == token.content


def keep(text: str, name: str, default_language: str) -> Draft:
    """Return *text* as it is, with the front matter it lacks; *name* is its file's."""
    head, body = _split(text)
    fields = _fields(head)
    body, found = _without_title(body, has_title=bool(fields.get("title")))
    if not body.strip():
        raise UnreadableError("there is no text below its title; write the news there")
    title = str(fields.get("title") or as_title(found or name))
    language = str(fields.get("language") or wording.language(body, default=default_language))
    added = {"title": quoted(title), "language": language}
    lines = [f"{key}: {value}" for key, value in added.items() if not fields.get(key)]
    if "greeting" not in fields:
        lines.insert(1 if len(lines) > 1 else len(lines), greeting(language))
    front_matter = "\n".join([*lines, _kept(head, fields)]).strip("\n")
    return Draft(
        name=slug(title) or slug(name) or "announcement",
        markdown=f"---\n{front_matter}\n---\n\n{body.strip(chr(10))}\n",
        recognised=_recognised(title, lines, head),
        unsure=tuple(_unsure(fields, title if found or fields.get("title") else "", body)),
    )


def _tokens(text: str, env: dict[str, Any]) -> "list[Token]":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").parse(text, env)


def _split(text: str) -> tuple[str, str]:
    """Return the front matter of *text*, if there is any, and what follows it."""
    lines = text.split("\n")
    if lines[0].rstrip() == "---":
        for n, line in enumerate(lines[1:], 1):
            if line.rstrip() == "---":
                return "\n".join(lines[1:n]), "\n".join(lines[n + 1 :])
    return "", text


def _fields(head: str) -> dict[str, Any]:
    try:
        # An alias stands for what may hold aliases again: a few lines become gigabytes of text.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(head)):
            raise yaml.YAMLError
        fields = yaml.safe_load(head) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 2}" if mark else "the front matter"
        raise UnreadableError(
            f"{where} between the `---` lines cannot be read; put the value between quotes, "
            'as in `title: "News: a new CEO"`'
        ) from error
    if not isinstance(fields, dict):
        raise UnreadableError(
            "it begins with `---`, but no `field: value` lines follow; delete that line"
        )
    return {str(key): value for key, value in fields.items()}


def _kept(head: str, fields: dict[str, Any]) -> str:
    """Return the front matter untouched, or only the fields that an announcement has."""
    if set(fields) <= set(FIELDS):
        empty = [f"{key}:" for key in ("title", "language") if key in fields and not fields[key]]
        return "\n".join(line for line in head.split("\n") if line.strip() not in empty)
    known = {key: _day(value) for key, value in fields.items() if key in FIELDS and value}
    return yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=1000) if known else ""


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value


def _without_title(body: str, *, has_title: bool) -> tuple[str, str]:
    """Take the first `# heading` out as the title; make every other fit below one."""
    lines, title = body.split("\n"), ""
    tokens = _tokens(body, {})
    for n, token in reversed(list(enumerate(tokens))):
        if token.type != "heading_open" or token.level or not token.map:
            continue
        first, last = token.map
        level = int(token.tag[1])
        is_first = not any(t.tag == "h1" and t.nesting == 1 for t in tokens[:n])
        if level == 1 and is_first and not has_title:
            title = _words(tokens[n + 1])
            lines[first:last] = []
        elif level not in (2, 3):
            sign = "##" if level == 1 else "###"
            lines[first:last] = [f"{sign} {' '.join(tokens[n + 1].content.split())}"]
    return "\n".join(lines), title


def _words(inline: "Token") -> str:
    pieces = [
        child.content or " " * child.type.endswith("break") for child in inline.children or []
    ]
    return " ".join("".join(pieces).split())


def _recognised(title: str, added: Sequence[str], head: str) -> tuple[str, ...]:
    kept = "kept the front matter and the Markdown" if head else "kept the Markdown"
    named = [line.partition(":")[0] for line in added]
    sentences = [f'title: "{title}"', f"{kept} as the file has it"]
    if named:
        sentences.append(f"added to the front matter: {', '.join(named)}")
    if "greeting" in named:
        sentences.append("added a greeting; delete the line `greeting:` to leave it out")
    return tuple(sentences)


def _unsure(fields: dict[str, Any], title: str, body: str) -> list[str]:
    notes = [
        f"the field `{key}: {value}` has no place in an announcement and was left out"
        for key, value in fields.items()
        if key not in FIELDS
    ]
    if not title:
        notes.append("there is no `# heading`; the title is the file's name, so write a better one")
    tokens = _tokens(body, {})
    pictures = [c.attrs["src"] for t in tokens for c in t.children or [] if c.type == "image"]
    notes += [f"the picture {source} must stand beside the announcement" for source in pictures]
    return notes


def _paragraph(lines: Sequence[str], number: int, inline: "Token | None") -> Paragraph:
    """Return one block of Markdown as it is written."""
    source, place = "\n".join(lines).strip("\n"), f"line {number}"
    if inline is None:
        return Paragraph(text=source, markdown=source, place=place, kind=Kind.BLOCK)
    written = Paragraph(text=_words(inline), markdown=inline.content, place=place)
    types = [child.type for child in inline.children or [] if child.type != "text" or child.content]
    is_bold = types[:1] == ["strong_open"] and types.count("strong_open") == 1
    if is_bold and types[-1] == "strong_close":
        return replace(written, markdown=inline.content[2:-2], bold=True)
    return written
