import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsletter import blocks, plaintext
from newsletter.blocks import (
    MARKER,
    Blocks,
    Button,
    Callout,
    Code,
    Divider,
    Emphasis,
    Field,
    Heading,
    Image,
    Lead,
    LineBreak,
    Link,
    List,
    Paragraph,
    Question,
    Quote,
    Slot,
    Strong,
    Table,
    Text,
)
from tests.editions import kitchen_sink

NAME = Slot(Field.FIRST_NAME, "collega")


def text(*content: blocks.Block, width: int = 72) -> str:
    return plaintext.text(content, {NAME: 7}, "Beeld", width)


def p(*words: str) -> Paragraph:
    return Paragraph(tuple(map(Text, words)))


def test_a_paragraph_is_wrapped_at_72_columns() -> None:
    lines = text(p("een twee drie vier " * 20)).split("\n")
    assert len(lines) > 4
    assert all(60 < len(line) <= 72 for line in lines[:-1])


def test_blocks_stand_apart_by_an_empty_line() -> None:
    assert text(p("een"), p("twee")) == "een\n\ntwee"


def test_marks_within_words_leave_the_words() -> None:
    marked = Paragraph((Strong((Text("een"),)), Text(" "), Emphasis((Code("twee"),))))
    assert text(marked) == "een twee"


def test_a_line_break_is_a_line_break() -> None:
    assert text(Paragraph((Text("een "), LineBreak(), Text(" twee")))) == "een\ntwee"


def test_the_no_break_spaces_of_french_stay_whole() -> None:
    assert text(p("Pourquoi\u202f? Oui\u00a0!"), width=9) == "Pourquoi\u202f?\nOui\u00a0!"


def test_a_link_keeps_its_words_and_its_address() -> None:
    link = Link((Text("het intranet"),), "https://example.org/a?b=1&c=2")
    assert text(Paragraph((link,))) == "het intranet <https://example.org/a?b=1&c=2>"


def test_a_link_whose_words_are_the_address_says_it_once() -> None:
    for words, url in (
        ("https://example.org/a", "https://example.org/a"),
        ("post@example.org", "mailto:post@example.org"),
        ("+3290000000", "tel:+3290000000"),
    ):
        assert text(Paragraph((Link((Text(words),), url),))) == words


def test_a_long_address_is_never_cut() -> None:
    url = "https://example.org/" + "a-b/" * 40
    lines = text(Paragraph((Text("Kijk op "), Link((Text("deze plek"),), url)))).split("\n")
    assert lines == ["Kijk op deze plek", f"<{url}>"]


def test_a_heading_is_underlined_and_a_smaller_one_is_not() -> None:
    assert text(Heading(2, (Text("Wat nu?"),))) == "Wat nu?\n-------"
    assert text(Heading(3, (Text("Wat nu?"),))) == "Wat nu?"


def test_a_list_has_points_and_its_items_hang_together() -> None:
    items = ((p("een twee drie"),), (p("vier"),))
    assert text(List(items), width=10) == "- een twee\n  drie\n- vier"


def test_a_numbered_list_counts_from_its_start() -> None:
    items = ((p("een"),), (p("twee"),))
    assert text(List(items, start=9)) == "9. een\n10. twee"


def test_a_list_within_a_list_stands_under_its_words() -> None:
    inner = List(((p("stil"),), (p("samen"),)))
    assert text(List(((p("Plekken:"), inner),))) == "- Plekken:\n  - stil\n  - samen"


def test_items_of_several_paragraphs_stand_apart() -> None:
    items = ((p("een"), p("twee")), (p("drie"),))
    assert text(List(items)) == "- een\n\n  twee\n\n- drie"


def table(*rows: tuple[str, ...]) -> Table:
    head, *others = [tuple((Text(cell),) for cell in row) for row in rows]
    return Table(head, tuple(others), ("left", "center", "right"))


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
    quote = Quote((p("Zo is dat."),), (Text("Mira"),))
    assert text(quote) == "    Zo is dat.\n\n    — Mira"
    assert text(Quote((p("Zo is dat."),))) == "    Zo is dat."


def test_a_question_is_marked_and_its_answer_set_in() -> None:
    question = Question((Text("Wat komt er straks?"),), (p("Veel."), p("En meer.")))
    assert text(question, width=16) == "— Wat komt er\n  straks?\n\n  Veel.\n\n  En meer."


def test_a_question_without_an_answer_is_still_asked() -> None:
    assert text(Question((Text("Wat nu?"),), ())) == "— Wat nu?"


def test_a_callout_has_a_line_beside_it() -> None:
    assert text(Callout((Text("Let op"),), (p("Nu."),))) == "| Let op\n|\n| Nu."
    assert text(Callout((), (p("Nu."),))) == "| Nu."


def test_a_picture_is_its_words_and_its_caption() -> None:
    assert text(Image("a.png", "Een plan", "Foto: ons")) == "[Beeld: Een plan]\nFoto: ons"
    assert text(Image("a.png", "", "Foto: ons")) == "Foto: ons"


def test_a_picture_that_only_decorates_leaves_no_gap() -> None:
    assert text(p("een"), Image("a.png", ""), p("twee")) == "een\n\ntwee"


def test_a_button_is_a_link_and_a_divider_a_line_of_its_own() -> None:
    assert text(Button("Schrijf in", "https://example.org")) == "Schrijf in <https://example.org>"
    assert text(Divider()) == "* * *"


def test_a_slot_is_its_marker_and_is_measured_as_a_name() -> None:
    assert text(Paragraph((Text("Dag "), NAME, Text("!"))), width=16) == "Dag\n\ue0007\ue001!"
    assert text(Paragraph((Text("Dag "), NAME, Text("!"))), width=17) == "Dag \ue0007\ue001!"


def test_the_kitchen_sink_is_in_lines_of_72_but_for_addresses(tmp_path: Path) -> None:
    body = kitchen_sink(tmp_path).body
    slots = {slot: n for n, slot in enumerate((NAME, Slot(Field.EMAIL, "de balie")))}
    lines = plaintext.text(body, slots, "Beeld").split("\n")
    assert all(len(line) <= 72 for line in lines if "://" not in line)
    assert all(line == line.rstrip() for line in lines)


words = st.text(alphabet="ab é\u00a0-/.", min_size=1, max_size=30).map(Text)
inlines = st.lists(words | st.just(NAME) | st.just(LineBreak()), min_size=1, max_size=12).map(tuple)
leaves: st.SearchStrategy[blocks.Block] = st.one_of(
    inlines.map(Paragraph),
    inlines.map(lambda i: Heading(2, i)),
    inlines.map(lambda i: Table((i, i), ((i, i),), ("left", "right"))),
    st.just(Divider()),
)


def nested(inner: st.SearchStrategy[blocks.Block]) -> st.SearchStrategy[blocks.Block]:
    several: st.SearchStrategy[Blocks] = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.lists(several, min_size=1, max_size=3).map(lambda items: List(tuple(items))),
        st.builds(Quote, several, inlines),
        st.builds(Question, inlines, several),
        st.builds(Callout, inlines, several),
        several.map(Lead),
    )


@given(st.recursive(leaves, nested, max_leaves=6), st.integers(min_value=20, max_value=80))
def test_whatever_is_written_its_markers_stay_whole_and_its_words_stay_in_order(
    block: blocks.Block, width: int
) -> None:
    written = text(block, width=width)
    assert not re.search("[\ue000\ue001]", MARKER.sub("", written))
    if "Table" not in repr(block):  # a wide table repeats the names of its columns
        assert letters(written) == letters("".join(said(block)))


def said(value: object) -> list[str]:
    """Return every word in blocks, in the order in which they are read."""
    match value:
        case Text(content):
            return [content]
        case Slot():
            return [blocks.marker(7)]
        case tuple():
            return [word for each in value for word in said(each)]
        case Quote(children, attribution):
            return said(children) + said(attribution)
        case Question(question, answer):
            return said(question) + said(answer)
        case Callout(title, children):
            return said(title) + said(children)
        case Paragraph(children) | Heading(children=children) | Lead(children):
            return said(children)
        case List(items):
            return said(items)
        case _:
            return []


def letters(written: str) -> str:
    return re.sub("[^abé\ue000\ue0017]", "", written)
