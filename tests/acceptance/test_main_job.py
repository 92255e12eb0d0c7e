"""The main job: an announcement and two lists in, one mail in everybody's own mailbox."""

import re
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

from newsletter.ledger import reading
from newsletter.ledger.states import State
from tests.servers.postfix import Postfix
from tests.workplace import FIRST_NAMES, INTERVIEW, Workplace, address


def test_a_thousand_people_on_two_lists_get_one_mail_each_through_postfix(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path / "workspace")
    name = workplace.import_interview()
    workplace.add_list("stad", range(600))
    workplace.add_list("district09", range(400, 1000))
    everybody = {address(n) for n in range(1000)}
    with Postfix(everybody) as postfix:
        workplace.relay(f"smtp://127.0.0.1:{postfix.port}")
        printed = workplace.run(
            "send", name, "--list", "stad", "--list", "district09", "--yes"
        ).stdout
        postfix.wait_until_delivered(1000, timeout=120)
        mailboxes = postfix.mailboxes()
        mails = {
            f"{who}@example.org": [it.read_bytes() for it in has] for who, has in mailboxes.items()
        }

    assert "1,000 accepted + 0 refused + 0 in doubt = 1,000 people" in printed
    assert {who: len(has) for who, has in mails.items()} == dict.fromkeys(everybody, 1)
    with reading.reading(workplace.root / "var" / "ledger.db") as ledger:
        (campaign,) = reading.campaigns(ledger)
        people = reading.people(ledger, campaign.id)
        exclusions = reading.exclusions(ledger, campaign.id)
    assert {person.address for person in people} == everybody
    assert {person.state for person in people} == {State.ACCEPTED}
    for person in people:
        assert _header(mails[person.address][0], "Message-ID") == person.message_id
    assert len(exclusions) == 200
    assert {each.reason for each in exclusions} == {"already in on list `stad`"}
    for number in (0, 3, 450, 606, 999):
        _is_the_interview_for(number, mails[address(number)][0])


def _is_the_interview_for(number: int, mail: bytes) -> None:
    parsed = message_from_bytes(mail, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    first_name = FIRST_NAMES[number % 8]
    assert parsed["To"].addresses[0].addr_spec == address(number)
    assert parsed["To"].addresses[0].display_name == f"{first_name} Nummer {number}"
    assert parsed["Subject"] == "Waterdienst verwelkomt nieuwe directeur Mira Van Acker"
    for kind in ("plain", "html"):
        part = parsed.get_body((kind,))
        assert isinstance(part, EmailMessage)
        content = part.get_content()
        words = _words(content if kind == "plain" else _shown(content))
        assert not Counter(_words(INTERVIEW.read_text())) - Counter(words), f"words lost in {kind}"
        assert f"Dag {first_name}," in " ".join(words), f"no greeting in {kind}"


def _header(mail: bytes, name: str) -> str:
    return str(message_from_bytes(mail, policy=policy.default)[name])


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"\s+", text) if re.search(r"\w", word)]


class _Shown(HTMLParser):
    """The words of a page outside its head."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("title", "style")
        self.text.append(" " if tag not in ("a", "em", "strong", "span") else "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("title", "style")

    def handle_data(self, data: str) -> None:
        self.text.append("" if self._hidden else data)


def _shown(page: str) -> str:
    reader = _Shown()
    reader.feed(page)
    return "".join(reader.text)
