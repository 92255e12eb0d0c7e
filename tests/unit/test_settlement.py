"""What is written down when no reply came: held, or with `in_doubt = "resend"` sent again once."""

from dataclasses import replace

import pytest

from newsletter.address import Address
from newsletter.audience import Recipient
from newsletter.ledger.states import Delivery, State
from newsletter.reply import Phase
from newsletter.settlement import settle_lost
from newsletter.smtp.connection import Lost

NOW = 1_800_000_000.0
FIRST = Delivery(
    id=7,
    recipient=Recipient(address=Address("jan", "example.org"), lists=()),
    message_id="<s.7@example.org>",
    attempts=0,
)
TRIED_BEFORE = replace(FIRST, attempts=1)


@pytest.mark.parametrize("setting", [State.IN_DOUBT, State.PLANNED])
@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.DOT])
def test_before_the_dot_a_lost_line_leaves_nobody_in_doubt(phase: Phase, setting: State) -> None:
    entry = settle_lost(FIRST, Lost(phase, "gone"), NOW, 0.5, setting)

    assert entry.state is State.PLANNED
    assert entry.phase is phase
    assert entry.reason == "gone"
    assert entry.attempts == (0 if phase is Phase.MAIL else 1)  # at MAIL it was an old line


def test_after_the_dot_a_lost_reply_is_held() -> None:
    entry = settle_lost(FIRST, Lost(Phase.DOT, "gone"), NOW, 0.5, State.IN_DOUBT)

    assert (entry.state, entry.attempts) == (State.IN_DOUBT, 1)


def test_with_resend_it_is_sent_again_at_once_the_first_time() -> None:
    entry = settle_lost(FIRST, Lost(Phase.DOT, "gone"), NOW, 0.5, State.PLANNED)

    assert (entry.state, entry.attempts, entry.not_before) == (State.PLANNED, 1, 0.0)


def test_with_resend_a_second_loss_is_held_all_the_same() -> None:
    entry = settle_lost(TRIED_BEFORE, Lost(Phase.DOT, "gone"), NOW, 0.5, State.PLANNED)

    assert (entry.state, entry.attempts) == (State.IN_DOUBT, 2)
