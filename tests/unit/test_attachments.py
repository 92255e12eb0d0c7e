"""Files that travel in the message, read back by the standard library."""

import re
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.enclosure import Enclosure
from newsletter.message import HeaderError, skeleton
from newsletter.rendering import Rendering
from tests.unit.test_message import (
    LETTERHEAD,
    PICTURE,
    assert_fit_for_any_relay,
    folded_headers,
    on_the_wire,
    part,
    read,
    rendering,
    sent,
)


def file(
    filename: str = "plan.pdf", data: bytes = b"%PDF-", kind: str = "application/pdf"
) -> Enclosure:
    return Enclosure(filename=filename, content_type=kind, data=data)


def attached(each: Rendering) -> list[EmailMessage]:
    return list(read(sent(each)).iter_attachments())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.binary(max_size=400), min_size=1, max_size=3), st.booleans())
@example([b"", b"\r\n.\r\nFrom \r\n--=_m_", bytes(range(256)) * 999], True)
def test_any_bytes_survive_and_so_does_the_mail_around_them(
    contents: list[bytes], pictures: bool
) -> None:
    each = rendering(
        text="Dag\n--=_m_\n", html="<p>Dag</p>\n",
        images=(PICTURE,) * pictures,
        attachments=tuple(file(data=data) for data in contents),
    )  # fmt: skip
    data = sent(each)

    assert_fit_for_any_relay(data)
    assert [found.get_content() for found in attached(each)] == contents
    assert part(data, "text/plain") == on_the_wire(each.text)
    assert part(data, "text/html") == on_the_wire(each.html)
    assert [found.get_content() for found in read(data).walk()
            if found.get_content_maintype() == "image"] == [PICTURE.data] * pictures  # fmt: skip


def test_what_is_attached_stands_beside_the_text_and_the_html() -> None:
    each = rendering(images=(PICTURE,), attachments=(file(), file()))
    assert [found.get_content_type() for found in read(sent(each)).walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
        "application/pdf",
    ]


def test_an_attachment_is_offered_under_its_name_and_not_shown() -> None:
    (found,) = attached(rendering(attachments=(file(),)))
    assert found.get_content_disposition() == "attachment"
    assert found.get_filename() == "plan.pdf"
    assert found["Content-ID"] is None


def test_a_name_with_accents_is_given_in_ascii_too() -> None:
    (found,) = attached(rendering(attachments=(file("Überblick-été-報告.pdf"),)))
    assert found.get_filename() == "Überblick-été-報告.pdf"
    assert found.get_param("name") == "Uberblick-ete.pdf"
    assert not found["Content-Disposition"].defects


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"[\w-]{1,60}\.pdf", fullmatch=True))
def test_any_name_comes_out_and_stays_in_its_header(name: str) -> None:
    each = rendering(attachments=(file(name),))
    (found,) = attached(each)
    assert_fit_for_any_relay(sent(each))
    assert found.get_filename() == name
    assert {field.lower() for field in found.keys()} == {  # noqa: SIM118  # repeated ones too
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
    }


@pytest.mark.parametrize("name", ['a"\r\nX: y.pdf', "é\r\n.pdf", "\u202efdp.exe", "=?utf-8?q?a?="])
def test_a_hostile_name_is_refused(name: str) -> None:
    with pytest.raises(HeaderError, match="cannot stand in a mail header"):
        skeleton(rendering(attachments=(file(name),)), LETTERHEAD)


def test_a_hostile_kind_is_refused() -> None:
    with pytest.raises(HeaderError, match="cannot stand in a mail header"):
        skeleton(rendering(attachments=(file(kind="a/b\r\nX: y"),)), LETTERHEAD)


def test_an_invitation_keeps_its_method_and_its_charset() -> None:
    ics = file("feest.ics", "BEGIN:é\r\n".encode(), "text/calendar; charset=utf-8; method=PUBLISH")
    (found,) = attached(rendering(attachments=(ics,)))
    assert found.get_content_type() == "text/calendar"
    assert found.get_param("method") == "PUBLISH"
    assert found.get_content_charset() == "utf-8"
    assert found.get_payload(decode=True) == ics.data


def test_without_attachments_nothing_is_mixed_and_with_them_the_headers_are_the_same() -> None:
    plain, mixed = sent(), sent(rendering(attachments=(file(),)))
    assert b"mixed" not in plain
    assert folded_headers(plain) == folded_headers(mixed)
    assert re.search(rb"(?m)^Content-Type: multipart/mixed", mixed)


def test_what_is_published_stays_outside_the_message() -> None:
    assert sent(rendering(published=(file(),))) == sent()
