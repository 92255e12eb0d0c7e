"""Pictures and files that are published instead of carried, from the build to the sent mail."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html as lxml_html

from tests.editions import furnish
from tests.workplace import Workplace

PUBLIC = "https://www.example.org/news"
WRITTEN = """\
---
title: Het plan voor de verhuis ligt klaar
preheader: Wie gaat waarheen, en wanneer? Alles staat in het plan dat je hier vindt.
---
Kijk eerst op het plan.

![Plattegrond van de eerste verdieping](plan.png)

::: files
- [Het verhuisplan](verhuisplan.pdf)
:::
"""


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.relay("inbox:", "[images]", f'base_url = "{PUBLIC}"')
    made.announce("plan", WRITTEN)
    furnish(made.root / "announcements")
    made.add_list("staff", range(3))
    return made


def html_of(mail: Path) -> str:
    parts = message_from_bytes(mail.read_bytes(), policy=policy.default).walk()
    return next(str(part.get_content()) for part in parts if part.get_content_subtype() == "html")


def test_what_a_sent_mail_names_is_in_the_folder_to_publish(workplace: Workplace) -> None:
    said = workplace.run("send", "plan", "--list", "staff").stdout

    published = {path.name for path in (workplace.root / "var" / "public").iterdir()}
    assert f"2 files in var/public: copy them to {PUBLIC}" in said
    for mail in workplace.kept():
        named = set(re.findall(rf'"{PUBLIC}/([^"]+)"', html_of(mail)))
        assert named == published
        assert b"image/" not in mail.read_bytes()


def test_a_build_opens_in_a_browser_before_anything_is_published(workplace: Workplace) -> None:
    workplace.run("build", "plan")

    built = workplace.root / "var" / "outbox" / "plan"
    named = re.findall(
        r'(?:src|href)="([^":]+\.(?:png|jpg|pdf))"', (built / "plan.nl.html").read_text()
    )
    assert len(named) == 2
    assert all((built / name).is_file() for name in named)
    assert PUBLIC in html_of(built / "plan.nl.eml")


def test_a_build_shows_every_picture_whatever_it_and_the_announcement_are_called(
    workplace: Workplace,
) -> None:
    workplace.relay("inbox:")
    folder = workplace.root / "announcements"
    (folder / "b").mkdir()
    (folder / "b" / "plan.png").write_bytes((folder / "gebouw.png").read_bytes())
    name = 'nieuws #3 "mei" 100%'
    workplace.announce(name, WRITTEN + "\n![Het gebouw](b/plan.png)\n")
    workplace.run("build", name)

    built = workplace.root / "var" / "outbox" / name
    document = lxml_html.document_fromstring((built / f"{name}.nl.html").read_text())
    shown = [(built / unquote(image.attrib["src"])).read_bytes() for image in document.iter("img")]
    assert len(set(shown)) == 2
