"""Two languages of one announcement, laid beside each other."""

from pathlib import Path

import pytest

from newsletter import announcement
from newsletter.announcement import Edition
from newsletter.checks import agreement, languages
from tests.editions import paint

ROOT = Path(__file__).parent.parent.parent
DUTCH = """\
---
title: We verhuizen
preheader: Alles over de verhuis naar het nieuwe stadskantoor, dag na dag.
---

We verhuizen op maandag 7 december 2026 om 12.30 uur. Dat kost 1.200,50 euro.

- vijftien dozen
- 3 wagens

[Lees meer](https://intranet.example.org/nl/verhuis)

![Plan](plan.png)
"""
FRENCH = """\
---
title: Nous déménageons
preheader: Tout sur le déménagement vers le nouveau centre, jour après jour.
---

Nous déménageons le lundi 7 décembre 2026 à 12h30. Cela coûte 1 200,50 €.

- 15 cartons
- trois camions

[Lire la suite](https://intranet.example.org/fr/demenagement)

![Plan](plan.png)
"""


def loaded(folder: Path, **texts: str) -> tuple[Edition, ...]:
    paint(folder / "plan.png", 60, 40)
    for language, text in texts.items():
        (folder / f"{language}.md").write_text(text, encoding="utf-8")
    return announcement.load(folder, ("nl", "fr", "en")).editions


def differences(folder: Path, dutch: str, french: str) -> list[str]:
    editions = loaded(folder, nl=dutch, fr=french)
    found = agreement.check(editions, ("nl", "fr"))
    return [f"{Path(each.place).name} {each.message}" for each in found]


def test_two_faithful_editions_do_not_differ(tmp_path: Path) -> None:
    assert differences(tmp_path, DUTCH, FRENCH) == []


@pytest.mark.parametrize("name", ["announcements/nieuwe-ceo", "tests/data/interview"])
def test_our_own_three_languages_say_the_same(name: str) -> None:
    editions = announcement.load(ROOT / name, ("nl", "fr", "en")).editions

    assert [each.language for each in editions] == ["nl", "fr", "en"]
    assert list(agreement.check(editions, ("nl", "fr", "en"))) == []
    assert list(languages.check(editions)) == []


@pytest.mark.parametrize(
    ("there", "here", "says"),
    [
        ("7 décembre 2026", "8 décembre 2026", "fr.md:6 `8 décembre 2026` here is "
         "`7 december 2026` in nl.md:6; correct one"),
        ("lundi", "mardi", "fr.md:6 `mardi` here is `maandag` in nl.md:6; correct one"),
        ("12h30", "13h30", "fr.md:6 `13h30` here is `12.30 uur` in nl.md:6; correct one"),
        (" à 12h30", "", "fr.md:6 `12.30 uur` of nl.md:6 is missing here; add or "
         "correct it"),
        ("1 200,50", "1 250,50", "fr.md:6 `1 250,50 €` here is `1.200,50 euro` in nl.md:6; "
         "correct one"),
        ("15 cartons", "16 cartons", "fr.md:8 `16` is missing in nl.md:8; add it there, or "
         "correct it here"),
        ("trois camions", "quatre camions", "fr.md:9 `3` of nl.md:9 is missing here; add or "
         "correct it"),
        ("/fr/demenagement", "", "fr.md the link `https://intranet.example.org/nl/verhuis` of "
         "nl.md:11 is missing here; add it"),
        ("![Plan](plan.png)", "Plan : voir plus haut, ou demandez-le nous.",
         "fr.md:13 a paragraph stands here, and an image in nl.md:13; "
         "give both the same blocks in the same order"),
        ("- trois camions\n", "", "fr.md:10 the paragraph of nl.md:9 is missing here; "
         "give both the same blocks in the same order"),
        ("![Plan]", "Encore un mot.\n\n![Plan]", "fr.md:13 this paragraph is missing in nl.md; "
         "give both the same blocks in the same order"),
        ("title:", "kicker: Bientôt\ntitle:", "fr.md:2 `kicker:` is not in nl.md; add it there "
         "too"),
        ("title:", "theme: krant\ntitle:", "fr.md:2 the theme is `krant` here and `default` in "
         "nl.md; give both the same"),
        ("preheader: Tout sur le déménagement vers le nouveau centre, jour après jour.\n", "",
         "fr.md:1 no `preheader:` here, and nl.md:3 has one; add it"),
    ],
)  # fmt: skip
def test_a_difference_is_named_on_the_lines_of_both(
    tmp_path: Path, there: str, here: str, says: str
) -> None:
    assert there in FRENCH
    assert says in differences(tmp_path, DUTCH, FRENCH.replace(there, here))


def test_a_fact_may_move_to_the_passage_beside_it(tmp_path: Path) -> None:
    dutch = DUTCH.replace("- 3 wagens", "- en wagens, 3")
    french = FRENCH.replace("- 15 cartons\n- trois camions", "- cartons\n- 15, et trois camions")
    assert differences(tmp_path, dutch, french) == []


def test_a_telephone_number_with_another_digit_is_named(tmp_path: Path) -> None:
    dutch = DUTCH.replace("3 wagens", "3 wagens, bel 09 266 70 00")
    french = FRENCH.replace("trois camions", "trois camions, tél. {}")
    assert differences(tmp_path, dutch, french.format("+32 9 266 70 00")) == []
    assert differences(tmp_path, dutch, french.format("09/266.70.01")) == [
        "fr.md:9 `09/266.70.01` here is `09 266 70 00` in nl.md:9; correct one"
    ]


def test_where_blocks_are_missing_facts_are_sought_in_the_whole(tmp_path: Path) -> None:
    french = FRENCH.replace("- 15 cartons\n- trois camions\n\n", "")
    found = differences(tmp_path, DUTCH, french.replace("12h30", "14h"))
    assert [each for each in found if "uur" in each or "`14h`" in each] == [
        "fr.md `12.30 uur` of nl.md:6 is missing here; add or correct it",
        "fr.md:6 `14h` is missing in nl.md; add it there, or correct it here",
    ]


@pytest.mark.parametrize(
    ("dutch", "french", "agree"),
    [
        ("https://example.org/a", "https://example.org/a/", True),
        ("https://example.org/a?x=nl", "https://example.org/a?x=fr", True),
        ("https://nl.example.org/a", "https://fr.example.org/b", True),
        ("https://example.org/nl/a", "https://example.net/fr/a", False),
        ("https://example.org/a", "https://example.org/b", False),
        ("https://example.org/nlx", "https://example.org/frx", False),
    ],
)
def test_an_address_may_differ_where_it_names_its_language(
    tmp_path: Path, dutch: str, french: str, agree: bool
) -> None:
    found = differences(
        tmp_path,
        DUTCH.replace("https://intranet.example.org/nl/verhuis", dutch),
        FRENCH.replace("https://intranet.example.org/fr/demenagement", french),
    )
    assert (found == []) is agree
    assert all("the link `" in each for each in found)


def test_a_picture_may_have_its_language_in_its_name(tmp_path: Path) -> None:
    for name in ("plan-nl.png", "plan-fr.png", "kaart.png"):
        paint(tmp_path / name, 60, 40)
    dutch = DUTCH.replace("plan.png", "plan-nl.png")
    assert differences(tmp_path, dutch, FRENCH.replace("plan.png", "plan-fr.png")) == []
    assert differences(tmp_path, dutch, FRENCH.replace("plan.png", "kaart.png")) == [
        "fr.md the picture `plan-nl.png` of nl.md:13 is missing here; add it",
        "fr.md:13 the picture `kaart.png` is missing in nl.md; add it there too",
    ]


EVENT = "::: event {}\ndate: 2026-12-03\ntime: {}\n{}:::\n"


def test_events_are_at_the_same_moment_and_have_their_place(tmp_path: Path) -> None:
    dutch = DUTCH + "\n" + EVENT.format("Feest", "12:00-13:30", "place: Gent\n")
    same = EVENT.format("Fête", "12:00-13:30", "place: Gand\n")
    assert differences(tmp_path, dutch, f"{FRENCH}\n{same}") == []
    later = EVENT.format("Fête", "12:00-14:00", "")
    assert differences(tmp_path, dutch, f"{FRENCH}\n{later}") == [
        "fr.md:15 this event is on 2026-12-03 12:00 14:00, and on 2026-12-03 12:00 13:30 in "
        "nl.md:15; correct one",
        "fr.md:15 only one of this event and nl.md:15 has a `place:`; give it to both",
    ]


def test_a_language_of_the_organisation_without_an_edition_is_named(tmp_path: Path) -> None:
    editions = loaded(tmp_path, nl=DUTCH, fr=FRENCH)
    (found,) = agreement.check(editions, ("nl", "fr", "en"))
    assert Path(found.place).name == "nl.md"
    assert found.message.startswith("there is no edition in `en`")


def test_a_single_edition_is_laid_beside_nothing(tmp_path: Path) -> None:
    assert list(agreement.check(loaded(tmp_path, nl=DUTCH), ("nl",))) == []


def test_a_long_announcement_is_compared_in_a_moment(tmp_path: Path) -> None:
    long = "".join(
        f"Alinea {n} met {n * 7} mensen op {n % 28 + 1}/5/2026.\n\n" for n in range(3000)
    )
    editions = loaded(tmp_path, nl=DUTCH + "\n" + long, fr=FRENCH + "\n" + long[100:])
    assert len(list(agreement.check(editions, ("nl", "fr")))) > 1


def test_a_folder_with_one_file_misses_the_other_languages_too(tmp_path: Path) -> None:
    path = tmp_path / "nl.md"
    path.write_text("---\ntitle: X\n---\nTekst.\n")
    alone = announcement.load(tmp_path, ("nl", "fr")).editions
    (found,) = agreement.check(alone, ("nl", "fr"))
    assert found.rule == "missing-language"
    by_itself = announcement.load(path.rename(tmp_path / "ceo.md"), ("nl", "fr")).editions
    assert list(agreement.check(by_itself, ("nl", "fr"))) == []
