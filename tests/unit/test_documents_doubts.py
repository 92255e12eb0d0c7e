"""What a document may mean in two ways, and how its author is told."""

from pathlib import Path

import pytest

from newsletter.documents import Draft, draft, wording

LONG = "Dit is een gewone zin in een bericht, die wat langer is dan een kop. Er volgt er nog een."
OWN = "Ik kijk er enorm naar uit om met iedereen samen te werken en om veel van u te leren."
TALK = f"Els: Waarom deze job?\n\nMira: {OWN}\n\nEls: En nu?\n\nMira: {OWN}"
CLEAR = f"<h1>Nieuws</h1><p>{LONG}</p>"


def imported(folder: Path, text: str, suffix: str = "txt") -> Draft:
    path = folder / f"bron.{suffix}"
    path.write_text(text, "utf-8")
    return draft(path)


def told(made: Draft, words: str) -> list[str]:
    return [note for note in made.unsure if words in note]


@pytest.mark.parametrize(
    "line",
    [
        "Kortrijk, 3 november 2026",
        "Sint-Niklaas - dinsdag 3 november 2026",
        "Gent, 3/11/2026",
        "3 november 2026 | Els Claes",
        "Bruxelles, le 3 novembre 2026",
        "Redactie: Els Claes",
        "Door Els Claes, 3 november 2026",
    ],
)
@pytest.mark.parametrize("place", ["below", "above"])
def test_a_dateline_or_byline_is_never_the_title(line: str, place: str, tmp_path: Path) -> None:
    lines = ["Onze nieuwe CEO: Mira", line]
    top = lines if place == "below" else lines[::-1]
    made = imported(tmp_path, "\n\n".join([*top, LONG, TALK]))
    assert 'title: "Onze nieuwe CEO: Mira"' in made.recognised
    assert made.markdown.count(line) == 1
    assert not any(line in found for found in made.recognised if found.startswith("caption"))


@pytest.mark.parametrize("text", ["Personeelsfeest in mei", "Gent, stad van water", "Corona, 2020"])
def test_a_line_without_a_whole_date_is_no_dateline(text: str) -> None:
    assert not wording.is_date_or_byline(text)


@pytest.mark.parametrize("question", ["1. Waarom deze job?", "Waarom deze job?", "Vraag 1: Wat?"])
def test_a_question_below_the_title_is_not_the_title(question: str, tmp_path: Path) -> None:
    made = imported(tmp_path, f"Nieuwe CEO\n\n{question}\n\n{LONG}\n\n2. En nu?\n\n{OWN}")
    assert 'title: "Nieuwe CEO"' in made.recognised
    assert f"::: question {question[:1]}" in made.markdown


def test_a_heading_that_asks_is_not_the_title_of_a_page_with_a_line_above_it(
    tmp_path: Path,
) -> None:
    page = f"<p>Nieuwe CEO</p><h2>1. Waarom?</h2><p>{OWN}</p><h2>2. En nu?</h2><p>{OWN}</p>"
    made = imported(tmp_path, page, "html")
    assert 'title: "Nieuwe CEO"' in made.recognised
    assert "2 questions with their answers" in made.recognised


def test_the_first_question_of_an_interview_without_a_title_stays_a_question(
    tmp_path: Path,
) -> None:
    made = imported(tmp_path, f"Waarom deze job?\n\n{OWN}\n\nEn nu?\n\n{OWN}")
    assert "2 questions with their answers" in made.recognised
    assert told(made, "no line looks like a title")


def test_a_lone_question_above_the_news_is_its_title(tmp_path: Path) -> None:
    made = imported(tmp_path, f"Waarom sluit de kantine?\n\n{LONG}")
    assert 'title: "Waarom sluit de kantine?"' in made.recognised


@pytest.mark.parametrize(
    ("top", "title", "doubt"),
    [
        ("Ons werk\n\nNieuwe CEO", "Nieuwe CEO", '"Ons werk" is taken as the small line'),
        ("Welkom, Mira!\n\nNieuwe CEO", "Welkom, Mira!", '"Nieuwe CEO" may be the title'),
        ("Ons werk\n\nWat doen we?", "Ons werk", '"Wat doen we?" may be the title'),
        ("Feest - 3 mei 2026\n\nKom ook", "Kom ook", '"Feest - 3 mei 2026" is taken as the small'),
    ],
)
def test_a_title_that_was_guessed_between_two_lines_is_told(
    top: str, title: str, doubt: str, tmp_path: Path
) -> None:
    made = imported(tmp_path, f"{top}\n\n{LONG}")
    assert f'title: "{title}"' in made.recognised
    assert told(made, doubt)


def test_a_line_above_text_in_the_last_answer_may_be_a_sub_heading(tmp_path: Path) -> None:
    made = imported(tmp_path, f"Nieuws\n\n{LONG}\n\n{TALK}\n\nPraktisch\n\n{LONG}")
    assert made.unsure[0].startswith('line 13 "Praktisch" may be a sub-heading: ')
    assert len(made.unsure) == 1


@pytest.mark.parametrize("line", ["Lees meer", "Schrijf je in via het formulier.", "Tot gauw"])
def test_what_may_not_belong_to_the_last_answer_is_told(line: str, tmp_path: Path) -> None:
    made = imported(tmp_path, f"Nieuws\n\n{LONG}\n\n{TALK}\n\n{line}")
    assert told(made, f'"{line}" may be no part of the answer')


def test_a_sentence_of_the_last_answer_is_not_doubted(tmp_path: Path) -> None:
    made = imported(tmp_path, f"Nieuws\n\n{LONG}\n\n{TALK}\n\n{OWN}\n\nDat was het.")
    assert made.unsure == ()


@pytest.mark.parametrize("line", ["Foto: Jan Peeters", "Foto’s: © Stad", "© Jan Peeters"])
def test_a_line_about_a_picture_in_an_answer_is_its_caption(line: str, tmp_path: Path) -> None:
    made = imported(tmp_path, f"Nieuws\n\n{LONG}\n\n{TALK}\n\n{line}\n\n{OWN}")
    assert f'image_caption: "{line}"' in made.markdown
    assert told(made, "is taken as the caption")


def test_an_answer_that_speaks_of_pictures_is_no_caption(tmp_path: Path) -> None:
    said = "Foto’s maken doe ik graag."
    made = imported(tmp_path, f"Nieuws\n\n{LONG}\n\n{TALK}\n\n{said}")
    assert "image_caption" not in made.markdown


@pytest.mark.parametrize(
    ("around", "look"),
    [
        ("<header>Mijn intranet</header>", "the head of the page"),
        ("<nav>Mijn intranet</nav>", "a menu"),
        ("<aside>Mijn intranet</aside>", "a box beside the text"),
        ("<div role=contentinfo>Mijn intranet</div>", "the foot of the page"),
        ("<div class='page-breadcrumb'>Mijn intranet</div>", "a menu"),
        ("<div id=leftSidebar>Mijn <i>intranet</i></div>", "a box beside the text"),
        ("<ul class='c reacties'><li>Mijn intranet</ul>", "comments"),
        ("<p class=share>Mijn intranet</p>", "a way to share the page"),
        ("<div class=cookie_bar>Mijn intranet</div>", "a notice about cookies"),
    ],
)
def test_what_stands_around_a_text_is_left_out_and_told(
    around: str, look: str, tmp_path: Path
) -> None:
    made = imported(tmp_path, f"<body>{around}<div>{CLEAR}</div></body>", "html")
    assert made.unsure == (
        f'left out "Mijn intranet": it looks like {look}; copy what should stay',
    )
    assert "Mijn" not in made.markdown


@pytest.mark.parametrize(
    "page",
    [
        f"<div class=has-sidebar>{CLEAR}</div><p>Nog een zin.</p>",
        f"<div class=sidebar>{CLEAR}</div><p>Nog een zin.</p>",
        f"<div class=menu><p>{LONG}</p></div><p>Nog een zin.</p>",
        f"<article><header><h2>Nieuws</h2></header><p>{LONG}</p></article><p>Nog een zin.</p>",
        f"<div class=navigator>{LONG}</div>{CLEAR}",
        f"<nav>{LONG}</nav>",
    ],
)
def test_the_text_itself_is_never_left_out(page: str, tmp_path: Path) -> None:
    made = imported(tmp_path, f"<body>{page}</body>", "html")
    assert LONG in made.markdown
    assert not told(made, "left out")


def test_menus_that_nobody_sees_are_not_told(tmp_path: Path) -> None:
    page = f"<div hidden><nav>Menu</nav></div><nav> </nav>{CLEAR}"
    assert imported(tmp_path, page, "html").unsure == ()


def test_a_link_that_loses_its_target_is_told_by_name(tmp_path: Path) -> None:
    page = f"{CLEAR}<ul><li>Zie <a href='/p/12'>haar pagina</a></ul><a href='#top'>Omhoog</a>"
    assert imported(tmp_path, page, "html").unsure == (
        'the link of "haar pagina" (/p/12) leads nowhere outside the intranet page;'
        " write its whole address",
    )
