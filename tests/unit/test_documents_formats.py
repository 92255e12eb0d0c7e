"""What HTML, Markdown and Word can say, and what a hostile file tries."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image

from newsletter.announcement import load
from newsletter.documents import draft, marked, webpage, word
from newsletter.documents.paragraphs import Kind, Paragraph, Reading, UnreadableError
from newsletter.errors import AuthorError

ROOMY = b"<w:document " + bytes(range(32, 127)) * 40


def layouts(page: str) -> list[str]:
    return [paragraph.whole for paragraph in webpage.read(page).paragraphs]


def test_styles_and_links_become_markdown() -> None:
    page = (
        "<p>Een <b>vet </b>woord, <em>schuin</em> en "
        "<a href='https://example.org/a(b)'>een link</a>"
    )
    assert layouts(page) == [
        "Een **vet** woord, *schuin* en [een link](https://example.org/a%28b%29)"
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "//x.test", "#top"])
def test_a_link_that_is_not_for_mail_leaves_only_its_words(url: str) -> None:
    assert layouts(f"<p>Klik <a href='{url}'>hier</a>.") == ["Klik hier."]


def test_bold_by_css_counts_and_bold_that_is_undone_does_not() -> None:
    page = "<p><span style='font-weight:700'>Ja</span></p><p><b style='font-weight:normal'>nee</b>"
    assert layouts(page) == ["**Ja**", "nee"]


def test_lists_tables_and_quotes_keep_their_shape() -> None:
    page = """<ol start=3><li>drie<ul><li>a</li><li>b</li></ul></li><li>vier</li></ol>
    <table><tr><th>Wat</th><th>Prijs</th></tr><tr><td>Soep | brood</td><td>5</td></tr></table>
    <blockquote><p>Eén ploeg.</p><p>— Els</p></blockquote>"""
    assert layouts(page) == [
        "3. drie\n   - a\n   - b\n4. vier",
        "| Wat | Prijs |\n| --- | --- |\n| Soep \\| brood | 5 |",
        "> Eén ploeg.\n>\n> — Els",
    ]


def test_a_table_that_only_places_things_is_taken_apart() -> None:
    page = "<table><tr><td><h1>Nieuws</h1></td></tr><tr><td><p>Een</p><p>Twee</p></td></tr></table>"
    assert layouts(page) == ["Nieuws", "Een", "Twee"]


def test_scripts_styles_menus_and_hidden_words_are_left_out() -> None:
    page = (
        "<head><title>T</title></head><nav>Menu</nav><script>x</script><style>y</style>"
        "<p hidden>weg</p><p>Dit <span style='display: none'>niet</span>blijft</p>"
    )
    assert layouts(page) == ["Dit blijft"]


def test_of_a_page_with_one_article_only_the_article_is_read() -> None:
    page = "<body><div>Zijbalk</div><article><h1>Nieuws</h1><p>Tekst</p></article></body>"
    assert layouts(page) == ["Nieuws", "Tekst"]
    outside = "<body><h1>Nieuws</h1><article><p>Tekst</p></article></body>"
    assert layouts(outside) == ["Nieuws", "Tekst"]


def test_a_bold_line_with_its_answer_below_it_in_one_paragraph_is_taken_apart() -> None:
    page = "<p><strong>Wat nu?</strong><br>Ik ga door.<br>Tot dan.</p>"
    assert layouts(page) == ["**Wat nu?**", "Ik ga door.\\\nTot dan."]


def test_a_picture_leaves_its_words_and_is_not_fetched() -> None:
    page = (
        "<h1>Nieuws</h1><figure><img src='https://example.test/a.png' alt='Els lacht'>"
        "<figcaption>Foto: Jan</figcaption></figure><p>Tekst van het bericht.</p>"
    )
    reading = webpage.read(page)
    assert reading.pictures == ("Els lacht",)
    assert [p.text for p in reading.paragraphs if p.kind is Kind.CAPTION] == ["Foto: Jan"]
    bare = webpage.read("<p>Tekst</p><img alt='Els lacht'>")
    assert [p.text for p in bare.paragraphs if p.kind is Kind.CAPTION] == ["Els lacht"]


def test_a_second_caption_stays_in_the_text_and_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "nieuws.html"
    path.write_text("<h1>Nieuws</h1><p>Een zin.</p><img alt='Eén'><p>Nog een.</p><img alt='Twee'>")
    made = draft(path)
    assert 'image_caption: "Eén"' in made.markdown
    assert made.markdown.endswith("Nog een.\n\nTwee\n")
    assert any("second caption" in note for note in made.unsure)
    assert any(note.startswith("2 pictures left out") for note in made.unsure)


def test_a_page_nested_without_end_is_refused() -> None:
    with pytest.raises(UnreadableError, match="nested"):
        webpage.read("<div>" * 5000 + "x")


def test_entities_of_a_page_are_not_expanded() -> None:
    page = '<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]><p>&a; R&amp;D</p>'
    assert layouts(page)[-1].endswith("&a; R&D".replace("&a;", "\\&a;"))


def test_markdown_with_front_matter_is_kept_and_completed(tmp_path: Path) -> None:
    path = tmp_path / "nieuws.md"
    path.write_text("---\n# mijn velden\nkicker: Kort\n---\n\n# De titel\n\n## Kop\n\n* punt\n")
    made = draft(path)
    head, body = made.markdown.split("---\n")[1:]
    assert "# mijn velden\nkicker: Kort\n" in head
    assert 'title: "De titel"\n' in head
    assert "language: nl\n" in head
    assert "greeting: " in head
    assert body == "\n## Kop\n\n* punt\n"
    assert made.name == "de-titel"


def test_a_finished_announcement_passes_through_unchanged(tmp_path: Path) -> None:
    source = "---\ntitle: Klaar\ngreeting: Dag,\nlanguage: nl\n---\n\n::: lead\nTekst.\n:::\n"
    path = tmp_path / "klaar.md"
    path.write_text(source)
    assert draft(path).markdown == source


def test_fields_of_another_program_are_left_out_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "post.md"
    path.write_text("---\ntitle: Nieuws\ndate: 2024-05-03T10:00:00Z\ndraft: true\n---\n\nTekst.\n")
    made = draft(path)
    (tmp_path / "a.md").write_text(made.markdown)
    (edition,) = load(tmp_path / "a.md", ("nl",)).editions
    assert (edition.title, str(edition.date)) == ("Nieuws", "2024-05-03")
    assert any("`draft: True`" in note for note in made.unsure)


def test_headings_too_high_or_too_deep_for_a_mail_are_made_to_fit() -> None:
    made = marked.keep("# T\n\n# A\n\n#### B\n\nC\n===\n\ntekst", "x", "nl")
    assert made.markdown.endswith("---\n\n## A\n\n### B\n\n## C\n\ntekst\n")


def test_markdown_without_a_title_but_with_bold_questions_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "nieuws.md"
    path.write_text("Titel\n\nEen zin.\n\n**Hoe?**\n\nIk *doe* het.\n\n**En nu?**\n\nIk wacht.\n")
    assert "::: question Hoe?\nIk *doe* het.\n:::" in draft(path).markdown


@pytest.mark.parametrize(
    "head", ["a: &a [x]\ntitle: *a", "title: [", "just words", "title: 'x\nlanguage: nl"]
)
def test_front_matter_that_cannot_be_read_is_a_fault(head: str, tmp_path: Path) -> None:
    path = tmp_path / "fout.md"
    path.write_text(f"---\n{head}\n---\n\nTekst.\n")
    with pytest.raises(AuthorError, match=r"fout\.md: .*---"):
        draft(path)


def test_pictures_in_word_are_left_out_and_never_opened() -> None:
    document = docx.Document()
    document.add_paragraph("Nieuws", style="Title")
    document.add_picture(pixel())
    document.add_picture(pixel())
    tag = document.inline_shapes[0]._inline.graphic.graphicData.pic.blipFill.blip
    outside = document.part.relate_to(
        "file:///etc/hostname", RELATIONSHIP_TYPE.IMAGE, is_external=True
    )
    tag.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}link", outside)
    del tag.attrib["{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"]
    document.add_paragraph("Een gewone zin.")
    reading = word.read(saved(document))
    assert len(reading.pictures) == 2
    assert [paragraph.text for paragraph in reading.paragraphs] == ["Nieuws", "Een gewone zin."]


def test_lists_tables_and_the_subtitle_of_word_are_read() -> None:
    document = docx.Document()
    document.add_paragraph("Nieuws", style="Title")
    document.add_paragraph("Waar het om gaat", style="Subtitle")
    document.add_paragraph("een", style="List Bullet")
    document.add_paragraph("twee", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "links", "rechts"
    reading = word.read(saved(document))
    assert [p.kind for p in reading.paragraphs] == [
        Kind.HEADING, Kind.LEAD, Kind.BLOCK, Kind.BLOCK,
    ]  # fmt: skip
    assert reading.paragraphs[2].markdown == "- een\n- twee"
    assert reading.paragraphs[3].markdown == "| links | rechts |\n| --- | --- |"
    assert reading.paragraphs[3].place == "paragraph 4"


def archive(entries: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", compression) as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return file.getvalue()


def with_password(data: bytes) -> bytes:
    """Set the flag of encryption in the list of files at the end of an archive."""
    at = data.rindex(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


HOSTILE = {
    "an old document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Word document"),
    "no archive": (b"{\\rtf1 hello}", "no Word document"),
    "another archive": (archive({"mimetype": b"text"}), "missing or damaged"),
    "a bomb": (archive({"word/document.xml": b"<" + b" " * 2_000_000}), "100 times its size"),
    "too many files": (archive({f"word/{n}.xml": b"" for n in range(1001)}), "1001 files"),
    "a path outside": (archive({"../../evil.xml": b"<a/>"}), "points outside"),
    "an absolute path": (archive({"/etc/cron.d/x": b"<a/>"}), "points outside"),
    "a drive": (archive({"C:\\x.xml": b"<a/>"}), "points outside"),
    "a password": (with_password(archive({"word/document.xml": b"<a/>"})), "has a password"),
    "odd packing": (archive({"word/document.xml": b"<a/>"}, ZIP_BZIP2), "packed in a way"),
    "entities": (archive({"word/document.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "entities"),
    "entities in UTF-16": (
        archive({"word/media/x.png": "<!DOCTYPE a []><a/>".encode("utf-16")}),
        "entities",
    ),
    "too much text": (archive({"word/document.xml": ROOMY * 2700}, 0), "10 MB"),
    "broken XML": (archive({"word/document.xml": b"<w:document"}), "missing or damaged"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_word_document_that_is_none_is_refused_with_the_mend(kind: str, tmp_path: Path) -> None:
    data, why = HOSTILE[kind]
    path = tmp_path / "brief.docx"
    path.write_bytes(data)
    with pytest.raises(AuthorError, match=re.escape(why)) as caught:
        draft(path)
    (fault,) = caught.value.faults
    assert fault.place == str(path)
    assert ";" in fault.message


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_word_document_cut_short_is_refused(share: float, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Nieuws")
    data = saved(document)
    path = tmp_path / "brief.docx"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(AuthorError, match="cut short"):
        draft(path)


def test_a_link_in_word_that_loses_its_target_is_told() -> None:
    document = docx.Document()
    target = document.part.relate_to("/p/12", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), target)
    paragraph = document.add_paragraph("Zie ")
    link.append(paragraph.add_run("haar pagina")._r)
    paragraph._p.append(link)
    (note,) = word.read(saved(document)).unsure
    assert note.startswith('the link of "haar pagina" (/p/12) leads nowhere')


def test_readers_hand_over_nothing_of_an_empty_page() -> None:
    assert webpage.read("<!-- niets -->") == Reading(paragraphs=())


def test_a_heading_of_several_lines_is_written_on_one() -> None:
    paragraph = Paragraph(text="a b", markdown="a\\\nb", place="line 1", kind=Kind.HEADING, level=2)
    assert paragraph.one_line == "a b"


def pixel() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    return file


def saved(document: docx.document.Document) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()
