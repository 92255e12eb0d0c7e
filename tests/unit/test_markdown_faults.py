import pytest

from newsletter.markdown import parse
from tests.reading import SITE, fault, faults

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
        ("![\\{{ first_name | 'x' }}](a.png)", "a picture is the same for everybody"),
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


@pytest.mark.fault(60, "links to `javascript:` and to files", "an error, or words; never a link")
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


def test_a_block_not_closed_before_the_next_one_is_told_where_it_opened() -> None:
    source = "::: question A?\nja\n\n::: question B?\nnee\n:::\n"
    _, faults = parse(source, "a.md", 5)

    (fault,) = faults
    assert fault.place == "a.md:5"
    assert "not closed before the next one, on line 8" in fault.message
