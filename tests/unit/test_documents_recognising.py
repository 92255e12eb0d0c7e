"""What a paragraph is for, told from how it is written."""

import re
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from newsletter.documents import plain, wording
from newsletter.documents.recognising import Role, recognise

INTERVIEW = (Path(__file__).parent.parent / "data" / "interview.txt").read_text("utf-8")
LONG = "Dit is een gewone zin in een bericht, die wat langer is dan een kop. Er volgt er nog een."
OWN = "Ik kijk er enorm naar uit om met iedereen samen te werken en om veel van u te leren."
QUESTIONS = (
    "Dag Mira",
    "Er staat",
    "Waar moet",
    "Jij stapte",
    "Wat gaf",
    "Wat mogen",
)


def roles(text: str, language: str = "nl") -> list[tuple[str, str]]:
    """Return the role and the first words of every paragraph of a text file."""
    paragraphs = plain.read(text).paragraphs
    found = recognise(paragraphs, language).roles
    return [(role.value, p.text[:50]) for role, p in zip(found, paragraphs, strict=True)]


def of(role: Role, text: str, language: str = "nl") -> list[str]:
    return [words for found, words in roles(text, language) if found == role]


def interview() -> list[str]:
    return [paragraph.text for paragraph in plain.read(INTERVIEW).paragraphs]


def turned(before: str = "", after: str = "", answer: str = "") -> list[str]:
    """Return the interview with something around its questions and before its answers."""
    paragraphs = [before + p + after if p.startswith(QUESTIONS) else p for p in interview()]
    follows = [False, *(p.startswith(QUESTIONS) for p in interview()[:-1])]
    return [answer + p if first else p for p, first in zip(paragraphs, follows, strict=True)]


def wrapped(width: int, between: str = "\n\n") -> str:
    return between.join(textwrap.fill(paragraph, width) for paragraph in interview())


def answers_right_below() -> str:
    ends = ["\n" if p.startswith(QUESTIONS) else "\n\n" for p in interview()]
    return "".join(p + end for p, end in zip(interview(), ends, strict=True))


def without(*starts: str) -> str:
    return "\n\n".join(p for p in interview() if not p.startswith(starts))


VARIATIONS = {
    "hard wrapped at 60": wrapped(60),
    "hard wrapped at 100": wrapped(100),
    "one paragraph a line": "\n".join(interview()),
    "answers right below the questions": answers_right_below(),
    "numbered questions": "\n\n".join(turned(before="3. ")),
    "questions that trail off": "\n\n".join(p.replace("sector", "sector…") for p in interview()),
    "labels": "\n\n".join(turned(before="Interviewer: ", answer="Mira: ")),
    "Vraag and Antwoord without empty lines": "\n".join(turned("Vraag: ", answer="Antwoord: ")),
    "names as labels": "\n\n".join(turned("Els Claes: ", after="?", answer="Mira: ")),
    "no kicker": without("Ons werk"),
    "no caption": without("Waterdienst Nieuwe"),
    "no sub-heading": without("Tijd voor"),
    "neither": without("Waterdienst Nieuwe", "Tijd voor"),
    "a short answer": re.sub(r"(Zeker|Klopt)\. ", r"\1.\n\n", INTERVIEW),
    "a byline": INTERVIEW.replace("Sinds 1", "Door Els Claes, 1 maart 2026\n\nSinds 1"),
    "credits": INTERVIEW + "\n\nTekst: Els Claes\n\ncommunicatie@example.org",
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_the_interview_is_found_however_it_is_typed(name: str) -> None:
    text = VARIATIONS[name]
    questions = of(Role.QUESTION, text)
    assert len(questions) == 6
    assert all(start in found for start, found in zip(QUESTIONS, questions, strict=True))
    assert of(Role.TITLE, text) == [interview()[1][:50]]
    assert [lead[:7] for lead in of(Role.LEAD, text)] == ["Sinds 1"]
    assert of(Role.CLOSING, text)[0].startswith("Bedankt, Mira!")
    last = {role for role, _ in roles(text)[-1:]}
    assert last == {"closing"}


@pytest.mark.parametrize("name", ["hard wrapped at 60", "one paragraph a line", "no sub-heading"])
def test_the_caption_of_the_interview_is_found_however_it_is_typed(name: str) -> None:
    assert of(Role.CAPTION, VARIATIONS[name]) == ["Waterdienst Nieuwe directeur - Mira Van Acker"]


def test_an_english_interview_is_recognised() -> None:
    text = f"""Meet our new director

Anna Smith joins the city on 2 May. We asked her some questions.

What made you choose the city?

I grew up here, and I have always wanted to give something back.

There is a lot of work waiting

True. But I have a great team, and together we will take it one step at a time.

I could not do this alone!

{OWN}

Thanks, Anna, and good luck!"""
    assert [role for role, _ in roles(text, "en")] == [
        "title", "lead", "question", "answer", "question", "answer", "answer", "answer", "closing",
    ]  # fmt: skip


def test_a_french_interview_is_recognised() -> None:
    text = """Marie Dubois devient directrice

À partir du 1er septembre, Marie Dubois prend la direction. Elle succède à Jean Petit.

Photo : Marie Dubois dans son nouveau bureau

Bonjour Marie, bienvenue !

Merci beaucoup ! C’est un jour particulier pour moi, et je suis ravie de rejoindre l’équipe.

Quels sont vos projets ?

Je veux d’abord rencontrer tous les collègues.

Merci, Marie, et bonne chance !"""
    assert [role for role, _ in roles(text, "fr")] == [
        "title", "lead", "caption", "question", "answer", "question", "answer", "closing",
    ]  # fmt: skip


@pytest.mark.parametrize("heading", ["Wat verandert er?", "Wat verandert er", "Praktisch"])
def test_an_announcement_with_sub_headings_is_no_interview(heading: str) -> None:
    text = f"Kantine sluit\n\n{LONG}\n\n{heading}\n\n{LONG}\n\nOpening\n\n{LONG}\n\nPlan\n\n{LONG}"
    assert of(Role.QUESTION, text) == []
    assert of(Role.HEADING, text) == [heading, "Opening", "Plan"]


def test_an_offer_to_answer_questions_is_no_question() -> None:
    text = f"Kantine sluit\n\n{LONG}\n\nWaar kan ik eten?\n\n{LONG}\n\nVragen?\n\nik@example.org"
    assert of(Role.QUESTION, text) == []


def test_frequently_asked_questions_are_questions() -> None:
    text = f"Verlof\n\n{LONG}\n\nWie kan het vragen?\n\n{LONG}\n\nHoe vraag ik het?\n\n{LONG}"
    assert of(Role.QUESTION, text) == ["Wie kan het vragen?", "Hoe vraag ik het?"]


def test_a_short_sentence_in_an_answer_is_no_question() -> None:
    answer = f"{OWN}\n\nDat was schrikken.\n\n{OWN}"
    text = f"Nieuws\n\n{LONG}\n\nHoe gaat het?\n\n{answer}\n\nEn nu?\n\n{OWN}"
    assert of(Role.QUESTION, text) == ["Hoe gaat het?", "En nu?"]
    assert ("answer", "Dat was schrikken.") in roles(text)


def test_thanks_that_are_the_only_answer_stay_the_answer() -> None:
    text = f"Nieuws\n\n{LONG}\n\nHoe gaat het?\n\n{OWN}\n\nTot slot?\n\nBedankt aan iedereen."
    assert roles(text)[-1] == ("answer", "Bedankt aan iedereen.")


def test_a_box_about_the_person_is_not_part_of_the_interview() -> None:
    bio = "Mira Van Acker woont in de stad. Ze werkte jarenlang voor een drinkwaterbedrijf."
    text = f"{INTERVIEW}\n\nOver Mira Van Acker\n\n{bio}"
    assert roles(text)[-2:] == [("heading", "Over Mira Van Acker"), ("paragraph", bio[:50])]
    assert len(of(Role.QUESTION, text)) == 6


def test_two_questions_above_each_other_belong_together() -> None:
    text = f"Nieuws\n\n{LONG}\n\nHoe gaat het?\n\nEn thuis?\n\n{OWN}\n\nEn nu?\n\n{OWN}"
    found = [role for role, _ in roles(text)]
    assert tuple(found[2:5]) == ("question", "question", "answer")


def test_a_salutation_becomes_the_greeting() -> None:
    text = f"Nieuw systeem\n\nBeste collega's,\n\n{LONG}"
    assert [role for role, _ in roles(text)] == ["title", "greeting", "lead"]


@pytest.mark.parametrize("line", ["1 september 2023", "Vrijdag 3 mei 2024", "Door Els Claes"])
def test_a_date_or_a_byline_is_neither_lead_nor_heading(line: str) -> None:
    assert ("paragraph", line) in roles(f"Nieuws\n\n{line}\n\n{LONG}")


def test_a_text_that_opens_with_a_long_paragraph_has_no_title() -> None:
    assert roles(f"{LONG} {LONG}\n\n{LONG}")[0][0] == "lead"


def test_a_signature_keeps_its_lines() -> None:
    text = f"Nieuws\n\n{LONG}\n\nMet vriendelijke groeten,\nEls Claes\nPersoneel"
    signature = plain.read(text).paragraphs[-1]
    assert signature.markdown == "Met vriendelijke groeten,\\\nEls Claes\\\nPersoneel"
    assert roles(text)[-1][0] == "closing"


def test_points_below_each_other_become_a_list() -> None:
    paragraphs = plain.read(f"{LONG}\n\n- een\n- twee\n  en half\n\n1. a\n2. b").paragraphs
    layouts = [paragraph.markdown for paragraph in paragraphs[1:]]
    assert layouts == ["- een\n- twee en half", "1. a\n2. b"]


def test_a_lone_dash_or_number_is_no_list() -> None:
    paragraphs = plain.read(f"- alleen\n\n{LONG}\n\n7. alleen").paragraphs
    assert [p.markdown for p in paragraphs if "alleen" in p.text] == ["\\- alleen", "7\\. alleen"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (INTERVIEW, "nl"),
        ("We asked her what the new team will be for you and the city.", "en"),
        ("Elle prend la direction de notre administration avec une équipe.", "fr"),
        ("District09", "xx"),
    ],
)
def test_the_language_is_told_by_its_commonest_words(text: str, language: str) -> None:
    assert wording.language(text, default="xx") == language


def test_places_are_the_lines_of_the_file() -> None:
    paragraphs = plain.read(INTERVIEW).paragraphs
    lines = INTERVIEW.split("\n")
    for paragraph in paragraphs:
        number = int(paragraph.place.removeprefix("line "))
        assert lines[number - 1].split() == paragraph.text.split()
    assert all(one.place != other.place for one, other in pairwise(paragraphs))
