import datetime
import re
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as lxml_html
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from newsletter import blocks, theme
from newsletter.announcement import Edition
from newsletter.errors import AuthorError, SetupError
from newsletter.rendering import Organisation, Rendering, render
from tests.editions import FIRST_NAME, kitchen_sink, paint
from tests.renderings import (
    DEFAULT,
    ORGANISATION,
    assert_in_order,
    changed,
    edition,
    elements,
    mail,
    p,
    words_of,
)


class Html(SingleFileSnapshotExtension):
    file_extension = "html"
    _write_mode = WriteMode.TEXT


class PlainText(SingleFileSnapshotExtension):
    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return kitchen_sink(tmp_path_factory.mktemp("verhuis"))


@pytest.fixture(scope="module")
def rendered(sink: Edition) -> Rendering:
    return render(sink, DEFAULT, ORGANISATION)


@pytest.fixture(scope="module")
def document(rendered: Rendering) -> etree._Element:
    return lxml_html.document_fromstring(rendered.html)


# What a person can open and look at.


def test_the_kitchen_sink_looks_as_it_did(rendered: Rendering, snapshot: SnapshotAssertion) -> None:
    html = rendered.html
    for image in rendered.images:  # its name is made of its bytes, which differ by Pillow
        html = html.replace(image.cid, image.filename)
    assert html == snapshot(extension_class=Html)
    assert rendered.text == snapshot(extension_class=PlainText)


def test_the_same_edition_gives_the_same_bytes(sink: Edition, rendered: Rendering) -> None:
    assert render(sink, DEFAULT, ORGANISATION) == rendered


# What is said.


def test_every_word_is_in_the_html_and_in_the_text_in_order(
    sink: Edition, rendered: Rendering, document: etree._Element
) -> None:
    lead, *rest = sink.body
    assert sink.image
    cover = (ORGANISATION.name, sink.kicker, "9 februari 2026", sink.title, sink.image.caption)
    footer = (ORGANISATION.name, "Je krijgt dit bericht omdat je bij", ORGANISATION.contact)
    everything = (*cover, lead, sink.greeting, *rest, *footer)
    body = document.find("body")
    assert body is not None
    assert_in_order(words_of(everything), " ".join(map(str, body.itertext())))
    assert_in_order(words_of(everything), rendered.text)


def test_every_link_and_every_alt_of_the_html_is_in_the_text(
    rendered: Rendering, document: etree._Element
) -> None:
    for link in elements(document, "a"):
        address = link.get("href", "").removeprefix("mailto:").removeprefix("tel:")
        assert address in rendered.text or address in rendered.text.replace(" ", "")
    for picture in elements(document, "img"):
        assert f"[Beeld: {picture.get('alt')}]" in rendered.text


def test_the_greeting_comes_after_the_lead_it_opens_with_and_else_first() -> None:
    greeting = (blocks.Text("Dag "), FIRST_NAME, blocks.Text("!"))
    led = mail(blocks.Lead((p("Lead."),)), p("Verder."), greeting=greeting)
    bare = mail(p("Verder."), blocks.Lead((p("Lead."),)), greeting=greeting)
    for content in (led.html, led.text):
        assert content.index("Lead.") < content.index("Dag \ue0000") < content.index("Verder.")
    for content in (bare.html, bare.text):
        assert content.index("Dag \ue0000") < content.index("Verder.") < content.index("Lead.")


def test_a_caption_without_a_picture_is_a_line_after_the_lead() -> None:
    only = blocks.Image("", "", "Mira aan het werk")
    rendering = mail(
        blocks.Lead((p("Lead."),)), p("Verder."), image=only, greeting=(blocks.Text("Dag!"),)
    )
    for content in (rendering.html, rendering.text):
        assert (
            content.index("Lead.")
            < content.index("Mira aan het werk")
            < content.index("Dag!")
            < content.index("Verder.")
        )
    assert "<img" not in rendering.html
    assert rendering.images == ()


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("nl", "1 september 2023"),
        ("nl-BE", "1 september 2023"),
        ("nl-XX", "1 september 2023"),
        ("fr", "1 septembre 2023"),
        ("en", "1 September 2023"),
    ],
)
def test_the_date_is_said_in_the_language(language: str, date: str) -> None:
    rendering = mail(p("x"), language=language, date=datetime.date(2023, 9, 1))
    assert date in rendering.html
    assert date in rendering.text


@pytest.mark.parametrize("kicker", ["", "Mensen"])
def test_an_edition_with_next_to_nothing_is_still_a_mail(kicker: str) -> None:
    rendering = mail(kicker=kicker)
    assert "<h1" in rendering.html
    assert "None" not in rendering.html + rendering.text
    assert "\n\n\n" not in rendering.text


# Slots and pictures.


def test_a_slot_is_the_same_marker_in_html_and_text() -> None:
    email = blocks.Slot(blocks.Field.EMAIL, "je adres")
    rendering = mail(p(email, " en ", FIRST_NAME), p(email), greeting=(FIRST_NAME,))
    assert rendering.slots == (FIRST_NAME, email)
    for content in (rendering.html, rendering.text):
        assert blocks.MARKER.findall(content) == ["0", "1", "0", "1"]


def test_slots_with_other_fallbacks_are_other_slots() -> None:
    other = blocks.Slot(blocks.Field.FIRST_NAME, "vriend")
    assert mail(p(FIRST_NAME, other, FIRST_NAME)).slots == (FIRST_NAME, other)


def test_every_picture_of_the_html_is_in_the_mail_once(rendered: Rendering) -> None:
    named = re.findall('src="cid:([^"]*)"', rendered.html)
    assert len(named) == 9
    assert set(named) == {image.cid for image in rendered.images}
    assert len({image.cid for image in rendered.images}) == len(rendered.images)


def test_a_picture_is_as_wide_as_the_place_it_is_in(tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 2000, 1000)
    image = blocks.Image("a.png", "x")
    body = (image, blocks.Question((blocks.Text("V"),), (image,)), blocks.Callout((), (image,)))
    rendering = mail(*body, path=tmp_path / "x.md", image=image)
    assert re.findall(r'<img[^>]* width="(\d+)"', rendering.html) == ["640", "560", "536", "512"]
    assert len(rendering.images) == 4


def test_every_picture_and_link_at_fault_is_reported_at_once_with_its_line(
    tmp_path: Path,
) -> None:
    (tmp_path / "stuk.png").write_bytes(b"x")
    with pytest.raises(AuthorError) as caught:
        mail(
            blocks.Image("foto.png", "x", line=12),
            blocks.Question(
                (blocks.Text("V"),), (blocks.Image("stuk.png", "x", line=15),), line=14
            ),
            blocks.Paragraph((blocks.Link((blocks.Text("x"),), "javascript:alert(1)"),), line=20),
            blocks.Button("x", "data:text/html,x", line=22),
            path=tmp_path / "ceo.md",
            image=blocks.Image("../hero.png", "x", line=3),
        )
    places = [fault.place.removeprefix(f"{tmp_path}/") for fault in caught.value.faults]
    assert places == ["ceo.md:3", "ceo.md:12", "ceo.md:15", "ceo.md:20", "ceo.md:22"]
    assert "image `foto.png` does not exist beside the announcement" in str(caught.value)
    assert "link `javascript:alert(1)` does not begin with https:" in str(caught.value)


# Authors' text is data.

HOSTILE = (
    '<script>alert(1)</script> {{ 7*7 }} {% raw %} <img src=x onerror="x"> --> <!--[if mso]> '
    '"quoted" </td></table> @import "x" class="link" &lt; <style>p{}</style>'
)


def test_hostile_words_stay_words_wherever_they_stand(tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 20, 20)
    text = (blocks.Text(HOSTILE),)
    rendering = render(
        edition(
            p(HOSTILE),
            blocks.Heading(2, text),
            blocks.Callout(text, (p(HOSTILE),)),
            blocks.Question(text, (p(HOSTILE),)),
            blocks.Button(HOSTILE, "https://example.org/?a=%22&b=<script>"),
            blocks.Table((text,), ((text,),), ("left",)),
            blocks.Paragraph(
                (blocks.Code(HOSTILE), blocks.Link(text, 'https://example.org/" onclick="x'))
            ),
            blocks.Image("a.png", HOSTILE, HOSTILE),
            path=tmp_path / "x.md",
            title=HOSTILE,
            subject=HOSTILE,
            preheader=HOSTILE,
            kicker=HOSTILE,
            greeting=text,
        ),
        DEFAULT,
        Organisation(name=HOSTILE, contact='x"><script>@example.org'),
    )
    document = lxml_html.document_fromstring(rendering.html)
    assert not elements(document, "script", "form", "object", "iframe")
    assert not [e for e in document.iter(etree.Element) for name in e.attrib if name[:2] == "on"]
    assert len(elements(document, "img")) == 1
    assert document.findtext("head/title") == HOSTILE
    assert " ".join(map(str, document.itertext())).count("{{ 7*7 }}") == 20
    assert "49" not in re.sub("#[0-9a-f]{6}|cid:[0-9a-f]+", "", rendering.html)
    assert rendering.text.count("<script>alert(1)</script>") == 19


# Faults of a theme.


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("blocks/paragraph.html.j2", "\n{{ nothing }}", r"paragraph.html.j2:2.*'nothing' is und"),
        ("mail.html.j2", "x\n\n{% if %}", r"theme `stad` \(mail.html.j2:3\): Expected an expr"),
        ("mail.html.j2", '{% include "weg.j2" %}', r"theme `stad` .*weg.j2"),
        ("foot.html.j2", "\n{{ edition.title + 1 }}", r"theme `stad` \(foot.html.j2:2\): .*str"),
        ("foot.html.j2", "{{ 1 // 0 }}", r"theme `stad` \(foot.html.j2:1\): .*zero"),
        ("foot.html.j2", '{% include "foot.html.j2" %}', r"theme `stad` .*recursion"),
        ("strings/nl.toml", "reason = 5", r"theme `stad`, words in `nl`: no words: reason;"),
        ("strings/nl.toml", 'reason = "\\uE0000\\uE001"', r"words in `nl`: no words: reason;"),
        ("strings/nl.toml", 'date = "QQQQQQQQ"', r"`date = \"QQQQQQQQ\"` is no pattern; write it"),
        ("strings/nl.toml", 'date = "H:mm"', r"`date = \"H:mm\"` is no pattern; write it"),
        ("base.css", "p{color:#12;}", "the theme's CSS has a fault"),
        ("base.css", "@import 'x';", "the theme's CSS has an @import"),
        ("client.css", "p{color:red", "brace that is not closed"),
    ],
)
def test_a_fault_in_a_theme_is_a_setup_error_that_says_where(
    name: str, content: str, complaint: str, tmp_path: Path
) -> None:
    dated = edition(p("x"), date=datetime.date(2026, 12, 3))
    with pytest.raises(SetupError, match=complaint):
        render(dated, changed(tmp_path, name, content), ORGANISATION)


def test_a_template_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    look = changed(tmp_path, "foot.html.j2", "")
    (tmp_path / "stad" / "foot.html.j2").write_bytes("<p>Café</p>".encode("cp1252"))
    with pytest.raises(SetupError, match=r"`foot.html.j2` of the theme is not UTF-8; save"):
        render(edition(p("x")), look, ORGANISATION)


def test_what_is_put_into_a_theme_or_taken_out_shows_in_the_next_mail(tmp_path: Path) -> None:
    look = changed(tmp_path, "own.css", "")
    before = render(edition(p("x")), look, ORGANISATION).html
    foot = tmp_path / "stad" / "foot.html.j2"
    foot.write_text("<p>Pas toegevoegd</p>")
    assert "Pas toegevoegd" in render(edition(p("x")), look, ORGANISATION).html
    foot.unlink()
    assert render(edition(p("x")), look, ORGANISATION).html == before


def test_a_theme_of_other_colours_colours_the_mail(tmp_path: Path) -> None:
    (tmp_path / "stad").mkdir()
    (tmp_path / "stad" / "theme.toml").write_text('[colours]\ncover = "#7a1f3d"\n')
    stad = theme.load("stad", [tmp_path, theme.shipped()])
    html = render(edition(p("x")), stad, ORGANISATION).html
    assert "#7a1f3d" in html
    assert DEFAULT.colours["cover"] not in html
