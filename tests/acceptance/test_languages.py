"""One announcement in three languages to lists with a policy: who got which, by their mails."""

import email
import email.policy
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.workplace import Workplace

TEXTS = {
    "nl": ("De kantine is vrijdag dicht", "Breng vrijdag boterhammen mee voor in de pauze."),
    "fr": ("La cantine est fermée vendredi", "Apportez vendredi vos tartines pour la pause."),
    "en": ("The canteen is closed on Friday", "On Friday, bring your own lunch for the break."),
}
STAFF = """\
email,first_name,language
nele@example.org,Nele,nl
fred@example.org,Fred,fr
erin@example.org,Erin,en
anna@example.org,Anna,
dirk@example.org,Dirk,de
"""
BOARD = """\
email,first_name,language
anna@example.org,Anna,
bert@example.org,Bert,
fien@example.org,Fien,fr-BE
"""


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    workplace = Workplace(tmp_path / "workplace")
    settings = workplace.root / "newsletter.toml"
    settings.write_text(settings.read_text().replace('["nl", "en"]', '["nl", "fr", "en"]'))
    folder = workplace.root / "announcements" / "kantine"
    folder.mkdir()
    for language, (title, body) in TEXTS.items():
        head = f"title: {title}\npreheader: {body}\ngreeting: '{{{{ first_name | \"-\" }}}}'"
        (folder / f"{language}.md").write_text(f"---\n{head}\n---\n\n{body}\n")
    recipients = workplace.root / "recipients"
    (recipients / "staff.csv").write_text(STAFF)
    (recipients / "board.csv").write_text(BOARD)
    (recipients / "lists.toml").write_text('[staff]\nlanguage = "stacked"\n')
    return workplace


def got(workplace: Workplace) -> dict[str, str]:
    """Return the languages that each person can read in the mail that arrived."""
    languages: dict[str, str] = {}
    for path in workplace.kept():
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        html, text = (
            mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
            for kind in ("html", "plain")
        )
        inside = [language for language, (title, _) in TEXTS.items() if title in html]
        assert inside == [language for language, (title, _) in TEXTS.items() if title in text]
        assert all(TEXTS[language][1] in html for language in inside)
        assert mail["Subject"] == " | ".join(TEXTS[language][0] for language in inside)
        to = str(mail["To"].addresses[0].addr_spec)
        name = to.partition("@")[0]
        assert html.count(name.capitalize()) == text.count(name.capitalize()) == len(inside)
        languages[name] = " ".join(inside)
    return languages


def test_each_gets_the_own_language_else_what_the_first_list_says(workplace: Workplace) -> None:
    told = workplace.run("send", "kantine", "--list", "staff", "--list", "board", "--yes").stdout

    assert got(workplace) == {
        "nele": "nl",
        "fred": "fr",
        "erin": "en",
        "anna": "nl fr en",  # on both lists, first on the one that stacks
        "dirk": "nl fr en",
        "bert": "nl",
        "fien": "fr",
    }
    assert "Languages     2 nl, 2 fr, 1 en, 2 nl + fr + en stacked" in told
    assert "1 person prefer de, and get it in nl + fr + en stacked" in told
    with sqlite3.connect(workplace.root / "var" / "ledger.db") as ledger:
        booked = dict(ledger.execute("select address, language from delivery"))
    assert Counter(booked.values()) == {"nl": 2, "fr": 2, "en": 1, "mul": 2}
    assert {each.partition("@")[0] for each in booked if booked[each] == "mul"} == {"anna", "dirk"}


def test_the_order_of_the_lists_decides(workplace: Workplace) -> None:
    workplace.run("send", "kantine", "--list", "board", "--list", "staff", "--yes")

    assert got(workplace)["anna"] == "nl"
    assert got(workplace)["dirk"] == "nl fr en"


def test_nothing_is_stacked_for_nobody(workplace: Workplace) -> None:
    told = workplace.run("send", "kantine", "--list", "board", "--yes").stdout

    assert "stacked" not in told
    with sqlite3.connect(workplace.root / "var" / "ledger.db") as ledger:
        assert [row[0] for row in ledger.execute("select language from skeleton order by id")] == [
            "nl",
            "fr",
            "en",
        ]


def test_the_stacked_mail_is_built_and_sent_as_a_test_too(workplace: Workplace) -> None:
    workplace.run("build", "kantine", "--out", "out")
    assert {path.name for path in (workplace.root / "out").iterdir()} >= {
        f"kantine.{language}.{suffix}"
        for language in (*TEXTS, "mul")
        for suffix in ("html", "txt", "eml")
    }

    told = workplace.run("test", "kantine", "--to", "nele@example.org").stdout
    assert [line.partition(":")[0] for line in told.splitlines()] == [
        *TEXTS,
        "nl + fr + en stacked",
    ]


def test_lists_and_audience_say_who_gets_what(workplace: Workplace) -> None:
    lists = workplace.json("lists")["lists"]
    assert {each["name"]: each["language"] for each in lists} == {
        "staff": "stacked",
        "board": "default",
    }
    found = workplace.json("audience", "staff", "board")
    assert found["languages"] == {"nl": 2, "fr": 2, "en": 1, "mul": 2}
    said = workplace.run("audience", "staff").stdout
    assert "Of a mail in nl, fr, en: 1 nl, 1 fr, 1 en, 2 nl + fr + en stacked." in said


def test_a_policy_of_a_list_that_is_not_there_stops_the_send(workplace: Workplace) -> None:
    (workplace.root / "recipients" / "lists.toml").write_text('[staf]\nlanguage = "stacked"\n')

    for command in (("send", "kantine", "--list", "staff"), ("audience", "staff"), ("lists",)):
        result = workplace.run(*command, status=1)
        fault = "recipients/lists.toml:1: there is no list `staf`; did you mean `staff`?"
        assert fault in result.stdout + result.stderr
    assert workplace.kept() == []
