"""`recipients/lists.toml`, and which mail a person gets by it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from newsletter import address
from newsletter.audience import Recipient
from newsletter.campaign.languages import Choice
from newsletter.errors import AudienceError
from newsletter.sources import policies
from newsletter.sources.policies import Policy

LISTS = ("staff", "board")


def read(folder: Path, content: str | bytes) -> dict[str, Policy]:
    path = folder / policies.FILE
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return dict(policies.read(folder, LISTS))


def refused(folder: Path, content: str | bytes) -> list[str]:
    with pytest.raises(AudienceError) as caught:
        read(folder, content)
    return [str(fault).removeprefix(f"{folder.name}/lists.toml:") for fault in caught.value.faults]


def test_without_the_file_everybody_without_an_edition_gets_the_default(tmp_path: Path) -> None:
    assert dict(policies.read(tmp_path, LISTS)) == {
        "staff": Policy.DEFAULT,
        "board": Policy.DEFAULT,
    }


def test_a_list_may_ask_for_all_languages_in_one_mail(tmp_path: Path) -> None:
    found = read(tmp_path, '\ufeff# ours\n[staff]\nlanguage = "stacked"\n[board]\n')
    assert found == {"staff": Policy.STACKED, "board": Policy.DEFAULT}


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ('[staf]\nlanguage = "stacked"', ["1: there is no list `staf`; did you mean `staff`?"]),
        ("# [people]\n\n[people]", ["3: there is no list `people`; there are `staff`, `board`"]),
        (
            '[staff]\nlanguage = "both"\n[board]\ntaal = "nl"',
            [
                '2: `both` is no policy; write "default" or "stacked"',
                "4: unknown setting `taal`; there is only `language`",
            ],
        ),
        ("[staff]\nlanguage = []", ['2: `[]` is no policy; write "default" or "stacked"']),
        ('language = "stacked"', ["1: `language` stands in no list; write `[staff]`"]),
        (b"[staff]\n# caf\xe9", ["2: not UTF-8; save the file as UTF-8"]),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(
    tmp_path: Path, content: str | bytes, faults: list[str]
) -> None:
    assert refused(tmp_path, content) == faults


@pytest.mark.parametrize("content", ["[staff", "[" * 5000, "\0", "#" * 1_000_001])
def test_what_is_no_toml_is_refused_with_the_file(tmp_path: Path, content: str) -> None:
    with pytest.raises(AudienceError) as caught:
        read(tmp_path, content)
    (fault,) = caught.value.faults
    assert fault.place == f"{tmp_path.name}/lists.toml"


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / policies.FILE).mkdir()
    with pytest.raises(AudienceError, match="cannot be read"):
        policies.read(tmp_path, LISTS)


JAN = Recipient(address=address.parse("jan@example.org"), lists=("staff",))
CHOICE = Choice(("nl-BE", "fr"), {"staff": Policy.STACKED, "board": Policy.DEFAULT})


@pytest.mark.parametrize(
    ("language", "lists", "gets"),
    [
        ("fr", ("staff",), "fr"),
        ("nl", ("staff",), "nl-BE"),
        ("", ("staff",), "mul"),
        ("de", ("staff",), "mul"),
        ("de", ("board",), "nl-BE"),
        ("", ("board", "staff"), "nl-BE"),
        ("", ("staff", "board"), "mul"),
        ("mul", ("board",), "nl-BE"),
    ],
)
def test_the_own_language_comes_first_and_then_the_first_list(
    language: str, lists: tuple[str, ...], gets: str
) -> None:
    assert CHOICE.of(replace(JAN, language=language, lists=lists)) == gets


def test_one_language_is_never_stacked() -> None:
    choice = Choice(("nl",), {"staff": Policy.STACKED})
    assert choice.of(JAN) == "nl"
    assert not choice.may_stack
    assert CHOICE.may_stack


def test_everybody_is_counted_by_what_they_get() -> None:
    people = [replace(JAN, language=language) for language in ("fr", "fr", "", "de", "nl")]
    assert CHOICE.counts(people) == {"nl-BE": 1, "fr": 2, "mul": 2}
    assert CHOICE.name("mul") == "nl-BE + fr stacked"
    assert [each.language for each in CHOICE.strangers(people)] == ["de"]
