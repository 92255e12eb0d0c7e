import itertools
import re
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as lxml_html

from newsletter import blocks, theme
from newsletter.announcement import Edition
from newsletter.rendering import Rendering, render
from tests.editions import kitchen_sink, paint
from tests.renderings import DEFAULT, ORGANISATION, changed, edition, elements, mail, p, word_only


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return kitchen_sink(tmp_path_factory.mktemp("verhuis"))


@pytest.fixture(scope="module")
def rendered(sink: Edition) -> Rendering:
    return render(sink, DEFAULT, ORGANISATION)


@pytest.fixture(scope="module")
def document(rendered: Rendering) -> etree._Element:
    return lxml_html.document_fromstring(rendered.html)


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
        (
            (
                blocks.Question((blocks.Text("A"),), (p("b"),)),
                blocks.Question((blocks.Text("C"),), ()),
            ),
            ["h2", "h2"],
        ),
        (
            (blocks.Heading(2, (blocks.Text("A"),)), blocks.Question((blocks.Text("B"),), ())),
            ["h2", "h3"],
        ),
        (
            (blocks.Heading(3, (blocks.Text("A"),)), blocks.Heading(2, (blocks.Text("B"),))),
            ["h2", "h2"],
        ),
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
    long_answer = blocks.Question((blocks.Text("Waarom?"),), tuple(paragraphs))
    html = mail(*paragraphs, long_answer).html
    parts = html.split("<!--[if mso]></td></tr></table>")
    assert max(part.count("<p") for part in parts) <= 8
    assert html.count("Waarom?") == 1


def test_every_picture_has_words_and_its_size_in_pixels(document: etree._Element) -> None:
    pictures = elements(document, "img")
    assert len(pictures) == 9
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
    assert 'alt=""' in mail(blocks.Image("a.png", ""), path=tmp_path / "x.md").html


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
    assert len(links) == 11
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
    base = theme.environment(DEFAULT.folders).get_template("base.css")
    sheet = base.render(theme=DEFAULT, colours=DEFAULT.colours, fonts=DEFAULT.fonts)
    used = set(" ".join(re.findall(r'class="([^"]*)"', rendered.html)).split())
    assert used == {name for name in used if re.search(rf"\.{name}\b", sheet)}


def test_a_mail_is_far_below_what_gmail_cuts_off(rendered: Rendering) -> None:
    assert len(rendered.html.encode()) < 50_000


def test_no_control_character_leaves(rendered: Rendering) -> None:
    for content in (rendered.html, rendered.text):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", content)
