import dataclasses
import datetime
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from lxml import html as lxml_html
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from newsletter import blocks, theme
from newsletter.announcement import Edition
from newsletter.blocks import Field, Heading, Image, Lead, Link, Paragraph, Question, Slot, Text
from newsletter.errors import AuthorError, SetupError
from newsletter.rendering import Organisation, Rendering, render
from tests.editions import FIRST_NAME, kitchen_sink, paint

ORGANISATION = Organisation(name="Stad Voorbeeld", contact="communicatie@example.org")
DEFAULT = theme.load("default", [theme.shipped()])


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


def edition(*body: blocks.Block, **changes: Any) -> Edition:
    plain = Edition(
        path=Path("ceo.md"),
        language="nl",
        title="Titel",
        subject="Onderwerp",
        preheader="",
        body=body,
    )
    return dataclasses.replace(plain, **changes)


def mail(*body: blocks.Block, **changes: Any) -> Rendering:
    return render(edition(*body, **changes), DEFAULT, ORGANISATION)


def p(*words: str | blocks.Inline) -> Paragraph:
    return Paragraph(tuple(Text(w) if isinstance(w, str) else w for w in words))


def elements(document: etree._Element, *tags: str) -> list[etree._Element]:
    return list(document.iter(*tags))


def word_only(html: str) -> str:
    """Return what only Word reads."""
    return "".join(re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", html, re.DOTALL))


# What a person can open and look at.


def test_the_kitchen_sink_looks_as_it_did(rendered: Rendering, snapshot: SnapshotAssertion) -> None:
    html = rendered.html
    for image in rendered.images:  # its name is made of its bytes, which differ by Pillow
        html = html.replace(image.cid, image.filename)
    assert html == snapshot(extension_class=Html)
    assert rendered.text == snapshot(extension_class=PlainText)


def test_the_same_edition_gives_the_same_bytes(sink: Edition, rendered: Rendering) -> None:
    assert render(sink, DEFAULT, ORGANISATION) == rendered


# The rules of HTML mail.


def test_language_and_direction_are_said_twice_for_webmail_drops_the_html_element(
    document: etree._Element,
) -> None:
    (wrapper,) = [e for e in elements(document, "div") if e.get("role") == "article"]
    for element in (document, wrapper):
        assert (element.get("lang"), element.get("dir")) == ("nl", "ltr")
    assert wrapper.get("aria-roledescription") == "email"
    assert wrapper.get("aria-label") == "We verhuizen op 2 maart: dit verandert er"


def test_a_language_read_from_the_right_says_so(tmp_path: Path) -> None:
    words = (DEFAULT.folders[-1] / "strings" / "en.toml").read_text(encoding="utf-8")
    arabic = changed(tmp_path, "strings/ar.toml", words)
    html = render(edition(p("x"), language="ar"), arabic, ORGANISATION).html
    assert html.count('lang="ar" dir="rtl"') == 2


def test_the_title_of_the_document_is_the_subject(document: etree._Element) -> None:
    assert document.findtext("head/title") == "We verhuizen op 2 maart: dit verandert er"


def test_the_metas_that_phones_ask_for_are_there(document: etree._Element) -> None:
    metas = {e.get("name"): e.get("content") for e in elements(document, "meta")}
    assert metas["viewport"] == "width=device-width,initial-scale=1"
    assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
    assert "x-apple-disable-message-reformatting" in metas
    assert metas["format-detection"] == "telephone=no,date=no,address=no,email=no,url=no"


def test_the_preheader_is_hidden_and_comes_before_all_other_words(
    sink: Edition, document: etree._Element
) -> None:
    (wrapper,) = [e for e in elements(document, "div") if e.get("role") == "article"]
    first = wrapper[0]
    assert first.text == sink.preheader
    assert first.get("style") == "display:none;max-height:0;overflow:hidden;mso-hide:all;"


def test_there_is_one_h1_and_no_level_is_skipped(document: etree._Element) -> None:
    levels = [int(str(e.tag)[1]) for e in elements(document, "h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        ((Question((Text("A"),), (p("b"),)), Question((Text("C"),), ())), ["h2", "h2"]),
        ((Heading(2, (Text("A"),)), Question((Text("B"),), ())), ["h2", "h3"]),
        ((Heading(3, (Text("A"),)), Heading(2, (Text("B"),))), ["h2", "h2"]),
    ],
)
def test_a_question_ranks_below_a_heading_and_above_nothing(
    body: blocks.Blocks, levels: list[str]
) -> None:
    assert re.findall("<(h[23])", mail(*body).html) == levels


def test_every_layout_table_says_so_and_a_data_table_has_scopes(
    rendered: Rendering, document: etree._Element
) -> None:
    tables = elements(document, "table")
    data = [table for table in tables if table.get("role") != "presentation"]
    assert len(data) == 1
    assert [th.get("scope") for th in data[0].iter("th")] == ["col"] * 3
    for table in tables:
        assert {table.get(a) for a in ("cellpadding", "cellspacing", "border")} == {"0"}
    for table in re.findall("<table[^>]*>", word_only(rendered.html)):
        assert 'role="presentation"' in table


def test_what_word_reads_is_opened_and_closed_per_part(rendered: Rendering) -> None:
    ghost = word_only(rendered.html)
    assert ghost.count("<table") == ghost.count("</table>") >= 6
    assert ghost.count("<tr>") == ghost.count("</tr>")
    assert ghost.count("<td") == ghost.count("</td>")
    assert "]><!-->" not in rendered.html
    assert "<![if" not in rendered.html


def test_a_long_announcement_is_in_parts_that_word_does_not_break() -> None:
    paragraphs = [p("woord " * 60) for _ in range(60)]
    long_answer = Question((Text("Waarom?"),), tuple(paragraphs))
    html = mail(*paragraphs, long_answer).html
    parts = html.split("<!--[if mso]></td></tr></table>")
    assert max(part.count("<p") for part in parts) <= 8
    assert html.count("Waarom?") == 1


def test_every_picture_has_words_and_its_size_in_pixels(document: etree._Element) -> None:
    pictures = elements(document, "img")
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.get("alt")
        assert re.fullmatch("[0-9]+", picture.get("width", ""))
        assert re.fullmatch("[0-9]+", picture.get("height", ""))
        style = picture.get("style", "")
        assert f"max-width:{picture.get('width')}px" in style
        assert "width:100%" in style
        assert "display:block" in style


def test_a_picture_that_decorates_has_an_empty_alt(tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 40, 40)
    assert 'alt=""' in mail(Image("a.png", ""), path=tmp_path / "x.md").html


def test_no_colour_is_short_and_nothing_is_asked_from_elsewhere(rendered: Rendering) -> None:
    colours = re.findall(r"[:\"]\s*(#[0-9a-zA-Z]+)", rendered.html)
    assert len(colours) > 100
    assert all(re.fullmatch("#[0-9a-fA-F]{6}", colour) for colour in colours)
    for never in ("@import", "@font-face", "<link", "<script", "<form", "url(", "<svg", "{{"):
        assert never not in rendered.html


def test_the_base_sheet_is_all_inlined_and_the_other_stays_small(rendered: Rendering) -> None:
    word, client = re.findall("<style[^>]*>(.*?)</style>", rendered.html, re.DOTALL)
    assert "mso-line-height-rule:exactly" in word
    assert client.strip().startswith(":root{color-scheme:light dark;")
    assert "data-premailer" not in rendered.html
    assert ".column" not in client
    assert len(client.encode()) < 4096


def test_what_stays_in_the_sheet_overrules_and_never_nests(rendered: Rendering) -> None:
    client = re.findall("<style[^>]*>(.*?)</style>", rendered.html, re.DOTALL)[1]
    declared = re.findall(r"[{;]\s*([a-z-]+:[^;{}]+)(?=;)", client.strip().split("\n", 1)[1])
    assert len(declared) > 30
    assert all(declaration.endswith(" !important") for declaration in declared)
    depth = 0
    for character in client:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert not (character == "@" and depth)
    assert depth == 0


def test_outlook_on_the_web_gets_the_same_dark_colours(rendered: Rendering) -> None:
    client = re.findall("<style[^>]*>(.*?)</style>", rendered.html, re.DOTALL)[1]
    dark = client[client.index("{", client.index("prefers-color-scheme")) + 1 :].split("\n}")[0]
    texts = re.findall(r"([^{}]+)\{color:(#\w+)", dark)
    assert len(texts) == 8
    for selectors, colour in texts:
        twin = ",".join(f"[data-ogsc] {s}" for s in selectors.strip().split(","))
        assert f"{twin}{{color:{colour}" in client


def test_padding_is_on_cells_and_links_that_are_buttons(document: etree._Element) -> None:
    for element in document.iter(etree.Element):
        style = re.sub("mso-padding-alt", "", element.get("style", ""))
        if re.search(r"(?<!-)padding:(?!0(;|$))", style):
            button = element.get("class") == "button-link"
            assert element.tag in ("td", "th") or button, etree.tostring(element)[:100]


def test_every_text_carries_its_own_font_size_height_and_colour(
    document: etree._Element,
) -> None:
    for element in elements(document, "p", "h1", "h2", "h3", "li", "th"):
        for needed in ("font-family:", "font-size:", "line-height:", "color:"):
            assert needed in element.get("style", ""), etree.tostring(element)[:80]


def test_line_heights_are_in_pixels_and_leave_room(document: etree._Element) -> None:
    for element in document.iter(etree.Element):
        style = element.get("style", "")
        size, height = (re.search(rf"{n}:(\d+)px", style) for n in ("font-size", "line-height"))
        if height:
            assert size
            assert int(height[1]) >= int(size[1])


def test_inline_styles_say_each_property_once_and_nothing_is_important(
    document: etree._Element,
) -> None:
    for element in document.iter(etree.Element):
        names = [d.split(":")[0].strip() for d in element.get("style", "").split(";") if d.strip()]
        assert len(names) == len(set(names))
        assert "important" not in element.get("style", "")


def test_links_are_underlined_and_lead_somewhere(document: etree._Element) -> None:
    links = elements(document, "a")
    assert len(links) == 6
    for link in links:
        assert re.match("https://|mailto:|tel:", link.get("href", ""))
        assert "".join(map(str, link.itertext())).strip()
        if link.get("class") == "link":
            assert "text-decoration:underline" in link.get("style", "")


def test_the_button_needs_no_vml(rendered: Rendering) -> None:
    assert "<v:" not in rendered.html
    assert 'class="button" bgcolor="#0a5ca8"' in rendered.html
    assert "mso-padding-alt:14px 28px" in rendered.html


def test_every_class_that_stays_is_asked_for_by_a_sheet(rendered: Rendering) -> None:
    base = theme.environment(DEFAULT).get_template("base.css")
    sheet = base.render(theme=DEFAULT, colours=DEFAULT.colours, fonts=DEFAULT.fonts)
    used = set(" ".join(re.findall(r'class="([^"]*)"', rendered.html)).split())
    assert used == {name for name in used if re.search(rf"\.{name}\b", sheet)}


def test_a_mail_is_far_below_what_gmail_cuts_off(rendered: Rendering) -> None:
    assert len(rendered.html.encode()) < 30_000


def test_no_control_character_leaves(rendered: Rendering) -> None:
    for content in (rendered.html, rendered.text):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", content)


# What is said.


def words_of(value: object) -> Iterator[str]:
    """Yield all that an author wrote, in the order in which it is read."""
    match value:
        case str():
            yield value
        case tuple():
            for each in value:
                yield from words_of(each)
        case Slot():
            yield "\ue000"
        case Link(children):
            yield from words_of(children)
        case blocks.List(items):
            yield from words_of(items)
        case blocks.Table(head, rows):
            yield from words_of((head, rows))
        case blocks.Quote(children, attribution):
            yield from words_of((children, attribution))
        case Image(_, _, caption):
            yield caption
        case blocks.Button(label):
            yield label
        case Question(question, answer):
            yield from words_of((question, answer))
        case blocks.Callout(title, children):
            yield from words_of((title, children))
        case Text(content) | blocks.Code(content):
            yield content
        case blocks.LineBreak() | blocks.Divider():
            pass
        case _:
            yield from words_of(value.children)  # type: ignore[attr-defined]  # all others have


def assert_in_order(expected: Iterator[str], said: str) -> None:
    place = 0
    for words in expected:
        for word in words.split():
            place = said.find(word, place)
            assert place >= 0, f"`{word}` of `{words}` is missing or out of order"
            place += len(word)


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
        assert link.get("href", "").removeprefix("mailto:") in rendered.text
    for picture in elements(document, "img"):
        assert f"[Beeld: {picture.get('alt')}]" in rendered.text


def test_the_greeting_comes_after_the_lead_it_opens_with_and_else_first() -> None:
    greeting = (Text("Dag "), FIRST_NAME, Text("!"))
    led = mail(Lead((p("Lead."),)), p("Verder."), greeting=greeting)
    bare = mail(p("Verder."), Lead((p("Lead."),)), greeting=greeting)
    for content in (led.html, led.text):
        assert content.index("Lead.") < content.index("Dag \ue0000") < content.index("Verder.")
    for content in (bare.html, bare.text):
        assert content.index("Dag \ue0000") < content.index("Verder.") < content.index("Lead.")


def test_a_caption_without_a_picture_is_a_line_after_the_lead() -> None:
    only = Image("", "", "Mira aan het werk")
    rendering = mail(Lead((p("Lead."),)), p("Verder."), image=only, greeting=(Text("Dag!"),))
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
    email = Slot(Field.EMAIL, "je adres")
    rendering = mail(p(email, " en ", FIRST_NAME), p(email), greeting=(FIRST_NAME,))
    assert rendering.slots == (FIRST_NAME, email)
    for content in (rendering.html, rendering.text):
        assert blocks.MARKER.findall(content) == ["0", "1", "0", "1"]


def test_slots_with_other_fallbacks_are_other_slots() -> None:
    other = Slot(Field.FIRST_NAME, "vriend")
    assert mail(p(FIRST_NAME, other, FIRST_NAME)).slots == (FIRST_NAME, other)


def test_every_picture_of_the_html_is_in_the_mail_once(rendered: Rendering) -> None:
    named = re.findall('src="cid:([^"]*)"', rendered.html)
    assert len(named) == 3
    assert set(named) == {image.cid for image in rendered.images}
    assert len({image.cid for image in rendered.images}) == len(rendered.images)


def test_a_picture_is_as_wide_as_the_place_it_is_in(tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 2000, 1000)
    image = Image("a.png", "x")
    body = (image, Question((Text("V"),), (image,)), blocks.Callout((), (image,)))
    rendering = mail(*body, path=tmp_path / "x.md", image=image)
    assert re.findall(r'<img[^>]* width="(\d+)"', rendering.html) == ["640", "560", "536", "512"]
    assert len(rendering.images) == 4


def test_every_picture_and_link_at_fault_is_reported_at_once_with_its_line(
    tmp_path: Path,
) -> None:
    (tmp_path / "stuk.png").write_bytes(b"x")
    with pytest.raises(AuthorError) as caught:
        mail(
            Image("foto.png", "x", line=12),
            Question((Text("V"),), (Image("stuk.png", "x", line=15),), line=14),
            Paragraph((Link((Text("x"),), "javascript:alert(1)"),), line=20),
            blocks.Button("x", "data:text/html,x", line=22),
            path=tmp_path / "ceo.md",
            image=Image("../hero.png", "x", line=3),
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
    text = (Text(HOSTILE),)
    rendering = render(
        edition(
            p(HOSTILE),
            Heading(2, text),
            blocks.Callout(text, (p(HOSTILE),)),
            Question(text, (p(HOSTILE),)),
            blocks.Button(HOSTILE, "https://example.org/?a=%22&b=<script>"),
            blocks.Table((text,), ((text,),), ("left",)),
            Paragraph((blocks.Code(HOSTILE), Link(text, 'https://example.org/" onclick="x'))),
            Image("a.png", HOSTILE, HOSTILE),
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


def changed(folder: Path, name: str, content: str) -> theme.Theme:
    (folder / "stad" / name).parent.mkdir(parents=True)
    (folder / "stad" / "theme.toml").write_text("")
    (folder / "stad" / name).write_text(content)
    return theme.load("stad", [folder, theme.shipped()])


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("blocks/paragraph.html.j2", "\n{{ nothing }}", r"paragraph.html.j2:2.*'nothing' is und"),
        ("mail.html.j2", "x\n\n{% if %}", r"theme `stad` \(mail.html.j2:3\): Expected an expr"),
        ("mail.html.j2", '{% include "weg.j2" %}', r"theme `stad` .*weg.j2"),
        ("base.css", "p{color:#12;}", "the theme's CSS has a fault"),
        ("base.css", "@import 'x';", "the theme's CSS has an @import"),
        ("client.css", "p{color:red", "brace that is not closed"),
    ],
)
def test_a_fault_in_a_theme_is_a_setup_error_that_says_where(
    name: str, content: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=complaint):
        render(edition(p("x")), changed(tmp_path, name, content), ORGANISATION)


def test_a_theme_of_other_colours_colours_the_mail(tmp_path: Path) -> None:
    (tmp_path / "stad").mkdir()
    (tmp_path / "stad" / "theme.toml").write_text('[colours]\ncover = "#7a1f3d"\n')
    stad = theme.load("stad", [tmp_path, theme.shipped()])
    html = render(edition(p("x")), stad, ORGANISATION).html
    assert "#7a1f3d" in html
    assert DEFAULT.colours["cover"] not in html
