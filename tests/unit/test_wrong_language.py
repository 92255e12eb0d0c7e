"""Text that nobody translated."""

from pathlib import Path

import pytest

from newsletter import announcement
from newsletter.checks import languages
from newsletter.checks.finding import Finding

SAMPLES = {
    "nl": "De nieuwe ploeg komt volgende week langs bij alle diensten en zal ook luisteren naar "
    "wat er volgens jullie nog beter kan.",
    "fr": "La nouvelle équipe passera la semaine prochaine dans tous les services et écoutera "
    "aussi ce qui, selon vous, peut encore être amélioré.",
    "en": "The new team will come round to all departments next week and will also listen to what "
    "you think could still be done better.",
    "de": "Das neue Team kommt nächste Woche in allen Abteilungen vorbei und hört auch zu, was "
    "nach eurer Meinung noch besser werden kann.",
}


def found(folder: Path, **bodies: str) -> list[Finding]:
    for language, body in bodies.items():
        text = f"---\ntitle: District09\n---\n\n{body}\n"
        (folder / f"{language}.md").write_text(text, encoding="utf-8")
    return list(languages.check(announcement.load(folder, ("nl", "fr", "en")).editions))


@pytest.mark.parametrize("own", SAMPLES)
@pytest.mark.parametrize("written", SAMPLES)
def test_a_passage_in_another_language_is_named_and_no_other(
    tmp_path: Path, own: str, written: str
) -> None:
    assert languages.spoken(SAMPLES[written]) == written
    warnings = found(tmp_path, **{own: f"Kort.\n\n{SAMPLES[written]}"})
    if own == written:
        assert warnings == []
    else:
        (warning,) = warnings
        assert warning.place.endswith(f"{own}.md:7")
        assert f"and the edition is in `{own}`" in warning.message


def test_a_passage_that_nobody_translated_is_named_with_where_it_stands_too(
    tmp_path: Path,
) -> None:
    (warning,) = found(tmp_path, nl=SAMPLES["nl"], fr=f"{SAMPLES['fr']}\n\n{SAMPLES['nl']}")
    assert warning.place.endswith("fr.md:7")
    assert "the same words as in nl.md:5" in warning.message


def test_points_of_a_list_are_read_together(tmp_path: Path) -> None:
    points = "- een nieuwe ploeg\n- met de fiets\n- naar het werk\n- voor een dag"
    (warning,) = found(tmp_path, fr=points)
    assert warning.place.endswith("fr.md:5")


@pytest.mark.parametrize(
    "words",
    [
        "> Wij zijn er voor de stad en voor iedereen die er woont, en dat is ook wat ons drijft.",
        "Le slogan « Wij zijn er voor de stad en voor iedereen die er woont » est connu.",
        "Ze zei ‘It’s the way we do things here and that is all there is to it’.",
        "Johan Van der Bauwhede, Pascale Van den Broucke et Stefan De Smet, Digitaal Vlaanderen",
        "Stad Gent, Dienst Interne Communicatie, Botermarkt 1, 9000 Gent",
        "Agentschap voor Binnenlands Bestuur",
        "De Smet et Van Acker",
    ],
)
def test_quotes_and_names_are_nobodys_language(tmp_path: Path, words: str) -> None:
    assert found(tmp_path, nl=words, fr=words) == []


def test_a_heading_or_button_that_nobody_translated_is_named(tmp_path: Path) -> None:
    dutch = "## Wat verandert er voor jou?\n\n[Lees meer over verlof](https://example.org){.button}"
    warnings = found(tmp_path, nl=dutch, fr=dutch)
    assert [Path(each.place).name for each in warnings] == ["fr.md:5", "fr.md:7"]
    assert all("the same words as in nl.md" in each.message for each in warnings)


@pytest.mark.parametrize("name", ["Dag van de Zorg", "Huis van het Kind", "Musée de la Ville"])
def test_a_name_may_be_a_heading_in_every_language(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, nl=f"## {name}", fr=f"## {name}", en=f"## {name}") == []


def test_a_title_that_is_the_subject_too_is_counted_once(tmp_path: Path) -> None:
    text = "---\ntitle: Back to the Future\n---\n\nEen film.\n"
    (tmp_path / "nl.md").write_text(text, encoding="utf-8")
    assert list(languages.check(announcement.load(tmp_path, ("nl",)).editions)) == []


def test_a_language_that_we_cannot_read_is_not_judged(tmp_path: Path) -> None:
    assert found(tmp_path, pl=SAMPLES["nl"]) == []
