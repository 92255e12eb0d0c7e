"""The command about people in doubt: resolve."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli.options import JsonOption, WorkspaceOption, here
from newsletter.cli.screen import counts_json, people, plural, say, say_json, show_receipt, when
from newsletter.cli.sending import typed
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.campaign.evidence import Finding
    from newsletter.ledger.doubts import Decision, Doubt, Ruling
    from newsletter.receipt import Receipt
    from newsletter.relaylogs import Log

SOMEBODY_TO_LOOK_AT = 4  #: exit status: somebody was refused or is in doubt
RESUME_GOES_ON = 5  #: exit status: the campaign is not done


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("resolve")(resolve)


def resolve(
    campaign: Annotated[str, typer.Argument(help="Its name.", show_default=False)],
    log: Annotated[
        list[Path] | None,
        typer.Option(
            "--log",
            help="The relay's log: Postfix, Exim, or an Exchange trace as CSV; repeatable.",
        ),
    ] = None,
    delivered: Annotated[
        list[str] | None,
        typer.Option("--delivered", metavar="ADDRESS", help="It arrived; `all`: whoever is left."),
    ] = None,
    again: Annotated[
        list[str] | None,
        typer.Option(
            "--again", metavar="ADDRESS", help="Send the same mail again; `all` likewise."
        ),
    ] = None,
    give_up: Annotated[
        list[str] | None,
        typer.Option("--give-up", metavar="ADDRESS", help="Count as refused; `all` likewise."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it down without asking.")] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show who is in doubt, and decide: by the relay's log, or by hand."""
    import asyncio

    from newsletter.campaign import accounts, resolving
    from newsletter.ledger.doubts import Decision

    place = here(workspace)
    found = accounts.find(place, campaign)
    named = _named(
        {Decision.DELIVERED: delivered, Decision.AGAIN: again, Decision.GIVE_UP: give_up}
    )
    doubts = asyncio.run(resolving.in_doubt(place, found))
    read, findings = resolving.consult(place, found, doubts, log) if log and doubts else (None, ())
    rulings = resolving.decide(doubts, findings, named)
    if json:
        decided = bool(rulings) and yes
    else:
        _show(found.name, doubts, read, findings, rulings)
        decided = bool(rulings) and (yes or _agreed(len(rulings)))
    after = (
        asyncio.run(resolving.apply(place, found, rulings))
        if decided
        else accounts.account(place, found.id)
    )
    if json:
        say_json(_json(after, doubts, findings, rulings, decided=decided))
    elif decided:
        say()
        show_receipt(after)
        if after.campaign.finished_at is None:
            say(f"`newsletter resume {after.campaign.name}` goes on.")
    if status := _status(after, decided=decided):
        raise typer.Exit(status)


def _named(asked: "dict[Decision, list[str] | None]") -> "dict[str, Decision]":
    """Return what is to become of each address that was named."""
    named: dict[str, Decision] = {}
    for decision, addresses in asked.items():
        for address in addresses or ():
            if named.setdefault(address.casefold(), decision) is not decision:
                raise UsageError(f"`{address}` cannot be both; nothing was done")
    return named


def _show(
    name: str,
    doubts: "Sequence[Doubt]",
    read: "Log | None",
    findings: "Sequence[Finding]",
    rulings: "Sequence[Ruling]",
) -> None:
    if not doubts:
        say(f"Campaign {name}: nobody is in doubt.")
        return
    say(f"Campaign {name}: {people(len(doubts))} in doubt", "bold")
    if read:
        say(f"{read.kind}  {', '.join(read.names)}, {when(read.first)} to {when(read.last)}")
    say()
    if findings or rulings:
        width = max(len(doubt.address) for doubt in doubts)
        for who, becomes, because in _decisions(doubts, findings, rulings):
            say(f"  {who:<{width}}  {becomes:<14}  {because}")
        return
    for doubt in doubts:
        say(f"  {doubt.address}  {doubt.message_id}")
        said = f"broke off after {doubt.phase}: {doubt.said}"
        say(f"    {when(doubt.at)}, {plural(doubt.attempts, 'try', 'tries')}, {said}")
    say()
    say("Each may have arrived; nobody is written to again before you decide:")
    say(f"  newsletter resolve {name} --log FILE            what the relay's log says of each")
    say(f"  newsletter resolve {name} --delivered ADDRESS   it arrived: counts as accepted")
    say(f"  newsletter resolve {name} --again ADDRESS       the same mail, at the next `resume`")
    say(f"  newsletter resolve {name} --give-up ADDRESS     counts as refused")
    say("`all` instead of an address is whoever is left.")


_WORDS = {"delivered": "accepted", "again": "sent again", "give up": "refused"}


def _decisions(
    doubts: "Sequence[Doubt]", findings: "Sequence[Finding]", rulings: "Sequence[Ruling]"
) -> Iterable[tuple[str, str, str]]:
    """Return who, what they become and why; who stays in doubt comes last."""
    ruled = {ruling.doubt.delivery_id: ruling for ruling in rulings}
    shown = {finding.doubt.delivery_id: finding.because for finding in findings}
    for ruling in rulings:
        yield ruling.doubt.address, _WORDS[ruling.decision], ruling.because
    for doubt in doubts:
        if doubt.delivery_id not in ruled:
            yield doubt.address, "stays in doubt", shown.get(doubt.delivery_id, doubt.said)


def _agreed(number: int) -> bool:
    """Ask for the number of people on a terminal; elsewhere nobody can say yes."""
    say()
    if not sys.stdin.isatty():
        say("Nothing was written down; add `--yes`.")
        return False
    agreed = typed(number, "to write this down, or press Enter to leave it", "nothing was done")
    if not agreed:
        say("Nothing was written down.")
    return agreed


def _status(after: "Receipt", *, decided: bool) -> int:
    if decided and after.campaign.finished_at is None:
        return RESUME_GOES_ON
    return SOMEBODY_TO_LOOK_AT if after.in_doubt or (decided and after.refused) else 0


def _json(
    after: "Receipt",
    doubts: "Sequence[Doubt]",
    findings: "Sequence[Finding]",
    rulings: "Sequence[Ruling]",
    *,
    decided: bool,
) -> dict[str, Any]:
    ruled = {ruling.doubt.delivery_id: ruling for ruling in rulings}
    shown = {finding.doubt.delivery_id: finding.because for finding in findings}
    return {
        "campaign": after.campaign.name,
        "written_down": decided,
        "in_doubt": [
            {
                "address": it.address,
                "at": it.at,
                "phase": it.phase,
                "attempts": it.attempts,
                "message_id": it.message_id,
                "said": it.said,
                "decision": str(ruled[it.delivery_id].decision)
                if it.delivery_id in ruled
                else None,
                "because": ruled[it.delivery_id].because
                if it.delivery_id in ruled
                else shown.get(it.delivery_id, ""),
            }
            for it in doubts
        ],
        "counts": counts_json(after.counts),
    }
