"""All settings, section by section: what each is, and what it may be.

A setting is a line with its type and default. What else it has to obey stands in `Annotated`:
bounds with the words for them (`Meta`), or a function that returns the value or says in a
`ValueError` what is wrong with it.
"""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from newsletter import screening
from newsletter.config.relay import File, Relay, Secret


def _one_line(name: str) -> str:
    if not name.strip() or re.search(r"[\t\r\n]", name) or screening.FORBIDDEN.search(name):
        raise ValueError(f"{name!r} is no name; write it on one line, without signs unseen")
    return name


def _timezone(timezone: str) -> str:
    try:
        ZoneInfo(timezone)
    except (ValueError, LookupError, OSError) as error:
        raise ValueError(
            f"`{timezone}` is no time zone; write `Europe/Brussels`, for example"
        ) from error
    return timezone


def _language(language: str) -> None:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", language):
        raise ValueError(f"`{language}` is no language; write `nl`, `fr` or `en`")


def _languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    for language in languages:
        _language(language)
    return languages


def _way_out(address: str) -> str:
    if address and not re.fullmatch(r"(https://|mailto:)[!-;=?-~]{1,900}", address):
        raise ValueError(
            f"`{address}` is no address to leave by; write `mailto:news@example.org` or "
            "`https://...`"
        )
    return address


def _public(url: str) -> str:
    if url and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?", url):
        raise ValueError(
            f"`{url}` is no public address; write `https://www.example.org/newsletter`"
        )
    return url.rstrip("/")


_NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def _domain(domain: str) -> str:
    if domain and not (re.fullmatch(rf"{_NAME}(\.{_NAME})+", domain) and len(domain) <= 200):
        raise ValueError(
            f"`{domain}` is no domain; write `example.org`, in small letters, and as DNS has it "
            "(`xn--...`)"
        )
    return domain


def _selector(selector: str) -> str:
    if selector and not re.fullmatch(rf"{_NAME}(\.{_NAME})?", selector):
        raise ValueError(f"`{selector}` is no selector; write a name such as `news2026`")
    return selector


def _database(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.password is not None:  # first, so that no message quotes it
        raise ValueError("a password does not go into the url; use `password_file`")
    if url and (parts.scheme != "postgresql" or not parts.path.strip("/")):
        raise ValueError(
            f"`{url}` names no database; write `postgresql://newsletter@db.example.org/newsletter`"
        )
    return url


def _not_built(required: bool) -> bool:
    if required:
        raise ValueError("approval by a second person is not built yet; set it to false")
    return required


Languages = Annotated[
    tuple[str, ...], Meta(min_length=1, description='a list such as `["nl", "fr"]`'), _languages
]
Severities = Annotated[
    dict[str, Literal["off", "warning", "error"]],
    Meta(description='a table such as `{ "http-link" = "off" }`: off, warning or error'),
]
_PATH = Meta(description="the path of a file, between quotes")


class Organisation(Struct, frozen=True, kw_only=True):
    """Who writes, and in which languages; the first is the default."""

    name: Annotated[str, _one_line]
    languages: Languages = ("nl",)
    timezone: Annotated[str, _timezone] = "Europe/Brussels"  #: of events that name none


class Sender(Struct, frozen=True, kw_only=True):
    """What stands in From and Reply-To."""

    from_: Annotated[str, Meta(min_length=3, description="`Name <address>`")] = field(name="from")
    reply_to: str = ""
    unsubscribe: Annotated[str, _way_out] = ""  #: where a reader leaves the list: https: or mailto:


class Images(Struct, frozen=True, kw_only=True):
    """Pictures and files travel in the mail, or are published at *base_url* and named there."""

    base_url: Annotated[str, _public] = ""


class Checks(Struct, frozen=True, kw_only=True):
    """What `check` says, and how severely."""

    rules: Severities = {}
    intranet: tuple[str, ...] = ()  #: hosts that only staff on the network can open
    clients: tuple[str, ...] = ()  #: mail programs that have to show it; empty: the usual ones


class Delivery(Struct, frozen=True, kw_only=True):
    """What happens to a person whose reply was lost: held for a decision, or sent again."""

    in_doubt: Literal["hold", "resend"] = "hold"


class Dkim(Struct, frozen=True, kw_only=True):
    """Signatures of our own; nothing set: the relay signs, as it normally does."""

    domain: Annotated[str, _domain] = ""
    selector: Annotated[str, _selector] = ""
    key_file: File = None  #: RSA
    ed25519_selector: Annotated[str, _selector] = ""
    ed25519_key_file: File = None


class Log(Struct, frozen=True, kw_only=True):
    """Where it is written down what happens; from `debug` on with people's addresses."""

    file: Annotated[Path, _PATH] = Path("var/log/newsletter.log")
    level: Literal["debug", "info", "warning"] = "info"


class Metrics(Struct, frozen=True, kw_only=True):
    """Where Prometheus finds how far a send is: in a file, at a port, or nowhere."""

    file: File = None
    port: Annotated[int, Meta(ge=0, le=65535, description="a port from 1 to 65535")] = 0  #: 0: none
    host: str = "127.0.0.1"


class Database(Struct, frozen=True, kw_only=True):
    """Where the ledger is kept: in PostgreSQL, or, without a *url*, in var/ledger.db."""

    url: Annotated[str, _database] = ""
    password: Secret = Secret("")
    password_file: File = None


class Approval(Struct, frozen=True, kw_only=True):
    """Whether a second person has to agree; that comes with the desk."""

    required: Annotated[bool, _not_built] = False


class Config(Struct, frozen=True, kw_only=True):
    """All settings of one workspace."""

    organisation: Organisation
    sender: Sender
    relay: Relay = Relay()
    images: Images = Images()
    checks: Checks = Checks()
    delivery: Delivery = Delivery()
    dkim: Dkim = Dkim()
    log: Log = Log()
    metrics: Metrics = Metrics()
    database: Database = Database()
    approval: Approval = Approval()
