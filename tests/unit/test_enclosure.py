"""Files beside an announcement that go along: which may, under what name, and why another not."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import enclosure
from newsletter.enclosure import Unusable, enclose, plain_name, public_name

PDF = b"%PDF-1.7\n%%EOF\n"


def package(*names: str) -> bytes:
    """Return an Office document of sorts: a zip of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for name in names:
            written.writestr(name, "x")
    return file.getvalue()


def write(folder: Path, name: str, data: bytes = PDF) -> str:
    (folder / name).write_bytes(data)
    return name


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", b"\n\n" + PDF, "application/pdf"),
        (
            "a.docx",
            package("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.ods", package("mimetype"), "application/vnd.oasis.opendocument.spreadsheet"),
        ("a.csv", "naam;plaats\nZoë;Gent\n".encode(), "text/csv; charset=utf-8"),
        ("a.csv", "Zoë".encode("latin-1"), "text/csv"),
        ("a.txt", b"Dag", "text/plain; charset=utf-8"),
        ("a.ics", b"BEGIN:VCALENDAR\r\n", "application/ics"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ],
)
def test_a_file_goes_along_as_it_is_and_says_its_kind(
    name: str, data: bytes, content_type: str, tmp_path: Path
) -> None:
    found = enclose(tmp_path, write(tmp_path, name, data))
    assert (found.data, found.content_type) == (data, content_type)


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("a.docm", "hold macros, so mail servers stop it; save it as .docx"),
        ("a.XLSM", "hold macros"),
        ("a.doc", "hold macros"),
        ("a.exe", "can run on a reader's computer, so mail servers stop it; put it on a site and"),
        ("verslag.pdf.exe", "can run"),
        ("a.js", "can run"),
        ("a.html", "can run"),
        ("a.lnk", "can run"),
        ("a.svg", "can run"),
        ("a.zip", "hides what is in it, so mail servers distrust it; list the files in it"),
        ("a.mp4", "sound or film, too heavy for a mail; put it where your films are"),
        ("a.mp3", "sound or film"),
        ("a.pages", "no kind that everybody can open; save it as PDF"),
        ("verslag", "no kind that everybody can open"),
        (".pdf", "no kind that everybody can open"),
    ],
)
def test_a_kind_that_would_not_arrive_is_refused_with_what_to_do(
    name: str, mend: str, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match=re.escape(name) + "` .*" + re.escape(mend)):
        enclose(tmp_path, write(tmp_path, name))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"MZ\x90\0 a program"),
        ("a.pdf", b"<html>"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted"),
        ("a.docx", package("run.exe")),
        ("a.xlsx", package("[Content_Types].xml")[:40]),
        ("a.docx", b"PK\x03\x04" + bytes(range(256))),
        ("a.png", b"GIF89a"),
        ("a.ics", b"Dag"),
    ],
    ids=["program", "html", "encrypted", "no docx", "cut xlsx", "noise", "no png", "no ics"],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    name: str, data: bytes, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match=f"`{name}` is not what {name[1:]} says; open it, and save"):
        enclose(tmp_path, write(tmp_path, name, data))


@pytest.mark.parametrize("part", ["word/vbaProject.bin", "xl/VBAPROJECT.BIN"])
def test_macros_are_found_under_any_name(part: str, tmp_path: Path) -> None:
    name = write(tmp_path, "a.docx", package("[Content_Types].xml", part))
    with pytest.raises(Unusable, match=r"`a\.docx` has macros, so mail servers stop it; save"):
        enclose(tmp_path, name)


def test_ten_megabytes_is_the_most_and_nothing_is_nothing(tmp_path: Path) -> None:
    write(tmp_path, "vol.txt", b"a" * enclosure.LARGEST)
    assert len(enclose(tmp_path, "vol.txt").data) == 10_000_000
    write(tmp_path, "meer.txt", b"a" * (enclosure.LARGEST + 1))
    with pytest.raises(
        Unusable, match=r"`meer\.txt` is larger than 10 MB; save it smaller, or put"
    ):
        enclose(tmp_path, "meer.txt")
    write(tmp_path, "leeg.txt", b"")
    with pytest.raises(Unusable, match=r"`leeg\.txt` is empty; copy it again"):
        enclose(tmp_path, "leeg.txt")


@pytest.mark.parametrize("source", ["../geheim.pdf", "map/../../geheim.pdf", "weg.pdf"])
def test_no_file_comes_from_outside_the_folder(source: str, tmp_path: Path) -> None:
    write(tmp_path, "geheim.pdf")
    inside = tmp_path / "nieuws"
    inside.mkdir()
    (inside / "weg.pdf").symlink_to(tmp_path / "geheim.pdf")
    with pytest.raises(Unusable, match=f"file `{source}` is outside the announcement's folder"):
        enclose(inside, source)


@pytest.mark.parametrize("source", ["/etc/passwd", "https://example.org/a.pdf", "..\\a.pdf"])
def test_a_file_is_named_beside_the_announcement(source: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="must be the name of a file beside the announcement"):
        enclose(tmp_path, source)


def test_an_absent_file_a_folder_and_an_impossible_name_are_refused_in_words(
    tmp_path: Path,
) -> None:
    write(tmp_path, "verslag.pdf")
    (tmp_path / "map.pdf").mkdir()
    with pytest.raises(Unusable, match=r"did you mean `verslag\.pdf`"):
        enclose(tmp_path, "verslagen.pdf")
    with pytest.raises(Unusable, match=r"file `map\.pdf` does not exist beside"):
        enclose(tmp_path, "map.pdf")
    for source in ("a" * 300 + ".pdf", "a\0.pdf", ""):
        with pytest.raises(Unusable):
            enclose(tmp_path, source)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jaarverslag 2026 (def).PDF", "Jaarverslag-2026-def.pdf"),
        ("Überblick été.pdf", "Überblick-été.pdf"),
        ("u\u0308ber.pdf", "über.pdf"),
        ("verslag.exe.pdf", "verslag-exe.pdf"),
        ("a\u202efdp.pdf", "a-fdp.pdf"),
        ('a"; b\r\n.pdf', "a-b.pdf"),
        ("😀.pdf", "file.pdf"),
        ("x" * 200 + ".pdf", "x" * 60 + ".pdf"),
    ],
)
def test_a_name_stays_readable_and_loses_what_needs_quoting(
    name: str, shown: str, tmp_path: Path
) -> None:
    assert enclose(tmp_path, write(tmp_path, name)).filename == shown


@given(st.text(), st.binary(max_size=9))
def test_a_published_name_is_plain_and_says_what_is_in_the_file(name: str, data: bytes) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.?[A-Za-z0-9]*", plain_name(name))
    assert re.fullmatch(r"[0-9a-f]{32}-[A-Za-z0-9._-]+", public_name(name, data))
    assert public_name(name, data) != public_name(name, data + b"x")
