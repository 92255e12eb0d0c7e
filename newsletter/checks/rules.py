"""Every rule by name with its severity, and what a workspace makes of them."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from newsletter import config
from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, Severity, Where
from newsletter.errors import SetupError, suggest

_E, _W = Severity.ERROR, Severity.WARNING


class Rule(StrEnum):
    """What a mail is held to; docs/checks.md says of each what it is and why."""

    severity: Severity  #: unless the settings say otherwise

    def __new__(cls, name: str, severity: Severity) -> "Rule":
        rule = str.__new__(cls, name)
        rule._value_ = name
        rule.severity = severity
        return rule

    # size
    HTML_CLIPPED = "html-clipped", _E
    HTML_HEAVY = "html-heavy", _W
    MAIL_HEAVY = "mail-heavy", _W
    STYLE_LIMIT = "style-limit", _E
    STYLE_HEAVY = "style-heavy", _W
    GMAIL_STYLE = "gmail-style", _E
    # characters
    CONTROL_CHARACTER = "control-character", _E
    BROKEN_CHARACTER = "broken-character", _E
    BIDI_CHARACTER = "bidi-character", _E
    HIDDEN_IN_LINK = "hidden-in-link", _E
    MOJIBAKE = "mojibake", _W
    LEFTOVER_SLOT = "leftover-slot", _E
    UNFINISHED = "unfinished", _W
    HTML_SHOWN = "html-shown", _W
    # structure
    LANG_ATTRIBUTE = "lang-attribute", _E
    TABLE_ROLE = "table-role", _E
    TABLE_HEAD = "table-head", _E
    HEADING_ONE = "heading-one", _E
    HEADING_ORDER = "heading-order", _W
    HEADING_EMPTY = "heading-empty", _E
    TITLE_SUBJECT = "title-subject", _W
    ACTIVE_CONTENT = "active-content", _E
    MIME_PARTS = "mime-parts", _E
    MIME_HEADERS = "mime-headers", _E
    # links
    LINK_BROKEN = "link-broken", _E
    LINK_LOCAL = "link-local", _E
    LINK_FILE = "link-file", _E
    LINK_PASSWORD = "link-password", _E
    LINK_INTRANET = "link-intranet", _W
    LINK_LOOKALIKE = "link-lookalike", _W
    LINK_WRAPPED = "link-wrapped", _W
    LINK_PERSONAL = "link-personal", _W
    LINK_TRACKING = "link-tracking", _W
    HTTP_LINK = "http-link", _W
    LINK_EMPTY = "link-empty", _E
    LINK_TEXT = "link-text", _W
    LINK_UNDERLINE = "link-underline", _W
    LINK_SAME_TEXT = "link-same-text", _W
    LINK_OTHER_TEXT = "link-other-text", _W
    # contrast
    CONTRAST = "contrast", _E
    CONTRAST_DARK = "contrast-dark", _E
    CONTRAST_INVERTED = "contrast-inverted", _W
    # pictures
    ALT_MISSING = "alt-missing", _E
    ALT_EMPTY = "alt-empty", _W
    ALT_FILE_NAME = "alt-file-name", _W
    ALT_LONG = "alt-long", _W
    CAPTION_ALONE = "caption-alone", _W
    IMAGE_MISSING = "image-missing", _E
    IMAGE_SIZE = "image-size", _E
    IMAGE_WIDE = "image-wide", _E
    IMAGE_SHARPER = "image-sharper", _W
    IMAGE_HEAVY = "image-heavy", _W
    IMAGES_HEAVY = "images-heavy", _W
    IMAGE_ANIMATED = "image-animated", _W
    IMAGE_ONLY = "image-only", _W
    # words
    SUBJECT_LONG = "subject-long", _W
    SUBJECT_REPLY = "subject-reply", _W
    PREHEADER_LENGTH = "preheader-length", _W
    PREHEADER_REPEATS = "preheader-repeats", _W
    SHOUTING = "shouting", _W
    EMOJI = "emoji", _W
    WRONG_WEEKDAY = "wrong-weekday", _E
    DATE_PAST = "date-past", _W
    UNKNOWN_LIST = "unknown-list", _W
    # languages beside each other
    MISSING_LANGUAGE = "missing-language", _W
    MISSING_BLOCK = "missing-block", _W
    MISSING_FIELD = "missing-field", _W
    DIFFERENT_PICTURES = "different-pictures", _W
    DIFFERENT_LINKS = "different-links", _W
    DIFFERENT_EVENTS = "different-events", _W
    DIFFERENT_DATES = "different-dates", _W
    DIFFERENT_AMOUNTS = "different-amounts", _W
    WRONG_LANGUAGE = "wrong-language", _W
    UNTRANSLATED = "untranslated", _W
    # mail programs
    CLIENT_SUPPORT = "client-support", _W

    def found(self, where: Where, message: str) -> Finding:
        """Return what this rule says of the words that stand at *where*."""
        return Finding(
            rule=self.value,
            severity=self.severity,
            place=where.place,
            language=where.language,
            message=message,
        )

    def at(self, edition: Edition, line: int, message: str) -> Finding:
        """Return what this rule says of *line* of the edition's file; 0: of the whole file."""
        place = f"{edition.path}:{line}" if line else str(edition.path)
        return self.found(Where(place, edition.language), message)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a workspace makes of the rules, and the day on which it asks."""

    today: datetime.date
    severities: Mapping[str, Severity | None] = field(default_factory=dict)  #: None: off
    intranet: tuple[str, ...] = ()  #: hosts that only staff on the network can open
    clients: tuple[str, ...] = ()  #: mail programs that have to show it; empty: the usual ones

    def judge(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield *findings* as severe as the workspace wants them, less those that are off."""
        for finding in findings:
            if severity := self.severities.get(finding.rule, finding.severity):
                yield replace(finding, severity=severity)


def rules(settings: config.Checks, today: datetime.date) -> Rules:
    """Return the rules as *settings* want them; `SetupError` for a rule that there is not."""
    known = [rule.value for rule in Rule]
    faults = [
        f"{config.FILE}: `checks.rules`: there is no rule `{name}`"
        f"{suggest(name, known) or '; docs/checks.md lists them'}"
        for name in settings.rules
        if name not in known
    ]
    if faults:
        raise SetupError("\n".join(faults))
    return Rules(
        today=today,
        severities={
            name: None if said == "off" else Severity(said) for name, said in settings.rules.items()
        },
        intranet=tuple(host.lower() for host in settings.intranet),
        clients=settings.clients,
    )
