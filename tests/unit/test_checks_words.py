"""Placeholders, odd characters, subject and preheader, voice, dates."""

import dataclasses
import datetime
from pathlib import Path

import pytest

from newsletter import checks
from newsletter.announcement import Edition
from newsletter.blocks import Event, Paragraph, Text
from newsletter.checks import Finding, Rules, characters, dates, slots, titles
from tests.mails import HEAD, RULES, findings, foreign, mail, named, written


def only(found: list[Finding]) -> Finding:
    (one,) = found
    return one


# -- placeholders


@pytest.mark.parametrize(
    "words",
    ["{{ voornaam", "[[NAAM]]", "[[naam van de dienst]]", "{% if x %}", "*|FNAME|*", "%%voornaam%%",
     "[NAAM]", "[voornaam]", "[Prénom]", "{naam}", "<<Naam>>", "[datum]", "[in te vullen]"],
)  # fmt: skip
def test_a_placeholder_that_would_reach_readers_is_an_error_on_its_line(
    tmp_path: Path, words: str
) -> None:
    words = words.replace("<", "\\<")
    found = only(findings(tmp_path, f"Beste,\n\nDag {words}, tot morgen.\nTot {words}!"))
    assert (found.rule, found.severity) == ("leftover-slot", "error")
    assert found.line in (9, 7) if "\\" in words else found.line == 9
    assert f"`{words.strip('*').replace(chr(92), '')}" in found.message


def test_a_placeholder_over_two_lines_is_an_error_too(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "Dag {{ first_name |\n'collega' }}, tot morgen."))
    assert found.rule == "leftover-slot"
    assert "`{{ first_name | 'collega' }}` would reach readers" in found.message


def test_a_placeholder_in_the_subject_is_an_error_on_its_line(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "Dag.", f"{HEAD}\nsubject: Dag [[naam]]"))
    assert (found.rule, found.line) == ("leftover-slot", 5)


def test_a_placeholder_in_an_address_or_only_in_the_text_part_is_an_error(tmp_path: Path) -> None:
    (found,) = slots.check(
        foreign(tmp_path, '<a href="https://x.test/%7B%7Bid%7D%7D">x</a>'), RULES
    )
    assert "`{{id}}`" in found.message
    (found,) = slots.check(foreign(tmp_path, "<p>Dag</p>", text="Dag [[naam]]"), RULES)
    assert (found.rule, found.line) == ("leftover-slot", 0)


@pytest.mark.parametrize(
    "words",
    [
        "TODO",
        "TBD",
        "FIXME",
        "XXX",
        "XXXX",
        "lorem ipsum",
        "Lorem ipsum",
        "«Voornaam»",
        "«Last_Name»",
        "xx/xx/2026",
        "0470 XX XX XX",
    ],
)
def test_unfinished_words_are_a_warning_on_their_line(tmp_path: Path, words: str) -> None:
    found = only(findings(tmp_path, f"Beste,\n\n{words} nog schrijven."))
    assert (found.rule, found.severity, found.line) == ("unfinished", "warning", 9)
    assert found.message.partition("`")[2].partition("`")[0] in words


@pytest.mark.parametrize(
    "words",
    ["100%% zeker", "«Horizon»", "Pius XX", "maat xx", "methodologie, todo", "maat XXL",
     "« bonjour »", "a[1][2]", "5 * 3 | 2",
     "[PDF]", "[1]", "${naam}", "{ }", "de naam"],
)  # fmt: skip
def test_ordinary_words_are_no_placeholders(tmp_path: Path, words: str) -> None:
    assert findings(tmp_path, f"Dit is {words} hier.") == []


# -- characters


def odd(folder: Path, words: str, **changes: str) -> list[tuple[str, str]]:
    found = characters.check(foreign(folder, f"<p>{words}</p>", **changes), RULES)
    return [(each.rule, each.message) for each in found]


@pytest.mark.parametrize(
    ("words", "rule", "says"),
    [
        ("a\x07b", "control-character", "U+0007"),
        ("het\x92s", "control-character", "is `’` as an old Windows program writes it"),
        ("a\x81b", "control-character", "U+0081 cannot be shown"),
        ("caf\ufffd", "broken-character", "U+FFFD (replacement character)"),
        ("a\uf0b7b", "broken-character", "U+F0B7 shows as a box"),
        ("a\U000f0000b", "broken-character", "U+F0000"),
        ("a\u202egpj.exe", "bidi-character", "U+202E (right-to-left override)"),
        ("a\u2066b", "bidi-character", "U+2066"),
        ("cafÃ©", "mojibake", "`Ã©` (probably `é`)"),
        ("collegaâ€™s", "mojibake", "`â€™` (probably `’`)"),
        ("Â«oui", "mojibake", "`Â«` (probably `«`)"),
        ('<a href="https://example.org/a\u200b">menu</a>', "hidden-in-link", "U+200B"),
        ('<a href="https://example.org/%e2%80%8b">menu</a>', "hidden-in-link", "%E2%80%8B"),
        ('<a href="https://example.org">me\u00adnu</a>', "hidden-in-link", "U+00AD"),
    ],
)
def test_a_character_that_shows_wrong_or_not_at_all_is_found_once(
    tmp_path: Path, words: str, rule: str, says: str
) -> None:
    ((found, message),) = odd(tmp_path, f"{words} en {words}" if "<" not in words else words)
    assert found == rule
    assert says in message


@pytest.mark.parametrize(
    "words",
    ["É…» café” à – naïef Âge SÃO 5 °C", "tab\tof\nregel", "مرحبا بالعالم", "👨‍👩‍👧 ⚠️ ✓",
     "af\u00adbreken, zonder\u00a0breuk, 1\u202f000", "a\u200bb"],
)  # fmt: skip
def test_characters_of_every_day_are_left_alone(tmp_path: Path, words: str) -> None:
    assert odd(tmp_path, words) == []


def test_an_emoji_of_several_people_may_be_in_the_words_of_a_link(tmp_path: Path) -> None:
    assert odd(tmp_path, '<a href="https://example.org">de ploeg 👨‍👩‍👧</a>') == []


def test_a_character_only_in_the_text_part_is_found(tmp_path: Path) -> None:
    assert [rule for rule, _ in odd(tmp_path, "Dag", text="caf\ufffd")] == ["broken-character"]


# -- subject, preheader, voice


def test_a_long_subject_is_a_warning_where_it_is_written(tmp_path: Path) -> None:
    long = "woord " * 11 + "woord"
    head = f"preheader: {'x' * 60}\ntitle: {long}"
    found = only(findings(tmp_path, "Dag.", head))
    assert (found.rule, found.line) == ("subject-long", 3)
    assert "71 characters" in found.message
    assert only(findings(tmp_path, "Dag.", f"{HEAD}\nsubject: {long}")).line == 5
    assert findings(tmp_path, "Dag.", f"{HEAD}\nsubject: {long[:70]}") == []


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("DE KANTINE IS DICHT", "shouting"),
        ("De kantine is dicht!!!", "shouting"),
        ("Dicht?!? Echt waar", "shouting"),
        ("Re: de kantine", "subject-reply"),
        ("FW: de kantine", "subject-reply"),
        ("TR : la cantine", "subject-reply"),
        ("Antw: de kantine", "subject-reply"),
        ("🎉 Feest 🎉 in 🎈 de kantine", "emoji"),
        ("🇧🇪 Feest 👍🏽 in de kantine 👩‍💻", "emoji"),
    ],
)
def test_a_subject_that_shouts_or_pretends_is_a_warning_on_its_line(
    tmp_path: Path, subject: str, rule: str
) -> None:
    found = findings(tmp_path, "Dag.", f"{HEAD}\nsubject: '{subject}'")
    assert named(found) == [(rule, 5)]


@pytest.mark.parametrize(
    "subject",
    [
        "BTW & RSZ",
        "COVID-19",
        "Regels: wat nu?",
        "Feest 🎉 in de kantine!",
        "Trage lift",
        "🇧🇪 Feest 👩🏽‍💻 in de kantine",
    ],
)
def test_an_ordinary_subject_is_left_alone(tmp_path: Path, subject: str) -> None:
    assert findings(tmp_path, "Dag.", f"{HEAD}\nsubject: '{subject}'") == []


@pytest.mark.parametrize(("length", "count"), [(39, 1), (40, 0), (110, 0), (111, 1)])
def test_a_preheader_too_short_or_too_long_is_a_warning(
    tmp_path: Path, length: int, count: int
) -> None:
    found = findings(tmp_path, "Dag.", f"title: Dicht\npreheader: {'x' * length}")
    assert named(found) == [("preheader-length", 3)] * count
    assert all(f"{length} characters" in each.message for each in found)


@pytest.mark.parametrize(
    ("preheader", "repeats"),
    [
        ("De kantine is vrijdag dicht", True),
        ("De Kantine is vrijdag dicht, breng je boterhammen mee", True),
        ("De kantine krijgt vrijdag een nieuwe vloer, breng boterhammen mee", False),
    ],
)
def test_a_preheader_that_repeats_the_title_is_a_warning(
    tmp_path: Path, preheader: str, repeats: bool
) -> None:
    head = f"title: De kantine is vrijdag dicht\npreheader: {preheader}"
    found = named(findings(tmp_path, "Dag.", head), "preheader-repeats")
    assert found == [("preheader-repeats", 3)] * repeats
    other = f"title: Iets anders\nsubject: De kantine is vrijdag dicht\npreheader: {preheader}"
    assert len(named(findings(tmp_path, "Dag.", other), "preheader-repeats")) == repeats


def test_shouting_in_the_text_is_a_warning_on_its_line(tmp_path: Path) -> None:
    assert named(findings(tmp_path, "Dag.\n\nSCHRIJF JE NU DIRECT IN voor het feest")) == [
        ("shouting", 9)
    ]
    assert named(findings(tmp_path, "Dag.\n\nKom allemaal!!!")) == [("shouting", 9)]
    assert findings(tmp_path, "De VVSG, VDAB en RSZ komen. Echt? Ja! Meer over BTW.") == []
    assert findings(tmp_path, "RVA, OCMW, VDAB, RSZ en RVA / ONEM / FOREM / ADG en FOD BOSA.") == []


def test_many_emoji_are_a_warning(tmp_path: Path) -> None:
    assert findings(tmp_path, "🎉 " * 10) == []
    assert named(findings(tmp_path, "🎉 " * 11)) == [("emoji", 0)]


def test_the_subject_is_read_from_the_header_as_mail_programs_do(tmp_path: Path) -> None:
    finished = mail(written(tmp_path, "Dag."), subject="Één lange lijn met accenten " * 4)
    found = [each.rule for each in titles.check(finished, RULES)]
    assert found == ["subject-long"]


# -- dates


def wrong(folder: Path, words: str, language: str = "nl", date: str = "") -> list[str]:
    edition = written(folder, "Dag.", HEAD + (f"\ndate: {date}" if date else ""))
    edition = dataclasses.replace(edition, language=language)
    finished = dataclasses.replace(foreign(folder, f"<p>{words}</p>"), editions=(edition,))
    found = dates.check(finished, RULES)
    return [each.message for each in found if each.rule == "wrong-weekday"]


def test_a_wrong_weekday_is_an_error_on_its_line(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "- Kom\n- maandag 3 maart 2026\n- naar de kantine")
    assert (found.rule, found.severity, found.line) == ("wrong-weekday", "error", 8)
    assert "2026-03-03 falls on dinsdag; correct the weekday or the date" in found.message


@pytest.mark.parametrize(
    ("language", "words", "right"),
    [
        ("nl", "maandag 3 maart 2026", "dinsdag"),
        ("nl", "Maandag, 3 maart", "dinsdag"),
        ("nl", "ma 3 mrt. 2026", "dinsdag"),
        ("nl", "maandag 3/3/2026", "dinsdag"),
        ("nl", "maandag 03-03-2026", "dinsdag"),
        ("nl", "maandag 3/3", "dinsdag"),
        ("fr", "lundi 3 mars 2026", "mardi"),
        ("fr", "lundi le 1er avril 2026", "mercredi"),
        ("en", "Monday 3 March 2026", "Tuesday"),
        ("en", "Monday, March 3rd, 2026", "Tuesday"),
        ("en", "Monday the 3rd of March", "Tuesday"),
        ("de", "Montag, den 3. März 2026", "Dienstag"),
        ("es", "lunes 3 de marzo de 2026", "martes"),
        ("nl", "maandag 3/3/26", "dinsdag"),
        ("nl", "maandag 3 tot vrijdag 6 maart 2026", "dinsdag"),
        ("nl", "ma 3 t.e.m. 6 maart", "dinsdag"),
        ("nl", "maandag 3 en woensdag 4 maart", "dinsdag"),
        ("fr", "du lundi 3 au vendredi 6 mars 2026", "mardi"),
        ("en", "Monday 3 to Friday 6 March", "Tuesday"),
    ],
)
def test_a_weekday_that_does_not_match_its_date_is_found_in_any_language(
    tmp_path: Path, language: str, words: str, right: str
) -> None:
    (message,) = wrong(tmp_path, f"Kom, {words}, langs.", language)
    assert f"falls on {right}" in message


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "dinsdag 3 maart 2026"),
        ("nl", "di 3/3/2026"),
        ("nl", "maandag 9 februari"),
        ("nl", "maandag 3 keer 5 maart"),
        ("nl", "zo 3 dagen"),
        ("nl", "dinsdag 3 tot vrijdag 6 maart"),
        ("nl", "zaterdag 28 tot maandag 2 maart"),
        ("fr", "du mardi 3 au vendredi 6 mars"),
        ("nl", "maandag 3-4 personen"),
        ("nl", "maandag 9.30 uur"),
        ("nl", "maandag 3/4/12"),
        ("fr", "mardi 3 mars"),
        ("en", "Tuesday, March 3, 2026"),
        ("en", "Monday 3/4/2026"),
        ("en", "May 3 friends"),
    ],
)
def test_a_weekday_that_matches_is_left_alone(tmp_path: Path, language: str, words: str) -> None:
    assert wrong(tmp_path, f"Kom {words} langs.", language) == []


def test_a_date_without_its_year_is_in_that_of_the_announcement_or_soon_after(
    tmp_path: Path,
) -> None:
    assert wrong(tmp_path, "vrijdag 1 september", date="2023-08-20") == []
    (message,) = wrong(tmp_path, "dinsdag 1 september", date="2023-08-20")
    assert "2023-09-01 falls on vrijdag" in message
    assert wrong(tmp_path, "vrijdag 9 januari", date="2025-12-10") == []
    assert len(wrong(tmp_path, "zondag 9 januari", date="2025-12-10")) == 1


def test_a_date_without_its_year_may_be_just_over(tmp_path: Path) -> None:
    assert wrong(tmp_path, "vrijdag 18 december", date="2027-01-08") == []
    (message,) = wrong(tmp_path, "maandag 18 december", date="2027-01-08")
    assert "2026-12-18 falls on vrijdag" in message


def test_a_day_that_does_not_exist_is_found(tmp_path: Path) -> None:
    (message,) = wrong(tmp_path, "maandag 31 april 2026")
    assert "`maandag 31 april 2026` does not exist" in message
    assert len(wrong(tmp_path, "maandag 32 april")) == 1
    assert wrong(tmp_path, "zaterdag 29 februari 2020") == []


def test_a_date_of_the_announcement_that_is_over_is_a_warning_on_its_line(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "Dag.", f"{HEAD}\ndate: 2026-02-08")
    assert (found.rule, found.severity, found.line) == ("date-past", "warning", 5)
    assert "2026-02-08, is yesterday" in found.message
    assert findings(tmp_path, "Dag.", f"{HEAD}\ndate: 2026-02-09") == []
    (found,) = findings(tmp_path, "Dag.", f"kicker: 'Update: x'\n{HEAD}\ndate: 2026-02-08")
    assert found.line == 6


def test_an_event_that_is_over_is_a_warning_on_its_line(tmp_path: Path) -> None:
    day = datetime.date(2026, 2, 9)

    def over(date: datetime.date, until: datetime.date | None = None) -> list[tuple[str, int]]:
        event = Event(title="Drink", date=date, until=until, line=12)
        return named(list(dates.check(mail(_with(written(tmp_path, "Dag."), event)), RULES)))

    assert over(day - datetime.timedelta(3)) == [("date-past", 12)]
    assert over(day) == []
    assert over(day - datetime.timedelta(3), day) == []


def _with(edition: Edition, event: Event) -> Edition:
    return dataclasses.replace(edition, body=(Paragraph((Text("Dag."),)), event))


def test_the_day_of_asking_is_given(tmp_path: Path) -> None:
    finished = mail(written(tmp_path, "Dag.", f"{HEAD}\ndate: 2026-02-08"))
    assert checks.run(finished, Rules(today=datetime.date(2026, 2, 8))) == ()


# -- what is shown as it stands, and lists


@pytest.mark.parametrize("words", ["<b>drie</b> jaar", "Een<br>twee", '<a href="x">hier</a>'])
def test_html_among_the_words_is_a_warning_for_readers_would_see_it(
    tmp_path: Path, words: str
) -> None:
    found = findings(tmp_path, f"Beste,\n\nDat duurt {words}.")
    assert ("html-shown", 9) in named(found, "html-shown")


def test_signs_of_smaller_and_larger_are_no_html(tmp_path: Path) -> None:
    assert findings(tmp_path, "Als 3 < 4 en 5 > 4, dan is a<b en b>a, en <3 voor allen.") == []


def test_a_list_that_nobody_made_is_told_with_the_nearest(tmp_path: Path) -> None:
    edition = written(tmp_path, "Tekst.", HEAD + "\nlists: [staff, techneuten]\n")
    edition = dataclasses.replace(edition, lists=("staff", "techneuten"))
    (found,) = checks.addressed((edition,), ("staff", "techneut"), RULES)
    assert (found.rule, found.severity) == ("unknown-list", "warning")
    assert "`techneuten` to send to; did you mean `techneut`?" in found.message
