import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.audience import RecipientList
from newsletter.errors import AudienceError
from newsletter.sources import xlsx_file

PLACE = "recipients/hr.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = (
    f'<styleSheet xmlns="{MAIN}">'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)

Sheet = dict[str, str | int | float]  # "B3" -> what stands there; "<c .../>" is put in as it is


def workbook(hidden: str = "", **sheets: Sheet) -> bytes:
    """Return the smallest workbook with these sheets."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="w" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>',
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"x" * 40_000}</t></si></sst>',
    }
    for number, (name, cells) in enumerate(sheets.items(), 1):
        state = ' state="hidden"' if name == hidden else ""
        parts["xl/workbook.xml"] += (
            f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"{state}/>'
        )
        parts["xl/_rels/workbook.xml.rels"] += (
            f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="sheet{number}.xml"/>'
        )
        rows = "".join(map(cell, cells, cells.values()))
        parts[f"xl/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    parts["xl/workbook.xml"] += "</sheets></workbook>"
    parts["xl/_rels/workbook.xml.rels"] += "</Relationships>"
    return zipped(parts)


def cell(place: str, value: str | int | float) -> str:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if isinstance(value, str) and not value.startswith("<c "):
        value = f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    elif not isinstance(value, str):
        value = f'<c r="{place}"><v>{value}</v></c>'
    return f'<row r="{row}">{value}</row>'


def zipped(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def read(content: bytes) -> RecipientList:
    return xlsx_file.read(content, name="hr", place=PLACE)


def refusal(content: bytes) -> str:
    with pytest.raises(AudienceError) as caught:
        read(content)
    return str(caught.value)


PEOPLE: Sheet = {"A1": "email", "A2": "jan@example.org"}


def test_a_table_is_read_wherever_it_stands_with_the_row_numbers_of_excel() -> None:
    sheet: Sheet = {"B3": "E-mail", "C3": "Voornaam", "B5": "jan@example.org", "C5": " Zoë "}
    sheet |= {"B7": "a..b@example.org", "C7": "An"}

    found = read(workbook(Blad1=sheet))

    assert [(str(row.address), row.first_name, row.row) for row in found.rows] == [
        ("jan@example.org", "Zoë", 5)
    ]
    assert [each.place for each in found.faults] == [f"{PLACE}:7"]
    assert found.rows_read == 2


def test_blank_rows_are_not_counted() -> None:
    sheet: Sheet = {"A1": " ", "A3": "email", "A5": " ", "A9": "an@example.org"}

    assert read(workbook(Blad1=sheet)).rows_read == 1


def test_numbers_and_dates_become_the_text_that_people_expect() -> None:
    sheet: Sheet = {"A1": "email", "B1": "number", "C1": "part", "D1": "start", "E1": "active"}
    sheet |= {"A2": "jan@example.org", "B2": 12.0, "C2": 0.5}
    sheet |= {"D2": '<c r="D2" s="1"><v>46143</v></c>', "E2": '<c r="E2" t="b"><v>1</v></c>'}

    (jan,) = read(workbook(Blad1=sheet)).rows

    assert jan.attributes == (
        ("number", "12"),
        ("part", "0.5"),
        ("start", "2026-05-01"),
        ("active", "true"),
    )


def test_a_name_over_two_lines_is_a_bad_row() -> None:
    sheet: Sheet = PEOPLE | {"B1": "first_name", "B2": "Jan\nPiet"}

    (only,) = read(workbook(Blad1=sheet)).faults

    assert str(only).startswith(f"{PLACE}:2: column `first_name`: `Jan[U+000A]Piet`")


def test_a_word_beside_the_table_is_a_bad_row() -> None:
    (only,) = read(workbook(Blad1=PEOPLE | {"D2": "bellen!"})).faults

    assert "where the header has 1" in only.message


def test_of_several_sheets_the_one_with_addresses_is_read_and_named_in_faults() -> None:
    found = read(workbook(Uitleg={"A1": "Lees mij"}, Leeg={}, Staf=PEOPLE | {"A3": "x"}))

    assert [str(row.address) for row in found.rows] == ["jan@example.org"]
    assert found.faults[0].place == f"{PLACE}, sheet `Staf`:3"


def test_two_sheets_of_people_are_refused_so_that_nobody_is_forgotten() -> None:
    assert "`HR` and `IT` both have an `email` column" in refusal(workbook(HR=PEOPLE, IT=PEOPLE))


def test_a_hidden_sheet_is_not_read() -> None:
    hidden: Sheet = {"A1": "email", "A2": "oud@example.org"}

    found = read(workbook(hidden="Oud", Oud=hidden, Nu=PEOPLE))

    assert [str(row.address) for row in found.rows] == ["jan@example.org"]


def test_sheets_without_addresses_say_which_columns_the_first_has() -> None:
    told = refusal(workbook(A={"A2": "Naam", "B2": "Dienst"}, B={"A1": "x"}))

    assert told.startswith(f"{PLACE}, sheet `A`:2: there is no column `email`, only `Naam`")


def test_an_empty_workbook_is_refused() -> None:
    assert refusal(workbook(Blad1={})) == f"{PLACE}: is empty: it needs a header row and people"


def test_a_header_alone_is_refused() -> None:
    assert "has no people" in refusal(workbook(Blad1={"A1": "email"}))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"email\na@example.org\n", id="a CSV with another name"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="an older .xls"),
        pytest.param(zipped({"word/document.xml": "<x/>"}), id="a Word document"),
        pytest.param(zipped({"xl/workbook.xml": "<workbook"}), id="torn XML"),
        pytest.param(workbook(Blad1=PEOPLE)[:-30], id="half a download"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_way_out(content: bytes) -> None:
    assert refusal(content).startswith(f"{PLACE}: is no Excel workbook")


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"xl/x.xml": "x" * 2_000_000}, id="1000 times its size"),
        pytest.param({f"xl/{n}.xml": "" for n in range(1_001)}, id="1001 parts"),
    ],
)
def test_a_zip_that_would_grow_out_of_proportion_is_not_unpacked(parts: dict[str, str]) -> None:
    assert "asks for more room" in refusal(zipped({"xl/workbook.xml": "<workbook/>"} | parts))


@pytest.mark.parametrize("place", ["XFD1048576", "AMJ60000"])
def test_a_cell_far_away_is_refused_and_ends_only_its_own_process(place: str) -> None:
    assert "stand far away" in refusal(workbook(Blad1=PEOPLE | {place: "x"}))


def test_one_long_text_in_thousands_of_cells_is_refused() -> None:
    shared: Sheet = {f"B{row}": f'<c r="B{row}" t="s"><v>0</v></c>' for row in range(2, 3_000)}

    assert "asks for more room" in refusal(workbook(Blad1=PEOPLE | {"B1": "note"} | shared))


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_a_list_or_an_audience_error(data: st.DataObject) -> None:
    content = bytearray(workbook(Blad1=PEOPLE))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        found = read(bytes(content))
    except AudienceError as error:
        told = str(error)
    else:
        told = str(found.faults or found.rows)
        assert found.rows_read == len(found.rows) + len(found.faults)
    assert told
