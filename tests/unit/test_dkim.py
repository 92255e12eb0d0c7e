import base64
import dataclasses
import datetime
import re
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from newsletter import config, dkim
from newsletter.address import Address, parse
from newsletter.audience import Recipient
from newsletter.blocks import Field, Slot, marker
from newsletter.config import Dkim
from newsletter.dkim import Signer, prepare
from newsletter.errors import SetupError
from newsletter.images import Embedded
from newsletter.message import HEADER_NAMES, Letterhead, Mailbox, compose, skeleton
from newsletter.rendering import Rendering
from newsletter.skeleton import Skeleton, load_skeleton
from tests.signing import both, ed25519, ed25519_key, pem, put, rsa, rsa_key, verified

ID = "<2026.1@example.org>"
DATE = datetime.datetime(2026, 2, 9, 9, 30, tzinfo=datetime.UTC)
LETTERHEAD = Letterhead(
    sender=Mailbox("Interne communicatie", parse("communicatie@example.org")),
    reply_to=Mailbox("Vragen", parse("vragen@example.org")),
    list_id="newsletter.example.org",
    date=DATE,
    unsubscribe="https://example.org/uit?wie=ik",
)
PICTURE = Embedded(
    cid="plan@newsletter",
    filename="plan.png",
    content_type="image/png",
    data=bytes(range(256)) * 9,
    width=10,
    height=10,
)
RENDERING = Rendering(
    language="nl",
    languages=("nl",),
    subject="Kantine dicht: één dag",
    html=f"<p>Dag {marker(0)},</p>\n<p>Tot   vrijdag.  </p>\n\n\n",
    text=f"Dag {marker(0)},\n\nTot   vrijdag.  \n\n\n",
    images=(PICTURE,),
    slots=(Slot(Field.FIRST_NAME, "collega"),),
)
ANAIS = Recipient(
    address=parse("anais@example.org"), display_name="Anaïs Peeters", first_name="Anaïs", lists=()
)
ONCE = (
    *("From", "Reply-To", "Cc", "Subject", "Date"),
    *("MIME-Version", "Content-Type", "To", "Message-ID"),
)


def built(**changes: object) -> Skeleton:
    return skeleton(dataclasses.replace(RENDERING, **changes), LETTERHEAD)  # type: ignore[arg-type]


def copy(to: Recipient = ANAIS, **changes: object) -> bytes:
    return compose(built(**changes), to, ID)


def sent(*signers: Signer, to: Recipient = ANAIS, **changes: object) -> bytes:
    made = built(**changes)
    return prepare(made, signers or both()).sign(compose(made, to, ID))


def tags(data: bytes) -> list[dict[str, str]]:
    """Return the tags of each signature, without the folds."""
    head = data[: data.index(b"\r\n\r\n") + 2].decode()
    found = re.findall(r"^DKIM-Signature:(.*(?:\r\n[ \t].*)*)\r\n", head, re.M)
    split = (re.sub(r"\s", "", each).split(";") for each in found)
    return [dict(tag.split("=", 1) for tag in each) for each in split]


# -- what is signed


def test_both_signatures_verify() -> None:
    assert verified(sent(), *both()) == [True, True]


def test_a_signature_stands_on_top_and_the_copy_is_as_it_was() -> None:
    data = sent()
    assert data.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; ")
    assert data.endswith(copy())
    assert len(tags(data)) == 2


def test_without_a_key_nothing_changes() -> None:
    made = built()
    assert prepare(made, ()).sign(compose(made, ANAIS, ID)) == copy()


def test_a_signature_says_whose_it_is_when_it_was_made_and_how_to_read_it() -> None:
    (one,) = tags(sent(rsa()))
    assert (one["v"], one["a"], one["c"]) == ("1", "rsa-sha256", "relaxed/simple")
    assert (one["d"], one["s"]) == ("example.org", "news2026")
    assert int(one["t"]) == DATE.timestamp()
    assert "l" not in one  # it would let words be added below the signed ones
    assert [each["a"] for each in tags(sent())] == ["rsa-sha256", "ed25519-sha256"]


def test_all_that_decides_what_is_shown_is_signed_and_cannot_stand_there_twice() -> None:
    (one,) = tags(sent(rsa()))
    named = one["h"].split(":")
    unsigned = {"Precedence", "X-Auto-Response-Suppress"}  # a relay may know better
    others = {name.decode() for name in HEADER_NAMES} - unsigned - set(ONCE)
    assert sorted(named) == sorted(
        [*(set(ONCE) - {"Cc"}), *ONCE, *others, "List-Unsubscribe"]  # of Cc there is none
    )


def test_lines_of_a_signature_are_short_and_nothing_in_them_begins_with_a_dot() -> None:
    long = Signer(f"{'a' * 60}.{'b' * 60}.example.org", "c" * 60, rsa_key())
    for data in (sent(), sent(long)):
        lines = data[: data.index(b"\r\nFrom:")].split(b"\r\n")
        assert len(lines) > 7
        assert max(map(len, lines)) <= (78 if data == sent() else 210)
        assert all(line.startswith((b"DKIM-Signature: ", b"\t")) for line in lines)


@pytest.mark.parametrize("name", ["Precedence", "X-Auto-Response-Suppress"])
def test_a_field_that_is_not_signed_may_be_changed_on_the_way(name: str) -> None:
    data = re.sub(rb"\r\n%b:.*" % name.encode(), b"", sent())
    assert name.encode() not in data
    assert verified(data, *both()) == [True, True]


# -- what breaks it


@pytest.mark.parametrize("name", [*ONCE, "List-Unsubscribe", "List-Id", "Auto-Submitted"])
def test_a_signed_field_that_is_changed_breaks_both(name: str) -> None:
    data = sent()
    changed = re.sub(rb"\r\n%b: (.)" % name.encode(), rb"\r\n%b: x\1" % name.encode(), data)
    assert (changed == data) is (name == "Cc")
    if name != "Cc":
        assert verified(changed, *both()) == [False, False]


@pytest.mark.parametrize("name", ONCE)
def test_a_second_field_put_on_top_breaks_both(name: str) -> None:
    assert verified(f"{name}: other@example.org\r\n".encode() + sent(), *both()) == [False, False]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_octet_of_the_body_that_changes_breaks_it(data: st.DataObject) -> None:
    signed = sent(ed25519())
    start = signed.index(b"\r\n\r\n") + 4
    at = data.draw(st.integers(start, len(signed) - 3))
    other = data.draw(st.integers(32, 126).filter(lambda octet: octet != signed[at]))
    changed = signed[:at] + bytes([other]) + signed[at + 1 :]
    assert verified(changed, ed25519()) == [False]
    assert verified(signed, ed25519()) == [True]


@pytest.mark.parametrize("more", [b"more\r\n", b" \r\n", b"\r\nmore\r\n"])
def test_words_that_are_added_below_break_it(more: bytes) -> None:
    assert verified(sent() + more, *both()) == [False, False]


def test_anothers_key_does_not_verify() -> None:
    mallory = Signer("example.org", "news2026", rsa_key(2049))
    assert verified(sent(mallory), rsa()) == [False]


def test_what_a_relay_does_on_the_way_breaks_nothing() -> None:
    data = sent(to=structs.replace(ANAIS, display_name="Anaïs " * 20))
    traced = b"Return-Path: <x@example.org>\r\nReceived: from a by b;\r\n\tnow\r\n" + data
    head, body = traced.split(b"\r\n\r\n", 1)
    folded = head.replace(b"Subject: ", b"Subject:\r\n\t  ").replace(b"From: ", b"FROM:  ")
    assert folded != head
    assert verified(folded + b"\r\n\r\n" + body, *both()) == [True, True]
    assert verified(traced + b"\r\n\r\n", *both()) == [True, True]
    assert verified(traced.replace(b"\r\n", b"\n"), *both()) == [True, True]  # from a mailbox


# -- any content, any reader


any_sign = st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn", "Cf", "Zl", "Zp"])
words = st.text(any_sign).filter(lambda text: "=?" not in text)  # that no header takes
content = st.lists(words | st.sampled_from([marker(0), " \n", "\n", "  ", "\t", ".", "From "]))


@settings(max_examples=80, deadline=None)
@given(words, content.map("".join), content.map("".join), st.booleans())
def test_any_mail_to_anybody_verifies(name: str, text: str, html: str, pictures: bool) -> None:
    to = structs.replace(ANAIS, display_name=name, first_name=name)
    images = (PICTURE,) * pictures
    data = sent(ed25519(), to=to, subject=name or "-", text=text, html=html, images=images)
    assert verified(data, ed25519()) == [True]


@pytest.mark.parametrize("name", ["", "An", "A" * 60, "An " * 80, "Anaïs", "Ἀνάις " * 30, '"\\"'])
def test_any_name_in_to_verifies(name: str) -> None:
    to = structs.replace(ANAIS, display_name=name)
    assert verified(sent(to=to), *both()) == [True, True]


def test_the_longest_address_verifies() -> None:
    address = Address("a" * 64, ".".join(["b" * 60] * 3) + ".example")
    assert verified(sent(to=structs.replace(ANAIS, address=address)), *both()) == [True, True]


@pytest.mark.parametrize("changes", [{"unsubscribe": ""}, {"reply_to": None}])
def test_a_field_that_may_be_left_out_is_named_only_where_it_stands(
    changes: dict[str, str | None],
) -> None:
    made = skeleton(RENDERING, dataclasses.replace(LETTERHEAD, **changes))  # type: ignore[arg-type]
    data = prepare(made, both()).sign(compose(made, ANAIS, ID))
    assert verified(data, *both()) == [True, True]
    assert ("List-Unsubscribe" in tags(data)[0]["h"]) is ("unsubscribe" not in changes)


def test_a_field_is_signed_once_it_stands_in_the_head() -> None:
    more = (
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"Content-Transfer-Encoding: 7bit\r\nAuto-Submitted: "
    )
    chunks = tuple(chunk.replace(b"Auto-Submitted: ", more) for chunk in built().chunks)
    made = Skeleton(chunks, built().holes)
    data = prepare(made, both()).sign(copy().replace(b"Auto-Submitted: ", more))
    assert verified(data, *both()) == [True, True]
    assert {"List-Unsubscribe-Post", "Content-Transfer-Encoding"} < set(
        tags(data)[0]["h"].split(":")
    )


# -- the same bytes


def test_a_second_try_has_the_same_bytes() -> None:
    first = sent()
    kept = load_skeleton(built().dump())
    again = prepare(kept, both()).sign(compose(kept, ANAIS, ID))
    assert again == first


def test_each_copy_has_a_signature_of_its_own_in_any_thread() -> None:
    made, names = built(), [f"Naam {n}" for n in range(40)]
    prepared = prepare(made, both())
    copies = [
        compose(made, structs.replace(ANAIS, display_name=name, first_name=name), f"<{n}@a.org>")
        for n, name in enumerate(names)
    ]
    with ThreadPoolExecutor(4) as threads:
        signed = list(threads.map(prepared.sign, copies))
    assert signed == [prepared.sign(each) for each in copies]
    assert all(verified(each, *both()) == [True, True] for each in signed)
    assert len({each["bh"] for data in signed for each in tags(data)}) == 40
    assert len({each["b"] for data in signed for each in tags(data)}) == 80


def test_a_body_without_holes_is_hashed_once_for_all() -> None:
    made = built(text="Dag.\n", html="<p>Dag.</p>\n")
    prepared = prepare(made, both())
    data = compose(made, ANAIS, ID)
    changed = data.replace(b"<p>Dag.</p>", b"<p>Dog.</p>")  # nobody looks at the body again
    assert tags(prepared.sign(changed)) == tags(prepared.sign(data))
    assert verified(prepared.sign(data), *both()) == [True, True]
    assert verified(prepared.sign(changed), *both()) == [False, False]


def test_a_message_that_we_would_not_have_written_is_not_signed_wrongly() -> None:
    made = built()
    for end in (made.chunks[-1] + b"\r\n", made.chunks[-1].rstrip()):
        with pytest.raises(ValueError, match="ends in an empty line, or in none"):
            prepare(Skeleton((*made.chunks[:-1], end), made.holes), both())


# -- keys


def settings_of(folder: Path, content: bytes, mode: int = 0o600) -> Dkim:
    put(folder / "dkim.pem", content, mode)
    return Dkim(domain="example.org", selector="news2026", key_file=Path("dkim.pem"))


def test_keys_are_read_from_the_workspace(tmp_path: Path) -> None:
    put(tmp_path / "ed25519.pem", pem(ed25519_key()))
    one = settings_of(tmp_path, pem(rsa_key()))
    two = Dkim(
        domain=one.domain,
        selector=one.selector,
        key_file=one.key_file,
        ed25519_selector="news2026e",
        ed25519_key_file=tmp_path / "ed25519.pem",
    )
    assert dkim.signers(Dkim(), tmp_path) == ()
    assert [each.algorithm for each in dkim.signers(one, tmp_path)] == ["rsa-sha256"]
    assert verified(sent(*dkim.signers(two, tmp_path)), *both()) == [True, True]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pem(rsa_key(), b"geheim"), "the key is encrypted, and nobody is there to type"),
        (lambda: pem(ed25519_key()), "a key of another kind; make one with `openssl genpkey -a"),
        (lambda: pem(rsa_key(1024)), "a key of 1024 bits; from 2048 to 4096 are verified every"),
        (lambda: pem(rsa_key(4104)), "a key of 4104 bits; from 2048"),
        (lambda: b"MIIEvQIBADANBg", "not a private key as PEM; make one with `openssl genpkey"),
        (lambda: pem(rsa_key())[:900], "not a private key as PEM; make one with"),
        (lambda: b"", "empty; it should hold the key that signs the mail"),
        (lambda: b"\xff\xfe", "not UTF-8; it should hold the key"),
    ],
    ids=["encrypted", "ed25519", "short", "long", "no PEM", "cut off", "empty", "binary"],
)
def test_a_key_that_cannot_be_used_says_what_to_do(
    tmp_path: Path, make: Callable[[], bytes], message: str
) -> None:
    content = make()
    found = settings_of(tmp_path, content)
    with pytest.raises(SetupError, match=re.escape(f"dkim.pem: {message}")) as caught:
        dkim.signers(found, tmp_path)
    told = "".join(traceback.format_exception(caught.value))
    assert not [line for line in content.split(b"\n")[1:-1] if line.decode("latin-1") in told]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    found = settings_of(tmp_path, pem(rsa_key()), mode)
    with pytest.raises(SetupError, match=r"others can read the key that signs the mail; run `chm"):
        dkim.signers(found, tmp_path)


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = Dkim(domain="example.org", selector="a", key_file=Path("weg.pem"))
    with pytest.raises(SetupError, match=r"weg\.pem: No such file or directory; it should hold th"):
        dkim.signers(found, tmp_path)


def test_an_rsa_key_is_no_ed25519_key(tmp_path: Path) -> None:
    one = settings_of(tmp_path, pem(rsa_key()))
    found = Dkim(
        domain="example.org",
        selector="a",
        key_file=one.key_file,
        ed25519_selector="b",
        ed25519_key_file=one.key_file,
    )
    with pytest.raises(SetupError, match="another kind; make one with `openssl genpkey -algor"):
        dkim.signers(found, tmp_path)


def test_nothing_shows_a_key() -> None:
    prepared = prepare(built(), both())
    for shown in (repr(both()), str(both()), repr(prepared), f"{prepared}"):
        assert "Key" not in shown
        assert "PRIVATE" not in shown
    assert repr(rsa()) == "Signer(domain='example.org', selector='news2026')"


def test_a_record_has_the_public_key_and_strings_that_dns_takes() -> None:
    assert ed25519().record.startswith(
        'news2026e._domainkey.example.org. IN TXT ( "v=DKIM1; k=ed25519; p='
    )
    (short,) = re.findall(r'"(.*?)"', ed25519().record)
    assert len(base64.b64decode(short.partition("p=")[2])) == 32
    strings = re.findall(r'"(.*?)"', rsa().record)
    assert [len(each) for each in strings] == [255, 155]


def test_a_signature_verifies_with_its_own_key_only() -> None:
    digest = bytes(32)
    for each in both():
        assert each.verifies(each.sign(digest), digest)
        assert not each.verifies(each.sign(digest), b"x" * 32)
    other = Signer("example.org", "news2026", rsa_key(2049))
    assert not rsa().verifies(other.sign(digest), digest)


def test_a_key_that_openssl_signs_no_differently_from_one_time_to_the_next() -> None:
    for each in both():
        assert len({each.sign(bytes(32)) for _ in range(5)}) == 1


# -- settings


NEEDED = """\
[organisation]
name = "Stad"
[sender]
from = "Communicatie <communicatie@example.org>"
[dkim]
"""
ALL = {
    "domain": "example.org",
    "selector": "news2026",
    "key_file": "dkim.pem",
    "ed25519_selector": "news2026e",
    "ed25519_key_file": "ed25519.pem",
}


def load(folder: Path, values: dict[str, str]) -> Dkim:
    lines = "".join(f'{name} = "{value}"\n' for name, value in values.items())
    (folder / "newsletter.toml").write_text(NEEDED + lines)
    return config.load(folder).dkim


def test_the_settings_arrive(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == Dkim()
    found = load(tmp_path, ALL)
    assert (found.domain, found.selector, found.key_file) == (
        "example.org", "news2026", Path("dkim.pem"),
    )  # fmt: skip
    assert (found.ed25519_selector, found.ed25519_key_file) == ("news2026e", Path("ed25519.pem"))


@pytest.mark.parametrize("left_out", ALL)
def test_half_a_key_is_refused(tmp_path: Path, left_out: str) -> None:
    values = {name: value for name, value in ALL.items() if name != left_out}
    with pytest.raises(SetupError, match=rf"toml:5: `dkim\.{left_out}`: missing; add it below"):
        load(tmp_path, values)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"domain": "example"}, ":6: `dkim.domain`: `example` is no domain; write `example.org`"),
        ({"domain": "Example.org"}, ":6: `dkim.domain`: `Example.org` is no domain"),
        ({"domain": "example.org; l=0"}, ":6: `dkim.domain`: `example.org; l=0` is no domain"),
        ({"domain": "example.org\\r\\nX: y"}, ":6: `dkim.domain`: "),
        ({"domain": f"{'a.' * 120}org"}, ":6: `dkim.domain`: "),
        ({"selector": "news 2026"}, ":7: `dkim.selector`: `news 2026` is no selector; write a"),
        ({"selector": "news2026e"},
         ":9: `dkim.ed25519_selector`: `news2026e` is the selector of the other key; write anot"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(SetupError, match=re.escape(message)):
        load(tmp_path, ALL | changes)
