import datetime
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import announcement
from newsletter.announcement import FIELDS, LARGEST_FILE, Edition
from newsletter.blocks import Field, Image, Paragraph, Slot, Text
from newsletter.errors import AuthorError, UsageError

LANGUAGES = ("nl", "fr", "en")
NAME = Slot(Field.FIRST_NAME, "collega")


def written(folder: Path, head: str, body: str = "\nBreng boterhammen mee.\n") -> Path:
    path = folder / "kantine.md"
    path.write_bytes(f"---\n{head}\n---\n{body}".encode())
    return path


def edition(folder: Path, head: str, body: str = "\nBreng boterhammen mee.\n") -> Edition:
    (found,) = announcement.load(written(folder, head, body), LANGUAGES).editions
    return found


def faults(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(AuthorError) as caught:
        announcement.load(path, LANGUAGES)
    places = [fault.place.rpartition(":") for fault in caught.value.faults]
    assert {file for file, _, _ in places} == {str(path)}
    found = [fault.message for fault in caught.value.faults]
    return [(int(line), message) for (_, _, line), message in zip(places, found, strict=True)]


def fault(path: Path) -> tuple[int, str]:
    (found,) = faults(path)
    return found


# -- fields


def test_every_field_arrives_where_it_belongs(tmp_path: Path) -> None:
    head = """\
title: "De kantine: vrijdag dicht"
subject: 'Vrijdag dicht'
preheader: Breng boterhammen mee.
kicker: Facilitair
greeting: Dag {{ first_name | "collega" }},
language: nl-BE
date: 2026-02-09
image: keuken.jpg
image_alt: De keuken
image_caption: "Foto: wij"
theme: stad
lists: [staff, bestuur]"""

    assert edition(tmp_path, head) == Edition(
        path=tmp_path / "kantine.md",
        language="nl-BE",
        title="De kantine: vrijdag dicht",
        subject="Vrijdag dicht",
        preheader="Breng boterhammen mee.",
        kicker="Facilitair",
        greeting=(Text("Dag "), NAME, Text(",")),
        date=datetime.date(2026, 2, 9),
        image=Image("keuken.jpg", "De keuken", "Foto: wij"),
        theme="stad",
        lists=("staff", "bestuur"),
        body=(Paragraph((Text("Breng boterhammen mee."),)),),
    )
    assert set(line.partition(":")[0] for line in head.splitlines()) == set(FIELDS)


def test_a_title_alone_is_enough(tmp_path: Path) -> None:
    found = edition(tmp_path, "title: Kantine dicht")

    assert (found.title, found.subject) == ("Kantine dicht", "Kantine dicht")
    assert (found.language, found.theme, found.lists) == ("nl", "default", ())
    assert (found.date, found.image, found.greeting) == (None, None, ())


@pytest.mark.parametrize("value", ["staff, bestuur", "staff bestuur", "[staff, bestuur]",
                                   "\n  - staff\n  - bestuur", "'staff, bestuur'"])  # fmt: skip
def test_lists_may_be_written_in_every_usual_way(tmp_path: Path, value: str) -> None:
    assert edition(tmp_path, f"title: a\nlists: {value}").lists == ("staff", "bestuur")


@pytest.mark.parametrize("value", ["yes", "1e3", "2026-01-01", "0x1F", "3:25", "null-waarde"])
def test_a_title_that_yaml_would_read_as_something_else_stays_text(
    tmp_path: Path, value: str
) -> None:
    assert edition(tmp_path, f"title: {value}").title == value


@pytest.mark.parametrize("value", ["|\n  een\n  twee", ">-\n  een\n  twee", "een\n  twee"])
def test_a_title_over_several_lines_is_one_line(tmp_path: Path, value: str) -> None:
    assert edition(tmp_path, f"title: {value}").title == "een twee"


def test_a_line_break_in_a_subject_cannot_begin_a_header(tmp_path: Path) -> None:
    assert edition(tmp_path, 'title: "a\\r\\nBcc: b@example.org"').subject == "a Bcc: b@example.org"


@pytest.mark.parametrize(
    "greeting",
    [
        'Dag {{ first_name | "collega" }},',
        "'Dag {{ first_name | \"collega\" }},'",
        "\"Dag {{ first_name | 'collega' }},\"",
        '"Dag {{ first_name | \\"collega\\" }},"',
    ],
)
def test_a_greeting_has_its_slot_whatever_the_quotes(tmp_path: Path, greeting: str) -> None:
    found = edition(tmp_path, f"title: a\ngreeting: {greeting}")
    assert found.greeting == (Text("Dag "), NAME, Text(","))


def test_comments_and_empty_lines_between_fields_mean_nothing(tmp_path: Path) -> None:
    found = edition(tmp_path, "# van ons\n\ntitle: a\n\n# nog een\nkicker:\n")
    assert (found.title, found.kicker) == ("a", "")


def test_a_caption_without_a_picture_is_kept_for_the_checks(tmp_path: Path) -> None:
    found = edition(tmp_path, "title: a\nimage_caption: Foto")
    assert found.image == Image("", "", "Foto")
    assert found.image.line == 3


# -- faults in the front matter


@pytest.mark.parametrize(
    ("head", "line", "message"),
    [
        ("titel: a", 2, "unknown field `titel`; did you mean `title`?"),
        ("title: a\nqqq: b", 3, "unknown field `qqq`; the fields are title, subject, "),
        ("title: a\n<<: {kicker: b}", 3, "unknown field `<<`"),
        ("title: a\nkicker: b\ntitle: c", 4, "`title` stands twice; keep one (the other is line 2"),
        ("kicker: a", 1, "no title; add `title: ...`"),
        ("", 1, "no title; add `title: ...`"),
        ("kicker: a\ntitle:", 3, "no title; add `title: ...`"),
        ("title: ~", 2, "no title; add `title: ...`"),
        ("title: ' '", 2, "no title; add `title: ...`"),
        ("title: News: a", 2, "this front matter cannot be read; a value with `:` or `#` in it"),
        ("kicker: a\ntitle: @b", 3, "this front matter cannot be read"),
        ("title: a\n\tkicker: b", 3, "this front matter cannot be read"),
        ("title: *nergens", 2, "this front matter cannot be read"),
        ("title: a\n...\nkicker: b", 4, "this front matter cannot be read"),
        ("title: Actie #warm", 2, "what follows `#` is not read; put it all between quotes"),
        ("title: a\nkicker: # b", 3, "what follows `#` is not read; put it all between quotes"),
        ("- title", 2, "front matter is lines of `field: value`"),
        ("title:a", 2, "front matter is lines of `field: value`"),
        ("title: [a]", 2, "`title` is a piece of text; put it between quotes"),
        ('title: a\ngreeting: {{ first_name | "b" }}', 3, "`greeting` is a piece of text; put it"),
        ("title: a\nlists: {b: c}", 3, "`lists` is names of lists, as in `lists: staff, board`"),
        ("title: a\nlists: [[b, c]]", 3, "`lists` is names of lists"),
        ("title: a\nlists: &l [*l]", 3, "`lists` is names of lists"),
        ("title: Dag {{ first_name | 'x' }}", 2, "`title` is the same for everybody"),
        ("title: a\npreheader: '{{ email }}'", 3, "`preheader` is the same for everybody"),
        ("title: a\ngreeting: Dag {{ naam }}", 3, "unknown personal field `naam`"),
        ("title: a\ngreeting: Dag {{ first_name }}", 3, "says nothing for people whose first_name"),
        ("title: a\ndate: gisteren", 3, "`gisteren` is no date; write year-month-day"),
        ("title: a\ndate: 9/2/2026", 3, "is no date"),
        ("title: a\ndate: 2026-02-30", 3, "is no date"),
        ("title: a\ndate: 2026-02-09T10:00", 3, "is no date"),
        ("title: a\nlanguage: NL", 3, "`NL` is no language; write `nl`, `fr` or `en`"),
        ("title: a\nlanguage: xx", 3, "`xx` is no language"),
        ("title: a\nlanguage: nl-a", 3, "`nl-a` is no language"),
        ("title: a\nlanguage: ../nl", 3, "`../nl` is no language"),
        ('title: "a\\x07b"', 2, "the character U+0007 at column 2 cannot go into a mail"),
        ('title: a\ngreeting: "\\ue0000\\ue001"', 3, "the character U+E000 at column 1"),
        ("title: a\u200bb", 2, "the character U+200B cannot stand in a subject"),
        ("title: a\nsubject: b\u202ec", 3, "the character U+202E cannot stand in a subject"),
        ("title: '=?utf-8?q?=0ABcc:?='", 2, "`=?` cannot stand in a subject"),
    ],
)
def test_a_fault_in_the_front_matter_has_its_line_and_its_mend(
    tmp_path: Path, head: str, line: int, message: str
) -> None:
    found_line, found = fault(written(tmp_path, head))
    assert found_line == line
    assert message in found


def test_faults_of_fields_and_body_are_told_together_in_the_order_of_the_file(
    tmp_path: Path,
) -> None:
    head = "titel: a\ndate: gisteren\nlanguage: QQ\ngreeting: '{{ x }}'\ntheme: [b]"
    path = written(tmp_path, head, "# kop\n\n[a](b)\n")

    assert [line for line, _ in faults(path)] == [2, 3, 4, 5, 6, 8, 10]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("", 1, "no front matter; begin with a line `---`"),
        ("\n---\ntitle: a\n---\nb", 1, "no front matter"),
        ("title: a\n\nb", 1, "no front matter"),
        ("---\ntitle: a\n\nb", 1, "the front matter is never closed"),
        ("---\ntitle: a\n----\nb", 1, "the front matter is never closed"),
        ("---", 1, "the front matter is never closed"),
        ("---\ntitle: a\n---", 4, "there is no text under the front matter"),
        ("---\ntitle: a\n---\n\n \n", 4, "there is no text under the front matter"),
        ("---\ntitle: a\n---\n[1]: https://example.org", 4, "there is no text under"),
        ("---\ntitle: a\n---\n\n# b", 5, "the title stands above"),
        ("\ufeff---\r\ntitle: a\r\n---\r\n\r\n# b\r\n", 5, "the title stands above"),
        ("---\ntitle: a\n---\nb\n\x00c", 5, "the character U+0000 at column 1"),
        ("---\ntitle: a\n---\nb\x92", 4, "the character U+0092 at column 2"),
        ("---\ntitle: \ue000\n---\nb", 2, "the character U+E000 at column 8"),
        ("---\ntitle: a\n---\nb\u2028# c", 4, "the character U+2028 at column 2"),
        ("---\ntitle: a\n---\n&#146;", 4, "the character U+0092 at column 1"),
        ("\ufeff\ufeff---\ntitle: a\n---\nb", 1, "the character U+FEFF at column 1"),
    ],
)
def test_a_fault_of_the_file_has_its_line(
    tmp_path: Path, content: str, line: int, message: str
) -> None:
    (tmp_path / "kantine.md").write_bytes(content.encode())
    found_line, found = fault(tmp_path / "kantine.md")
    assert found_line == line
    assert message in found


@pytest.mark.parametrize("content", [b"---\ntitle: a\n---\nb\xe9\n", b"\n\n\n\xff"])
def test_a_file_that_is_not_utf8_names_the_line_and_the_way_out(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "kantine.md"
    path.write_bytes(content)
    assert fault(path) == (
        4,
        f"not UTF-8; save the file as UTF-8, or run `newsletter import {path}`",
    )


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_line_ends_of_windows_do_not_matter(
    tmp_path: Path, mark: str, end: str
) -> None:
    path = tmp_path / "kantine.md"
    path.write_bytes(f"{mark}---\ntitle: a\n---\n\nb\nc\n".replace("\n", end).encode())
    (found,) = announcement.load(path, LANGUAGES).editions
    assert (found.title, found.body) == ("a", (Paragraph((Text("b c"),)),))


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = written(tmp_path, "title: a", "b" * LARGEST_FILE)
    assert fault(path) == (1, "more than 500,000 bytes; this is not the text of one mail")


# -- hostile YAML


@pytest.mark.parametrize(
    "head",
    [
        "title: !!python/object/apply:os.system ls",
        "!!python/object:os.system {title: ls}",
        "title: !!python/name:os.system ls",
    ],
)
def test_a_tag_of_yaml_makes_nothing_but_text(tmp_path: Path, head: str) -> None:
    assert edition(tmp_path, head).title == "ls"


def test_an_alias_is_the_same_text_again(tmp_path: Path) -> None:
    found = edition(tmp_path, "title: &a Dicht\nsubject: *a")
    assert (found.title, found.subject) == ("Dicht", "Dicht")


@pytest.mark.parametrize(
    "head",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{this}: &{this} [{','.join([f'*{before}'] * 9)}]\n"
            for before, this in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "title: t\nlists: [*i]\n? [*i]\n: x",
        "title: " + "[" * 2000,
        "{" * 2000,
        "- " * 5000,
        "? " * 5000,
        "title: " + "a" * 100_000 + "\n" + "b: c\n" * 500,
    ],
)
def test_a_bomb_of_yaml_is_a_fault_within_seconds(tmp_path: Path, head: str) -> None:
    path = written(tmp_path, head)
    begin = time.process_time()
    assert sum(len(message) for _, message in faults(path)) < 200_000
    assert time.process_time() - begin < 10


yaml_like = st.lists(
    st.sampled_from(
        [*FIELDS, ": ", ":", "\n", "\n", "- ", "[", "]", "{", "}", "{{ first_name | 'x' }}", "&a ",
         "*a", "!!binary ", "|", ">", "'", '"', "#", " #", "? ", "---", "a", "é", "2026-01-01",
         "\\x07", "\\", ", ", "\t", "\u2028", "\x92", "%", "@"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(yaml_like | st.text(max_size=60), st.sampled_from(["", "\ntitle: a"]))
def test_any_front_matter_is_an_edition_or_faults_on_lines_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, head: str, title: str
) -> None:
    path = written(tmp_path_factory.getbasetemp(), head + title)
    lines = path.read_text("utf-8").count("\n") + 1
    places = [f"{path}:1"]
    try:
        (found,) = announcement.load(path, LANGUAGES).editions
        assert found.title
        assert "\n" not in found.subject + found.preheader
    except AuthorError as error:
        places = [fault.place for fault in error.faults]
    assert all(1 <= int(place.removeprefix(f"{path}:")) <= lines for place in places)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_an_edition_or_faults(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.md"
    path.write_bytes(content)
    with pytest.raises(AuthorError):
        announcement.load(path, LANGUAGES)


# -- the preheader


def test_the_preheader_is_the_opening_unless_given(tmp_path: Path) -> None:
    body = "## Kop\n\n::: lead\nEen **twee**\ndrie.\n:::\n\n- punt\n\nVier.\n"
    assert edition(tmp_path, "title: a", body).preheader == "Een twee drie. Vier."


def test_a_slot_in_the_preheader_reads_as_its_fallback(tmp_path: Path) -> None:
    body = "Dag {{ first_name | 'collega' }}!"
    assert edition(tmp_path, "title: a", body).preheader == "Dag collega!"


def test_ninety_characters_are_kept_whole(tmp_path: Path) -> None:
    words = "woord " * 14 + "woordx"
    assert edition(tmp_path, "title: a", words).preheader == words
    assert edition(tmp_path, "title: a", words + "y").preheader == "woord " * 13 + "woord…"


def test_a_first_word_without_end_is_cut(tmp_path: Path) -> None:
    assert edition(tmp_path, "title: a", "x" * 400).preheader == "x" * 90 + "…"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abcé,;", min_size=1, max_size=30), min_size=1, max_size=30))
def test_a_derived_preheader_ends_on_a_whole_word(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    found = edition(tmp_path_factory.getbasetemp(), "title: a", " ".join(words)).preheader
    assert len(found) <= 91
    if found.endswith("…"):
        kept = found[:-1].split()
        assert kept[:-1] == words[: len(kept) - 1]
        assert kept[-1] == words[len(kept) - 1].rstrip(",;")
    else:
        assert found.split() == words


# -- a folder


def folder_of(tmp_path: Path, **heads: str) -> Path:
    folder = tmp_path / "verhuis"
    folder.mkdir()
    for name, head in heads.items():
        (folder / f"{name}.md").write_text(f"---\n{head}\n---\n{name}\n")
    return folder


def test_a_folder_has_an_edition_a_language_the_default_first(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, en="title: c", de="title: d", nl="title: a", fr="title: b")
    (folder / "foto.png").touch()
    (folder / "map.md").mkdir()

    found = announcement.load(folder, ("nl", "fr", "en"))

    assert found.name == "verhuis"
    assert [each.language for each in found.editions] == ["nl", "fr", "en", "de"]
    assert [each.title for each in found.editions] == ["a", "b", "c", "d"]
    assert announcement.load(folder, ("en", "nl")).editions[0].language == "en"


def test_a_file_that_names_another_language_than_its_own_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, nl="title: a\nlanguage: fr", fr="title: b\nlanguage: fr")

    with pytest.raises(AuthorError) as caught:
        announcement.load(folder, LANGUAGES)

    (found,) = caught.value.faults
    assert found.place == f"{folder}/nl.md:3"
    assert found.message == "the file is called nl.md, yet its language is `fr`"


def test_a_file_that_is_called_after_no_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"README\.md:1: `README` is no language"):
        announcement.load(folder_of(tmp_path, README="title: a", nl="title: b"), LANGUAGES)


def test_faults_of_every_file_are_told_together(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, nl="titel: a", fr="title: [b]", en="title: c")

    with pytest.raises(AuthorError) as caught:
        announcement.load(folder, LANGUAGES)

    assert [each.place for each in caught.value.faults] == [
        f"{folder}/{n}.md:2" for n in ("fr", "nl")
    ]


def test_an_empty_folder_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"no \.md file in this folder; add nl\.md, for example"):
        announcement.load(folder_of(tmp_path), LANGUAGES)


# -- finding


@pytest.fixture
def announcements(tmp_path: Path) -> Path:
    folder = tmp_path / "announcements"
    (folder / "verhuis").mkdir(parents=True)
    for name in ("kantine.md", "kerst.md", "README.txt"):
        (folder / name).touch()
    return folder


def test_a_name_a_file_name_or_a_path_finds_the_announcement(
    announcements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(announcements.parent)
    assert announcement.find("kantine", announcements) == announcements / "kantine.md"
    assert announcement.find("kantine.md", announcements) == announcements / "kantine.md"
    assert announcement.find("verhuis", announcements) == announcements / "verhuis"
    assert announcement.find("announcements/kerst.md", announcements) == Path(
        "announcements/kerst.md"
    )
    assert announcement.find(str(announcements / "kerst.md"), Path("elsewhere")) == (
        announcements / "kerst.md"
    )


@pytest.mark.parametrize(
    ("given_name", "mend"),
    [
        ("kantien", "no such announcement; did you mean `kantine`?"),
        ("Verhuizen", "no such announcement; did you mean `verhuis`?"),
        ("xyz", "no such announcement; there are kantine, kerst, verhuis"),
        ("", "no such announcement; there are kantine, kerst, verhuis"),
        ("a\0b", "no such announcement; there are kantine, kerst, verhuis"),
    ],
)
def test_an_unknown_name_is_answered_with_those_there_are(
    announcements: Path, given_name: str, mend: str
) -> None:
    with pytest.raises(UsageError) as caught:
        announcement.find(given_name, announcements)
    assert str(caught.value).endswith(mend)


def test_without_a_folder_nothing_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such announcement$"):
        announcement.find("kantine", tmp_path / "announcements")


def test_a_name_longer_than_any_file_is_no_announcement(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such announcement"):
        announcement.find("x" * 5000, tmp_path)
