import dataclasses
import datetime
import email
import email.policy
import html
import re
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension

from newsletter.address import INVISIBLE, parse
from newsletter.audience import Recipient
from newsletter.blocks import Field, Slot, marker
from newsletter.enclosure import Enclosure
from newsletter.images import Embedded
from newsletter.message import (
    HEADER_NAMES,
    HeaderError,
    Letterhead,
    Mailbox,
    compose,
    fill,
    fingerprint,
    skeleton,
)
from newsletter.rendering import Rendering
from newsletter.skeleton import load_skeleton, message_id

DATE = datetime.datetime(2026, 2, 9, 9, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
SENDER = Mailbox("Interne communicatie", parse("communicatie@example.org"))
LETTERHEAD = Letterhead(sender=SENDER, reply_to=None, list_id="newsletter.example.org", date=DATE)
ID = "<2026.1@example.org>"
FIRST_NAME = Slot(Field.FIRST_NAME, "collega")
RENDERING = Rendering(
    language="nl",
    languages=("nl",),
    subject="Kantine dicht",
    html="<p>Dag</p>\n",
    text="Dag\n",
    images=(),
    slots=(),
)
PICTURE = Embedded(
    cid="plan@newsletter",
    filename="plan.png",
    content_type="image/png",
    data=bytes(range(256)) * 9,
    width=10,
    height=10,
)


def rendering(**changes: Any) -> Rendering:
    return dataclasses.replace(RENDERING, **changes)


def person(name: str = "Anaïs Peeters", **known: Any) -> Recipient:
    return Recipient(
        address=parse("anais@example.org"), display_name=name, lists=("staff",), **known
    )


def sent(each: Rendering = RENDERING, to: Recipient | None = None, **letterhead: Any) -> bytes:
    head = dataclasses.replace(LETTERHEAD, **letterhead)
    return compose(skeleton(each, head), to or person(), ID)


def read(data: bytes) -> EmailMessage:
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [part.defects for part in mail.walk() if part.defects]
    return mail


def part(data: bytes, kind: str) -> bytes:
    """Return the one part of this kind as its bytes, with the line ends of the wire."""
    (found,) = (each for each in read(data).walk() if each.get_content_type() == kind)
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def mailbox(mail: EmailMessage, name: str) -> tuple[str, str]:
    header = mail[name]
    assert isinstance(header, AddressHeader)
    (found,) = header.addresses
    return found.display_name, found.addr_spec


def long_mailbox(data: bytes, name: str) -> tuple[str, str]:
    """Read a mailbox as RFC 2047 says; the newer parser leaves spaces between encoded words."""
    phrase, _, address = str(email.message_from_bytes(data)[name]).rpartition("<")
    phrase = phrase.removesuffix("\r\n ").removesuffix(" ")
    if phrase.startswith('"'):
        return re.sub(r"\\(.)", r"\1", phrase[1:-1]), address.removesuffix(">")
    return str(make_header(decode_header(phrase))), address.removesuffix(">")


def on_the_wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def assert_fit_for_any_relay(data: bytes) -> None:
    """RFC 5321 and 2045, and what relays have been seen to change."""
    assert data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n")
    assert data.endswith(b"\r\n")
    assert data.isascii()
    assert b"\0" not in data
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    for line in body.split(b"\r\n"):
        assert len(line) <= 76 or line.startswith(b"Content-")
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))


# -- the whole message, read back


awkward_lines = st.sampled_from(
    [
        ".",
        "..",
        ".alleen een punt",
        "From hier begint een brievenbus",
        ">From",
        "--",
        "--=_a_0",
        "-- ",
        "=",
        "=3D=20",
        "=?utf-8?q?a?=",
        "op het einde spaties   ",
        "een tab\t",
        "   ",
        "",
        "x" * 5000,
        "é😀" * 1000,
        "מה שלומך؟ مرحبا",
        "a" * 72 + ".",
        "a" * 73 + "From b",
        "a" * 72 + " ",
        "a" * 75,
        "a" * 76,
        "Content-Type: text/html",
        "\r",
        "x\ry",
        "\u2028",
    ]
)
lines = awkward_lines | st.text(st.characters(exclude_categories=("Cs", "Co")), max_size=90)
texts = st.lists(lines, max_size=8).map("\n".join)
safe_text = st.characters(
    exclude_categories=("Cc", "Cs", "Co", "Zl", "Zp"),
    exclude_characters="\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff",
)
headers = (
    st.text(safe_text, max_size=120)
    | st.lists(st.text("abcé😀,;:\"'()<>@\\.[]?=_-", min_size=1, max_size=40), max_size=20).map(
        " ".join
    )
).map(lambda text: " ".join(text.replace("=?", "").split()))


@pytest.mark.fault(
    60,
    "any text and any page: lone dots, `From`, very long lines, signs of every script",
    "lines of at most 76 octets, none with a dot in front; it reads back as written",
)
@settings(max_examples=80, deadline=None)
@given(texts, texts, headers.filter(bool), st.booleans())
def test_what_was_put_in_comes_out(text: str, page: str, subject: str, pictures: bool) -> None:
    images = (PICTURE, dataclasses.replace(PICTURE, cid="b@newsletter", data=b"")) * pictures
    data = sent(rendering(text=text, html=page, subject=subject, images=images))

    mail = read(data)
    assert_fit_for_any_relay(data)
    assert part(data, "text/plain") == on_the_wire(text)
    assert part(data, "text/html") == on_the_wire(page)
    assert mail["Subject"] == subject
    assert mailbox(mail, "From") == ("Interne communicatie", "communicatie@example.org")
    assert mailbox(mail, "Reply-To") == ("Interne communicatie", "communicatie@example.org")
    assert mailbox(mail, "To") == ("Anaïs Peeters", "anais@example.org")
    assert mail["Message-ID"] == ID
    assert mail["Date"].datetime == DATE
    found = [each for each in mail.walk() if each.get_content_maintype() == "image"]
    assert [(each["Content-ID"], each.get_content()) for each in found] == [
        (f"<{image.cid}>", image.data) for image in images
    ]


def folded_headers(data: bytes) -> list[bytes]:
    return re.findall(rb"(?m)^[!-9;-~]+(?=:)", data.partition(b"\r\n\r\n")[0])


@settings(max_examples=80, deadline=None)
@given(headers, headers, headers)
@example("O'Brien", 'Jan "de baas" Peeters', "a\\b")
@example("x" * 5000, "x" * 900, "é" * 3000)
@example("", " ", "😀" * 500)
def test_any_name_comes_out_and_adds_no_header(to: str, sender: str, reply_to: str) -> None:
    data = sent(
        to=person(to),
        sender=Mailbox(sender, SENDER.address),
        reply_to=Mailbox(reply_to, parse("vragen@example.org")),
    )

    assert read(data)
    assert_fit_for_any_relay(data)
    assert long_mailbox(data, "To") == (to, "anais@example.org")
    assert long_mailbox(data, "From") == (sender, "communicatie@example.org")
    assert long_mailbox(data, "Reply-To") == (reply_to, "vragen@example.org")
    assert tuple(folded_headers(data)) == HEADER_NAMES


hostile = st.sampled_from(
    [
        "=?utf-8?q?=0ABcc:?=",
        "=?utf-8?q?=0D=0ABcc:_z?=",
        "a\r\nBcc: b@example.org",
        "a\nBcc: b@example.org",
        "a\rBcc: b@example.org",
        "a\r\n\r\nbody",
        "a\n",
        "a\0b",
        "a\tb",
        "a\x0bb",
        "a\x85Bcc: b",
        "a\u2028Bcc: b",
        "\u202egpj.exe",
        "a\u200bb",
        "💩 =?UTF-8?Q?=0A?=Bcc: b@example.org",
    ]
)


@pytest.mark.fault(
    57, "line ends of every kind in names and subjects", "refused before a byte is sent"
)
@given(hostile, st.sampled_from(["", "é", "naam "]))
def test_no_name_and_no_subject_can_begin_a_header(bad: str, before: str) -> None:
    value = before + bad
    good = skeleton(RENDERING, LETTERHEAD)
    with pytest.raises(HeaderError, match="cannot stand in a mail header"):
        compose(good, person(value), ID)
    for change in (
        {"sender": Mailbox(value, SENDER.address)},
        {"reply_to": Mailbox(value, SENDER.address)},
        {"list_id": value},
    ):
        with pytest.raises(HeaderError, match="cannot stand in a mail header"):
            skeleton(RENDERING, dataclasses.replace(LETTERHEAD, **change))
    with pytest.raises(HeaderError, match="cannot stand in a mail header"):
        skeleton(rendering(subject=value), LETTERHEAD)


@pytest.mark.parametrize("bad", ["<a@b>\r\nBcc: c@example.org", "<a@b>\nX: y", "<a@b>\r\n\r\nbody"])
def test_a_message_id_cannot_begin_a_header_either(bad: str) -> None:
    with pytest.raises(HeaderError):
        compose(skeleton(RENDERING, LETTERHEAD), person(), bad)


@given(st.text(max_size=40))
def test_any_name_at_all_is_a_good_message_or_refused(name: str) -> None:
    try:
        data = compose(skeleton(RENDERING, LETTERHEAD), person(name), ID)
    except HeaderError:
        assert INVISIBLE.search(name) or "=?" in name or "\t" in name
    else:
        assert_fit_for_any_relay(data)
        assert tuple(folded_headers(data)) == HEADER_NAMES


def test_a_subject_that_no_line_can_hold_is_refused() -> None:
    with pytest.raises(HeaderError, match="a line over 998 octets"):
        skeleton(rendering(subject="x" * 2000), LETTERHEAD)


def test_headers_tell_machines_not_to_answer() -> None:
    mail = read(sent())

    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, DR, RN, NRN"
    assert mail["List-Id"] == "<newsletter.example.org>"
    assert mail["Cc"] is mail["Bcc"] is mail["List-Unsubscribe"] is None


def test_the_headers_say_the_languages_and_where_to_leave_the_list() -> None:
    both = rendering(language="mul", languages=("nl", "fr"))
    url = "https://example.org/weg?lijst=a&b=%C3%A9"

    assert read(sent())["Content-Language"] == "nl"
    assert read(sent(both))["Content-Language"] == "nl, fr"
    data = sent(unsubscribe=url)
    assert read(data)["List-Unsubscribe"] == f"<{url}>"
    assert folded_headers(data).index(b"List-Unsubscribe") == folded_headers(data).index(b"To") + 5
    assert read(sent(unsubscribe="mailto:weg@example.org"))["List-Unsubscribe"] == (
        "<mailto:weg@example.org>"
    )


@pytest.mark.parametrize(
    "bad", ["http://example.org", "example.org", "https:", "https://a>b", "https://a b", "https://é",
            "https://a\r\nBcc: b@example.org", "https://a\n", "javascript:x"]
)  # fmt: skip
def test_what_is_no_address_to_leave_the_list_by_is_refused(bad: str) -> None:
    with pytest.raises(HeaderError, match="no https: or mailto: address"):
        sent(unsubscribe=bad)


def test_the_text_comes_before_the_html_and_pictures_stand_beside_the_html() -> None:
    kinds = [each.get_content_type() for each in read(sent(rendering(images=(PICTURE,)))).walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert [each.get_content_type() for each in read(sent()).walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_every_text_says_that_it_is_utf8() -> None:
    for each in read(sent()).walk():
        assert each.is_multipart() or each.get_content_charset() == "utf-8"


def test_the_name_of_a_picture_cannot_leave_its_header() -> None:
    picture = dataclasses.replace(PICTURE, filename='a"\r\nX: y é.png')
    (found,) = (
        each
        for each in read(sent(rendering(images=(picture,)))).walk()
        if each.get_content_maintype() == "image"
    )
    assert found.get_filename() == "a-X-y-e.png"
    assert found["X"] is None


# -- against the standard library


@settings(max_examples=60, deadline=None)
@given(st.lists(lines.filter(lambda line: "\r" not in line), max_size=5).map("\n".join))
def test_a_mail_reads_as_the_one_that_the_standard_library_writes(text: str) -> None:
    theirs = EmailMessage(policy=email.policy.SMTP)
    theirs["Subject"] = "Kantine dicht: één dag"
    theirs["From"] = str(SENDER)
    theirs.set_content(text + "\n", cte="quoted-printable")
    theirs.add_alternative(f"<p>{text}</p>\n", subtype="html", cte="quoted-printable")
    ours = sent(
        rendering(subject="Kantine dicht: één dag", text=text + "\n", html=f"<p>{text}</p>\n")
    )

    expected, found = read(theirs.as_bytes()), read(ours)
    assert found["Subject"] == expected["Subject"]
    assert mailbox(found, "From") == mailbox(expected, "From")
    for kind in ("plain", "html"):
        mine, other = found.get_body((kind,)), expected.get_body((kind,))
        assert mine is not None
        assert other is not None
        # their lines end wherever str.splitlines ends one
        assert mine.get_content().splitlines() == other.get_content().splitlines()


# -- slots


def test_slots_are_filled_as_each_part_needs_it() -> None:
    each = rendering(
        text=f"Dag {marker(0)},\n{marker(1)}", html=f"<p>Dag {marker(0)} {marker(1)}</p>",
        slots=(FIRST_NAME, Slot(Field.EMAIL, "")),
    )  # fmt: skip
    data = sent(each, person(first_name='<b>"An" & O\'Brien</b>'))

    name = "&lt;b&gt;&quot;An&quot; &amp; O&#x27;Brien&lt;/b&gt;"
    assert part(data, "text/plain") == b'Dag <b>"An" & O\'Brien</b>,\r\nanais@example.org'
    assert part(data, "text/html").decode() == f"<p>Dag {name} anais@example.org</p>"


@pytest.mark.fault(59, "a field that the list leaves empty", "the fallback that the author wrote")
@pytest.mark.parametrize("field", [Field.FIRST_NAME, Field.LAST_NAME, Field.DISPLAY_NAME])
def test_an_empty_field_reads_as_its_fallback_escaped_in_html(field: Field) -> None:
    slot = Slot(field, "R&D <collega>")
    each = rendering(text=marker(0), html=marker(0), slots=(slot,))
    data = sent(each, person(name=""))

    assert part(data, "text/plain") == b"R&D <collega>"
    assert part(data, "text/html") == b"R&amp;D &lt;collega&gt;"


@pytest.mark.fault(
    62, "template words in a name", "shown as written: only the theme's own files are templates"
)
def test_a_name_is_never_read_as_a_slot_or_a_template() -> None:
    each = rendering(text=f"{marker(0)} {marker(1)}", slots=(FIRST_NAME, Slot(Field.EMAIL, "")))
    to = person(first_name="{{ email }} {0} %s \\1")
    assert part(sent(each, to), "text/plain") == b"{{ email }} {0} %s \\1 anais@example.org"


pieces = st.lists(lines | st.sampled_from([marker(0), marker(1)]), max_size=8)
names = st.text(safe_text, max_size=30) | awkward_lines.filter(lambda line: "\r" not in line)


@settings(max_examples=80, deadline=None)
@given(pieces, names, st.text(safe_text, max_size=200))
def test_slots_anywhere_are_filled_for_any_name(
    pieces: list[str], first_name: str, fallback: str
) -> None:
    slots = (Slot(Field.FIRST_NAME, fallback), Slot(Field.LAST_NAME, "x"))
    content = "".join(pieces)
    to = person(first_name=first_name)
    data = sent(rendering(text=content, html=content, slots=slots), to)

    own = first_name or fallback
    plain = content.replace(marker(0), own).replace(marker(1), "x")
    escaped = content.replace(marker(0), html.escape(own)).replace(marker(1), "x")
    assert_fit_for_any_relay(data)
    assert part(data, "text/plain") == on_the_wire(plain)
    assert part(data, "text/html") == on_the_wire(escaped)
    assert fill(content, slots, to, escape=False) == plain
    assert fill(content, slots, to, escape=True) == escaped


# -- always the same bytes


def test_the_same_input_gives_the_same_bytes() -> None:
    each = rendering(html=f"<p>{marker(0)}</p>", slots=(FIRST_NAME,), images=(PICTURE,))
    assert sent(each) == sent(dataclasses.replace(each))


def test_two_readers_differ_in_their_own_places_only() -> None:
    built = skeleton(rendering(text=f"Dag {marker(0)}", slots=(FIRST_NAME,)), LETTERHEAD)
    an, bo = (compose(built, person(name, first_name=name), ID) for name in ("An", "Bo"))

    assert an != bo
    assert an.replace(b"An", b"Bo") == bo


def test_nobody_sees_another_address() -> None:
    built = skeleton(RENDERING, LETTERHEAD)
    for name in ("an", "bo"):
        to = structs.replace(person(), address=parse(f"{name}@example.org"))
        found = set(re.findall(rb"[\w.]+@[\w.]+", compose(built, to, ID)))
        assert found == {
            f"{name}@example.org".encode(),
            b"communicatie@example.org",
            ID[1:-1].encode(),
        }


@settings(max_examples=60, deadline=None)
@given(pieces, st.text(safe_text, max_size=30), st.booleans())
def test_a_skeleton_that_was_kept_makes_the_same_message(
    pieces: list[str], fallback: str, pictures: bool
) -> None:
    each = rendering(
        text="".join(pieces),
        html="".join(pieces),
        slots=(Slot(Field.FIRST_NAME, fallback), Slot(Field.EMAIL, "")),
        images=(PICTURE,) * pictures,
    )
    built = skeleton(each, LETTERHEAD)

    assert load_skeleton(built.dump()) == built
    assert compose(load_skeleton(built.dump()), person(), ID) == compose(built, person(), ID)


def test_a_message_id_is_of_its_delivery_alone() -> None:
    assert message_id("s1", 2, "example.org") == "<s1.2@example.org>"
    assert len({message_id("s1", n, "example.org") for n in range(1000)}) == 1000


FILE = Enclosure(filename="a.pdf", content_type="application/pdf", data=b"a")
EVERYTHING = rendering(slots=(FIRST_NAME,), images=(PICTURE,), attachments=(FILE,))


@pytest.mark.parametrize(
    "change",
    [
        {"language": "fr"},
        {"subject": "Kantine open"},
        {"text": "Dag.\n"},
        {"html": "<p>Dag.</p>\n"},
        {"slots": ()},
        {"slots": (Slot(Field.FIRST_NAME, "vriend"),)},
        {"slots": (Slot(Field.LAST_NAME, "collega"),)},
        {"images": ()},
        {"images": (dataclasses.replace(PICTURE, data=b"x"),)},
        {"images": (PICTURE, PICTURE)},
        {"attachments": ()},
        {"attachments": (), "published": (FILE,)},
        {"attachments": (FILE, FILE)},
        {"attachments": (dataclasses.replace(FILE, filename="b.pdf"),)},
        {"attachments": (dataclasses.replace(FILE, content_type="text/plain"),)},
        {"attachments": (dataclasses.replace(FILE, data=b"b"),)},
        {"published": (FILE,)},
        {"subject": "Kantine dichtDag", "text": "\n"},
    ],
)
def test_the_fingerprint_changes_with_all_that_a_reader_sees(change: dict[str, Any]) -> None:
    other = dataclasses.replace(EVERYTHING, **change)
    assert fingerprint([EVERYTHING]) != fingerprint([other])


def test_the_fingerprint_tells_languages_and_their_order_apart() -> None:
    french = dataclasses.replace(EVERYTHING, language="fr")
    found = {
        fingerprint(each) for each in ([], [EVERYTHING], [EVERYTHING, french], [french, EVERYTHING])
    }
    assert len(found) == 4


def test_the_fingerprint_is_of_the_content_alone() -> None:
    """No date and no Message-ID is in it, for it must be the same at approval and at sending."""
    assert fingerprint([EVERYTHING]) == fingerprint([dataclasses.replace(EVERYTHING)])
    assert re.fullmatch("[0-9a-f]{64}", fingerprint([EVERYTHING]))


# -- a message that a person can open


class Eml(SingleFileSnapshotExtension):
    file_extension = "eml"


def test_a_message_as_it_leaves(snapshot: SnapshotAssertion) -> None:
    dot = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c636060600000000400010f3f2a3c0000000049454e44ae426082"
    )
    each = Rendering(
        language="nl",
        languages=("nl",),
        subject="De kantine is vrijdag dicht, maar er is soep in het onthaal: één kom per persoon",
        html=f'<!DOCTYPE html>\n<html lang="nl"><head><title>Kantine</title></head><body>\n'
        f'<p style="color:#1a1a1a">Dag {marker(0)},</p>\n<p>Breng vrijdag boterhammen mee. '
        f'<img src="cid:plan@newsletter" alt="Plan"></p>\n<p>Verstuurd aan {marker(1)}.</p>\n'
        "</body></html>\n",
        text=f"Dag {marker(0)},\n\nBreng vrijdag boterhammen mee.\n\n"
        f".. en een lepel.\nFrom onthaal: één kom per persoon.\n\nVerstuurd aan {marker(1)}.\n",
        images=(dataclasses.replace(PICTURE, data=dot),),
        slots=(FIRST_NAME, Slot(Field.EMAIL, "")),
    )
    data = sent(each, person(first_name="Anaïs"))

    assert_fit_for_any_relay(data)
    assert "Anaïs".encode() in part(data, "text/plain")
    assert data == snapshot(extension_class=Eml)
