"""What the command line shows: plain sentences, tables that add up, errors that end in a mend."""

import contextlib
import json
import os
import select
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.errors import Faults, NewsletterError

if TYPE_CHECKING:
    from rich.console import Console

    from newsletter.audience import Exclusion, Recipient
    from newsletter.campaign.languages import Choice
    from newsletter.ledger.doubts import Resolved
    from newsletter.ledger.states import Counts, Person
    from newsletter.receipt import Receipt


def console(*, stderr: bool = False) -> "Console":
    """Return where to print; colours and width are the terminal's, if it is one."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def say(line: str = "", style: str = "") -> None:
    """Print one line as it is; *style* ("bold", "green") shows on a terminal only."""
    if not style or not sys.stdout.isatty():
        print(line)
        return
    from rich.text import Text

    console().print(Text(line, style=style))


def say_in(*parts: tuple[str, str]) -> None:
    """Print one line of pieces, each with its style, which shows on a terminal only."""
    if not sys.stdout.isatty():
        print("".join(piece for piece, _ in parts))
        return
    from rich.text import Text

    console().print(Text.assemble(*parts))


def say_json(value: Any) -> None:
    """Print *value* as JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def show_error(error: NewsletterError) -> None:
    """Print what went wrong, a line a fault, on the error stream."""
    with contextlib.suppress(OSError):  # the terminal is gone; the exit status tells it too
        if isinstance(error, Faults) and len(error.faults) > 1:
            print(f"{len(error.faults)} things to mend:", file=sys.stderr)
        print(error, file=sys.stderr, flush=True)


def let_go_of_the_gone() -> None:
    """Print to nobody from here on where whoever read it has gone: that is no fault of a send."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            reader = select.poll()
            reader.register(stream, 0)
            if reader.poll(0):  # an error or a hang-up: a pipe without a reader, a closed terminal
                nobody = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nobody, stream.fileno())
                os.close(nobody)


def when(moment: float | None) -> str:
    """Return a Unix time as people here read it."""
    if moment is None:
        return ""
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plural(number: int, one: str, many: str) -> str:
    """Return "1 person", "1,000 people"."""
    return f"{number:,} {one if number == 1 else many}"


def people(number: int) -> str:
    """Return "1 person", "1,000 people"."""
    return plural(number, "person", "people")


def languages(choice: "Choice", recipients: "Iterable[Recipient]") -> str:
    """Return "2,014 nl, 300 fr, 12 nl + fr stacked"."""
    counts = choice.counts(recipients)
    return ", ".join(f"{number:,} {choice.name(language)}" for language, number in counts.items())


def table(head: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: int = 0) -> None:
    """Print a table; its last *numbers* columns are aligned to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns = list(head)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for n, column in enumerate(columns):
        right = n >= len(columns) - numbers
        shown.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    console().print(shown)


def count_words(counts: "Counts") -> str:
    """Return "1,000 accepted + 0 refused + 0 in doubt = 1,000 people"."""
    parts = [
        f"{counts.accepted:,} accepted",
        f"{counts.refused:,} refused",
        f"{counts.in_doubt:,} in doubt",
    ]
    for number, word in (
        (counts.suppressed, "suppressed"),
        (counts.cancelled, "cancelled"),
        (counts.waiting, "waiting"),
    ):
        if number:
            parts.append(f"{number:,} {word}")
    return f"{' + '.join(parts)} = {people(counts.total)}"


def show_receipt(receipt: "Receipt") -> None:
    """Print the account of a campaign: the sum, then what is left to do."""
    campaign, counts = receipt.campaign, receipt.counts
    say(f"Campaign {campaign.name} ({campaign.kind}, through {campaign.relay})", "bold")
    if receipt.seconds is not None:
        rate = counts.accepted / receipt.seconds if receipt.seconds else 0
        say(
            f"Planned {when(campaign.planned_at)}, done {when(campaign.finished_at)}"
            f" ({receipt.seconds:.1f} s, {rate:,.0f} a second)"
        )
    else:
        say(f"Planned {when(campaign.planned_at)}, not done yet")
    if campaign.halted:
        say(f"Stopped: {campaign.halted}", "yellow")
    say()
    say(f"  {count_words(counts)}", "bold")
    if receipt.is_done:
        again = "nobody was written to twice"
        if receipt.perhaps_twice:
            again = (
                f"{people(receipt.perhaps_twice)} may have got it twice, for their reply was lost "
                "and it was sent again"
            )
        say(f"  It balances: everybody is accounted for, {again}.", "green")
    _show_exclusions(receipt.exclusions)
    _show_people("Refused", "red", receipt.refused)
    _show_people("In doubt: it may have arrived", "yellow", receipt.in_doubt)
    if receipt.in_doubt:
        say(f"Nobody is written to again; `newsletter resolve {campaign.name}` decides about them.")
    _show_resolved(receipt.resolved)


def _show_resolved(found: "tuple[Resolved, ...]") -> None:
    if not found:
        return
    say()
    say(f"Was in doubt, and was decided ({len(found):,})", "bold")
    words = {"accepted": "accepted", "planned": "sent again", "refused": "refused"}
    width = max(len(each.address) for each in found)
    for each in found:
        say(f"  {each.address:<{width}}  {words[each.state]:<10}  {when(each.at)}  {each.because}")


def _show_exclusions(exclusions: "tuple[Exclusion, ...]") -> None:
    if exclusions:
        rows = plural(len(exclusions), "row of the lists was", "rows of the lists were")
        say(f"  {rows} left out: `newsletter receipt --json` says why.")


def _show_people(title: str, style: str, found: "tuple[Person, ...]") -> None:
    if not found:
        return
    say()
    say(f"{title} ({len(found):,})", f"bold {style}")
    table(
        ("Who", "What happened", "Message-ID"),
        (
            (person.address, str(person.reply or person.reason), person.message_id)
            for person in found
        ),
    )


def counts_json(counts: "Counts") -> dict[str, int]:
    """Return the counts of a campaign, for scripts."""
    return {
        "waiting": counts.waiting,
        "accepted": counts.accepted,
        "refused": counts.refused,
        "in_doubt": counts.in_doubt,
        "suppressed": counts.suppressed,
        "cancelled": counts.cancelled,
    }


def exclusions_json(exclusions: "Iterable[Exclusion]") -> list[dict[str, str]]:
    """Return who was left out and why, for scripts."""
    return [
        {"address": each.address, "list": each.list_name, "reason": each.reason}
        for each in exclusions
    ]


def resolved_json(found: "Iterable[Resolved]") -> list[dict[str, Any]]:
    """Return what was decided about people in doubt, for scripts."""
    return [
        {
            "address": each.address,
            "became": str(each.state),
            "by": str(each.by),
            "because": each.because,
            "at": each.at,
        }
        for each in found
    ]


def people_json(found: "Iterable[Person]") -> list[dict[str, Any]]:
    """Return people with their last reply, for scripts."""
    return [
        {
            "address": person.address,
            "state": str(person.state),
            "attempts": person.attempts,
            "reply": str(person.reply) if person.reply else None,
            "reason": person.reason,
            "message_id": person.message_id,
            "at": person.at,
        }
        for person in found
    ]
