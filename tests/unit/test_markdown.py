import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import blocks
from newsletter.blocks import (
    Block,
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
from newsletter.markdown import parse, parse_line
from newsletter.screening import forbidden_characters

NAME = Slot(Field.FIRST_NAME, "collega")
SLOT = '{{ first_name | "collega" }}'
SITE = "https://intranet.example.org"
TOO_DEEP = "too many lists, quotes or marks inside each other; write it flatter"


def read(source: str) -> Blocks:
    content, faults = parse(source, "a.md")
    assert faults == []
    return content


def only(source: str) -> Block:
    (block,) = read(source)
    return block


def faults(source: str, first_line: int = 1) -> list[tuple[int, str]]:
    _, found = parse(source, "a.md", first_line)
    return [(int(fault.place.removeprefix("a.md:")), fault.message) for fault in found]


def fault(source: str) -> tuple[int, str]:
    (found,) = faults(source)
    return found


def p(*words: str) -> Paragraph:
    return Paragraph(tuple(map(Text, words)))


# -- what can be written


@pytest.mark.parametrize(
    ("source", "block"),
    [
        ("## Kop", Heading(2, (Text("Kop"),))),
        ("### Kop", Heading(3, (Text("Kop"),))),
        ("Kop\n---", Heading(2, (Text("Kop"),))),
        ("Een\ntwee.", p("Een twee.")),
        ("- een\n- twee", List(((p("een"),), (p("twee"),)))),
        ("3. een\n4. twee", List(((p("een"),), (p("twee"),)), start=3)),
        ("- een\n  - twee", List(((p("een"), List(((p("twee"),),))),))),
        ("> Woorden.", Quote((p("Woorden."),))),
        ("![Een gebouw](g.png)", Image("g.png", "Een gebouw")),
        ('![Een gebouw](g.png "Foto: wij")', Image("g.png", "Een gebouw", "Foto: wij")),
        ("![Café](café 1.png)".replace("café 1", "<café 1").replace("png", "png>"),
         Image("café 1.png", "Café")),
        ("![](g%20h.png)", Image("g h.png", "")),
        (f"[Schrijf je in]({SITE}){{.button}}", Button("Schrijf je in", SITE)),
        ("::: question Waarom?\nDaarom.\n:::", Question((Text("Waarom?"),), (p("Daarom."),))),
        ("::: lead\nKort.\n:::", Lead((p("Kort."),))),
        ("::: callout Let op\nHier.\n:::", Callout((Text("Let op"),), (p("Hier."),))),
        ("::: callout\nHier.\n:::", Callout((), (p("Hier."),))),
        ("::: divider\n:::", Divider()),
        ("***", Divider()),
    ],
)  # fmt: skip
def test_every_block_can_be_written(source: str, block: Block) -> None:
    assert only(source) == block


def test_every_kind_of_word_can_be_written() -> None:
    source = f"**a** *b* `c` [d]({SITE}) <{SITE}> <e@example.org>\\\nf  \ng \\*h &amp; {SLOT}"

    assert only(source) == Paragraph(
        (
            Strong((Text("a"),)),
            Text(" "),
            Emphasis((Text("b"),)),
            Text(" "),
            Code("c"),
            Text(" "),
            Link((Text("d"),), SITE),
            Text(" "),
            Link((Text(SITE),), SITE),
            Text(" "),
            Link((Text("e@example.org"),), "mailto:e@example.org"),
            LineBreak(),
            Text("f"),
            LineBreak(),
            Text("g *h & "),
            NAME,
        )
    )


def test_a_table_has_a_head_rows_and_an_alignment_for_each_column() -> None:
    table = only("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |\n| 4 |")

    assert table == Table(
        head=((Text("a"),), (Text("b"),), (Text("c"),)),
        rows=(((Text("1"),), (Text("2"),), (Text("3"),)), ((Text("4"),), (), ())),
        alignments=("left", "center", "right"),
    )


def test_containers_hold_every_other_block() -> None:
    inner = f"## Kop\n\n- punt\n\n> citaat\n\n![x](y.png)\n\n[Ga]({SITE}){{.button}}\n"
    (lead,) = read(f":::: lead\n{inner}\n::: callout\nHier.\n:::\n::::")

    assert isinstance(lead, Lead)
    kinds = [type(block) for block in lead.children]
    assert kinds == [Heading, List, Quote, Image, Button, Callout]


def test_buttons_on_lines_of_their_own_each_become_one() -> None:
    one, two = read(f"[Een]({SITE}){{.button}}\n[Twee]({SITE}/2){{.button}}")

    assert (one, two) == (Button("Een", SITE), Button("Twee", f"{SITE}/2"))
    assert (one.line, two.line) == (1, 2)


@pytest.mark.parametrize("dash", ["—", "–", "--", "—   "])
@pytest.mark.parametrize("between", ["\n> ", "  \n> ", "\n>\n> "])
def test_a_last_line_with_a_dash_says_whose_words_they_are(dash: str, between: str) -> None:
    assert only(f"> Woorden.{between}{dash} Mira") == Quote((p("Woorden."),), (Text("Mira"),))


def test_a_name_under_a_quote_may_be_styled_linked_or_personal() -> None:
    quote = only(f"> Een.\n>\n> Twee.\n> — **Mira**, [dienst]({SITE}) {SLOT}")

    assert quote == Quote(
        (p("Een."), p("Twee.")),
        (Strong((Text("Mira"),)), Text(", "), Link((Text("dienst"),), SITE), Text(" "), NAME),
    )


@pytest.mark.parametrize("source", ["> — a\n> b", "> a - b", "> a — b", "> **— a**"])
def test_a_dash_elsewhere_names_nobody(source: str) -> None:
    quote = only(source)
    assert isinstance(quote, Quote)
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
    assert isinstance(points, List)
    assert [block.line for block in points.items[0]] == [13, 15]
    assert isinstance(lead, Lead)
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
        ('{{ last_name | "a|b" }}', Slot(Field.LAST_NAME, "a|b")),
        ('{{ display_name | "o\'neill" }}', Slot(Field.DISPLAY_NAME, "o'neill")),
        ("{{ display_name | 'de \"baas\"' }}", Slot(Field.DISPLAY_NAME, 'de "baas"')),
        ('{{ first_name | "*a* [b](c) `d` <e>" }}', Slot(Field.FIRST_NAME, "*a* [b](c) `d` <e>")),
        ('{{ first_name | "" }}', Slot(Field.FIRST_NAME, "")),
        ("{{ email }}", Slot(Field.EMAIL, "")),
        ("{{ email | 'u' }}", Slot(Field.EMAIL, "u")),
    ],
)
def test_a_slot_keeps_its_fallback_to_the_letter(source: str, slot: Slot) -> None:
    assert only(f"Dag {source}!") == Paragraph((Text("Dag "), slot, Text("!")))


def test_slots_stand_in_headings_tables_questions_links_and_marks() -> None:
    assert only(f"## Dag {SLOT}") == Heading(2, (Text("Dag "), NAME))
    assert only(f"| {SLOT} |\n|---|\n| x{SLOT} |") == Table(
        ((NAME,),), (((Text("x"), NAME),),), ("left",)
    )
    assert only(f"::: question En {SLOT}?\n{{{{ email }}}}\n:::") == Question(
        (Text("En "), NAME, Text("?")), (Paragraph((Slot(Field.EMAIL, ""),)),)
    )
    assert only(f"**{SLOT}** [{SLOT}]({SITE})") == Paragraph(
        (Strong((NAME,)), Text(" "), Link((NAME,), SITE))
    )


def test_neighbouring_slots_keep_their_own_fallbacks() -> None:
    assert only('{{ first_name | "a" }}{{ first_name | "b" }}') == Paragraph(
        (Slot(Field.FIRST_NAME, "a"), Slot(Field.FIRST_NAME, "b"))
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


# -- what cannot be written


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# Kop", "the title stands above, in `title:`"),
        ("Kop\n===", "the title stands above, in `title:`"),
        ("#### Kop", "a heading of level 4 is too deep"),
        ("##", "a heading without words"),
        ("    code", "a block of code is not possible"),
        ("```\ncode\n```", "a block of code is not possible"),
        ("~~~ python\ncode", "a block of code is not possible"),
        ("Typ `{{ first_name | \"x\" }}`.", "cannot hold a personal field"),
        ("[a](bestand.pdf)", "`bestand.pdf` is not a full address"),
        ("[a](//example.org)", "`//example.org` is not a full address"),
        ("[a](#daar)", "`#daar` is not a full address"),
        ("[a](www.example.org)", "`www.example.org` is not a full address"),
        ("[a][1]\n\n[1]: www.example.org", "`www.example.org` is not a full address"),
        ("> > [a](b)", "`b` is not a full address"),
        ("| [a](b) |\n|---|", "`b` is not a full address"),
        ("kijk ![x](y.png) hier", "a picture stands on a line of its own"),
        ("## ![x](y.png)kop", "a picture stands on a line of its own"),
        (f"druk [hier]({SITE}){{.button}} nu", "a button stands on a line of its own"),
        (f"| [hier]({SITE}){{.button}} |\n|---|", "a button stands on a line of its own"),
        (f"[]({SITE}){{.button}}", "a button without words"),
        (f"[]({SITE})", "a link without words"),
        (f"[a]({SITE}){{.buton}}", "unknown mark `{.buton}`; write `{.button}`"),
        (f"[a]({SITE}) {{.button}}", "a link that cannot be read as one"),
        ("[a](https://example.org/een twee)", "a link that cannot be read as one"),
        (":::", "this `:::` closes no block"),
        ("::: led\nx\n:::", "unknown block `led`; did you mean `lead`?"),
        ("::: xyz\nx\n:::", "unknown block `xyz`; the blocks are question, lead, callout, divider"),
        ("::: lead\nx", "`::: lead` is never closed"),
        ("> ::: lead\n> x\n\n:::: callout\ny\n::::", "`::: lead` is never closed"),
        ("::: question\nx\n:::", "a question without words"),
        ("::: question [a](b)?\nx\n:::", "`b` is not a full address"),
        ("::: callout {{ x }}\ny\n:::", "unknown personal field `x`"),
    ],
)  # fmt: skip
def test_what_a_mail_cannot_have_is_one_fault_on_its_line(source: str, message: str) -> None:
    for before, line in (("", 1), ("een\n\n", 3), ("- een\n\n\n***\n\n", 6)):
        number, found = fault(before + source)
        assert number == line
        assert message in found


@pytest.mark.parametrize("scheme", ["javascript", "JaVaScRiPt", "vbscript", "data", "file", "ftp"])
@pytest.mark.parametrize(
    "source", ["[a]({}:x)", "[a](<{}:x>)", "![a]({}:x) b", "[a][b]\n\n[b]: {}:x", "<{}:x>"]
)
def test_a_link_to_a_script_or_a_file_never_becomes_a_link(scheme: str, source: str) -> None:
    content, found = parse(source.format(scheme), "a.md")
    assert found or "Link" not in repr(content)
    assert found or source.startswith(("<", "[a][b]"))


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("een\ntwee [a](b)\ndrie", 2),
        ("een  \ntwee *drie\nvier [a](b)*", 3),
        ("- een\n- twee\n  - drie\n\n    [a](b)", 5),
        ("> een\n>\n> - twee\n>   > [a](b)", 4),
        ("> een\n> twee\n> — [a](b)", 3),
        ("| a |\n|---|\n| b |\n| [a](b) |", 4),
        ("::: lead\neen\n\n[a](b)\n:::", 4),
        (f"[a]({SITE}){{.button}}\n[a](b){{.button}}", 2),
        (":::: lead\n\n- een\n\n  ::: led\n  x\n  :::\n::::", 5),
        ("een\n\n::: callout\n> ::: lead\n> x\n:::", 4),
    ],
)
def test_a_fault_deep_inside_is_on_its_own_line(source: str, line: int) -> None:
    assert fault(source)[0] == line
    assert faults(source, 8)[0][0] == line + 7


def test_all_faults_are_told_at_once() -> None:
    source = "# a\n\n[b](c) {{ d }}\n\n::: led\n    e\n\n#### f\n:::\n\n:::\n"

    assert sorted(line for line, _ in faults(source)) == [1, 3, 3, 5, 6, 8, 11]


def test_a_closing_line_outside_a_quote_does_not_close_a_block_within_it() -> None:
    assert [message for _, message in faults("> ::: lead\n> x\n:::")] == [
        "`::: lead` is never closed; put a line with only `:::` after it",
        "this `:::` closes no block; delete it, or name the block it opens",
    ]


# -- one line


def test_one_line_is_read_as_words() -> None:
    words, found = parse_line(f"Dag  {SLOT},\n*allen*", "a.md", 7)
    assert (words, found) == (
        (Text("Dag "), NAME, Text(", "), Emphasis((Text("allen"),))),
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


# -- any text


@pytest.mark.parametrize(
    "source",
    [
        ">" * 5000,
        "> " * 5000 + "a",
        "- " * 5000 + "a",
        "1. " * 3000 + "a",
        "*a " * 5000 + "b* " * 5000,
        "*" * 200 + "a" + "*" * 200,
        "![" + "*a " * 500 + "b* " * 500 + "](c.png)",
        "\n".join("  " * n + "- a" for n in range(300)),
        "::: callout\n" * 900,
        "\n".join(":" * (300 - n) + " callout" for n in range(290)),
    ],
)
def test_nesting_without_end_is_one_fault_not_lost_text(source: str) -> None:
    ((_, message),) = faults(source)
    assert message == TOO_DEEP


def test_seven_lists_in_each_other_are_read_and_nothing_is_lost() -> None:
    source = "\n".join("  " * n + f"- woord{n}" for n in range(7))
    assert all(f"woord{n}" in repr(read(source)) for n in range(7))


@pytest.mark.parametrize("depth", range(8, 24))
def test_text_is_never_dropped_without_a_fault(depth: int) -> None:
    for nested in ("> " * depth + "woord", "- " * depth + "woord"):
        content, found = parse(nested, "a.md")
        assert found or "woord" in repr(content)


@pytest.mark.parametrize(
    "source",
    [
        "[" * 5000,
        "![" * 5000,
        "*" * 5000,
        "`" * 5000,
        "a`" * 5000,
        "{" * 5000,
        "{{" * 5000,
        "[a](" * 3000,
        "_a" * 5000,
        "&" * 5000,
        "\\" * 5000,
        "<" * 5000,
        "|" * 5000,
        "](" * 2500,
        "[a](b){" * 1000,
        "::: callout " + "[" * 5000,
        ":::" * 2000,
    ],
)
def test_pathological_text_is_read_in_reasonable_time(source: str) -> None:
    begin = time.process_time()
    parse(source, "a.md")
    assert time.process_time() - begin < 5


TOO_LONG = (
    "more than 20,000 lines, cells and signs such as `*`; shorten it, or link to what is long"
)


def table(columns: int, rows: int = 1, row: str = "") -> str:
    row = row or "|" + "a|" * columns
    return f"|{'a|' * columns}\n|{'-|' * columns}\n" + f"{row}\n" * rows


def test_a_table_of_more_than_twenty_columns_is_a_fault() -> None:
    assert len(read(table(20))) == 1
    found = faults("Dag\n\n" + table(21) + "\n" + table(3000, 80))
    assert [line for line, _ in found[:2]] == [4, 8]
    assert found[0][1] == (
        "a table of 21 columns fits on no screen; keep at most 20, or link to it"
    )
    assert "a table of 3,000 columns" in found[1][1]


@pytest.mark.parametrize(
    "delimiters", ["-|" * 20 + "-", ":-:| " * 20 + "--", "> |" + " -- |" * 21, "- " + "-:|" * 21]
)
def test_a_wide_table_is_found_however_it_is_written(delimiters: str) -> None:
    prefix = delimiters[:2] if delimiters[:2] in ("> ", "- ") else ""
    ((line, message),) = faults(f"{prefix}{'a|' * 20}a\n{delimiters}\n")
    assert (line, message[:21]) == (2, "a table of 21 columns")


def test_long_prose_is_no_excess() -> None:
    assert len(read("Een zin, en nog een (de laatste) - van vijf.\n\n" * 2000)) == 2000
    assert len(read("woord, " * 70_000)) == 1
    assert len(read(table(20, 900))) == 1


@pytest.mark.parametrize(
    "piece",
    [
        "a\n",
        "a\n\n",
        "- a\n",
        "*a* ",
        "![",
        "{{a}}",
        "[a](b){",
        "::: callout a\n:::\n",
        "-" * 500_000,
        "- " * 250_000,
        "-" + " " * 499_999,
        "-|-" * 160_000,
        table(3000, 80),
        table(20, 3200, row="a") + "\n",
        table(20, 3200, row="-|-") + "\n",
    ],
)
def test_any_file_of_500_kb_is_read_in_a_few_seconds(piece: str) -> None:
    source = piece * (500_000 // len(piece))
    begin = time.process_time()
    parse(source, "a.md")
    parse_line(source, "a.md", 1)
    parse(source[:39_000], "a.md")
    assert time.process_time() - begin < 4


def test_too_many_marks_are_one_fault_where_it_is_too_much() -> None:
    assert faults("a\n" * 30_000) == [(20_001, TOO_LONG)]
    assert faults(table(20, 3000, row="a")) == [(1000, TOO_LONG)]


MARKS = (
    "# ## #### - 1. > ``` ~~~ ::: :::: lead question callout divider | |---| ![ [ ]( ) ](https:// "
    "{.button} {.x} {{ }} first_name email | \" ' ** * _ ` \\ &amp; &#xe000; &#146; < > — -- === "
    "*** <b> javascript: .png a é 😀 %00 %EE%80%80"
).split()
SPACES = ("\n", "\n\n", "    ", "  \n", " ", "\t", "\r\n")
marks = st.sampled_from([*MARKS, *SPACES, *SPACES, "\ue0000\ue001", "\u2028", SLOT])


@settings(max_examples=200, deadline=None)
@given(st.lists(marks, max_size=25).map("".join) | st.text(max_size=80), st.integers(1, 99))
def test_any_text_is_blocks_or_faults_on_lines_that_exist(source: str, first_line: int) -> None:
    content, found = parse(source, "a.md", first_line)

    last = first_line + len(source.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
    for each in found:
        assert first_line <= int(each.place.removeprefix("a.md:")) <= last
    for block in content:
        assert first_line <= block.line <= last
    if not found:
        assert "\ue000" not in repr(content)
        assert "\\ue000" not in repr(content)


@settings(max_examples=100, deadline=None)
@given(st.lists(marks, max_size=25).map("".join) | st.text(max_size=80))
def test_any_line_is_words_or_faults_on_it(source: str) -> None:
    words, found = parse_line(source, "a.md", 3)
    assert {each.place.rpartition(":")[0] for each in found} <= {"a.md"}
    if not found:
        assert not blocks.MARKER.search(blocks.plain(words))


@settings(max_examples=100, deadline=None)
@given(st.text("abc é😀.,!?", min_size=1).filter(lambda text: text.strip() and text[0] != " "))
def test_plain_words_stay_the_same_words(text: str) -> None:
    assert only(text) == p(text.strip())


def test_a_block_not_closed_before_the_next_one_is_told_where_it_opened() -> None:
    source = "::: question A?\nja\n\n::: question B?\nnee\n:::\n"
    _, faults = parse(source, "a.md", 5)

    (fault,) = faults
    assert fault.place == "a.md:5"
    assert "not closed before the next one, on line 8" in fault.message
