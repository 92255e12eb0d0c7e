"""Read newsletter.toml and the environment, once, into frozen values.

The environment wins over the file (`NEWSLETTER_RELAY_URL`); a password is never in the file.
"""

import ipaddress
import os
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from newsletter import screening
from newsletter.errors import SetupError, suggest

FILE = "newsletter.toml"

# Connections that a relay of each kind takes from one sender, as of November 2026.
CONNECTIONS = {"postfix": 8, "exim": 8, "exchange": 8, "microsoft365": 3, "hve": 3, "google": 8}


class Security(StrEnum):
    """How the connection to the relay is protected."""

    INBOX = "inbox"  #: the built-in mail server; no relay
    PLAIN = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


_PORTS = {Security.PLAIN: 25, Security.STARTTLS: 587, Security.TLS: 465}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Organisation(_Section):
    """Who writes, and in which languages; the first is the default."""

    name: str = Field(min_length=1)
    languages: tuple[str, ...] = Field(default=("nl",), min_length=1)
    timezone: str = "Europe/Brussels"  #: of events that name none

    @field_validator("name")
    @classmethod
    def _one_line(cls, name: str) -> str:
        if not name.strip() or re.search(r"[\t\r\n]", name) or screening.FORBIDDEN.search(name):
            raise ValueError(f"{name!r} is no name; write it on one line, without signs unseen")
        return name

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ValueError, LookupError, OSError) as error:
            raise ValueError(
                f"`{timezone}` is no time zone; write `Europe/Brussels`, for example"
            ) from error
        return timezone

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", language):
                raise ValueError(f"`{language}` is no language; write `nl`, `fr` or `en`")
        return languages


class Sender(_Section):
    """What stands in From and Reply-To; *from* may be `Name <address>`."""

    from_: str = Field(alias="from", min_length=3)
    reply_to: str = ""
    unsubscribe: str = ""  #: where a reader leaves the list: https: or mailto:

    @field_validator("unsubscribe")
    @classmethod
    def _known_unsubscribe(cls, address: str) -> str:
        if address and not re.fullmatch(r"(https://|mailto:)[!-;=?-~]{1,900}", address):
            raise ValueError(
                f"`{address}` is no address to leave by; write `mailto:news@example.org` or "
                "`https://...`"
            )
        return address


class Images(_Section):
    """Pictures and files travel in the mail, or are published at *base_url* and named there."""

    base_url: str = ""

    @field_validator("base_url")
    @classmethod
    def _known_base_url(cls, url: str) -> str:
        if url and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?", url):
            raise ValueError(
                f"`{url}` is no public address; write `https://www.example.org/newsletter`"
            )
        return url.rstrip("/")


class Checks(_Section):
    """What `check` says, and how severely."""

    rules: dict[str, Literal["off", "warning", "error"]] = {}
    intranet: tuple[str, ...] = ()  #: hosts that only staff on the network can open
    clients: tuple[str, ...] = ()  #: mail programs that have to show it; empty: the usual ones


class Relay(_Section):
    """The mail server that takes the mail over."""

    url: str = "inbox:"
    user: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None  #: certificates to trust beside the system's own
    allow_plain: bool = False
    profile: Literal["postfix", "exim", "exchange", "microsoft365", "hve", "google"] = "postfix"
    connections: int = Field(default=0, ge=0, le=100)  #: 0: what the profile says
    rate: str = ""  #: "30/minute"; empty: as fast as the relay takes it

    @field_validator("url")
    @classmethod
    def _known_url(cls, url: str) -> str:
        if "@" in url:  # first, so that no message quotes it
            raise ValueError("user and password do not go into the url; use `user` and a file")
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise ValueError(
                f"`{url}` cannot be read ({error}); write `smtps://mail.example.org:465`"
            ) from None
        if parts.scheme not in list(Security):
            raise ValueError(
                f"`{url}` begins with none of inbox:, smtp://, smtp+starttls://, smtps://"
            )
        if parts.scheme != Security.INBOX and not _HOST.fullmatch(_netloc(url)):
            raise ValueError(f"`{url}` names no host; write `{parts.scheme}://mail.example.org`")
        return url

    @field_validator("rate")
    @classmethod
    def _known_rate(cls, rate: str) -> str:
        if rate and not _RATE.fullmatch(rate):
            raise ValueError(f"`{rate}` is no rate; write `30/minute`, `5/second` or `1000/hour`")
        return rate

    @property
    def security(self) -> Security:
        return Security(urlsplit(self.url).scheme)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or _PORTS.get(self.security, 0)

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def most_connections(self) -> int:
        return self.connections or CONNECTIONS[self.profile]

    @property
    def seconds_between(self) -> float:
        """Return the seconds from one message to the next that `rate` asks for."""
        if not (found := _RATE.fullmatch(self.rate)):
            return 0.0
        return _SECONDS[found[2]] / int(found[1])


def _netloc(url: str) -> str:
    """Return what stands between `//` and `/`; urlsplit would drop line breaks in it."""
    return url.partition("://")[2].partition("/")[0]


_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_RATE = re.compile(r"([1-9]\d{0,6})\s*/\s*(second|minute|hour|day)")


class Delivery(_Section):
    """What happens to a person whose reply was lost: held for a decision, or sent again."""

    in_doubt: Literal["hold", "resend"] = "hold"


class Approval(_Section):
    """Whether a second person has to agree; that comes with the desk."""

    required: Literal[False] = False


class Config(BaseSettings):
    """All settings of one workspace."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="NEWSLETTER_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
    )
    organisation: Organisation
    sender: Sender
    relay: Relay = Relay()
    images: Images = Images()
    checks: Checks = Checks()
    delivery: Delivery = Delivery()
    approval: Approval = Approval()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings


def load(folder: Path) -> Config:
    """Return the settings of the workspace *folder*; `SetupError` names file, line and mend."""
    path = folder / FILE
    try:
        source = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(source)
    except FileNotFoundError:
        raise SetupError(f"{path} is not there; `newsletter init {folder}` makes it") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SetupError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SetupError(
            f'{path}: cannot be read as TOML, write `name = "value"`: {error}'
        ) from None
    if isinstance(relay := values.get("relay"), dict) and "password" in relay:
        raise SetupError(
            f"{path}:{_line(source, ('relay', 'password'))}: a password does not belong in this "
            "file; put it in a file of its own with mode 0600 and name that in `password_file`, "
            "or set NEWSLETTER_RELAY_PASSWORD"
        )
    try:
        config = Config(**values)
    except SettingsError as error:  # its cause may hold what the variable holds
        raise SetupError(
            f"environment: {error}; write it as JSON, or set single settings (NEWSLETTER_RELAY_URL)"
        ) from None
    except ValidationError as error:
        faults = (
            f"{_place(path, source, fault['loc'])}: {_explained(fault['loc'], fault['msg'])}"
            for fault in error.errors()
        )
        raise SetupError("\n".join(faults)) from None
    _check_plain(config.relay, _place(path, source, ("relay", "url")))
    return config


def password(relay: Relay, folder: Path) -> str:
    """Return the password for *relay*; from the environment, else from its file."""
    if relay.password.get_secret_value() or relay.password_file is None:
        return relay.password.get_secret_value()
    path = folder / relay.password_file
    try:
        if path.stat().st_mode & 0o077:
            raise SetupError(f"{path}: others can read this password; run `chmod 600 {path}`")
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}; it should hold the relay's password") from None
    except UnicodeDecodeError:  # its text would show the password
        raise SetupError(f"{path}: not UTF-8; it should hold the relay's password") from None
    if not found:
        raise SetupError(f"{path}: empty; it should hold the relay's password")
    return found


def _check_plain(relay: Relay, place: str) -> None:
    if relay.security is Security.PLAIN and not relay.is_loopback and not relay.allow_plain:
        raise SetupError(
            f"{place}: `relay.url`: `{relay.url}` would send everything readable over the network; "
            "write `smtp+starttls://` or `smtps://`, or set `allow_plain = true` if you must"
        )
    if relay.security is Security.PLAIN and not relay.is_loopback and relay.user:
        raise SetupError(
            f"{place}: `relay.url`: `{relay.url}` would send the password of `{relay.user}` "
            "readable over the network; write `smtp+starttls://` or `smtps://`, or take `user` out"
        )


def _explained(location: tuple[int | str, ...], message: str) -> str:
    name = ".".join(str(part) for part in location)
    if message == "Extra inputs are not permitted":
        known = _known(location)
        near = suggest(str(location[-1]), known) or f"; there are {', '.join(known)}"
        return f"unknown setting `{name}`{near}"
    if location[:1] == ("approval",):
        return f"`{name}`: approval by a second person is not built yet; set it to false"
    if message == "Field required":
        return f"`{name}` is missing; add it"
    if message.startswith("Input should be a valid dictionary"):
        return f"`{name}` is a section: write `[{name}]`, and its settings on the lines below"
    return f"`{name}`: {message.removeprefix('Value error, ')}"


def _known(location: tuple[int | str, ...]) -> list[str]:
    fields = Config.model_fields
    for part in location[:-1]:
        section = fields[str(part)].annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            fields = section.model_fields
    return [field.alias or name for name, field in fields.items()]


def _place(path: Path, source: str, location: tuple[int | str, ...]) -> str:
    """Return the file and line of a setting, or the variable that it came from."""
    variable = "_".join(["NEWSLETTER", *map(str, location[:2])]).upper()
    return variable if variable in os.environ else f"{path}:{_line(source, location)}"


def _line(source: str, location: tuple[int | str, ...]) -> int:
    """Return the line of a setting; 1 when it stands nowhere, because it is missing."""
    section, found = "", 1
    for number, text in enumerate(source.split("\n"), 1):
        if heading := re.match(r"\s*\[([^\]]+)\]", text):
            section = heading[1].strip()
            found = number if location[:1] == (section,) else found
        elif location[:1] == (section,) and _names(text, location[1:]):
            return number
    return found


def _names(text: str, location: tuple[int | str, ...]) -> bool:
    return any(re.match(rf"\s*{re.escape(str(key))}\s*=", text) for key in location[:1])
