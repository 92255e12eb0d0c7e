"""What a mailbox shows before the mail is opened, and the voice in which the mail speaks."""

import re
from collections.abc import Iterator

from newsletter.announcement import Edition
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

LONGEST_SUBJECT = 70  #: characters; a phone shows about 40 of them
SHORTEST_PREHEADER, LONGEST_PREHEADER = 40, 110  #: characters
MOST_EMOJI, MOST_EMOJI_IN_SUBJECT = 10, 2

_SAME_BEGINNING = 25  # characters
_REPLY = re.compile(r"\s*(?:re|fwd?|tr|antw|doorst|betr|aw|wg|rif|rv)\s?:", re.IGNORECASE)
_SIGN = "[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]"
_EMOJI = re.compile(  # a flag is two letters, a profession two signs and a joiner: each is one
    f"[\U0001f1e6-\U0001f1ff]{{1,2}}|{_SIGN}(?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d{_SIGN})*"
)
_EXCLAIMED = re.compile(r"[!?]{3,}|!\s!\s!")
# Between commas or strokes they are a list of abbreviations: "RVA, OCMW, VDAB, RSZ".
_CAPITALS = re.compile(r"\b[A-ZÀ-Þ]{2,}\b(?:[\s’'-]+[A-ZÀ-Þ]{2,}\b){3,}")


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield what is too long to be seen, says nothing, or shouts."""
    for edition in mail.editions:
        yield from _subject(mail, edition)
        yield from _preheader(mail, edition)
    yield from _loud(mail)


def _subject(mail: Mail, edition: Edition) -> Iterator[Finding]:
    # The subjects of stacked editions stand side by side in the header; each is read by itself.
    subject = mail.subject if len(mail.editions) == 1 else edition.subject
    where = mail.field(edition, "subject", "title")
    if (length := len(subject)) > LONGEST_SUBJECT:
        yield Rule.SUBJECT_LONG.found(
            where,
            f"the subject has {length} characters; mailboxes cut it after {LONGEST_SUBJECT}, "
            "phones after 40. Give a shorter one in `subject:`",
        )
    if found := _REPLY.match(subject):
        yield Rule.SUBJECT_REPLY.found(
            where,
            f"a subject that begins with `{found[0].strip()}` looks like an answer to another "
            "mail; take it out",
        )
    if _shouts(subject):
        yield Rule.SHOUTING.found(
            where, "the subject shouts, which spam does too; write it without capitals or `!!!`"
        )
    if (count := len(_EMOJI.findall(subject))) > MOST_EMOJI_IN_SUBJECT:
        yield Rule.EMOJI.found(
            where,
            f"the subject has {count} emoji, read out one by one to who listens; keep one or two",
        )


def _shouts(line: str) -> bool:
    letters = [letter for letter in line if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    return bool(_EXCLAIMED.search(line)) or (
        len(letters) > 10 and " " in line and capitals > 0.8 * len(letters)
    )


def _preheader(mail: Mail, edition: Edition) -> Iterator[Finding]:
    where = mail.field(edition, "preheader")
    length = len(edition.preheader)
    if not SHORTEST_PREHEADER <= length <= LONGEST_PREHEADER:
        yield Rule.PREHEADER_LENGTH.found(
            where,
            f"the preheader, the line beside the subject, has {length} characters; "
            f"{SHORTEST_PREHEADER} to {LONGEST_PREHEADER} work best. Set `preheader:`",
        )
    for name, other in (("subject", edition.subject), ("title", edition.title)):
        if _begin_alike(edition.preheader, other):
            yield Rule.PREHEADER_REPEATS.found(
                where,
                f"the preheader begins with the same words as the {name} beside it; let it tell "
                "something new",
            )
            return


def _begin_alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other), _SAME_BEGINNING)
    alike = one[:shorter].casefold() == other[:shorter].casefold()
    return alike and (shorter >= _SAME_BEGINNING or len(one) == len(other) > 0 or shorter >= 15)


def _loud(mail: Mail) -> Iterator[Finding]:
    emoji = 0
    for prose in mail.prose:
        if prose.element.tag == "title":
            continue
        emoji += len(_EMOJI.findall(prose.words))
        if found := _EXCLAIMED.search(prose.words) or _CAPITALS.search(prose.words):
            yield Rule.SHOUTING.found(
                mail.where(prose.element, found[0]),
                f"`{found[0][:60]}` shouts, and is hard to read; write it in plain letters with "
                "one sign at the end",
            )
    if emoji > MOST_EMOJI:
        yield Rule.EMOJI.found(
            mail.whole,
            f"the mail has {emoji} emoji, read out one by one to who listens; keep a few",
        )
