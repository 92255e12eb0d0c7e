"""Addresses that another program has wrapped or marked, and the address underneath."""

import base64
import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

_TRACKERS = re.compile(
    r"utm_\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|igsh(?:id)?|li_fat_id"
    r"|mc_[ce]id|_hs(?:enc|mi)|hsctatracking|mkt_tok|vero_(?:id|conv)|oly_(?:anon|enc)_id|_openstat"
    r"|wickedid|s_cid|trk_\w+|ml_subscriber(?:_hash)?|ck_subscriber_id|pk_campaign|mtm_\w+",
    re.IGNORECASE,
)


def tracked(url: str) -> str:
    """Return *url* without what follows its reader; nothing where it has nothing of the kind.

    >>> tracked("https://example.org/a?utm_source=mail&b=1")
    'https://example.org/a?b=1'
    """
    parts = urlsplit(url)
    pieces = parts.query.split("&")
    kept = [piece for piece in pieces if not _TRACKERS.fullmatch(piece.partition("=")[0])]
    return urlunsplit(parts._replace(query="&".join(kept))) if len(kept) < len(pieces) else ""


def unwrapped(url: str) -> tuple[str, str] | None:
    """Return who wrapped *url*, and the address inside or "" where only they know it.

    None if nobody did.
    """
    parts = urlsplit(url)
    for name, wrapper, unwrap in _WRAPPERS:
        if wrapper.match((parts.hostname or "").lower() + parts.path):
            found = unwrap(url)
            return name, found if found.startswith(("http://", "https://")) else ""
    return None


def _parameter(*names: str) -> Callable[[str], str]:
    def read(url: str) -> str:
        query = parse_qs(urlsplit(url).query)
        return next((query[name][0] for name in names if name in query), "")

    return read


def _defense_2(url: str) -> str:
    """Proofpoint's second way: `%` is written as `-` and `/` as `_`."""
    return unquote(_parameter("u")(url).translate(str.maketrans("-_", "%/")))


_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _defense_3(url: str) -> str:
    """Proofpoint's third way: `__address__;letters!`, where each `*` stands for one of the letters.

    `**A` stands for two of them, `**B` for three.
    """
    if not (found := re.match(r"https?://[^/]+/v3/__(.+?)__;([\w-]*)!", url)):
        return ""
    coded = found[2] + "=" * (-len(found[2]) % 4)
    try:
        letters = iter(base64.urlsafe_b64decode(coded).decode())
    except ValueError:
        return ""

    def taken(star: re.Match[str]) -> str:
        count = _LENGTHS.index(star[1]) + 2 if star[1] else 1
        return "".join(letter for _, letter in zip(range(count), letters, strict=False))

    original = re.sub(r"\*(?:\*([\w-]))?", taken, found[1], flags=re.ASCII)
    return re.sub(r"^(https?:/)(?!/)", r"\1/", original)


def _last_part(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _nothing(url: str) -> str:
    return ""


_WRAPPERS: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = tuple(
    (name, re.compile(pattern), unwrap)
    for name, pattern, unwrap in (
        ("Outlook", r"(?:[\w-]+\.)?safelinks\.protection\.outlook\.", _parameter("url")),
        ("Teams", r"statics\.teams\.cdn\.office\.net/.*safelinks", _parameter("url")),
        ("Proofpoint", r"urldefense\.(?:com|us)/v3/", _defense_3),
        ("Proofpoint", r"urldefense\.proofpoint\.com/v2/", _defense_2),
        ("Proofpoint", r"urldefense\.proofpoint\.com/v1/", _parameter("u")),
        ("Proofpoint", r"[\w.-]*\burldefense\.", _nothing),
        ("Mimecast", r"[\w-]*protect[\w-]*\.mimecast\.com/", _nothing),
        ("Mimecast", r"url\.[\w.-]*mimecastprotect\.com/", _nothing),
        ("Barracuda", r"linkprotect\.cudasvc\.com/", _parameter("a")),
        ("Cisco", r"secure-web\.cisco\.com/", _last_part),
        ("Google", r"(?:www\.)?google\.[a-z.]{2,6}/url$", _parameter("q", "url")),
        ("Facebook", r"lm?\.facebook\.com/l\.php", _parameter("u")),
    )
)
