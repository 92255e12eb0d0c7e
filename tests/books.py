"""After any fault our books balance, and the relay's books agree: one look for all tests."""

from collections import Counter
from collections.abc import Iterable

from newsletter.ledger import reading
from newsletter.ledger.states import Counts, Person, State
from newsletter.ledger.stores import Place

#: Who may have been taken by the relay, for all that the ledger knows.
PERHAPS_THERE = (State.ACCEPTED, State.IN_DOUBT, State.HANDING_OVER)


def agreed(ledger: Place, taken: Iterable[str], *, campaign_id: int = 1, most: int = 1) -> Counts:
    """Returns the counts of the campaign, after comparing it with the recipients the relay took.

    *most* is how many copies one person may have got: more than one only where a lost reply is
    meant to be answered by sending again.
    """
    with reading.reading(ledger) as book:
        people = reading.people(book, campaign_id)
        counts = reading.counts(book, campaign_id)
    copies = Counter(taken)
    _balance(people, counts)
    twice = [who for who, number in copies.items() if number > most]
    assert not twice, f"more than {most} each: {twice[:5]}"
    in_state = {state: {each.address for each in people if each.state is state} for state in State}
    strangers = copies.keys() - {each.address for each in people}
    assert not strangers, f"the relay took mail for people nobody planned: {strangers}"
    unknown = in_state[State.ACCEPTED] - copies.keys()
    assert not unknown, f"counted as accepted, and the relay has nothing: {unknown}"
    perhaps = {who for state in PERHAPS_THERE for who in in_state[state]}
    if most > 1:  # on the way to a second copy
        perhaps |= {each.address for each in people if each.attempts}
    forgotten = copies.keys() - perhaps
    assert not forgotten, f"the relay has it, and we know nothing of it: {forgotten}"
    return counts


def _balance(people: tuple[Person, ...], counts: Counts) -> None:
    assert len({each.address for each in people}) == len(people)
    assert counts.total == len(people), "the counts do not add up to the audience"
    states = Counter(each.state for each in people)
    assert counts.accepted == states[State.ACCEPTED]
    assert counts.refused == states[State.REFUSED]
    assert counts.in_doubt == states[State.IN_DOUBT]
