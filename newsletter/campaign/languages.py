"""Which mail each person gets: the own language, else what the policy of the list says."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter import sources
from newsletter.audience import Recipient
from newsletter.campaign.drafting import Draft, stacked
from newsletter.rendering import STACKED, called
from newsletter.skeleton import closest
from newsletter.sources import policies
from newsletter.sources.policies import Policy
from newsletter.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Choice:
    """The languages that a mail is made in, the default first, and the policy of each list."""

    languages: tuple[str, ...]
    policies: Mapping[str, Policy]
    _known: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict, compare=False)

    def of(self, recipient: Recipient) -> str:
        """Return the language of the mail for *recipient*; `STACKED` for all of them in one.

        Of somebody on several lists the first decides.
        """
        alike = recipient.language, recipient.lists  # as many others
        if not (chosen := self._known.get(alike)):
            chosen = self._known[alike] = self._chosen(recipient)
        return chosen

    def _chosen(self, recipient: Recipient) -> str:
        if own := closest(recipient.language, self.languages):
            return own
        policy = self.policies.get(recipient.lists[0])
        stacked = policy is Policy.STACKED and len(self.languages) > 1
        return STACKED if stacked else self.languages[0]

    @property
    def may_stack(self) -> bool:
        """Say whether any list asks for a mail with all languages, and there are several."""
        return len(self.languages) > 1 and Policy.STACKED in self.policies.values()

    def counts(self, recipients: Iterable[Recipient]) -> dict[str, int]:
        """Return how many of *recipients* get the mail in each language that anybody gets."""
        found = Counter(map(self.of, recipients))
        return {each: found[each] for each in (*self.languages, STACKED) if found[each]}

    def strangers(self, recipients: Collection[Recipient]) -> tuple[Recipient, ...]:
        """Return who of *recipients* has a language that there is no mail in."""
        spoken = {each.language for each in recipients}
        strange = {each for each in spoken if each and not closest(each, self.languages)}
        return tuple(each for each in recipients if each.language in strange)

    def name(self, language: str) -> str:
        """Return what the mail in *language* is called: "nl", or "nl + fr stacked"."""
        return called(language, self.languages)


def choice(workspace: Workspace, languages: Sequence[str]) -> Choice:
    """Return who gets what of a mail in *languages*, as the lists of *workspace* ask for it."""
    names = sources.names(workspace.recipients)
    return Choice(tuple(languages), policies.read(workspace.recipients, names))


def as_lists_ask(workspace: Workspace, drafted: Draft) -> Draft:
    """Return *drafted* with all languages in one mail too, where any list asks for that."""
    made = [each.language for each in drafted.announcement.editions]
    return stacked(workspace, drafted) if choice(workspace, made).may_stack else drafted
