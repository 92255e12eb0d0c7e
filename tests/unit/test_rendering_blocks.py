"""The blocks of several cells: how they stand beside each other, in Word too, and what they say."""

import dataclasses
import datetime
import re
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as lxml_html

from newsletter import blocks
from newsletter.rendering import Rendering, render
from tests.editions import LANGUAGES, furnish, monster, one_of_each, sources
from tests.renderings import (
    DEFAULT,
    ORGANISATION,
    assert_in_order,
    edition,
    elements,
    mail,
    p,
    word_only,
    words_of,
)

KINDS = tuple(sources("nl"))
EVENT = blocks.Event(title="Drink", date=datetime.date(2026, 12, 3), starts=datetime.time(12))
REPORT = blocks.Files((), (blocks.File("Plan", "verhuisplan.pdf"),))
LINKED = (
    blocks.Link((blocks.Text("een"),), "https://example.org/1"),
    blocks.Text(" en "),
    blocks.Link((blocks.Text("twee"),), "https://example.org/2"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blokken")
    furnish(folder)
    return folder


def seen(*body: blocks.Block, folder: Path) -> str:
    return mail(*body, path=folder / "x.md").html


def figures(*numbers: str) -> blocks.Figures:
    return blocks.Figures(tuple(blocks.Figure(number, (blocks.Text("x"),)) for number in numbers))


def cells(html: str) -> list[int]:
    """Return the widths of the cells that Word gets inside a section."""
    return [int(width) for width in re.findall(r'<td valign="top" style="width:(\d+)px;">', html)]


def sides(html: str) -> list[int]:
    """Return how wide each of the inline blocks gets at most."""
    return [
        int(re.findall(r"max-width:(\d+)px", element.get("style", ""))[0])
        for element in elements(lxml_html.document_fromstring(html), "div")
        if element.get("class") == "side"
    ]


# -- of every kind, in every language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_word_link_and_picture_of_a_block_is_in_html_and_in_text(
    folder: Path, kind: str, language: str
) -> None:
    one = one_of_each(folder, language)[kind]
    rendered = render(one, DEFAULT, ORGANISATION)
    document = lxml_html.document_fromstring(rendered.html)
    assert_in_order(words_of(one.body), " ".join(map(str, document.itertext())))
    assert_in_order(words_of(one.body), rendered.text)
    for link in elements(document, "a"):
        address = link.get("href", "").removeprefix("mailto:").removeprefix("tel:")
        assert address in rendered.text or address in rendered.text.replace(" ", "")
    for picture in elements(document, "img"):
        assert re.sub(r"\s+", " ", f": {picture.get('alt')}]") in re.sub(r"\s+", " ", rendered.text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_and_paragraph_with_words_has_its_own_font_size_height_and_colour(
    folder: Path, kind: str
) -> None:
    html = render(one_of_each(folder, "nl")[kind], DEFAULT, ORGANISATION).html
    for element in elements(lxml_html.document_fromstring(html), "p", "td", "th", "li", "h2", "h3"):
        if (element.text or "").strip("\n \xa0"):
            for needed in ("font-family:", "font-size:", "line-height:", "color:"):
                assert needed in element.get("style", ""), etree.tostring(element)[:90]


@pytest.mark.parametrize("kind", KINDS)
def test_what_word_reads_of_a_block_is_opened_and_closed(folder: Path, kind: str) -> None:
    html = render(one_of_each(folder, "nl")[kind], DEFAULT, ORGANISATION).html
    ghost = re.findall("<(/?(?:table|tr|td))", word_only(html))
    opened: list[str] = []
    for tag in ghost:
        if tag.startswith("/"):
            assert opened.pop() == tag[1:]
        else:
            opened.append(tag)
    assert opened == []


# -- beside each other


@pytest.mark.parametrize("number", [2, 3])
def test_columns_and_their_gaps_are_as_wide_as_the_sheet(number: int) -> None:
    html = mail(blocks.Columns(((p("x"),),) * number)).html
    assert sides(html) == cells(html)
    assert 560 - number < sum(sides(html)) <= 560
    assert sides(html)[0] == sides(html)[-1] + 24


def test_no_space_stands_between_inline_blocks(folder: Path) -> None:
    columns = blocks.Columns(((p("x"),), (p("y"),), (p("z"),)))
    for block in (columns, figures("1", "2", "3", "4")):
        html = re.sub("<!--.*?-->", "", seen(block, folder=folder), flags=re.DOTALL)
        joints = re.findall(r"</table></div>(\s*)<div class=\"side\"", html)
        assert joints == [""] * (len(sides(html)) - 1)
    assert "font-size:0" not in html


def test_what_stands_in_a_column_is_as_wide_as_the_column(folder: Path) -> None:
    image = blocks.Image("gebouw.png", "x")
    html = seen(blocks.Columns(((image,), (p("x"),))), folder=folder)
    assert re.findall(r'<img[^>]* width="(\d+)"', html) == ["268"]


@pytest.mark.parametrize(("number", "rows"), [(2, [2]), (3, [3]), (4, [2, 2])])
def test_a_gallery_is_a_row_or_two_rows_of_two(folder: Path, number: int, rows: list[int]) -> None:
    images = tuple(blocks.Image(f"werf{n}.png", "x") for n in range(1, number + 1))
    html = seen(blocks.Gallery(images), folder=folder)
    ghosts = [part for part in html.split("<!--[if mso]><table") if "valign" in part]
    assert [part.count('<td valign="top"') for part in ghosts] == rows
    width = (560 - 24 * (rows[0] - 1)) // rows[0]
    assert re.findall(r'<img[^>]* width="(\d+)"', html) == [str(width)] * number


def test_figures_stand_in_one_row_or_below_each_other_where_it_is_narrow() -> None:
    assert len(cells(mail(figures("1", "2", "3", "4")).html)) == 4
    narrow = mail(blocks.Columns(((figures("1", "2"),), (p("x"),)))).html
    assert sorted(cells(narrow)) == [268, 268, 268, 292]


def test_a_long_number_is_smaller_so_that_it_fits() -> None:
    def size(*numbers: str) -> int:
        (found, *_) = re.findall(
            r'class="number" style="[^"]*font-size:(\d+)px', mail(figures(*numbers)).html
        )
        return int(found)

    assert size("12", "9") == 46
    assert 24 <= size("1.234.567", "1", "2", "3") < size("1.234.567", "1") <= 46


# -- a person, an event, files


def test_a_portrait_is_small_and_has_words(folder: Path) -> None:
    person = blocks.Person(name="Mira", portrait=blocks.Image("mira.png", "Mira lacht"))
    html = seen(person, folder=folder)
    (portrait,) = elements(lxml_html.document_fromstring(html), "img")
    assert [portrait.get(a) for a in ("width", "height", "alt")] == ["112", "112", "Mira lacht"]
    assert sum(cells(html)) == 560 - 50


def test_a_person_without_a_portrait_needs_no_cells() -> None:
    html = mail(blocks.Person(name="Mira", role="Beheer")).html
    assert (cells(html), "<img" in html) == ([], False)


def test_the_leaf_of_a_calendar_is_not_read_out_for_the_date_is_said_beside_it() -> None:
    document = lxml_html.document_fromstring(mail(EVENT).html)
    (leaf,) = [e for e in elements(document, "table") if e.get("aria-hidden")]
    assert [text.strip() for text in map(str, leaf.itertext()) if text.strip()] == [
        "dec",
        "3",
        "do",
    ]
    assert "donderdag 3 december 2026" in "".join(map(str, document.itertext()))


def test_in_a_narrow_place_the_leaf_stands_above_the_words() -> None:
    narrow = mail(blocks.Columns(((EVENT,), (p("x"),)))).html
    assert ('class="leaf-above"' in narrow, 'class="leaf-cell"' in narrow) == (True, False)
    assert 'class="leaf-cell"' in mail(EVENT).html


def published(*body: blocks.Block, folder: Path) -> Rendering:
    organisation = dataclasses.replace(ORGANISATION, base_url="https://files.example.org")
    return render(edition(*body, path=folder / "x.md"), DEFAULT, organisation)


def test_a_file_is_named_where_it_is_attached_and_linked_where_it_is_published(
    folder: Path,
) -> None:
    attached = mail(EVENT, REPORT, path=folder / "x.md")
    assert {file.filename for file in attached.attachments} == {"Drink.ics", "verhuisplan.pdf"}
    linked = published(EVENT, REPORT, folder=folder)
    assert linked.attachments == ()
    for content in (attached.html, attached.text):
        assert "open Drink.ics in de bijlagen" in content
        assert "in de bijlagen: verhuisplan.pdf" in content
        assert "files.example.org" not in content
    for file in linked.published:
        for content in (linked.html, linked.text):
            assert f"https://files.example.org/{file.filename}" in content
            assert "bijlagen" not in content


def test_a_file_of_no_known_kind_still_has_a_badge() -> None:
    page = blocks.Files((), (blocks.File("De wiki", "https://example.org/wiki"),))
    rendered = mail(page)
    assert re.findall(r'class="badge"[^>]*>([^<]*)<', rendered.html) == ["→"]
    assert "- De wiki <https://example.org/wiki>" in rendered.text


# -- below the mail


def test_who_may_leave_the_list_is_told_how() -> None:
    staying = mail(p("x"))
    leaving = render(
        edition(p("x")),
        DEFAULT,
        dataclasses.replace(ORGANISATION, unsubscribe="https://a.test/weg"),
    )
    assert "Uitschrijven" not in staying.html + staying.text
    assert re.search(
        '<a class="link" href="https://a.test/weg"[^>]*>Uitschrijven</a>', leaving.html
    )
    assert "Uitschrijven: https://a.test/weg" in leaving.text


def test_a_theme_may_number_the_links_of_the_text() -> None:
    numbered = dataclasses.replace(
        DEFAULT, text_links="numbered", footer=("Zie [hier](https://example.org/3).",)
    )
    text = render(edition(blocks.Paragraph(LINKED)), numbered, ORGANISATION).text
    assert "een [1] en twee [2]" in text
    assert "Zie hier [3]." in text
    assert text.endswith(
        "\n\n[1] https://example.org/1\n[2] https://example.org/2\n[3] https://example.org/3\n"
    )


def test_the_text_ends_with_one_line_end(folder: Path) -> None:
    assert re.search(r"[^\n]\n\Z", mail(p("x")).text)


def test_a_newsletter_of_everything_many_times_is_rendered(tmp_path: Path) -> None:
    rendered = render(monster(tmp_path), DEFAULT, ORGANISATION)
    parts = rendered.html.split('<!--[if mso]><table role="presentation" align="center"')
    assert len(parts) > 50
    assert rendered.html.count("Welkomstdrink") >= 5
