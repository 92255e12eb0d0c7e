"""Broken announcements: a clear error or a safe mail, and never markup from an author."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import AuthorError, NewsletterError, SetupError
from tests.broken import files, links, notation, words
from tests.broken.case import EVERY_PLACE, SAFE, Case
from tests.broken.mail import assert_safe, furnish, make
from tests.engines.chromium import Chromium
from tests.workplace import Workplace

CASES = (
    *words.WORDS,
    *links.LINKS,
    *notation.CONTAINERS,
    *notation.MARKS,
    *notation.SIZES,
    *files.FRONT,
    *files.BYTES,
)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return furnish(tmp_path_factory.mktemp("broken"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_announcement_is_refused_with_its_line_or_does_no_harm(
    workplace: Workplace, case: Case
) -> None:
    told = complaint_or_safe_mail(workplace, case.source)

    assert bool(told) == bool(case.complaint), told
    assert re.search(case.complaint, told), told


PIECES = [
    *(
        "::: ",
        ":::",
        ":::: ",
        "***",
        "---",
        "# ",
        "## ",
        "- ",
        "  ",
        "> ",
        "> — ",
        "1. ",
        "| ",
        "|-|",
    ),
    *(
        "lead",
        "question ",
        "callout ",
        "columns",
        "person ",
        "event ",
        "gallery",
        "figures",
        "files",
    ),
    *("date: 2030-01-01", "time: 12:00", "role: ", "email: a@example.org", "link: ", "place: "),
    *(
        "![",
        "](foto.png",
        "[",
        "](https://example.org",
        "](javascript:x",
        "](mailto:a",
        ")",
        '"',
        "'",
    ),
    *(
        "{.button}",
        "{.x}",
        "{onclick=x}",
        '{{ first_name | "x" }}',
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
    ),
    *(
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<![endif]-->",
        "]]>",
        "&#60;",
    ),
    *(
        "*",
        "**",
        "_",
        "`",
        "```",
        "\\",
        "\n",
        "\n\n",
        "\r",
        "\t",
        " ",
        "12",
        "woord",
        "é",
        "\u202e",
    ),
    *("\ufeff", "\ue0000\ue001", "\ue002", "\x00", "\x1b", "&#0;", "\ud83d", "\U0001f469\u200d"),
]


@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40), more=st.text())
@settings(max_examples=150, deadline=None)
def test_no_heap_of_pieces_does_harm(workplace: Workplace, pieces: list[str], more: str) -> None:
    source = f"---\ntitle: Nieuws\n---\n{''.join(pieces)}\n\n{more}"
    complaint_or_safe_mail(workplace, source.encode(errors="surrogatepass"))


# What writes elsewhere on a terminal, or turns text around.
UNSHOWN = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u2030-\u2065\u206a-\U0010ffff]")
LINES = EVERY_PLACE.split("\n")


@given(
    where=st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=6),
    pieces=st.lists(st.sampled_from(PIECES), min_size=6, max_size=6),
    gone=st.sets(st.integers(1, len(LINES) - 1), max_size=4),
    end=st.integers(len(LINES) // 3, len(LINES)),
)
@settings(max_examples=60, deadline=None)
def test_no_announcement_that_lost_and_gained_pieces_does_harm(
    workplace: Workplace, where: list[int], pieces: list[str], gone: set[int], end: int
) -> None:
    lines = list(LINES)
    for number, piece in zip(where, pieces, strict=False):
        lines[number] = lines[number].replace("WORD", piece) + piece
    left = "\n".join(line for number, line in enumerate(lines[:end]) if number not in gone)
    complaint_or_safe_mail(workplace, left.encode(errors="surrogatepass"))


OUTLINE = """html => {
  const walker = document.createTreeWalker(
    new DOMParser().parseFromString(html, 'text/html'),
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
  const seen = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    seen.push(node.nodeType === Node.COMMENT_NODE ? [node.data]
      : [node.tagName, ...[...node.attributes].map(each => each.name)]);
  }
  return seen;
}"""


def test_a_browser_finds_nothing_of_an_author_but_words(workplace: Workplace) -> None:
    with Chromium() as chromium:
        for case in words.WORDS:
            if case.complaint == SAFE and b"<" in case.source:
                made, same = make(workplace, case.source)
                found = chromium.evaluate(OUTLINE, made.html)
                assert found == chromium.evaluate(OUTLINE, same.html), case.name
                assert len(found) > 200
        assert chromium.requests == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("a script", 0),
        ("half an emoji", 1),
        ("an expression of Jinja", 1),
        ("laughs", 1),
        ("columns that are not closed", 1),
        ("five million bytes", 1),
        ("a theme of nobody", 3),
    ],
)
def test_the_command_says_the_same_and_shows_no_traceback(
    tmp_path: Path, name: str, status: int
) -> None:
    (case,) = (case for case in CASES if case.name == name)
    workplace = furnish(tmp_path)
    (workplace.root / "announcements" / "kapot.md").write_bytes(case.source)

    told = workplace.run("build", "kapot", status=status).stderr

    assert "Traceback" not in told
    assert re.search(case.complaint, told)


def complaint_or_safe_mail(workplace: Workplace, source: bytes) -> str:
    """Return what the author of *source* is told; nothing when there is a mail, which is safe."""
    try:
        made, same = make(workplace, source)
    except NewsletterError as error:
        assert_clear(error)
        return str(error)
    assert_safe(made, same)
    return ""


def assert_clear(error: NewsletterError) -> None:
    """Whose turn it is, where, and what; fit for a terminal and for somebody who reads it."""
    assert isinstance(error, AuthorError | SetupError)
    if isinstance(error, AuthorError):
        for fault in error.faults:
            assert re.search(r"kapot\.md(:\d+)?$", fault.place), fault
            assert fault.message, fault
    assert not UNSHOWN.search(str(error)), error
    assert len(str(error)) < 100_000
