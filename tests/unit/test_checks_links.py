"""Where links lead, what they are called, how they are seen."""

import dataclasses
from pathlib import Path

import pytest

from newsletter import checks
from newsletter.checks import Finding, Rules, links, linktexts
from newsletter.checks.wrapping import tracked, unwrapped
from tests.mails import RULES, TODAY, findings, foreign, named

INSIDE = Rules(today=TODAY, intranet=("intranet.example.org",))


def only(found: list[Finding]) -> Finding:
    (one,) = found
    return one


# -- addresses


@pytest.mark.parametrize(
    ("url", "rule", "reason"),
    [
        ("https:", "link-broken", "names no website"),
        ("http:bestand", "link-broken", "names no website"),
        ("https://", "link-broken", "names no website"),
        ("https://een%20twee.example.org", "link-broken", "names no website"),
        ("https://a_b.example.org", "link-broken", "names no website"),
        ("https://example.org:abc", "link-broken", "cannot be read"),
        ("https://https://example.org", "link-broken", "names no website"),
        ("https://example,org/", "link-broken", "names no website"),
        ("https://example..org/", "link-broken", "names no website"),
        ("mailto:", "link-broken", "leads to no mailbox"),
        ("mailto:jan", "link-broken", "leads to no mailbox"),
        ("mailto:jan@example.org,piet", "link-broken", "leads to no mailbox"),
        ("tel:", "link-broken", "is no number"),
        ("tel:balie", "link-broken", "is no number"),
        ("https://localhost/a", "link-local", "works only on your own computer"),
        ("https://127.0.0.1", "link-local", "works only on your own computer"),
        ("https://[::1]/", "link-local", "works only on your own computer"),
        ("https://169.254.1.1", "link-local", "works only on your own computer"),
        ("https://mijnpc.local", "link-local", "works only on your own computer"),
        ("https://jan:geheim@example.org/", "link-password", "before the `@`"),
        ("https://www.stad.gent@example.org/", "link-password", "before the `@`"),
    ],
)
def test_a_link_that_nobody_can_follow_is_an_error_on_its_line(
    tmp_path: Path, url: str, rule: str, reason: str
) -> None:
    found = only(findings(tmp_path, f"Dag.\n\n- een\n\n  Lees [het menu]({url})."))
    assert (found.rule, found.severity, found.line) == (rule, "error", 11)
    assert found.message.startswith(f"the link `{url}` ")
    assert reason in found.message


@pytest.mark.parametrize(
    ("url", "rule", "reason"),
    [
        ("file:///home/jan/menu.pdf", "link-file", "is a file on your own disk"),
        ("\\\\server\\menu.pdf", "link-file", "is a file on your own disk"),
        ("//server/menu.pdf", "link-file", "is a file on your own disk"),
        ("C:\\menu.pdf", "link-file", "is a file on your own disk"),
        ("ftp://example.org", "link-broken", "leads nowhere from a mail"),
        ("javascript:alert(1)", "link-broken", "leads nowhere from a mail"),
        ("menu.html", "link-broken", "leads nowhere from a mail"),
        ("", "link-broken", "leads nowhere from a mail"),
    ],
)
def test_a_link_of_a_foreign_mail_that_nobody_can_follow_is_an_error(
    tmp_path: Path, url: str, rule: str, reason: str
) -> None:
    found = only(list(links.check(foreign(tmp_path, f'<a href="{url}">menu</a>'), RULES)))
    assert (found.rule, found.severity) == (rule, "error")
    assert reason in found.message


SAFE = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa%3Fb&data="


@pytest.mark.parametrize(
    ("url", "rule", "reason"),
    [
        ("http://www.example.org", "http-link", "is not secure"),
        ("https://intranet/a", "link-intranet", "short name"),
        ("https://10.1.2.3/a", "link-intranet", "a number inside the network"),
        ("https://192.168.1.10/", "link-intranet", "a number inside the network"),
        ("https://wiki.stad.internal/", "link-intranet", "ends in `.internal`"),
        ("https://portaal.lan/", "link-intranet", "ends in `.lan`"),
        (SAFE, "link-wrapped", "by Outlook; paste the original address `https://example.org/a?b`"),
        ("https://stad-my.sharepoint.com/personal/jan", "link-personal", "personal storage"),
        ("https://stad.sharepoint.com/personal/jan/x.docx", "link-personal", "personal storage"),
        ("https://1drv.ms/w/s!abc", "link-personal", "personal storage"),
        ("https://example.org/?utm_source=x&id=3", "link-tracking", "`https://example.org/?id=3`"),
        ("https://xn--mple-43d3a6i.org/", "link-lookalike", "`ехаmple.org`"),
        ("https://xn--zzzzzz99999.org/", "link-lookalike", "cannot be read"),
        ("https://ехаmple.org/", "link-lookalike", "has Cyrillic letters"),
    ],
)
def test_a_doubtful_link_is_a_warning_on_its_line(
    tmp_path: Path, url: str, rule: str, reason: str
) -> None:
    found = only(findings(tmp_path, f"Dag.\n\n[Ga naar het menu]({url}){{.button}}"))
    assert (found.rule, found.severity, found.line) == (rule, "warning", 9)
    assert reason in found.message


@pytest.mark.parametrize(
    "url",
    [
        "https://intranet.example.org/a?b=c&d=e#f",
        "https://münchen.example/straße",
        "https://example.org:8443/",
        "mailto:jan@example.org?subject=Hallo%20daar",
        "mailto:jan@example.org,piet@example.org",
        "tel:+32-9-000.00.00",
        "tel:+32%209%20000",
        "https://192.168.1.10.example.org",
        "https://stad.sharepoint.com/sites/nieuws",
        "https://example.org/?source=mail",
    ],
)
def test_a_good_link_is_left_alone(tmp_path: Path, url: str) -> None:
    assert findings(tmp_path, f"Lees [het menu]({url}).") == []


def test_the_intranet_is_what_the_workspace_says_it_is(tmp_path: Path) -> None:
    for host, count in (
        ("intranet.example.org", 1),
        ("Nieuws.Intranet.example.org", 1),
        ("www.example.org", 0),
        ("notintranet.example.org", 0),
    ):
        found = findings(tmp_path, f"[het menu](https://{host}/a)", rules=INSIDE)
        assert named(found) == [("link-intranet", 7)] * count


def test_a_jump_inside_the_mail_is_left_alone(tmp_path: Path) -> None:
    assert list(links.check(foreign(tmp_path, '<a href="#fr">Français</a>'), RULES)) == []


# -- what others made of an address


@pytest.mark.parametrize(
    ("url", "by", "original"),
    [
        (SAFE, "Outlook", "https://example.org/a?b"),
        ("https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html"
         "?url=https%3A%2F%2Fexample.org", "Teams", "https://example.org"),
        ("https://urldefense.com/v3/__https://example.org/a__;!!AbC!xyz$", "Proofpoint",
         "https://example.org/a"),
        ("https://urldefense.com/v3/__https:/example.org/a*b__;Iw!!AbC!xyz$", "Proofpoint",
         "https://example.org/a#b"),
        ("https://urldefense.com/v3/__https://example.org/**A__;Iz8!!AbC!xyz$", "Proofpoint",
         "https://example.org/#?"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__example.org_a&d=x", "Proofpoint",
         "https://example.org/a"),
        ("https://urldefense.proofpoint.com/v1/url?u=https://example.org/a&k=x", "Proofpoint",
         "https://example.org/a"),
        ("https://urldefense.com/v9/whatever", "Proofpoint", ""),
        ("https://protect-eu.mimecast.com/s/abc", "Mimecast", ""),
        ("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fexample.org", "Barracuda",
         "https://example.org"),
        ("https://secure-web.cisco.com/1abc/https%3A%2F%2Fexample.org%2Fa", "Cisco",
         "https://example.org/a"),
        ("https://www.google.com/url?q=https://example.org&sa=D", "Google", "https://example.org"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org", "Facebook",
         "https://example.org"),
        ("https://eur01.safelinks.protection.outlook.com/?url=javascript:x", "Outlook", ""),
    ],
)  # fmt: skip
def test_a_wrapped_address_is_taken_out_of_its_wrapping(url: str, by: str, original: str) -> None:
    assert unwrapped(url) == (by, original)


@pytest.mark.parametrize(
    "url", ["https://example.org/url?q=x", "https://www.google.com/maps", "https://outlook.com/"]
)
def test_an_address_that_nobody_wrapped_is_left_alone(url: str) -> None:
    assert unwrapped(url) is None


@pytest.mark.parametrize("name", ["utm_campaign", "fbclid", "gclid", "mc_eid", "msclkid", "_hsenc"])
def test_what_follows_a_reader_is_taken_out_of_an_address(name: str) -> None:
    assert tracked(f"https://example.org/a?b=1&{name}=x#c") == "https://example.org/a?b=1#c"
    assert tracked(f"https://example.org/a?{name}=x") == "https://example.org/a"
    assert tracked(f"https://example.org/a?my{name}=x") == ""


# -- words


@pytest.mark.parametrize(
    "words",
    ["hier", "Klik hier", "Lees meer…", "here", "Click here!", "read more", "ici", "Cliquez ici",
     "En savoir plus", "hier klicken", "**hier**", "→ lees meer"],
)  # fmt: skip
def test_words_that_say_nothing_are_a_warning_on_their_line(tmp_path: Path, words: str) -> None:
    found = only(findings(tmp_path, f"Dag.\n\nVoor het menu: [{words}](https://example.org)"))
    assert (found.rule, found.severity, found.line) == ("link-text", "warning", 9)
    assert "does not say where the link leads" in found.message


def test_a_long_address_as_words_is_a_warning_and_a_short_one_is_not(tmp_path: Path) -> None:
    long = "https://example.org/" + "a" * 31
    found = only(findings(tmp_path, f"[{long}]({long})"))
    assert (found.rule, found.line) == ("link-text", 7)
    assert "51 characters" in found.message
    assert findings(tmp_path, f"[{long[:-1]}]({long[:-1]})") == []


def test_a_link_without_words_is_an_error_unless_a_picture_speaks_for_it(tmp_path: Path) -> None:
    def rules(inside: str, more: str = "") -> list[str]:
        body = f'<a href="https://example.org"{more}>{inside}</a>'
        return [each.rule for each in linktexts.check(foreign(tmp_path, body), RULES)]

    assert rules("") == ["link-empty"]
    assert rules('<img src="a.png" alt="">') == ["link-empty"]
    assert rules('<img src="a.png" alt="Het menu">') == []
    assert rules("", ' aria-label="Het menu"') == []


def test_a_link_that_looks_like_text_is_a_warning(tmp_path: Path) -> None:
    def rules(body: str) -> list[str]:
        return [each.rule for each in linktexts.check(foreign(tmp_path, body), RULES)]

    link = '<a href="https://example.org" style="text-decoration:{0}">menu</a>'
    bare = link.format("none")
    assert rules(f"<p>{bare}</p>") == ["link-underline"]
    assert rules(f"<p>{link.format('underline')}</p>") == []
    assert rules('<a href="https://example.org">menu</a>') == []
    assert rules(f'<table><tr><td bgcolor="#0a5ca8">{bare}</td></tr></table>') == []
    assert rules(f'<table><tr><td style="border:1px solid red">{bare}</td></tr></table>') == []
    assert rules(f"<p>{link.format('none;border-bottom:1px solid red')}</p>") == []


def test_the_same_words_for_two_addresses_are_a_warning(tmp_path: Path) -> None:
    body = "[Het menu](https://example.org/1)\n\n[het menu](https://example.org/{0})"
    found = only(findings(tmp_path, body.format(2)))
    assert (found.rule, found.line) == ("link-same-text", 9)
    assert "https://example.org/2 here and to https://example.org/1 before" in found.message
    assert findings(tmp_path, body.format(1)) == []


def test_two_names_for_one_address_are_a_warning(tmp_path: Path) -> None:
    body = "[het menu](https://example.org)\n\n[de {0}](https://example.org)"
    assert named(findings(tmp_path, body.format("kaart"))) == [("link-other-text", 9)]
    assert findings(tmp_path, body.format("kaart").replace("de kaart", "Het menu.")) == []
    mailto = body.format("kaart").replace("https://example.org", "mailto:jan@example.org")
    assert findings(tmp_path, mailto) == []


def test_words_that_say_nothing_are_not_called_doubles_as_well(tmp_path: Path) -> None:
    body = "[hier](https://example.org/1)\n\n[hier](https://example.org/2)"
    assert named(findings(tmp_path, body)) == [("link-text", 7), ("link-text", 9)]


def test_stacked_languages_may_name_an_address_each_in_its_own_words(tmp_path: Path) -> None:
    body = (
        '<div lang="nl"><a href="https://example.org">het menu</a></div>'
        '<div lang="fr"><a href="https://example.org">le menu</a></div>'
    )
    finished = foreign(tmp_path, body)
    (dutch,) = finished.editions
    both = (dutch, dataclasses.replace(dutch, language="fr", path=tmp_path / "fr.md"))
    assert named(checks.run(finished, RULES), "link-other-text") == [("link-other-text", 0)]
    stacked = dataclasses.replace(finished, editions=both)
    assert named(checks.run(stacked, RULES), "link-other-text") == []
