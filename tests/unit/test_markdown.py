import pytest

from newsletter import blocks
from newsletter.markdown import parse, parse_line
from newsletter.screening import forbidden_characters
from tests.reading import NAME, SITE, SLOT, fault, faults, only, p, read

# -- what can be written


@pytest.mark.parametrize(
    ("source", "block"),
    [
        ("## Kop", blocks.Heading(2, (blocks.Text("Kop"),))),
        ("### Kop", blocks.Heading(3, (blocks.Text("Kop"),))),
        ("Kop\n---", blocks.Heading(2, (blocks.Text("Kop"),))),
        ("Een\ntwee.", p("Een twee.")),
        ("- een\n- twee", blocks.List(((p("een"),), (p("twee"),)))),
        ("3. een\n4. twee", blocks.List(((p("een"),), (p("twee"),)), start=3)),
        ("- een\n  - twee", blocks.List(((p("een"), blocks.List(((p("twee"),),))),))),
        ("> Woorden.", blocks.Quote((p("Woorden."),))),
        ("![Een gebouw](g.png)", blocks.Image("g.png", "Een gebouw")),
        ('![Een gebouw](g.png "Foto: wij")', blocks.Image("g.png", "Een gebouw", "Foto: wij")),
        ("![Café](café 1.png)".replace("café 1", "<café 1").replace("png", "png>"),
         blocks.Image("café 1.png", "Café")),
        ("![](g%20h.png)", blocks.Image("g h.png", "")),
        (f"[Schrijf je in]({SITE}){{.button}}", blocks.Button("Schrijf je in", SITE)),
        ("::: question Waarom?\nDaarom.\n:::",
         blocks.Question((blocks.Text("Waarom?"),), (p("Daarom."),))),
        ("::: lead\nKort.\n:::", blocks.Lead((p("Kort."),))),
        ("::: callout Let op\nHier.\n:::", blocks.Callout((blocks.Text("Let op"),), (p("Hier."),))),
        ("::: callout\nHier.\n:::", blocks.Callout((), (p("Hier."),))),
        ("::: divider\n:::", blocks.Divider()),
        ("***", blocks.Divider()),
    ],
)  # fmt: skip
def test_every_block_can_be_written(source: str, block: blocks.Block) -> None:
    assert only(source) == block


def test_every_kind_of_word_can_be_written() -> None:
    source = f"**a** *b* `c` [d]({SITE}) <{SITE}> <e@example.org>\\\nf  \ng \\*h &amp; {SLOT}"

    assert only(source) == blocks.Paragraph(
        (
            blocks.Strong((blocks.Text("a"),)),
            blocks.Text(" "),
            blocks.Emphasis((blocks.Text("b"),)),
            blocks.Text(" "),
            blocks.Code("c"),
            blocks.Text(" "),
            blocks.Link((blocks.Text("d"),), SITE),
            blocks.Text(" "),
            blocks.Link((blocks.Text(SITE),), SITE),
            blocks.Text(" "),
            blocks.Link((blocks.Text("e@example.org"),), "mailto:e@example.org"),
            blocks.LineBreak(),
            blocks.Text("f"),
            blocks.LineBreak(),
            blocks.Text("g *h & "),
            NAME,
        )
    )


def test_a_table_has_a_head_rows_and_an_alignment_for_each_column() -> None:
    table = only("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |\n| 4 |")

    assert table == blocks.Table(
        head=((blocks.Text("a"),), (blocks.Text("b"),), (blocks.Text("c"),)),
        rows=(
            ((blocks.Text("1"),), (blocks.Text("2"),), (blocks.Text("3"),)),
            ((blocks.Text("4"),), (), ()),
        ),
        alignments=("left", "center", "right"),
    )


def test_containers_hold_every_other_block() -> None:
    inner = f"## Kop\n\n- punt\n\n> citaat\n\n![x](y.png)\n\n[Ga]({SITE}){{.button}}\n"
    (lead,) = read(f":::: lead\n{inner}\n::: callout\nHier.\n:::\n::::")

    assert isinstance(lead, blocks.Lead)
    kinds = [type(block) for block in lead.children]
    assert kinds == [
        blocks.Heading,
        blocks.List,
        blocks.Quote,
        blocks.Image,
        blocks.Button,
        blocks.Callout,
    ]


def test_buttons_on_lines_of_their_own_each_become_one() -> None:
    one, two = read(f"[Een]({SITE}){{.button}}\n[Twee]({SITE}/2){{.button}}")

    assert (one, two) == (blocks.Button("Een", SITE), blocks.Button("Twee", f"{SITE}/2"))
    assert (one.line, two.line) == (1, 2)


@pytest.mark.parametrize("dash", ["—", "–", "--", "—   "])
@pytest.mark.parametrize("between", ["\n> ", "  \n> ", "\n>\n> "])
def test_a_last_line_with_a_dash_says_whose_words_they_are(dash: str, between: str) -> None:
    assert only(f"> Woorden.{between}{dash} Mira") == blocks.Quote(
        (p("Woorden."),), (blocks.Text("Mira"),)
    )


def test_a_name_under_a_quote_may_be_styled_linked_or_personal() -> None:
    quote = only(f"> Een.\n>\n> Twee.\n> — **Mira**, [dienst]({SITE}) {SLOT}")

    assert quote == blocks.Quote(
        (p("Een."), p("Twee.")),
        (
            blocks.Strong((blocks.Text("Mira"),)),
            blocks.Text(", "),
            blocks.Link((blocks.Text("dienst"),), SITE),
            blocks.Text(" "),
            NAME,
        ),
    )


@pytest.mark.parametrize("source", ["> — a\n> b", "> a - b", "> a — b", "> **— a**"])
def test_a_dash_elsewhere_names_nobody(source: str) -> None:
    quote = only(source)
    assert isinstance(quote, blocks.Quote)
    assert quote.attribution == ()


def test_html_is_text() -> None:
    source = "<b>x</b> <!-- y -->\n\n<script>\nalert(1)\n</script>\n\n<a href='javascript:x'>z</a>"

    assert read(source) == (
        p("<b>x</b> <!-- y -->"),
        p("<script> alert(1) </script>"),
        p("<a href='javascript:x'>z</a>"),
    )


def test_what_is_escaped_is_meant_as_text() -> None:
    assert only(r"\[a\](b c) \{.button} \# \*d\*") == p("[a](b c) {.button} # *d*")


def test_each_block_knows_its_line_in_the_file() -> None:
    content, _ = parse("een\n\n- twee\n\n  drie\n\n::: lead\nvier\n:::", "a.md", 11)
    _, points, lead = content

    assert [block.line for block in content] == [11, 13, 17]
    assert isinstance(points, blocks.List)
    assert [block.line for block in points.items[0]] == [13, 15]
    assert isinstance(lead, blocks.Lead)
    assert lead.children[0].line == 18


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_count_the_same(end: str) -> None:
    assert fault(f"een{end}{end}# twee{end}")[0] == 3


# -- slots


@pytest.mark.parametrize(
    ("source", "slot"),
    [
        ("{{ first_name | 'collega' }}", NAME),
        ('{{first_name|"collega"}}', NAME),
        ('{{ last_name | "a|b" }}', blocks.Slot(blocks.Field.LAST_NAME, "a|b")),
        ('{{ display_name | "o\'neill" }}', blocks.Slot(blocks.Field.DISPLAY_NAME, "o'neill")),
        ("{{ display_name | 'de \"baas\"' }}", blocks.Slot(blocks.Field.DISPLAY_NAME, 'de "baas"')),
        (
            '{{ first_name | "*a* [b](c) `d` <e>" }}',
            blocks.Slot(blocks.Field.FIRST_NAME, "*a* [b](c) `d` <e>"),
        ),
        ('{{ first_name | "" }}', blocks.Slot(blocks.Field.FIRST_NAME, "")),
        ("{{ email }}", blocks.Slot(blocks.Field.EMAIL, "")),
        ("{{ email | 'u' }}", blocks.Slot(blocks.Field.EMAIL, "u")),
    ],
)
def test_a_slot_keeps_its_fallback_to_the_letter(source: str, slot: blocks.Slot) -> None:
    assert only(f"Dag {source}!") == blocks.Paragraph((blocks.Text("Dag "), slot, blocks.Text("!")))


def test_slots_stand_in_headings_tables_questions_links_and_marks() -> None:
    assert only(f"## Dag {SLOT}") == blocks.Heading(2, (blocks.Text("Dag "), NAME))
    assert only(f"| {SLOT} |\n|---|\n| x{SLOT} |") == blocks.Table(
        ((NAME,),), (((blocks.Text("x"), NAME),),), ("left",)
    )
    assert only(f"::: question En {SLOT}?\n{{{{ email }}}}\n:::") == blocks.Question(
        (blocks.Text("En "), NAME, blocks.Text("?")),
        (blocks.Paragraph((blocks.Slot(blocks.Field.EMAIL, ""),)),),
    )
    assert only(f"**{SLOT}** [{SLOT}]({SITE})") == blocks.Paragraph(
        (blocks.Strong((NAME,)), blocks.Text(" "), blocks.Link((NAME,), SITE))
    )


@pytest.mark.parametrize("source", [f"\\{SLOT}", f"\\\\{SLOT}"])
def test_a_backslash_before_a_slot_is_a_backslash_and_the_slot(source: str) -> None:
    assert only(source) == blocks.Paragraph((blocks.Text("\\"), NAME))


def test_neighbouring_slots_keep_their_own_fallbacks() -> None:
    assert only('{{ first_name | "a" }}{{ first_name | "b" }}') == blocks.Paragraph(
        (blocks.Slot(blocks.Field.FIRST_NAME, "a"), blocks.Slot(blocks.Field.FIRST_NAME, "b"))
    )


@pytest.mark.fault(59, "a field that no list has", "an error with the line: it is not sent")
@pytest.mark.fault(
    62, "template words in an announcement", "an error with the line: it is no template"
)
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ first_nam | 'x' }}", "unknown personal field `first_nam`; did you mean `first_name`?"),
        ("{{ x }}", "unknown personal field `x`; the fields are first_name, last_name, "),
        ("{{ first_name | x }}", "unknown personal field `first_name | x`; did you mean"),
        ("{{ self.__class__ }}", "unknown personal field `self.__class__`; the fields are"),
        ("{{ first_name }}", 'write `{{ first_name | "colleague" }}`'),
        (f"[a](https://example.org/{SLOT})", "a link is the same for everybody"),
        (f"[Dag **{SLOT}**]({SITE}){{.button}}", "a button has one label for everybody"),
        (f"![{SLOT}](g.png)", "a picture is the same for everybody"),
        (f"![x](g.png '{SLOT}')", "a picture is the same for everybody"),
        (f"![x](<{SLOT}>)", "a picture is the same for everybody"),
        ("![x](g%00.png)", "a picture is the same for everybody"),
    ],
)
def test_a_slot_that_cannot_be_filled_is_a_fault(source: str, message: str) -> None:
    line, found = fault(f"een\n\n{source}\n")
    assert line == 3
    assert message in found


@pytest.mark.fault(60, "NUL and other control characters", "an error with the line")
@pytest.mark.parametrize(
    "text", ["\ue0000\ue001", "&#xe000;0&#xe001;", "&#XE000;7&#57345;", "&#146;", "&#0;", "a\x85"]
)
def test_nobody_can_write_a_slot_marker_or_a_control_character(text: str) -> None:
    for source in (f"{SLOT}\n{text}", f"{SLOT}\n![{text}](a.png)", f"{SLOT}\n::: callout {text}"):
        ((line, message),) = faults(source)
        assert line == 2
        assert "cannot go into a mail" in message


def test_an_ordinary_entity_is_its_character() -> None:
    assert only("&eacute;&#233;&#xE9;&nbsp;&#8364;") == p("ééé\xa0€")


def test_a_forbidden_character_is_named_with_line_and_column() -> None:
    one, two = forbidden_characters("a\nbc\x92d\x00\n\ufeff", "a.md", 5)
    mend = "cannot go into a mail; type it again or delete it"
    assert str(one) == f"a.md:6: the character U+0092 at column 3 {mend}"
    assert str(two) == f"a.md:7: the character U+FEFF at column 1 {mend}"


# -- one line


def test_one_line_is_read_as_words() -> None:
    words, found = parse_line(f"Dag  {SLOT},\n*allen*", "a.md", 7)
    assert (words, found) == (
        (blocks.Text("Dag "), NAME, blocks.Text(", "), blocks.Emphasis((blocks.Text("allen"),))),
        [],
    )


def test_nothing_is_no_words() -> None:
    assert parse_line("", "a.md", 7) == ((), [])


@pytest.mark.parametrize(
    "source", ["[a](b)", "{{ x }}", "\ue0000\ue001", "*a " * 400 + "b* " * 400]
)
def test_faults_in_one_line_are_on_that_line(source: str) -> None:
    _, found = parse_line(source, "a.md", 7)
    assert [each.place for each in found] == ["a.md:7"]
