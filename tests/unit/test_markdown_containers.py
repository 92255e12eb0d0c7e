"""The blocks that have fields, pictures or points of their own: what they say, and their faults."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import blocks
from newsletter.markdown import CONTAINERS, parse
from tests.editions import LANGUAGES, sources
from tests.reading import NAME, SITE, SLOT, fault, faults, only, p, read

PORTRAIT = blocks.Image("mira.jpg", "Portret van Mira")


def link(words: str, url: str) -> blocks.Link:
    return blocks.Link((blocks.Text(words),), url)


def inside(name: str, *lines: str) -> str:
    return "\n".join((f"::: {name}", *lines, ":::"))


# -- what can be written


def test_columns_are_separated_by_a_line_of_stars_or_dashes() -> None:
    two = inside("columns", "een", "***", "## Kop", "", "twee")
    three = inside("columns", "een", "", "---", "", "twee", "***", "drie")
    heading = blocks.Heading(2, (blocks.Text("Kop"),))
    assert only(two) == blocks.Columns(((p("een"),), (heading, p("twee"))))
    assert only(three) == blocks.Columns(((p("een"),), (p("twee"),), (p("drie"),)))


def test_a_person_has_a_role_contacts_a_portrait_and_words() -> None:
    source = inside(
        "person Mira Peeters",
        "role: Gebouwbeheer",
        "email: mira@example.org",
        "phone: +32 (0)9 000.00-00",
        "phone: 101",
        f"link: [Over Mira]({SITE}/mira)",
        f"link: {SITE}",
        "",
        "![Portret van Mira](mira.jpg)",
        "",
        "Mira kent elke deur.",
    )
    assert only(source) == blocks.Person(
        name="Mira Peeters",
        role="Gebouwbeheer",
        portrait=PORTRAIT,
        contacts=(
            link("mira@example.org", "mailto:mira@example.org"),
            link("+32 (0)9 000.00-00", "tel:+3290000000"),
            link("101", "tel:101"),
            link("Over Mira", f"{SITE}/mira"),
            link(SITE, SITE),
        ),
        children=(p("Mira kent elke deur."),),
    )


def test_a_person_may_be_a_name_and_nothing_else() -> None:
    assert only("::: person Mira\n:::") == blocks.Person(name="Mira")
    assert only("::: person Mira\nZe kent elke deur: echt.\n:::") == blocks.Person(
        name="Mira", children=(p("Ze kent elke deur: echt."),)
    )
    assert only("::: person Mira\n![Portret van Mira](mira.jpg)\n:::") == blocks.Person(
        name="Mira", portrait=PORTRAIT
    )


def test_a_picture_further_down_is_no_portrait() -> None:
    person = only("::: person Mira\n\nEerst dit.\n\n![Portret van Mira](mira.jpg)\n:::")
    assert person == blocks.Person(name="Mira", children=(p("Eerst dit."), PORTRAIT))


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_fields_may_stand_under_an_empty_line(between: str) -> None:
    person = only(f"::: person Mira{between}role: Beheer\n:::")
    assert person == blocks.Person(name="Mira", role="Beheer")


def test_what_looks_like_a_field_under_an_empty_line_is_text() -> None:
    assert only("::: person Mira\n\nLet: dit is tekst\n:::") == blocks.Person(
        name="Mira", children=(p("Let: dit is tekst"),)
    )


def test_an_event_has_a_date_hours_a_place_and_words() -> None:
    source = inside(
        "event Drink", "Date: 2026-12-03", "time: 9.30 – 13:30", "place: Stadshal, Gent", "", "Kom."
    )
    assert only(source) == blocks.Event(
        title="Drink",
        date=datetime.date(2026, 12, 3),
        starts=datetime.time(9, 30),
        ends=datetime.time(13, 30),
        place="Stadshal, Gent",
        children=(p("Kom."),),
    )


def test_an_event_may_take_days_lack_an_end_or_be_elsewhere() -> None:
    days = only(inside("event Beurs", "date: 2026-12-03", "until: 2026-12-05"))
    assert days == blocks.Event(
        title="Beurs", date=datetime.date(2026, 12, 3), until=datetime.date(2026, 12, 5)
    )
    call = only(inside("event Call", "date: 2026-12-03", "time: 9:00", "timezone: Europe/London"))
    assert call == blocks.Event(
        title="Call",
        date=datetime.date(2026, 12, 3),
        starts=datetime.time(9),
        timezone="Europe/London",
    )
    night = inside("event Nacht", "date: 2026-12-03", "until: 2026-12-04", "time: 22:00-02:00")
    assert isinstance(only(night), blocks.Event)


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_a_gallery_is_two_to_four_pictures_and_a_caption(between: str) -> None:
    one, two = '![een](a.jpg "Foto: wij")', "![twee](b%20c.jpg)"
    images = (blocks.Image("a.jpg", "een", "Foto: wij"), blocks.Image("b c.jpg", "twee"))
    assert only(f"::: gallery De werf\n{one}{between}{two}\n:::") == blocks.Gallery(
        images, "De werf"
    )
    assert only(f"::: gallery\n{one}\n{two}\n{one}\n{two}\n:::") == blocks.Gallery(images * 2)


def test_figures_are_points_that_begin_with_a_number() -> None:
    source = inside("figures", "- **12** projecten", "- **1,2 miljoen** [mensen](https://a.test)")
    assert only(source) == blocks.Figures(
        (
            blocks.Figure("12", (blocks.Text("projecten"),)),
            blocks.Figure("1,2 miljoen", (link("mensen", "https://a.test"),)),
        )
    )


def test_files_are_points_that_are_links() -> None:
    source = inside("files Om *te* lezen", "- [Verslag](het%20verslag.pdf)", f"- [Wet]({SITE}/w)")
    title = (blocks.Text("Om "), blocks.Emphasis((blocks.Text("te"),)), blocks.Text(" lezen"))
    files = (blocks.File("Verslag", "het verslag.pdf"), blocks.File("Wet", f"{SITE}/w"))
    read_files = only(source)
    assert read_files == blocks.Files(title, files)
    assert isinstance(read_files, blocks.Files)
    assert [file.line for file in read_files.files] == [2, 3]


def test_containers_hold_containers() -> None:
    person = "::: person Mira\nrole: Beheer\n:::"
    event = "::: event Drink\ndate: 2026-12-03\n:::"
    source = f":::: columns\n{person}\n\n***\n\n{event}\n::::"
    assert only(source) == blocks.Columns(
        (
            (blocks.Person(name="Mira", role="Beheer"),),
            (blocks.Event(title="Drink", date=datetime.date(2026, 12, 3)),),
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_hold_every_block_in_every_language(language: str) -> None:
    examples = sources(language)
    kinds = {block.__name__.lower() for block in blocks.Block.__args__}
    assert set(examples) == kinds
    for kind, source in examples.items():
        assert kind in {type(block).__name__.lower() for block in read(source)}


# -- what cannot be written

EVENT = "date: 2026-12-03"


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (inside("lead Hoi", "x"), 1, "`::: lead` has no title; put these words in the text"),
        (inside("divider Hoi"), 1, "`::: divider` has no title"),
        (inside("columns Hoi", "a", "***", "b"), 1, "`::: columns` has no title"),
        (inside("figures Hoi", "- **1** a"), 1, "`::: figures` has no title"),
        (inside("columns", "een"), 1, "1 column; write two or three, with a line `***`"),
        (inside("columns", "a", "***", "b", "***", "c", "***", "d"), 1, "4 columns; write two"),
        (inside("columns", "a", "***"), 1, "an empty column"),
        (inside("columns", "a", "---", "b"), 2, "`---` right under text makes that text a heading"),
        ("::::: columns\n" + inside("columns", "a", "***", "b") + "\n\n***\n\nc\n:::::", 2,
         "columns in columns fit on no phone"),
        ("::::: columns\n:::: lead\n" + inside("columns", "a", "***", "b")
         + "\n::::\n\n***\n\nc\n:::::", 3, "columns in columns fit on no phone"),
        (inside("person", "role: x"), 1, "a person without a name; write `::: person Mira"),
        (inside(f"person [Mira]({SITE})"), 1, "the title is plain words; put the link"),
        (inside(f"person {SLOT}"), 1, "the title is the same for everybody"),
        (inside("person Mira", "rol: x"), 2, "unknown field `rol`; did you mean `role`?"),
        (inside("person Mira", "xyz: x"), 2, "unknown field `xyz`; the fields are role, email, "),
        (inside("person Mira", "role: a", "role: b"), 3, "`role:` stands here twice; keep one"),
        (inside("person Mira", "role:"), 2, "`role:` says nothing; fill it in or delete it"),
        (inside("person Mira", f"role: {SLOT}"), 2, "`role:` is the same for everybody"),
        (inside("person Mira", f"role: [x]({SITE})"), 2, "`role:` is plain words; put the link"),
        (inside("person Mira", "role: x", "Een zin."), 3, "this line is no `name: value`"),
        (inside("person Mira", "role: x", "![a](b.jpg)"), 3, "a picture stands on a line of its"),
        (inside("person Mira", "role: x", "---"), 2, "`---` right under text makes that text"),
        (inside("person Mira", "email: mira"), 2, "`mira` is no mail address: "),
        (inside("person Mira", f"email: {SLOT}"), 2, "`email:` is the same for everybody"),
        (inside("person Mira", "phone: bel mij"), 2, "`bel mij` is no telephone number; write it"),
        (inside("person Mira", "link: kijk hier"), 2, "`link:` is one link; write `link: [About"),
        (inside("person Mira", f"link: [a]({SITE}) b"), 2, "`link:` is one link"),
        (inside("person Mira", "link: www.x.test"), 2, "`www.x.test` is not a full address"),
        (inside("person Mira", "link: javascript:x"), 2, "`javascript:x` is not a full address"),
        (inside("person Mira", "link: [a](javascript:x)"), 2, "a link that cannot be read as one"),
        (inside("person Mira", f"link: [{SLOT}]({SITE})"), 2, "`link:` is the same for everybody"),
        (inside("person Mira", '![a](b.jpg "c")'), 2, "a portrait has no caption"),
        (inside("event", EVENT), 1, "an event without a name; write `::: event Opening`"),
        (inside("event Drink", "Kom!"), 1, "an event without a date; write `date: 2026-12-03`"),
        (inside("event Drink", "place: Gent"), 1, "an event without a date"),
        (inside("event Drink", EVENT, "plase: x"), 3, "unknown field `plase`; did you mean `pl"),
        (inside("event Drink", "date: 3 december"), 2, "`3 december` is no date; write `date: "),
        (inside("event Drink", "date: 2026-02-30"), 2, "`2026-02-30` is no date"),
        (inside("event Drink", "date: 20261203"), 2, "`20261203` is no date"),
        (inside("event Drink", EVENT, "---"), 2, "`---` right under text makes that text"),
        (inside("event Drink", EVENT, "until: later"), 3, "`later` is no date; write `until: "),
        (inside("event Drink", EVENT, "until: 2026-12-01"), 3, "which is not after 2026-12-03"),
        (inside("event Drink", EVENT, "until: 2026-12-03"), 3, "leave `until:` out for one day"),
        (inside("event Drink", EVENT, "time: 25:00"), 3, "`25:00` is no time of day; write"),
        (inside("event Drink", EVENT, "time: ’s middags"), 3, "`’s middags` is no time of day"),
        (inside("event Drink", EVENT, "time: 9-10"), 3, "`9-10` is no time of day"),
        (inside("event Drink", EVENT, "time: 13:00-12:00"), 3, "it would end at 12:00, which is"),
        (inside("event Drink", EVENT, "time: 12:00-12:00"), 3, "it would end at 12:00, which is"),
        (inside("event Drink", EVENT, "timezone: Europe/Londen"), 3,
         "unknown timezone `Europe/Londen`; did you mean `Europe/London`?"),
        (inside("event Drink", EVENT, "timezone: ../../etc/passwd"), 3, "unknown timezone"),
        (inside("event Drink", EVENT, "timezone: xyzzy"), 3, "write it as in `Europe/Brussels`"),
        (inside("gallery", "![a](a.jpg)"), 1, "a gallery of 1 picture; it holds two to four"),
        (inside("gallery", *["![a](a.jpg)"] * 5), 1, "a gallery of 5 pictures; it holds two to"),
        (inside("gallery"), 1, "a gallery of 0 pictures"),
        (inside("gallery", "![a](a.jpg)", "![a](b.jpg)", "woorden"), 4, "pictures and nothing"),
        (inside("gallery", "![a](a.jpg)", "![a](b.jpg)", "", "## Kop"), 5, "pictures and nothing"),
        (inside(f"gallery {SLOT}", "![a](a.jpg)", "![a](b.jpg)"), 1, "the title is the same for"),
        (inside("figures"), 1, "`::: figures` is empty; write `- **12** projects` in it"),
        (inside("figures", "twaalf"), 2, "`::: figures` holds one list; write `- **12** projects`"),
        (inside("figures", "1. **12** a"), 2, "`::: figures` holds one list"),
        (inside("figures", "- **1** a", "- b"), 3, "a figure begins with its number; write"),
        (inside("figures", "- **veel** a"), 2, "`veel` has no number in it"),
        (inside("figures", "- **12**"), 2, "a number that counts nothing"),
        (inside("figures", "- **12 345 678 901** a"), 2, "is too long to be shown large; round it"),
        (inside("figures", f"- **{SLOT}** a"), 2, "a number is the same for everybody"),
        (inside("figures", *["- **1** a"] * 5), 1, "5 figures do not fit side by side"),
        (inside("figures", "- **1** a", "  - b"), 2, "this point is not one line"),
        (inside("files", "- verslag.pdf"), 2, "a file is one link and nothing else; write `- [An"),
        (inside("files", "- [a](a.pdf) b"), 2, "`a.pdf` is not a full address"),
        (inside("files", "- [](a.pdf)"), 2, "a file without words"),
        (inside("files", "- [a](het verslag.pdf)"), 2, "a link that cannot be read as one"),
        (inside("files", "- [a](a.pdf){.button}"), 2, "a file is no button"),
        (inside("files", "- [a](javascript:x)"), 2, "a link that cannot be read as one"),
        (inside("files", "- [a](ftp://x.test/a.pdf)"), 2, "`ftp://x.test/a.pdf` is no file; name"),
        (inside("files", "- [a](//x.test/a.pdf)"), 2, "`//x.test/a.pdf` is no file; name one"),
        (inside("files", "- [a](mailto:a@x.test)"), 2, "`mailto:a@x.test` is no file; name one"),
        (inside("files", f"- [a]({SLOT}.pdf)"), 2, "a file is the same for everybody"),
        (inside("files", f"- [a](<{SLOT}.pdf>)"), 2, "a file is the same for everybody"),
        (inside("files", f"- [{SLOT}](a.pdf)"), 2, "a file's name is the same for everybody"),
        ("::: person Mira\nrole: x", 1, "`::: person` is never closed"),
        ("::: perso Mira\n:::", 1, "unknown block `perso`; did you mean `person`?"),
    ],
)  # fmt: skip
def test_what_a_block_cannot_have_is_one_fault_on_its_line(
    source: str, line: int, message: str
) -> None:
    for before, lines in (("", 0), ("een\n\n", 2)):
        number, found = fault(before + source)
        assert message in found
        assert number == line + lines


def test_the_faults_of_one_block_are_told_together() -> None:
    source = inside("event", "date: morgen", "time: laat", "plaats: Gent", "timezone: Mars/Noord")
    assert [line for line, _ in sorted(faults(source))] == [1, 2, 3, 4, 5]


def test_a_personal_field_in_the_words_of_a_block_is_fine() -> None:
    person = only(inside("person Mira", f"Dag {SLOT}"))
    assert person == blocks.Person(
        name="Mira", children=(blocks.Paragraph((blocks.Text("Dag "), NAME)),)
    )
    assert only(inside("figures", f"- **1** {SLOT}")) == blocks.Figures(
        (blocks.Figure("1", (NAME,)),)
    )


# -- any text

LINES = (
    "role: Beheer|email: a@example.org|email: a|phone: 09 00|link: https://a.test|link: [a](b)"
    "|xyz: a|date: 2026-12-03|date: 0000-00-00|until: 2026-12-04|time: 9:00-8:00|time: 9:00"
    "|timezone: UTC|timezone: /etc|place: Gent||![a](b.png)|![a](b.png \"c\")|- **1** a"
    "|- [a](b.pdf)|-|***|---|a|## Kop|> a|:::|role: **a** *b* `c`|role: ![a](b)|**1** a"
    "|  - b|1. a|{{ email }}|:"
).split("|")  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CONTAINERS), st.text("ab *[]", max_size=6), st.data())
def test_any_lines_in_any_block_are_blocks_or_faults_on_lines_that_exist(
    name: str, title: str, data: st.DataObject
) -> None:
    lines = data.draw(st.lists(st.sampled_from(LINES), max_size=8))
    source = inside(f"{name} {title}", *lines)
    content, found = parse(source, "a.md", 5)
    for each in found:
        assert 5 <= int(each.place.removeprefix("a.md:")) <= 5 + len(lines) + 1
    for part, line in blocks.walk(content):
        assert line
        if isinstance(part, blocks.Link) and not found:
            assert part.url.startswith(("https:", "mailto:", "tel:"))
    if not found:
        assert all(word in repr(content) for word in ("Kop", "Gent") if word in source)


@settings(max_examples=50, deadline=None)
@given(
    st.dates(datetime.date(1970, 1, 1), datetime.date(2199, 12, 31)),
    st.times().map(lambda time: time.replace(second=0, microsecond=0)),
)
def test_every_date_and_time_is_read_as_written(date: datetime.date, time: datetime.time) -> None:
    event = only(inside("event X", f"date: {date}", f"time: {time:%H:%M}"))
    assert event == blocks.Event(title="X", date=date, starts=time)
