"""Commands about the people: lists, audience."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import forecasting
from newsletter.cli.options import (
    ExcludeOption,
    JsonOption,
    SkipBadRowsOption,
    WorkspaceOption,
    here,
)
from newsletter.cli.screen import exclusions_json, languages, people, say, say_json, table
from newsletter.errors import AudienceError

if TYPE_CHECKING:
    from newsletter.audience import Audience, RecipientList
    from newsletter.campaign.languages import Choice

MOST_SHOWN = 40  #: people who are named; more than that, and only `--json` names them


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("lists")(lists)
    app.command("audience")(audience)


def lists(json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show every list in recipients/, how many are on it and which rows have a fault."""
    from newsletter import sources
    from newsletter.sources import policies

    place = here(workspace)
    found: list[RecipientList] = []
    unusable: list[AudienceError] = []
    for name in sources.names(place.recipients):
        try:
            found.append(sources.read(place.recipients, name))
        except AudienceError as error:
            unusable.append(error)
    policy_of: Mapping[str, str] = {}
    try:
        policy_of = policies.read(place.recipients, sources.names(place.recipients))
    except AudienceError as error:
        unusable.append(error)
    faults = [fault for each in found for fault in each.faults]
    faults += [fault for each in unusable for fault in each.faults]
    if json:
        say_json(
            {
                "lists": [_list_json(each, policy_of) for each in found],
                "faults": list(map(str, faults)),
            }
        )
    elif not found and not faults:
        say(f"No list yet: put a .csv or .xlsx file into {place.recipients}.")
    else:
        _show_lists(found, policy_of)
        for fault in faults:
            say(str(fault))
    if faults:
        raise typer.Exit(AudienceError.exit_status)


def _show_lists(found: "list[RecipientList]", policy_of: Mapping[str, str]) -> None:
    table(
        ("List", "If not in their language", "People", "Bad rows"),
        (
            (
                each.name,
                policy_of.get(each.name, ""),
                f"{len(each.rows):,}",
                f"{len(each.faults):,}",
            )
            for each in found
        ),
        numbers=2,
    )


def audience(
    names: Annotated[list[str], typer.Argument(metavar="LIST...", help="Lists to join.")],
    exclude: ExcludeOption = None,
    skip_bad_rows: SkipBadRowsOption = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show who would get a mail to these lists, and who would not and why."""
    from newsletter import config
    from newsletter.campaign import languages as choosing
    from newsletter.campaign import mailing

    place = here(workspace)
    found = mailing.gather(place, names, exclude or (), skip_bad_rows=skip_bad_rows)
    settings, number = config.load(place.root), len(found.recipients)
    choice = choosing.choice(place, settings.organisation.languages)
    if json:
        forecast = forecasting.forecast_json(place, settings, number)
        say_json(_audience_json(found, choice.counts(found.recipients), forecast))
        return
    _show_audience(found, choice)
    if told := forecasting.told(place, settings, number):
        say()
        say(f"A mail to them takes, through {settings.relay.url}: {told}.")


def _audience_json(
    found: "Audience", counts: Mapping[str, int], forecast: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "recipients": len(found.recipients),
        "languages": counts,
        "forecast": forecast,
        "exclusions": exclusions_json(found.exclusions),
        "people": [
            {
                "address": str(person.address),
                "display_name": person.display_name,
                "language": person.language,
                "lists": person.lists,
            }
            for person in found.recipients
        ],
    }


def _show_audience(found: "Audience", choice: "Choice") -> None:
    say(f"{people(len(found.recipients))} would get one copy each.")
    if len(choice.languages) > 1:
        say(f"Of a mail in {', '.join(choice.languages)}: {languages(choice, found.recipients)}.")
    if len(found.recipients) <= MOST_SHOWN:
        table(
            ("Address", "Name", "Language", "Lists"),
            (
                (str(each.address), each.display_name, each.language, ", ".join(each.lists))
                for each in found.recipients
            ),
        )
    if found.exclusions:
        say()
        say("Rows that lead to no mail of their own:")
        table(
            ("Address", "List", "Why"),
            ((each.address or "-", each.list_name, each.reason) for each in found.exclusions),
        )


def _list_json(each: "RecipientList", policy_of: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": each.name,
        "language": policy_of.get(each.name),
        "people": len(each.rows),
        "bad_rows": len(each.faults),
    }
