import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from newsletter import address
from newsletter.address import INVISIBLE, Address, AddressError, parse


@pytest.mark.parametrize(
    "text",
    [
        "jan.peeters@example.org",
        "jan@stad.local",
        "jan@intranet.lan",
        "jan@relay.test",
        "o'neill+nieuws@dienst.stad.example.org",
        "=jan@example.org",
    ],
)
def test_an_ordinary_or_internal_address_goes_on_the_wire_as_it_is(text: str) -> None:
    assert str(parse(text)) == text


def test_spaces_around_an_address_do_not_count() -> None:
    assert parse("\u00a0 jan@example.org\t") == Address("jan", "example.org")


@pytest.mark.parametrize(
    "domain", ["example.org", "Example.ORG", "bad_.org", "xn--mnchen-3ya.test"]
)
@pytest.mark.parametrize("length", range(40, 260, 20))
def test_a_domain_that_is_known_already_changes_no_verdict(domain: str, length: int) -> None:
    def verdict() -> str:
        try:
            return str(parse("a" * (length % 70) + "@" + "b." * (length // 4) + domain))
        except AddressError as error:
            return str(error)

    address._known_domain.cache_clear()
    first = verdict()

    assert verdict() == first


def test_people_of_one_domain_share_its_name() -> None:
    assert parse("jan@example.org").domain is parse("an@example.org").domain


def test_case_of_the_local_part_is_kept_on_the_wire_but_not_compared() -> None:
    given_form = parse("Info.Jan@Example.ORG")

    assert str(given_form) == "Info.Jan@example.org"
    assert given_form.key == parse("info.jan@example.org").key


def test_role_names_leave_as_they_were_given() -> None:
    assert str(parse("Info@example.org")) == "Info@example.org"


@pytest.mark.parametrize("text", ["a@münchen.test", "a@MÜNCHEN.test", "a@XN--mnchen-3ya.test"])
def test_every_spelling_of_an_international_domain_is_the_same_address(text: str) -> None:
    assert parse(text) == Address("a", "xn--mnchen-3ya.test")


@pytest.mark.fault(54, "a tag after a plus", "another person: only their server knows better")
def test_a_tag_after_a_plus_makes_another_address() -> None:
    assert parse("jan+nieuws@example.org").key != parse("jan@example.org").key


_locals = st.lists(
    st.sampled_from(
        ["jan", "Info", "a", "9", "x" * 61, ".", "+", "_", "-", "=", "?", "'", "{|}", "/"]
    )
    | st.text("abcXYZ019.!#$%&'*+/=?^_`{|}~-", max_size=6),
    max_size=6,
).map("".join)
_domains = st.lists(
    st.sampled_from(
        [
            *"example ORG . - -- test local localhost onion invalid 192 x e-f .test .org".split(),
            *("xn--", "xn--mnchen-3ya", "XN--E1AFMKFD", "b" * 63, "b" * 64, "c" * 60 + "."),
        ]
    ),
    max_size=9,
).map("".join)


@given(_locals, _domains)
def test_a_plain_address_is_what_the_library_says_of_it(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    try:
        parsed = parse(text)
    except AddressError:
        parsed = None
    try:
        known = validate_email(text, allow_smtputf8=False, strict=True, check_deliverability=False)
    except EmailNotValidError:
        assert parsed is None
    else:
        as_given = Address(local, known.ascii_domain or "")
        assert parsed == (None if "=?" in local else as_given)


@pytest.mark.fault(
    56, "quotes, a number in brackets, non-ASCII before the @", "refused with the reason, at import"
)
@pytest.mark.fault(
    55,
    "two dozen of them: commands of SMTP behind a line end, no width, look-alike letters",
    "refused with the reason, at import",
)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("jan", "must have an @-sign"),
        ("@example.org", "before the @-sign"),
        ("jan@", "after the @-sign"),
        ("jan@localhost", "should have a period"),
        ("jan@afdeling.localhost", "special-use"),
        ("a..b@example.org", "two periods"),
        (".a@example.org", "period"),
        ("a@example.org.", "end with a period"),
        ("a@-example.org", "hyphen"),
        ("a@b@example.org", "'@'"),
        ("x" * 65 + "@example.org", "too long before the @-sign"),
        ("a@" + ".".join(["b" * 60] * 4) + ".example.org", "254"),
        ("a@" + ".".join(["é" * 40] * 4) + ".test", "254"),
        ("a@" + "é." * 60 + "test", "too long"),
        ("<evil@example.org>", "bare address"),
        ("Jan <jan@example.org>", "bare address"),
        ('"jan peeters"@example.org', "quotes"),
        ("jan peeters@example.org", "space"),
        ("jan@example.org, an@example.org", "One address"),
        ("jan@example.org;", "One address"),
        ("jan@[192.0.2.1]", "brackets"),
        ("jan@[IPv6:2001:db8::1]", "brackets"),
        ("jan@192.0.2.1", "top-level domain"),
        ("jürgen@example.org", "SMTPUTF8"),
        ("jan@example.org\r\nRCPT TO:<x@example.org>", "U+000D"),
        ("jan@example.org\n", "U+000A"),
        ("jan\x00@example.org", "U+0000"),
        ("jan\u200b@example.org", "U+200B"),
        ("jan\u202e@example.org", "U+202E"),
        ("\ufeffjan@example.org", "U+FEFF"),
        ("jan\ue0000\ue001@example.org", "U+E000"),
        ("ａnn@example.org", "not the plain `a`"),
        ("ann@example．org", "not the plain `.`"),
        ("ann@\u212aaart.test", "not the plain `K`"),
        ("ann@exаmple.org", "Cyrillic and Latin"),
        ("ann@xn--exmple-4nf.org", "Cyrillic and Latin"),
        ("=?utf-8?q?=0ABcc?=@example.org", "coded text"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(text)

    assert reason in str(caught.value)


def test_a_domain_wholly_in_another_script_is_accepted() -> None:
    assert parse("info@пример.test").domain == "xn--e1afmkfd.test"


_pieces = st.sampled_from(
    ["a", "é", "@", ".", "-", "xn--", "..", '"', "<", "\u0338", "ａ", "１", "א"]
)


@given(st.text() | st.lists(_pieces).map("".join) | st.text().map("a@{}.test".format))
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        address = parse(text)
    except AddressError as error:
        reason = str(error)
    else:
        reason = str(address)
        assert reason.isascii()
        assert address.domain == address.domain.lower()
        assert parse(str(address)) == address
        assert len(reason) <= 254
    assert INVISIBLE.search(reason) is None
