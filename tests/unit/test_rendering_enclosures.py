"""Where the pictures and files of a mail go, and where each of its elements was written."""

import dataclasses
from pathlib import Path

import pytest
from icalendar import Calendar
from lxml import html as lxml_html

from newsletter import announcement, blocks, theme
from newsletter.announcement import Edition
from newsletter.errors import AuthorError
from newsletter.rendering import Organisation, Rendering, render, stack
from tests.editions import furnish, kitchen_sink

DEFAULT = theme.load("default", [theme.shipped()])
INSIDE = Organisation(name="Stad Voorbeeld", contact="communicatie@example.org")
PUBLIC = dataclasses.replace(INSIDE, base_url="https://www.example.org/news")

WRITTEN = """\
---
title: Verhuis
image: gebouw.png
image_alt: Het gebouw
---
::: lead
Aanhef.
:::

Eerste alinea.

## Een kop

::: callout Let op
Binnenin.

- punt
:::

::: event Drink
date: 2026-12-03
time: 12:00-13:30
:::

::: files
- [Plan](verhuisplan.pdf)
- [Beleid](https://example.org/beleid.pdf)
:::
"""


def edition(folder: Path, written: str = WRITTEN, language: str = "nl") -> Edition:
    furnish(folder)
    path = folder / f"{language}.md"
    path.write_text(written)
    return announcement.load(path, (language,)).editions[0]


def places(rendered: Rendering) -> dict[str, str]:
    """Return the words of each element that has some of its own, with its line."""
    elements = lxml_html.document_fromstring(rendered.html).iter("*")
    numbered = zip(elements, rendered.places, strict=True)
    return {
        " ".join((each.text or "").split()): place.rpartition("/")[2]
        for each, place in numbered
        if (each.text or "").strip()
    }


def test_every_element_is_traced_to_the_line_it_was_written_on(tmp_path: Path) -> None:
    found = places(render(edition(tmp_path), DEFAULT, INSIDE))
    assert found["Aanhef."] == "nl.md:7"
    assert found["Eerste alinea."] == "nl.md:10"
    assert found["Een kop"] == "nl.md:12"
    assert found["Let op"] == "nl.md:14"
    assert found["Binnenin."] == "nl.md:15"
    assert found["punt"] == "nl.md:17"
    assert found["Drink"] == "nl.md:20"
    assert found["Verhuis"] == ""  # the title stands in the front matter, the theme puts it here
    assert found["Stad Voorbeeld"] == ""


def test_in_a_stacked_mail_the_file_is_named_too(tmp_path: Path) -> None:
    dutch = edition(tmp_path)
    french = edition(tmp_path, "---\ntitle: Demenagement\n---\nPremier alinea.\n", "fr")
    found = places(stack((dutch, french), DEFAULT, INSIDE))
    assert found["Eerste alinea."] == "nl.md:10"
    assert found["Premier alinea."] == "fr.md:4"


def test_no_trace_is_left_in_the_mail_and_no_word_of_an_author_is_taken_for_one(
    tmp_path: Path,
) -> None:
    words = ' data-place="0:12"'
    rendered = render(
        edition(tmp_path, f"---\ntitle: X\n---\nEen{words} woord.\n"), DEFAULT, INSIDE
    )
    assert f"Een{words} woord." in rendered.html
    assert rendered.html.count("data-place") == rendered.html.count(words)
    assert "\ue002" not in rendered.html


def test_without_a_public_address_everything_travels_in_the_mail(tmp_path: Path) -> None:
    rendered = render(edition(tmp_path), DEFAULT, INSIDE)
    assert [image.filename for image in rendered.images] == ["gebouw.png"]
    assert [file.filename for file in rendered.attachments] == ["Drink.ics", "verhuisplan.pdf"]
    assert rendered.published == ()
    assert f'src="cid:{rendered.images[0].cid}"' in rendered.html
    assert "verhuisplan.pdf" in rendered.html
    assert "verhuisplan.pdf" in rendered.text


def test_with_one_everything_is_published_and_named_there(tmp_path: Path) -> None:
    rendered = render(edition(tmp_path), DEFAULT, PUBLIC)
    assert (rendered.images, rendered.attachments) == ((), ())
    names = [file.filename for file in rendered.published]
    assert [name.partition("-")[2] for name in names] == [
        "gebouw.png",
        "Drink.ics",
        "verhuisplan.pdf",
    ]
    for name in names:
        assert f'"https://www.example.org/news/{name}"' in rendered.html
    assert "cid:" not in rendered.html
    for name in names[1:]:
        assert f"https://www.example.org/news/{name}" in rendered.text


def test_the_file_for_the_calendar_says_what_the_mail_says(tmp_path: Path) -> None:
    (file, _) = render(edition(tmp_path), DEFAULT, INSIDE).attachments
    (event,) = Calendar.from_ical(file.data).walk("VEVENT")
    assert (event["SUMMARY"], event.decoded("DTSTART").isoformat()) == (
        "Drink",
        "2026-12-03T12:00:00+01:00",
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("weg.pdf", "does not exist beside the announcement"),
        ("../geheim.pdf", "is outside the announcement's folder"),
        ("macro.docm", "may hold macros"),
    ],
)
def test_a_file_that_cannot_go_along_is_a_fault_on_its_line(
    tmp_path: Path, source: str, said: str
) -> None:
    (tmp_path / "geheim.pdf").write_bytes(b"%PDF-1.7")
    folder = tmp_path / "ceo"
    folder.mkdir()
    (folder / "macro.docm").write_bytes(b"PK\x03\x04")
    written = f"---\ntitle: X\n---\nTekst.\n\n::: files\n- [Plan]({source})\n:::\n"
    with pytest.raises(AuthorError) as caught:
        render(edition(folder, written), DEFAULT, INSIDE)
    (fault,) = caught.value.faults
    assert fault.place.endswith("nl.md:7")
    assert said in fault.message


def test_the_whole_of_a_mail_with_files_reads_back(tmp_path: Path) -> None:
    sink = kitchen_sink(tmp_path)
    rendered = render(sink, DEFAULT, INSIDE)
    parts = [part for part, _ in blocks.walk(sink.body)]
    events = [part for part in parts if isinstance(part, blocks.Event)]
    files = {part.source for part in parts if isinstance(part, blocks.File)}
    own = {source for source in files if "://" not in source}
    assert len(rendered.attachments) == len(own) + len(events) > 1


def test_two_events_of_one_name_are_two_files(tmp_path: Path) -> None:
    event = "::: event Opening\ndate: 2026-12-0{}\n:::\n"
    written = "---\ntitle: X\n---\n" + event.format(3) + "\n" + event.format(4)
    rendered = render(edition(tmp_path, written), DEFAULT, INSIDE)
    assert [file.filename for file in rendered.attachments] == ["Opening.ics", "Opening-2.ics"]
    assert len({file.data for file in rendered.attachments}) == 2
    for named in ("Opening.ics", "Opening-2.ics"):
        assert named in rendered.html
        assert named in rendered.text


def test_pictures_of_one_name_are_two_files(tmp_path: Path) -> None:
    written = "---\ntitle: X\nimage: gebouw.png\n---\n![G](gebouw.png)\n\n![W](b/gebouw.png)\n"
    (tmp_path / "b").mkdir()
    furnish(tmp_path)
    (tmp_path / "b" / "gebouw.png").write_bytes((tmp_path / "werf1.png").read_bytes())
    rendered = render(edition(tmp_path, written), DEFAULT, INSIDE)
    assert [image.filename.partition(".")[0] for image in rendered.images] == [
        "gebouw",
        "gebouw-2",
        "gebouw-3",
    ]
