from pathlib import Path

import pytest

from newsletter import sources
from newsletter.audience import assemble
from newsletter.errors import AudienceError, UsageError

SAMPLES = Path(__file__).parents[2] / "recipients"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recipients"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, text: str = "email\njan@example.org\n") -> None:
    (folder / name).write_text(text)


def test_every_csv_and_workbook_is_a_list_and_nothing_else_is(folder: Path) -> None:
    for name in ("it.csv", "hr.XLSX", ".secret.csv", "~$hr.xlsx", "lists.toml", "hr.csv.bak"):
        put(folder, name)
    (folder / "folder.csv").mkdir()

    assert sources.names(folder) == ("hr", "it")


def test_a_folder_that_is_not_there_has_no_lists(tmp_path: Path) -> None:
    assert sources.names(tmp_path / "recipients") == ()


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    put(folder, "hr.csv")
    put(folder, "hr.xlsx")

    with pytest.raises(AudienceError, match=r"`hr.csv` and `hr.xlsx` are both list `hr`"):
        sources.names(folder)


def test_a_list_is_read_by_its_name(folder: Path) -> None:
    put(folder, "hr.csv", "email\njan@example.org\nbad\n")

    found = sources.read(folder, "hr")

    assert (found.name, found.rows_read) == ("hr", 2)
    assert found.faults[0].place == "recipients/hr.csv:3"


def test_a_workbook_goes_to_the_reader_of_workbooks(folder: Path) -> None:
    put(folder, "hr.xlsx")

    with pytest.raises(AudienceError, match=r"recipients/hr.xlsx: is no Excel workbook"):
        sources.read(folder, "hr")


def test_an_unknown_list_is_answered_with_the_near_one_and_the_known_ones(folder: Path) -> None:
    put(folder, "medewerkers.csv")
    put(folder, "it.csv")

    with pytest.raises(UsageError) as caught:
        sources.read(folder, "medewerker")

    assert str(caught.value) == (
        "unknown list `medewerker`; did you mean `medewerkers`? "
        "(lists in `recipients`: `it`, `medewerkers`)"
    )


@pytest.mark.parametrize("name", ["../hr", "hr.csv", "", ".secret", "/etc/passwd"])
def test_a_name_cannot_reach_another_file(folder: Path, name: str) -> None:
    put(folder, "hr.csv")
    put(folder, ".secret.csv")
    put(folder.parent, "hr.csv")

    with pytest.raises(UsageError):
        sources.read(folder, name)


def test_a_file_over_100_mb_is_refused(folder: Path) -> None:
    with (folder / "hr.csv").open("wb") as file:
        file.truncate(100_000_001)

    with pytest.raises(AudienceError, match=r"recipients/hr.csv: is larger than 100 MB"):
        sources.read(folder, "hr")


def test_the_sample_lists_hold_28_people_of_whom_5_are_on_both() -> None:
    staff, leaders = (sources.read(SAMPLES, name) for name in ("medewerkers", "leidinggevenden"))

    audience = assemble([staff, leaders])

    assert (staff.rows_read, leaders.rows_read) == (24, 9)
    assert (len(audience.recipients), len(audience.exclusions)) == (28, 5)
    assert all(each.address.domain == "example.org" for each in audience.recipients)
    assert {each.language for each in audience.recipients} == {"nl", "fr", "en", ""}
