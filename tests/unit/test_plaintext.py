import dataclasses
import datetime
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsletter import blocks, plaintext
from tests.editions import kitchen_sink

NAME = blocks.Slot(blocks.Field.FIRST_NAME, "collega")


STRINGS = {
    "picture": "Beeld",
    "calendar": "Zet het in je agenda",
    "calendar_attached": "Open {filename}",
    "attached": "in de bijlagen: {filename}",
}


def described(source: str, href: str) -> plaintext.Described:
    return {"href": href, "filename": source, "kind": "PDF", "size": "2 kB"}


MAIL = plaintext.Mail(
    strings=STRINGS,
    when=lambda event: f"op {event.date.day} december",
    calendar=lambda event: described("drink.ics", ""),
    enclosed=lambda file: described(file.source, file.source if ":" in file.source else ""),
    numbers={NAME: 7},
)
LINKED = dataclasses.replace(MAIL, calendar=lambda event: described("", "https://a.test/drink.ics"))


def text(*content: blocks.Block, width: int = 72, mail: plaintext.Mail = MAIL) -> str:
    return plaintext.text(content, mail, width)


def p(*words: str) -> blocks.Paragraph:
    return blocks.Paragraph(tuple(map(blocks.Text, words)))


def test_a_paragraph_is_wrapped_at_72_columns() -> None:
    lines = text(p("een twee drie vier " * 20)).split("\n")
    assert len(lines) > 4
    assert all(60 < len(line) <= 72 for line in lines[:-1])


def test_blocks_stand_apart_by_an_empty_line() -> None:
    assert text(p("een"), p("twee")) == "een\n\ntwee"


def test_marks_within_words_leave_the_words() -> None:
    marked = blocks.Paragraph(
        (
            blocks.Strong((blocks.Text("een"),)),
            blocks.Text(" "),
            blocks.Emphasis((blocks.Code("twee"),)),
        )
    )
    assert text(marked) == "een twee"


def test_a_line_break_is_a_line_break() -> None:
    assert (
        text(blocks.Paragraph((blocks.Text("een "), blocks.LineBreak(), blocks.Text(" twee"))))
        == "een\ntwee"
    )


def test_the_no_break_spaces_of_french_stay_whole() -> None:
    assert text(p("Pourquoi\u202f? Oui\u00a0!"), width=9) == "Pourquoi\u202f?\nOui\u00a0!"


def test_a_link_keeps_its_words_and_its_address() -> None:
    link = blocks.Link((blocks.Text("het intranet"),), "https://example.org/a?b=1&c=2")
    assert text(blocks.Paragraph((link,))) == "het intranet <https://example.org/a?b=1&c=2>"


def test_a_link_whose_words_are_the_address_says_it_once() -> None:
    for words, url in (
        ("https://example.org/a", "https://example.org/a"),
        ("post@example.org", "mailto:post@example.org"),
        ("+3290000000", "tel:+3290000000"),
    ):
        assert text(blocks.Paragraph((blocks.Link((blocks.Text(words),), url),))) == words


def test_a_long_address_is_never_cut() -> None:
    url = "https://example.org/" + "a-b/" * 40
    lines = text(
        blocks.Paragraph((blocks.Text("Kijk op "), blocks.Link((blocks.Text("deze plek"),), url)))
    ).split("\n")
    assert lines == ["Kijk op deze plek", f"<{url}>"]


def test_a_heading_is_underlined_and_a_smaller_one_is_not() -> None:
    assert text(blocks.Heading(2, (blocks.Text("Wat nu?"),))) == "Wat nu?\n-------"
    assert text(blocks.Heading(3, (blocks.Text("Wat nu?"),))) == "Wat nu?"


def test_a_list_has_points_and_its_items_hang_together() -> None:
    items = ((p("een twee drie"),), (p("vier"),))
    assert text(blocks.List(items), width=10) == "- een twee\n  drie\n- vier"


def test_a_numbered_list_counts_from_its_start() -> None:
    items = ((p("een"),), (p("twee"),))
    assert text(blocks.List(items, start=9)) == "9. een\n10. twee"


def test_a_list_within_a_list_stands_under_its_words() -> None:
    inner = blocks.List(((p("stil"),), (p("samen"),)))
    assert text(blocks.List(((p("Plekken:"), inner),))) == "- Plekken:\n  - stil\n  - samen"


def test_items_of_several_paragraphs_stand_apart() -> None:
    items = ((p("een"), p("twee")), (p("drie"),))
    assert text(blocks.List(items)) == "- een\n\n  twee\n\n- drie"


def table(*rows: tuple[str, ...]) -> blocks.Table:
    head, *others = [tuple((blocks.Text(cell),) for cell in row) for row in rows]
    return blocks.Table(head, tuple(others), ("left", "center", "right"))


def test_a_table_is_aligned_in_columns() -> None:
    assert text(table(("Dienst", "Waar", "Dozen"), ("Onthaal", "beneden", "9"))) == (
        "Dienst    Waar    Dozen\n"
        "-------  -------  -----\n"
        "Onthaal  beneden      9"
    )  # fmt: skip


def test_a_table_too_wide_for_the_lines_names_the_column_of_each_cell() -> None:
    written = text(table(("A", "B", ""), ("x " * 9, "y", "z"), ("1", "2", "3")), width=16)
    assert written == "A: x x x x x x\n  x x x\nB: y\nz\n\nA: 1\nB: 2\n3"


def test_a_quote_is_set_in_and_says_whose_it_is() -> None:
    quote = blocks.Quote((p("Zo is dat."),), (blocks.Text("Mira"),))
    assert text(quote) == "    Zo is dat.\n\n    — Mira"
    assert text(blocks.Quote((p("Zo is dat."),))) == "    Zo is dat."


def test_a_question_is_marked_and_its_answer_set_in() -> None:
    question = blocks.Question((blocks.Text("Wat komt er straks?"),), (p("Veel."), p("En meer.")))
    assert text(question, width=16) == "— Wat komt er\n  straks?\n\n  Veel.\n\n  En meer."


def test_a_question_without_an_answer_is_still_asked() -> None:
    assert text(blocks.Question((blocks.Text("Wat nu?"),), ())) == "— Wat nu?"


def test_a_callout_has_a_line_beside_it() -> None:
    assert text(blocks.Callout((blocks.Text("Let op"),), (p("Nu."),))) == "| Let op\n|\n| Nu."
    assert text(blocks.Callout((), (p("Nu."),))) == "| Nu."


def test_a_picture_is_its_words_and_its_caption() -> None:
    assert text(blocks.Image("a.png", "Een plan", "Foto: ons")) == "[Beeld: Een plan]\nFoto: ons"
    assert text(blocks.Image("a.png", "", "Foto: ons")) == "Foto: ons"


def test_a_picture_that_only_decorates_leaves_no_gap() -> None:
    assert text(p("een"), blocks.Image("a.png", ""), p("twee")) == "een\n\ntwee"


def test_a_button_is_a_link_and_a_divider_a_line_of_its_own() -> None:
    assert (
        text(blocks.Button("Schrijf in", "https://example.org"))
        == "Schrijf in <https://example.org>"
    )
    assert text(blocks.Divider()) == "* * *"


def test_a_slot_is_its_marker_and_is_measured_as_a_name() -> None:
    assert (
        text(blocks.Paragraph((blocks.Text("Dag "), NAME, blocks.Text("!"))), width=16)
        == "Dag\n\ue0007\ue001!"
    )
    assert (
        text(blocks.Paragraph((blocks.Text("Dag "), NAME, blocks.Text("!"))), width=17)
        == "Dag \ue0007\ue001!"
    )


def test_the_kitchen_sink_is_in_lines_of_72_but_for_addresses(tmp_path: Path) -> None:
    body = kitchen_sink(tmp_path).body
    slots = {slot: n for n, slot in enumerate((NAME, blocks.Slot(blocks.Field.EMAIL, "de balie")))}
    lines = text(*body, mail=dataclasses.replace(MAIL, numbers=slots)).split("\n")
    assert all(len(line) <= 72 for line in lines if "://" not in line)
    assert all(line == line.rstrip() for line in lines)


# -- columns, people, events, pictures, figures, files


def link(words: str, url: str) -> blocks.Link:
    return blocks.Link((blocks.Text(words),), url)


def test_columns_are_read_one_after_the_other() -> None:
    assert text(blocks.Columns(((p("een"), p("twee")), (p("drie"),)))) == "een\n\ntwee\n\ndrie"


def test_a_person_is_a_name_a_role_and_how_to_reach_them() -> None:
    person = blocks.Person(
        name="Mira Peeters",
        role="Gebouwbeheer",
        portrait=blocks.Image("mira.png", "Mira lacht"),
        contacts=(
            link("mira@example.org", "mailto:mira@example.org"),
            link("+32 9 000.00-00", "tel:+3290000000"),
            link("+32 (0)9", "tel:+329"),
            link("Over Mira", "https://example.org/mira"),
        ),
        children=(p("Ze kent elke deur."),),
    )
    assert text(person).split("\n") == [
        "[Beeld: Mira lacht]",
        "Mira Peeters",
        "Gebouwbeheer",
        "mira@example.org",
        "+32 9 000.00-00",
        "+32 (0)9 <tel:+329>",
        "Over Mira <https://example.org/mira>",
        "",
        "Ze kent elke deur.",
    ]
    assert text(blocks.Person(name="Mira")) == "Mira"


DRINK = blocks.Event(title="Drink", date=datetime.date(2026, 12, 3), place="Gent")


def test_an_event_says_when_where_and_how_it_gets_into_a_calendar() -> None:
    with_words = dataclasses.replace(DRINK, children=(p("Kom!"),))
    assert text(with_words) == "Drink\nop 3 december\nGent\nOpen drink.ics\n\nKom!"
    linked = "Drink\nop 3 december\nGent\nZet het in je agenda <https://a.test/drink.ics>"
    assert text(DRINK, mail=LINKED) == linked
    assert text(dataclasses.replace(DRINK, place="")) == "Drink\nop 3 december\nOpen drink.ics"


def test_a_gallery_is_the_words_of_its_pictures_and_its_caption() -> None:
    images = (blocks.Image("a.png", "Een", "Foto: wij"), blocks.Image("b.png", "Twee"))
    assert text(blocks.Gallery(images, "De werf")) == (
        "[Beeld: Een]\nFoto: wij\n\n[Beeld: Twee]\n\nDe werf"
    )


def test_figures_are_aligned_at_the_end_of_their_numbers() -> None:
    figures = (
        blocks.Figure("9", (blocks.Text("diensten"),)),
        blocks.Figure("1.206", (blocks.Text("dozen en kisten"),)),
    )
    assert text(blocks.Figures(figures)) == "    9  diensten\n1.206  dozen en kisten"
    assert text(blocks.Figures(figures), width=16) == (
        "    9  diensten\n1.206  dozen en\n       kisten"
    )


def test_files_say_what_they_are_and_where() -> None:
    files = (blocks.File("Verslag", "v.pdf"), blocks.File("Wet", "https://example.org/w.pdf"))
    assert text(blocks.Files((blocks.Text("Lees"),), files)) == (
        "Lees\n\n"
        "- Verslag (PDF, 2 kB, in de bijlagen: v.pdf)\n"
        "- Wet (PDF, 2 kB) <https://example.org/w.pdf>"
    )
    bare = dataclasses.replace(
        MAIL, enclosed=lambda file: {"href": file.source, "filename": "", "kind": "", "size": ""}
    )
    assert text(blocks.Files((), files[1:]), mail=bare) == "- Wet <https://example.org/w.pdf>"


# -- links with numbers


def test_links_may_be_numbered_and_listed_each_once() -> None:
    addresses: plaintext.Addresses = []
    one, two = link("een", "https://example.org/1"), link("twee", "https://example.org/2")
    written = text(
        blocks.Paragraph((one, blocks.Text(" "), two, blocks.Text(" "), one)),
        blocks.Button("drie", "https://example.org/3"),
        blocks.Files((), (blocks.File("Wet", "https://example.org/2"),)),
        blocks.Paragraph((link("a@example.org", "mailto:a@example.org"),)),
        DRINK,
        mail=dataclasses.replace(LINKED, addresses=addresses),
    )
    assert written == (
        "een [1] twee [2] een [1]\n\ndrie [3]\n\n- Wet (PDF, 2 kB) [2]\n\na@example.org\n\n"
        "Drink\nop 3 december\nGent\nZet het in je agenda [4]"
    )
    assert plaintext.references(addresses) == (
        "[1] https://example.org/1\n[2] https://example.org/2\n[3] https://example.org/3\n"
        "[4] https://a.test/drink.ics"
    )


def test_without_markers_a_slot_reads_as_its_fallback() -> None:
    nobody = dataclasses.replace(MAIL, numbers=None)
    assert text(blocks.Paragraph((blocks.Text("Dag "), NAME)), mail=nobody) == "Dag collega"


# -- any blocks


words = st.text(alphabet="ab é\u00a0-/.", min_size=1, max_size=30).map(blocks.Text)
inlines = st.lists(
    words | st.just(NAME) | st.just(blocks.LineBreak()), min_size=1, max_size=12
).map(tuple)
leaves: st.SearchStrategy[blocks.Block] = st.one_of(
    inlines.map(blocks.Paragraph),
    inlines.map(lambda i: blocks.Heading(2, i)),
    inlines.map(lambda i: blocks.Figures((blocks.Figure("b", i), blocks.Figure("a", i)))),
    inlines.map(lambda i: blocks.Table((i, i), ((i, i),), ("left", "right"))),
    st.just(blocks.Divider()),
)


def nested(inner: st.SearchStrategy[blocks.Block]) -> st.SearchStrategy[blocks.Block]:
    several: st.SearchStrategy[blocks.Blocks] = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.lists(several, min_size=1, max_size=3).map(lambda items: blocks.List(tuple(items))),
        st.builds(blocks.Quote, several, inlines),
        st.builds(blocks.Question, inlines, several),
        st.builds(blocks.Callout, inlines, several),
        several.map(blocks.Lead),
        st.lists(several, min_size=2, max_size=3).map(lambda each: blocks.Columns(tuple(each))),
        several.map(lambda inside: blocks.Person(name="ab", role="é", children=inside)),
        several.map(lambda inside: dataclasses.replace(DRINK, title="ab", children=inside)),
    )


@given(st.recursive(leaves, nested, max_leaves=6), st.integers(min_value=20, max_value=80))
def test_whatever_is_written_its_markers_stay_whole_and_its_words_stay_in_order(
    block: blocks.Block, width: int
) -> None:
    written = text(block, width=width)
    assert not re.search("[\ue000\ue001]", blocks.MARKER.sub("", written))
    if "Table" not in repr(block):  # a wide table repeats the names of its columns
        assert letters(written) == letters("".join(said(block)))


def said(value: object) -> list[str]:
    """Return every word in blocks, in the order in which they are read."""
    match value:
        case blocks.Text(content):
            return [content]
        case blocks.Slot():
            return [blocks.marker(7)]
        case tuple():
            return [word for each in value for word in said(each)]
        case blocks.Quote(children, attribution):
            return said(children) + said(attribution)
        case blocks.Question(question, answer):
            return said(question) + said(answer)
        case blocks.Callout(title, children):
            return said(title) + said(children)
        case blocks.Paragraph(children) | blocks.Heading(children=children) | blocks.Lead(children):
            return said(children)
        case blocks.List(items) | blocks.Columns(items):
            return said(items)
        case blocks.Person():
            return [value.name, value.role, *said(value.children)]
        case blocks.Event():
            return [value.title, "op 3 december Gent Open drink.ics", *said(value.children)]
        case blocks.Figures(figures):
            return [word for each in figures for word in (each.number, *said(each.label))]
        case _:
            return []


def letters(written: str) -> str:
    return re.sub("[^abé\ue000\ue0017]", "", written)
