"""Commands about sending: test, send, status, resume, cancel, receipt, doctor, demo."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter import workspace as workspaces
from newsletter.cli import forecasting
from newsletter.cli.options import (
    AnnouncementArgument,
    ExcludeOption,
    JsonOption,
    SkipBadRowsOption,
    WorkspaceOption,
    here,
)
from newsletter.cli.screen import (
    count_words,
    counts_json,
    exclusions_json,
    languages,
    people,
    people_json,
    plural,
    resolved_json,
    say,
    say_json,
    show_receipt,
)
from newsletter.cli.writing import show_findings, show_published
from newsletter.errors import NewsletterError, UsageError

if TYPE_CHECKING:
    from newsletter.campaign.mailing import Mailing
    from newsletter.ledger.states import Campaign, Counts
    from newsletter.receipt import Receipt
    from newsletter.workspace import Workspace

SOMEBODY_TO_LOOK_AT = 4  #: exit status: finished, but someone was refused or is in doubt

CampaignArgument = Annotated[
    str | None,
    typer.Argument(
        help="Its name; else the newest that is not done (a rehearsal last), else the newest.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("test")(send_test)
    app.command("send")(send)
    app.command("status")(status)
    app.command("resume")(resume)
    app.command("cancel")(cancel)
    app.command("receipt")(receipt)
    app.command("doctor")(doctor)
    app.command("demo")(demo)


def send_test(
    announcement: AnnouncementArgument,
    to: Annotated[str, typer.Option("--to", help="The one address that gets it.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Send the mail to one address, marked [TEST]; it counts for no campaign."""
    import asyncio

    from newsletter.campaign import trying

    refused = False
    for language, reply in asyncio.run(trying.test(here(workspace), announcement, to)):
        say(f"{language}: {to}: {reply}")
        refused = refused or reply.code >= 300
    if refused:
        raise typer.Exit(SOMEBODY_TO_LOOK_AT)


def send(
    announcement: AnnouncementArgument,
    lists: Annotated[
        list[str] | None, typer.Option("--list", help="Send to this list; repeatable.")
    ] = None,
    exclude: ExcludeOption = None,
    skip_bad_rows: SkipBadRowsOption = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Write also to people who already got this announcement."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send for real, without asking.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Deliver the mail to everybody on the lists, once each; without a yes it rehearses."""
    from newsletter.campaign import mailing, publishing, sending
    from newsletter.cli import running
    from newsletter.ledger.states import Kind

    place = here(workspace)
    prepared = mailing.prepare(
        place, announcement, lists or (), exclude or (), skip_bad_rows=skip_bad_rows, again=again
    )
    sending.refuse_errors(prepared)  # before a word is said of sending
    _show_summary(prepared, place)
    show_published(publishing.publish(place, prepared.draft.renderings), place)
    say()
    kind = Kind.LIVE if yes or _confirmed(prepared) else Kind.REHEARSAL
    if kind is Kind.REHEARSAL:
        say("Rehearsal: the whole mailing goes into the built-in mail server; nobody gets mail.")
    finished = running.run(
        lambda progress, stop: sending.send(place, prepared, kind, progress, stop),
        len(prepared.audience.recipients),
        place,
    )
    _end(finished, place)


def _show_summary(prepared: "Mailing", place: "Workspace") -> None:
    show_findings(prepared.draft.findings)
    choice = prepared.choice
    for rendering in prepared.draft.renderings:
        say(f"Subject ({choice.name(rendering.language)})  {rendering.subject}")
    audience = prepared.audience
    say(f"From          {prepared.settings.sender.from_}")
    say(f"Lists         {', '.join(prepared.lists)}")
    left_out = plural(len(audience.exclusions), "row", "rows")
    say(f"To            {people(len(audience.recipients))}, one copy each ({left_out} left out)")
    say(f"Relay         {prepared.settings.relay.url}")
    if len(choice.languages) > 1:
        say(f"Languages     {languages(choice, audience.recipients)}")
    if forecast := forecasting.told(place, prepared.settings, len(audience.recipients)):
        say(f"Forecast      {forecast}")
    if strangers := _readers_without_their_language(prepared):
        say(f"Careful       {strangers}", "yellow")
    if prepared.again:
        say(f"Careful       {people(len(prepared.again))} got it already: again", "bold yellow")


def _readers_without_their_language(prepared: "Mailing") -> str:
    """Return how many readers get the mail in another language than theirs, and in which."""
    choice = prepared.choice
    others = choice.strangers(prepared.audience.recipients)
    if not others:
        return ""
    theirs = sorted({each.language for each in others})
    ours = sorted({choice.name(choice.of(each)) for each in others})
    return f"{people(len(others))} prefer {' or '.join(theirs)}, and get it in {' or '.join(ours)}"


def _confirmed(prepared: "Mailing") -> bool:
    """Ask for the number of people on a terminal; elsewhere nobody can say yes."""
    if not sys.stdin.isatty():
        return False
    number = len(prepared.audience.recipients)
    return typed(number, "to send, or press Enter to rehearse", "nothing was sent")


def typed(number: int, what: str, otherwise: str) -> bool:
    """Return whether somebody typed *number*; False for nothing at all."""
    answer = typer.prompt(
        f"Type the number of people ({number}) {what}", default="", show_default=False
    )
    if answer and answer.replace(",", "").replace(".", "").strip() != str(number):
        raise UsageError(f"`{answer}` is not {number}; {otherwise}")
    return bool(answer)


def _end(finished: "Receipt", place: "Workspace") -> None:
    """Show the receipt, where to look, and how to go on; end with the status it deserves."""
    say()
    show_receipt(finished)
    campaign = finished.campaign
    if campaign.relay == "inbox:":
        say()
        say(f"The mails are in {place.inbox}: open any .eml with a mail client.")
        say("They went to the built-in mail server: nobody got mail.")
        if campaign.kind == "rehearsal":
            say("This was a rehearsal. To send for real, add `--yes`.")
        else:
            say(f"For real mail, set `url` under [relay] in {place.root / workspaces.MARK}.")
    if finished.refused or finished.in_doubt:
        raise typer.Exit(SOMEBODY_TO_LOOK_AT)


def status(
    campaign: Annotated[
        str | None, typer.Argument(help="Its name; else all.", show_default=False)
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show every campaign: how many are waiting, accepted, refused, in doubt."""
    from newsletter.campaign import accounts

    place = here(workspace)
    found = accounts.campaigns(place)
    if campaign is not None:
        one = accounts.find(place, campaign)
        found = tuple((each, counts) for each, counts in found if each.id == one.id)
    sent_now = accounts.sent_now(place)
    states = {each.id: _state(each, sent_now) for each, _ in found}
    if json:
        say_json({"campaigns": [_campaign_json(*row, states[row[0].id]) for row in found]})
        return
    if not found:
        say("No campaign yet; `newsletter send` makes the first.")
        return
    for each, counts in found:
        say(f"{each.name}  {states[each.id]}  {count_words(counts)}")
    for each, counts in found:
        if counts.in_doubt and states[each.id] != "sending":
            say(f"`newsletter resolve {each.name}` decides about who is in doubt.")
    newest = next((each for each, _ in found if states[each.id] == "stopped"), None)
    if newest:
        say(f"{newest.name} stopped: {newest.halted or _WITHOUT_A_WORD}")
        say(f"`newsletter resume {newest.name}` goes on.")


_WITHOUT_A_WORD = (
    "its sender ended without a word, killed or without power. Whoever was at the dot is in doubt; "
    "`newsletter resolve` lists them, and `resume` leaves them out"
)


def _state(campaign: "Campaign", sent_now: int | None) -> str:
    if campaign.finished_at is not None:
        return "done"
    return "sending" if campaign.id == sent_now and not campaign.halted else "stopped"


def _campaign_json(campaign: "Campaign", counts: "Counts", state: str) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "announcement": campaign.announcement,
        "kind": str(campaign.kind),
        "state": state,
        "relay": campaign.relay,
        "lists": campaign.lists,
        "planned_at": campaign.planned_at,
        "finished_at": campaign.finished_at,
        "stopped_because": campaign.halted,
        "counts": counts_json(counts),
    }


def resume(campaign: CampaignArgument = None, workspace: WorkspaceOption = None) -> None:
    """Go on with a campaign where it stopped; nobody who was written to is written to again."""
    from newsletter import config
    from newsletter.campaign import accounts, sending
    from newsletter.cli import running

    place = here(workspace)
    found = accounts.find(place, campaign)
    if found.finished_at is not None:
        say(f"Campaign {found.name} is done already.")
        _end(accounts.account(place, found.id), place)
        return
    waiting = accounts.account(place, found.id).counts.waiting
    say(f"Campaign {found.name}: {people(waiting)} to go.")
    if forecast := forecasting.told(place, config.load(place.root), waiting):
        say(f"Forecast: {forecast}")
    finished = running.run(
        lambda progress, stop: sending.resume(
            place, found, progress, stop, named=campaign is not None
        ),
        waiting,
        place,
    )
    _end(finished, place)


def cancel(
    campaign: Annotated[str, typer.Argument(help="Its name.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Cancel without asking.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """End a campaign that stopped: whoever was not written to never gets it."""
    import asyncio

    from newsletter.campaign import accounts, sending

    place = here(workspace)
    found = accounts.find(place, campaign)
    if found.finished_at is not None:
        raise UsageError(f"campaign `{found.name}` is done; there is nothing to cancel")
    if not yes:
        number = accounts.unsent(place, found.id)
        say(f"Campaign {found.name}: {people(number)} will not get it.")
        if not sys.stdin.isatty():
            raise UsageError("nothing was cancelled; add `--yes` to cancel without a terminal")
        if not typed(number, "who will not get it, or Enter to leave it", "nothing was cancelled"):
            say("Nothing was cancelled.")
            return
    _end(asyncio.run(sending.cancel(place, found)), place)


def receipt(
    campaign: CampaignArgument = None, json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show the account of a campaign: the sum, who was refused and why, who is in doubt."""
    from newsletter.campaign import accounts

    place = here(workspace)
    asked = accounts.find(place, campaign) if campaign else accounts.last(place)
    found = accounts.account(place, asked.id)
    if not json:
        show_receipt(found)
        return
    state = _state(found.campaign, accounts.sent_now(place))
    say_json(
        {
            **_campaign_json(found.campaign, found.counts, state),
            "total": found.counts.total,
            "perhaps_twice": found.perhaps_twice,
            "refused": people_json(found.refused),
            "in_doubt": people_json(found.in_doubt),
            "resolved": resolved_json(found.resolved),
            "exclusions": exclusions_json(found.exclusions),
        }
    )


def doctor(json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Look at the set-up: settings, theme, lists, and whether the relay lets us in."""
    from newsletter.campaign import examining

    findings = examining.examine(here(workspace))
    if json:
        say_json(
            {
                "checks": [
                    {"name": it.name, "ok": it.fault == "", "says": it.says} for it in findings
                ]
            }
        )
    else:
        for finding in findings:
            mark, style = ("fault", "red") if finding.fault else ("ok   ", "")
            say(f"{mark}  {finding.name}: {finding.says}", style)
    if any(finding.fault for finding in findings):
        raise typer.Exit(NewsletterError.exit_status)


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to put it.")] = Path(
        "newsletter-demo"
    ),
) -> None:
    """Build the sample announcement and deliver it to the sample lists, all on this machine."""
    from newsletter.campaign import drafting, mailing, sending
    from newsletter.cli import running
    from newsletter.config import Relay
    from newsletter.ledger.states import Kind

    place = workspaces.create_sample(folder)
    drafted = drafting.draft(place, workspaces.SAMPLE)
    say(f"The announcement   {drafted.announcement.editions[0].path}")
    for path in drafting.build(place, drafted, place.outbox / workspaces.SAMPLE):
        say(f"built              {path}")
    say()
    built_in = Relay()  # whatever the settings say: a demo writes to nobody
    prepared = mailing.prepare(place, workspaces.SAMPLE, workspaces.SAMPLE_LISTS, relay=built_in)
    _show_summary(prepared, place)
    finished = running.run(
        lambda progress, stop: sending.send(place, prepared, Kind.LIVE, progress, stop),
        len(prepared.audience.recipients),
        place,
    )
    _end(finished, place)
