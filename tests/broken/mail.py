"""What became of a broken announcement, and what its words may not have done to the mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import zip_longest
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from newsletter import message, rendering, theme
from newsletter.address import Address, parse
from newsletter.audience import Recipient
from newsletter.campaign import drafting
from newsletter.rendering import Organisation
from newsletter.workspace import Workspace
from tests.editions import paint
from tests.workplace import Workplace

SCHEMES = ("https:", "http:", "mailto:", "tel:", "cid:")
ORGANISATION = Organisation(name="District09", contact="vragen@example.org")
READER = Recipient(address=parse("communicatie@example.org"), lists=())

_OWN = ("source", "language", "theme", "timezone")  # no words that are shown
_CALENDAR = re.compile(r"(?<!\S)\S{1,200}\.ics")  # named after its event, which has other words
_MARKUP = str.maketrans(dict.fromkeys("<>&\"'`={}%#;/\\", "x"))


def furnish(folder: Path) -> Workplace:
    """Return a workplace whose announcements have a picture, a paper, and traps beside them."""
    workplace = Workplace(folder / "workspace")
    beside = workplace.root / "announcements"
    paint(beside / "foto.png", 300, 200)
    paint(workplace.root / "geheim.png", 300, 200)
    (beside / "link.png").symlink_to(workplace.root / "geheim.png")
    (beside / "verslag.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    (beside / "kapot.png").write_text("<script>alert(1)</script>")
    (beside / "tekening.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>')
    (beside / "pagina.html").write_text("<script>alert(1)</script>")
    (beside / "virus.exe").write_bytes(b"MZ")
    return workplace


@dataclass(frozen=True, slots=True)
class Made:
    """One mail as its reader gets it: its HTML, and the file that puts an event in a calendar."""

    html: str
    calendars: tuple[bytes, ...]


def make(workplace: Workplace, source: bytes) -> tuple[Made, Made]:
    """Draft and build *source*; return its mail, and that of the same blocks in harmless words."""
    workspace = Workspace(workplace.root)
    (workspace.announcements / "kapot.md").write_bytes(source)
    drafted = drafting.draft(workspace, "kapot")
    *_, written = drafting.build(workspace, drafted, workspace.outbox)
    (edition,) = drafted.announcement.editions
    look = theme.load(edition.theme, drafting.themes_of(workspace))
    same = rendering.render(harmless(edition), look, ORGANISATION)
    filled = message.fill(same.html, same.slots, READER, escape=True)
    calendars = (file.data for file in same.attachments if file.filename.endswith(".ics"))
    return _read(written), Made(filled, tuple(calendars))


def _read(path: Path) -> Made:
    """Return what is in a finished message, whose headers nobody has added to."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    assert not {"bcc", "cc"} & {name.lower() for name in mail}
    part = mail.get_body(("html",))
    assert isinstance(part, EmailMessage)
    calendars: list[bytes] = []
    for file in mail.iter_attachments():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", file.get_filename() or ""), file.get_filename()
        if file.get_content_type() == "application/ics":
            calendars.append(bytes(file.get_content()))
    return Made(str(part.get_content()).removesuffix("\n"), tuple(calendars))


def harmless(value: Any) -> Any:
    """Return *value*, of blocks, with every sign of markup in its words made an x."""
    if isinstance(value, str) and type(value) is str:
        return value.translate(_MARKUP)
    if isinstance(value, tuple):
        return tuple(map(harmless, value))
    if is_dataclass(value) and not isinstance(value, type | Address):
        words = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _OWN}
        return replace(value, **{name: harmless(word) for name, word in words.items()})
    return value


def assert_safe(made: Made, same: Made) -> None:
    """The words of an author made no element, attribute, comment, style or address of their own."""
    for found, meant in zip_longest(_shape(made.html), _shape(same.html)):
        assert found == meant
    for address in _addresses(made.html):
        assert address.lower().startswith(SCHEMES), address
        assert not re.search(r"[\x00-\x20\"<>]", address), address
    assert [*map(_properties, made.calendars)] == [*map(_properties, same.calendars)]


def _addresses(html: str) -> Iterator[str]:
    for node in lxml_html.document_fromstring(html).iter("*"):
        yield from (str(node.get(name)) for name in ("href", "src") if node.get(name) is not None)


def _shape(html: str) -> Iterator[tuple[str, dict[str, str], str, str]]:
    """Yield every element and comment of *html*, all signs of markup in its words made an x."""
    for node in lxml_html.document_fromstring(html).iter():
        yield (
            "comment" if isinstance(node, etree._Comment) else str(node.tag),
            {str(name): _plain(str(value)) for name, value in sorted(node.attrib.items())},
            _plain(node.text or ""),
            _plain(node.tail or ""),
        )


def _plain(words: str) -> str:
    return _CALENDAR.sub("x.ics", words.translate(_MARKUP))


def _properties(calendar: bytes) -> list[bytes]:
    """Return the names of the lines of *calendar*, as its reader sees them."""
    unfolded = calendar.replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    return [re.split(rb"[:;]", line)[0] for line in unfolded.split(b"\r\n")]
