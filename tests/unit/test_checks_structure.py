"""The skeleton of the HTML, the message around it, and what both weigh."""

import dataclasses
from pathlib import Path

import pytest

from newsletter import checks
from newsletter.checks import Mail, envelope, size, structure
from tests.mails import RULES, foreign, mail, named, written


def rules(folder: Path, body: str, **changes: str) -> list[str]:
    return [each.rule for each in structure.check(foreign(folder, body, **changes), RULES)]


# -- structure


@pytest.mark.parametrize("what", [' lang="nl"', ' dir="ltr"'])
@pytest.mark.parametrize("where", ["<html", "<body><div"])
def test_a_mail_that_does_not_say_its_language_or_direction_is_an_error(
    tmp_path: Path, what: str, where: str
) -> None:
    html = foreign(tmp_path, "<p>Dag</p>").rendering.html
    start = html.index(where)
    end = html.index(">", start + len(where))
    less = html[:start] + html[start:end].replace(what, "") + html[end:]
    assert rules(tmp_path, "", html=html) == []
    assert rules(tmp_path, "", html=less) == ["lang-attribute"]


def test_a_mail_that_says_another_language_is_an_error(tmp_path: Path) -> None:
    html = foreign(tmp_path, "<p>Dag</p>").rendering.html.replace('lang="nl"', 'lang="en"')
    assert rules(tmp_path, "", html=html) == ["lang-attribute"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('<table role="presentation"><tr><td>a</td></tr></table>', []),
        ("<table><tr><td>a</td></tr></table>", ["table-role"]),
        ('<table><tr><th scope="col">a</th></tr></table>', []),
        ("<table><tr><th>a</th></tr></table>", ["table-head"]),
        ('<table><tr><td><table><tr><th scope="col">a</th></tr></table></td></tr></table>',
         ["table-role"]),
    ],
)  # fmt: skip
def test_a_table_is_for_layout_or_has_headers(
    tmp_path: Path, table: str, expected: list[str]
) -> None:
    assert rules(tmp_path, table) == expected


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("<h2>a</h2><h3>b</h3><h2>c</h2>", []),
        ("<h3>a</h3>", ["heading-order"]),
        ("<h2>a</h2><h4>b</h4>", ["heading-order"]),
        ("<h1>a</h1>", ["heading-one"]),
        ("<h2> </h2>", ["heading-empty"]),
        ('<h2><img src="a.png" alt="Titel"></h2>', []),
    ],
)
def test_headings_are_in_order_with_one_title(
    tmp_path: Path, headings: str, expected: list[str]
) -> None:
    assert rules(tmp_path, headings) == expected


def test_a_mail_without_a_title_is_an_error(tmp_path: Path) -> None:
    html = foreign(tmp_path, "<p>Dag</p>").rendering.html
    assert rules(tmp_path, "", html=html.replace("<h1>Titel</h1>", "")) == ["heading-one"]


def test_a_title_that_is_not_the_subject_is_a_warning(tmp_path: Path) -> None:
    assert rules(tmp_path, "<p>Dag</p>", subject="Iets anders") == ["title-subject"]


@pytest.mark.parametrize(
    "body",
    ["<script>x()</script>", "<form></form>", "<iframe></iframe>", '<p onclick="x()">a</p>',
     '<a href="java\nscript:x()">a</a>', "<svg></svg>"],
)  # fmt: skip
def test_what_runs_is_an_error(tmp_path: Path, body: str) -> None:
    assert rules(tmp_path, body) == ["active-content"]


# -- the message


def changed(mail: Mail, old: bytes, new: bytes) -> list[tuple[str, str]]:
    assert old in mail.data
    found = envelope.check(dataclasses.replace(mail, data=mail.data.replace(old, new)), RULES)
    return [(each.rule, each.message) for each in found]


@pytest.fixture
def finished(tmp_path: Path) -> Mail:
    return mail(written(tmp_path, "Dag, één."))


def test_a_message_as_it_leaves_is_fine(finished: Mail) -> None:
    assert list(envelope.check(finished, RULES)) == []


@pytest.mark.parametrize("name", [b"Date", b"Message-ID", b"Auto-Submitted", b"From", b"To"])
def test_a_message_without_a_header_that_it_needs_is_an_error(finished: Mail, name: bytes) -> None:
    ((rule, message),) = (
        changed(finished, b"\r\n" + name + b":", b"\r\nX-Other:")
        if (name != b"From")
        else changed(finished, b"From:", b"X-Other:")
    )
    assert rule == "mime-headers"
    assert f"0 headers `{name.decode()}`" in message


def test_a_header_twice_is_an_error(finished: Mail) -> None:
    ((rule, message),) = changed(finished, b"\r\nDate:", b"\r\nDate: x\r\nDate:")
    assert rule == "mime-headers"
    assert "2 headers `Date`" in message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"text/plain", b"text/x-other", "begins with text/x-other and text/html"),
        (b"multipart/alternative", b"multipart/mixed", "not alternatives"),
        (b'text/html; charset="utf-8"', b'text/html; charset="iso-8859-1"', "in `iso-8859-1`"),
        (b'text/html; charset="utf-8"', b'text/html; charset="zz"', "in `zz`"),
        (b'text/plain; charset="utf-8"', b"text/plain", "in `no charset`"),
        (b"=C3=A9=C3=A9n", "één".encode(), "8-bit"),
        (b"Precedence: bulk\r\n", b"Precedence: bulk\n", "half a line break"),
        (b"Precedence: bulk", b"Precedence: " + b"a" * 987, "999 octets"),
    ],
)
def test_a_message_that_a_server_or_program_would_not_take_is_an_error(
    finished: Mail, old: bytes, new: bytes, says: str
) -> None:
    found = changed(finished, old, new)
    assert {rule for rule, _ in found} == {"mime-parts"}
    assert any(says in message for _, message in found)


def test_an_empty_part_is_an_error(finished: Mail) -> None:
    for name in ("text", "html"):
        empty = mail(finished.editions[0], **{name: " "})
        assert [each.rule for each in envelope.check(empty, RULES)] == ["mime-parts"]
        assert "mime-parts" in {each.rule for each in checks.run(empty, RULES)}


# -- size


def heavy(folder: Path, body: str = "", style: str = "") -> list[tuple[str, int]]:
    return named(list(size.check(foreign(folder, body, style), RULES)))


@pytest.mark.fault(60, "HTML of more than 100 KB", "an error of `check`: it is not sent")
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("x" * 75_000, ""),
        ("x" * 80_000, "html-heavy"),
        ("x" * 100_000, "html-clipped"),
        ("é" * 12_500, ""),
        ("é" * 14_000, "html-heavy"),
        ("é" * 17_000, "html-clipped"),
    ],
)
def test_html_is_weighed_as_it_is_encoded(tmp_path: Path, body: str, rule: str) -> None:
    assert [name for name, _ in heavy(tmp_path, body)] == [rule] * bool(rule)


def test_a_heavy_message_is_a_warning(finished: Mail) -> None:
    longer = dataclasses.replace(finished, data=finished.data + b"\r\n" * 500_000)
    assert named(list(size.check(longer, RULES))) == [("mail-heavy", 0)]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("p{color:#000000;}" * 400, []),
        ("p{color:#000000;}" * 500, ["style-heavy"]),
        ("p{color:#000000;}" * 1000, ["style-limit"]),
        ("@media (a){p{color:#000000;}}@media (b){p{color:#000000;}}", []),
        ("@media (a){@media (b){p{color:#000000;}}}", ["gmail-style"]),
        ("@media (a){p{background:url(a@2x.png);}}", []),
        ("p{color:rgb(0 0 0);}", ["gmail-style"]),
        ("p{color:rgb(0, 0, 0);}", []),
    ],
)
def test_styles_are_weighed_and_read_as_gmail_does(
    tmp_path: Path, style: str, expected: list[str]
) -> None:
    assert [name for name, _ in heavy(tmp_path, style=f"<style>{style}</style>")] == expected


def test_a_style_attribute_that_gmail_drops_is_an_error(tmp_path: Path) -> None:
    assert heavy(tmp_path, '<p style="color:hsl(120deg 75% 25%)">a</p>') == [("gmail-style", 0)]
