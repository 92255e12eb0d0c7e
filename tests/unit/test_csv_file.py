import codecs
import csv
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.audience import RecipientList
from newsletter.errors import AudienceError
from newsletter.sources import csv_file

TABLE = "email,first_name,language\nzoe@example.org,Zoë,nl\njan@example.org,Jan,fr\n"
PLACE = "recipients/hr.csv"


def read(content: str | bytes) -> RecipientList:
    content = content.encode() if isinstance(content, str) else content
    return csv_file.read(content, name="hr", place=PLACE)


def addresses(content: str | bytes) -> list[str]:
    return [str(row.address) for row in read(content).rows]


def refusal(content: str | bytes) -> str:
    with pytest.raises(AudienceError) as caught:
        read(content)
    return str(caught.value)


def fault(cells: str, header: str = "email,first_name,language") -> str:
    """Return what is said of the one bad row *cells*."""
    (only,) = read(f"{header}\n{cells}\n").faults
    return str(only)


def test_a_row_becomes_a_recipient() -> None:
    text = (
        "email,first_name,last_name,language,Job Title\njan@example.org, Jan ,Van  Acker,nl_BE,HR\n"
    )

    (jan,) = read(text).rows

    assert str(jan.address) == "jan@example.org"
    assert (jan.first_name, jan.last_name, jan.display_name) == (
        "Jan",
        "Van Acker",
        "Jan Van Acker",
    )
    assert (jan.language, jan.attributes) == ("nl", (("job_title", "HR"),))
    assert (jan.lists, jan.row) == (("hr",), 2)


# 51: encodings


@pytest.mark.fault(
    51,
    "the same names in UTF-8 with and without a mark, UTF-16 both ways, Windows-1252",
    "read right",
)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TABLE.encode(), id="UTF-8"),
        pytest.param(codecs.BOM_UTF8 + TABLE.encode(), id="UTF-8 with its mark"),
        pytest.param(TABLE.encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param(codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), id="UTF-16 BE with its mark"),
        pytest.param(TABLE.encode("utf-16-le"), id="UTF-16 LE without"),
        pytest.param(TABLE.encode("utf-16-be"), id="UTF-16 BE without"),
        pytest.param(TABLE.encode("cp1252"), id="cp1252"),
        pytest.param(unicodedata.normalize("NFD", TABLE).encode(), id="UTF-8 with loose accents"),
    ],
)
def test_a_name_is_read_right_in_every_encoding_that_spreadsheets_write(content: bytes) -> None:
    assert [row.first_name for row in read(content).rows] == ["Zoë", "Jan"]


def test_apostrophes_and_euro_signs_of_windows_are_read() -> None:
    text = "email,last_name,note\njan@example.org,D’Hondt,€ 5\n"

    (jan,) = read(text.encode("cp1252")).rows

    assert (jan.last_name, jan.attributes) == ("D’Hondt", (("note", "€ 5"),))


def test_bytes_of_no_encoding_are_refused_with_their_line() -> None:
    content = TABLE.encode("cp1252") + b"x@example.org,\x81\x8d,nl\n"

    assert f"{PLACE}:4: has bytes that are no text" in refusal(content)


def test_half_a_character_at_the_end_of_utf_16_is_refused_with_its_line() -> None:
    assert f"{PLACE}:4: has bytes" in refusal(TABLE.encode("utf-16") + b"x")


@pytest.mark.fault(51, "names in an encoding of Japan", "refused with the line; never garbled")
@pytest.mark.parametrize("name", ["田中", "はなこ"])
def test_japanese_in_its_own_encoding_is_refused_not_garbled(name: str) -> None:
    content = f"email,first_name\njan@example.org,Jan\nx@example.org,{name}\n".encode("shift_jis")

    assert f"{PLACE}:3: " in refusal(content)


@pytest.mark.fault(51, "two encodings in one file", "refused with the line; never garbled")
def test_a_file_that_mixes_encodings_is_refused_not_garbled() -> None:
    content = TABLE.encode("cp1252") + "rene@example.org,René,fr\n".encode()

    assert f"{PLACE}:4: column `first_name`: `RenÃ©` is" in refusal(content)


def test_a_name_that_was_garbled_before_is_a_bad_row() -> None:
    assert "`RenÃ©e` is garbled" in fault("rene@example.org,RenÃ©e,fr")


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (b"x@example.org,\x81\x8d,nl", "has bytes that are no text"),
        (b"x@example.org,A\x00,nl", "has a character U+0000"),
    ],
)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_what_is_no_text_far_down_a_large_file_is_told_by_its_line(
    bad: bytes, told: str, line_end: bytes
) -> None:
    rows = [b"email,first_name,language", *[b"jan@example.org,Zo\xc3\xab,nl"] * 70_000]

    assert f"{PLACE}:70002: {told}" in refusal(line_end.join([*rows, bad]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_a_large_file_is_read_as_a_small_one(encoding: str) -> None:
    row = 'jan{}@example.org,Zoë,"Markt 1\r\n9000 Gent"\r\n'
    text = "email,first_name,office\r\n" + "".join(map(row.format, range(40_000)))

    found = read(text.encode(encoding))

    assert (len(found.rows), found.rows_read) == (40_000, 40_000)
    assert {each.first_name for each in found.rows} == {"Zoë"}
    assert {each.attributes for each in found.rows} == {(("office", "Markt 1 9000 Gent"),)}
    assert found.rows[-1].row == 2 + 2 * 39_999


# 52: quotes


@pytest.mark.fault(
    52, "a quote that is never closed, with people after it", "refused with the line where it opens"
)
def test_an_unclosed_quote_that_swallows_people_is_told_by_its_line() -> None:
    text = (
        'email,first_name\na@example.org,A\nb@example.org,"B\nc@example.org,C\nd@example.org,"D"\n'
    )

    assert refusal(text).startswith(f'{PLACE}:3: has a quote (") that is not closed')


def test_a_quote_open_at_the_end_of_the_file_is_told_by_its_line() -> None:
    text = 'email,first_name\na@example.org,"A"\nb@example.org,"B\nc@example.org,C\n'

    assert refusal(text).startswith(f"{PLACE}:3: has a quote")


@pytest.mark.fault(52, "a quote that closes in the next row", "refused with the line")
@pytest.mark.parametrize(
    "header",
    ["email,first_name,language", "email,department,language", "email,language,first_name"],
)
def test_a_cell_that_swallowed_the_next_row_is_refused(header: str) -> None:
    text = f'{header}\na@example.org,"A,nl\nb@example.org,B",nl\nc@example.org,C,nl\n'

    assert refusal(text).startswith(f"{PLACE}:2: has a quote")


def test_a_quote_open_in_the_last_row_is_refused() -> None:
    assert refusal('email,first_name\na@example.org,"A').startswith(f"{PLACE}:2: has a quote")


def test_a_quote_that_stays_open_is_told_before_a_header_that_will_not_do() -> None:
    text = 'naam,naam\na@example.org,A\nb@example.org,"B\n'

    assert refusal(text).startswith(f"{PLACE}:3: has a quote")


def test_the_quote_that_stays_open_is_told_not_one_before_it_in_its_row() -> None:
    text = 'email,office,note\na@example.org,"Markt\nGent","x\nb@example.org,y\n'

    assert refusal(text).startswith(f"{PLACE}:3: has a quote")


def test_quotes_inside_a_quoted_cell_must_be_written_twice() -> None:
    text = 'email,first_name\na@example.org,A\nb@example.org,"Jan "de" Witte"\n'

    assert refusal(text).startswith(f"{PLACE}:3: has a quote")


def test_a_line_break_in_a_name_is_refused_with_the_line_where_its_quote_opens() -> None:
    text = 'email,office,first_name\na@example.org,"Markt 1\r\nGent","A\r\nB"\r\n'

    assert refusal(text).startswith(f"{PLACE}:3: has a quote")


def test_further_columns_may_run_over_lines_and_the_lines_after_keep_their_number() -> None:
    found = read('email,office\na@example.org,"Markt 1\n\n9000 Gent"\nb@@example.org,x\n')

    assert found.rows[0].attributes == (("office", "Markt 1 9000 Gent"),)
    assert found.faults[0].place == f"{PLACE}:5"


def test_quotes_inside_quotes_are_read_as_they_were_meant() -> None:
    (only,) = read('email;last_name\njan@example.org;"Peeters ""de Lange""; Jan"\n').rows

    assert only.last_name == 'Peeters "de Lange"; Jan'


# 53: separators, line ends, control characters, large cells


@pytest.mark.fault(
    53, "every separator with every line end, the lone CR too", "the same people each time"
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_separator_and_line_end_is_found(separator: str, line_end: str) -> None:
    content = TABLE.replace(",", separator).replace("\n", line_end)

    assert addresses(content) == ["zoe@example.org", "jan@example.org"]


def test_the_header_decides_the_separator_not_the_cells() -> None:
    (only,) = read('"email";note\na@example.org;"one, two, three"\n').rows

    assert only.attributes == (("note", "one, two, three"),)


@pytest.mark.fault(53, "a first line `sep=|`", "believed, and counted as a line")
def test_a_line_that_names_the_separator_is_honoured_and_counted() -> None:
    found = read("sep=|\r\nemail|note\r\na@example.org|x, y; z\r\nbad|\r\n")

    assert found.rows[0].attributes == (("note", "x, y; z"),)
    assert found.faults[0].place == f"{PLACE}:4"


def test_a_column_of_addresses_alone_is_a_list() -> None:
    assert addresses("email\na@example.org\nb@example.org") == ["a@example.org", "b@example.org"]


@pytest.mark.fault(53, "NUL and Ctrl-Z in a cell", "refused with the line")
@pytest.mark.parametrize("character", ["\x00", "\x1a"])
def test_nul_and_ctrl_z_are_refused_with_their_line(character: str) -> None:
    text = f"email,note\na@example.org,x\nb@example.org,{character}\n"

    assert refusal(text).startswith(f"{PLACE}:3: has a character U+00{ord(character):02X}")


@pytest.mark.fault(53, "a cell of 200 KB", "refused with the line")
def test_a_cell_of_200_kb_is_refused_with_its_line_and_the_limit_of_csv_stays() -> None:
    limit = csv.field_size_limit()

    assert refusal(f"email,note\na@example.org,{'x' * 200_000}\n") == (
        f"{PLACE}:2: has a cell of more than 131,072 characters: shorten it"
    )
    assert csv.field_size_limit() == limit


def test_a_header_of_200_kb_is_refused() -> None:
    assert "131,072" in refusal(f"email,{'x' * 200_000}\na@example.org,x\n")


def test_a_quote_that_swallows_200_kb_is_told_by_the_line_where_it_opens() -> None:
    text = 'email,note\na@example.org,x\nb@example.org,"y\n' + "c@example.org,z\n" * 20_000

    assert refusal(text).startswith(f"{PLACE}:3: has a quote")


def test_blank_rows_are_not_counted() -> None:
    found = read("\n;;\nemail;first_name;\n\na@example.org;A;\n ; ;\n;;\n\n\n")

    assert (found.rows_read, found.rows[0].row) == (1, 5)


@pytest.mark.parametrize(
    ("cells", "count"), [("a@example.org,A", 2), ("a@example.org,A,nl,x", 4), ("nl", 1)]
)
def test_a_row_that_does_not_fit_the_header_is_a_bad_row(cells: str, count: int) -> None:
    assert f":2: has {count} cell(s) where the header has 3" in fault(cells)


# 55, 56: addresses


@pytest.mark.parametrize(
    "address",
    [
        "a..b@example.org",
        "x" * 65 + "@example.org",
        "example.org",
        "<evil@example.org>",
        "a@example.org.",
        "a\u200bb@example.org",
        "a@exаmple.org",
        '"""a b""@example.org"',
        "a@[192.0.2.1]",
        "é@example.org",
    ],
)
def test_a_bad_address_is_a_bad_row_with_its_place_and_reason(address: str) -> None:
    assert fault(f"{address},A,nl").startswith(f"{PLACE}:2: column `email`: ")
    assert " cannot be used. " in fault(f"{address},A,nl")


def test_a_fault_shows_what_cannot_be_seen() -> None:
    assert "`a[U+200B]b@example.org`" in fault("a\u200bb@example.org,A,nl")


def test_a_missing_address_is_a_bad_row() -> None:
    assert fault(",A,nl") == (
        f"{PLACE}:2: column `email`: an empty cell cannot be used. The address is missing."
    )


def test_every_fault_of_a_row_is_in_its_one_line() -> None:
    told = fault("jan@,=?utf-8?q?x?=,Nederlands")

    assert all(f"column `{name}`: " in told for name in ("email", "first_name", "language"))


def test_good_and_bad_rows_add_up() -> None:
    found = read(TABLE + "x,A,nl\nb@example.org,B,nl\n,C,nl\n")

    assert (len(found.rows), len(found.faults), found.rows_read) == (3, 2, 5)
    assert [each.place for each in found.faults] == [f"{PLACE}:4", f"{PLACE}:6"]


# 57, 59: names and languages


@pytest.mark.fault(57, "quotes, commas, emoji, Chinese", "kept as they are")
@pytest.mark.parametrize(
    "name",
    ["O’Brien", "d'Haese", "Peeters, Jan", "Zoë 🎉", "Nguyễn", "李", 'Jan ""de"" X', "A" * 200],
)
def test_a_name_may_hold_what_names_hold(name: str) -> None:
    (only,) = read(f'email,last_name\na@example.org,"{name}"\n').rows

    assert only.last_name == name.replace('""', '"')


@pytest.mark.fault(
    57,
    "names that are encoded words, of 5,000 signs, that turn the reading direction",
    "a bad row: it stops the send",
)
@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?=0ABcc:?=",
        "Jan =?x?b?eQ==?= X",
        "Jan\u202ereteep",
        "Jan\u200b",
        "\u2028Jan",
        "Jan\u2029X",
        "Jan\x07",
        "Jan\x85X",
        "\ue0000\ue001",
        "\U000f0000",
        "Jan\ufffd",
        "Jan\u2066X",
        "x" * 201,
        "x" * 5_000,
        "#N/A",
    ],
)
def test_a_name_that_could_harm_a_mail_is_a_bad_row(name: str) -> None:
    told = fault(f"a@example.org,{name},nl")

    assert told.startswith(f"{PLACE}:2: column `first_name`: ")
    assert len(told) < 250
    assert told.isprintable()


def test_a_further_column_may_not_hide_characters_either() -> None:
    assert "column `department`: `H[U+200D]R`" in fault(
        "a@example.org,H\u200dR", "email,department"
    )


@pytest.mark.parametrize(
    ("given", "code"), [("nl", "nl"), ("NL", "nl"), ("nl-BE", "nl"), ("fr_BE", "fr"), ("", "")]
)
def test_a_language_is_its_first_part_in_lower_case(given: str, code: str) -> None:
    (only,) = read(f"email,language,x\na@example.org,{given},x\n").rows

    assert only.language == code


@pytest.mark.parametrize("given", ["Nederlands", "n", "12", "nl/fr", "nl fr", "nl-"])
def test_what_is_no_language_code_is_a_bad_row(given: str) -> None:
    assert "column `language`: " in fault(f"a@example.org,A,{given}")


# Headers


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("E-mail;Voornaam;Achternaam;Taal", ("Jan", "Peeters", "Jan Peeters", "nl")),
        ("Courriel;Prénom;Nom;Langue", ("Jan", "Peeters", "Jan Peeters", "nl")),
        (" EMAIL ;First Name;last-name;LANGUAGE", ("Jan", "Peeters", "Jan Peeters", "nl")),
        ("E-mailadres;first_name;Naam;taal", ("Jan", "Peeters", "Jan Peeters", "nl")),
        ("E-mail adres;Voornaam;Name;Taal", ("Jan", "Peeters", "Jan Peeters", "nl")),
        ("Mailadres;Voornaam;Nom;Taal", ("Jan", "Peeters", "Jan Peeters", "nl")),
        ("Email adres;Voornaam;Naam;Taal", ("Jan", "Peeters", "Jan Peeters", "nl")),
    ],
)
def test_columns_are_known_by_their_common_names(header: str, row: tuple[str, ...]) -> None:
    (jan,) = read(f"{header}\njan@example.org;Jan;Peeters;nl\n").rows

    assert (jan.first_name, jan.last_name, jan.display_name, jan.language) == row


@pytest.mark.parametrize(
    "text",
    [
        "email;naam\njan@example.org;Jan P.\n",
        "email;naam;achternaam;voornaam\njan@example.org;Jan P.;Peeters;Jan\n",
    ],
)
def test_a_name_that_completes_no_first_name_is_the_whole_name(text: str) -> None:
    (jan,) = read(text).rows

    assert jan.display_name == "Jan P."


def test_a_list_without_addresses_says_which_columns_it_has() -> None:
    assert refusal("Adres,Voornaam\nx,Jan\n") == (
        f"{PLACE}:1: there is no column `email`, only `Adres`, `Voornaam`: "
        "rename the one with the addresses to `email`"
    )


def test_a_list_without_a_header_says_so() -> None:
    assert "the first row holds a person" in refusal("jan@example.org,Jan\nan@example.org,An\n")


def test_two_columns_of_one_meaning_are_refused_by_name() -> None:
    told = refusal("E-mail,naam,Email,name\na@example.org,A,b@example.org,B\n")

    assert "the columns `E-mail` and `Email` both mean `email`" in told
    assert "the columns `naam` and `name` both mean `display_name`" in told


def test_a_column_without_a_name_is_refused() -> None:
    assert "column 1 has no name" in refusal(",email\n1,a@example.org\n")


# 58 and the rest


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \r\n", codecs.BOM_UTF8, b"sep=;\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert "is empty" in refusal(content)


@pytest.mark.parametrize("content", ["email,first_name", "email,first_name\n,\n\n"])
def test_a_header_alone_is_refused(content: str) -> None:
    assert "has no people" in refusal(content)


_cells = st.sampled_from(
    [
        "email",
        "a@example.org",
        ",",
        ";",
        "\t",
        "\n",
        "\r",
        '"',
        '""',
        "sep=;",
        "\x00",
        "\u2028",
        "é",
    ]
)


@given(st.binary() | st.lists(_cells).map("".join).map(str.encode))
@example(b"email\xff\xfe\n")
@example(b"\xff\xfe\x00\xd8")
def test_any_bytes_are_a_list_or_an_audience_error(content: bytes) -> None:
    _check(content)


@given(st.text(), st.text(), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_cells_are_people_that_are_safe_to_name_or_faults(
    local: str, name: str, encoding: str
) -> None:
    text = f"email,first_name\nb@example.org,B\n{local}@example.org,{name}\n"
    _check(text.encode(encoding, "ignore"))


def _check(content: bytes) -> None:
    try:
        found = read(content)
    except AudienceError as error:
        told = [str(each) for each in error.faults]
        assert told
    else:
        told = [str(each) for each in found.faults]
        assert found.rows_read == len(found.rows) + len(found.faults)
        told += [f"{row.address}{row.display_name}{row.language}" for row in found.rows]
    assert all(ord(letter) >= 32 for each in told for letter in each)
