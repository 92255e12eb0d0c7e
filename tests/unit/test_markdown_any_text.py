import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import blocks
from newsletter.markdown import CONTAINERS, parse, parse_line
from tests.reading import SLOT, faults, only, p, read

TOO_DEEP = "too many lists, quotes or marks inside each other; write it flatter"


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


MARKS = [
    *(
        "# ## #### - 1. > ``` ~~~ ::: :::: lead question callout divider | |---| ![ [ ]( ) "
        "](https:// {.button} {.x} {{ }} first_name email | \" ' ** * _ ` \\ &amp; &#xe000; &#146; "
        "< > — -- === *** <b> javascript: .png a é 😀 %00 %EE%80%80 date: until: time: role: "
        "email: link: 12:00 2026-12-03 - **12**"
    ).split(),
    *(f"\n::: {name} x\n" for name in CONTAINERS),
    "\n:::\n",
    "![a](b.png)\n",
]
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
