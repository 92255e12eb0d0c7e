"""Commands about the announcement: init, import, build, check."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import workspace as workspaces
from newsletter.cli.options import AnnouncementArgument, JsonOption, WorkspaceOption, here
from newsletter.cli.screen import plural, say, say_in, say_json
from newsletter.errors import AuthorError, Fault, UsageError

if TYPE_CHECKING:
    from newsletter.checks.finding import Finding
    from newsletter.checks.mail import Mail
    from newsletter.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("init")(init)
    app.command("import")(import_document)
    app.command("build")(build)
    app.command("check")(check)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> None:
    """Make a workspace: a place for announcements, lists and settings."""
    for path in workspaces.create(folder):
        say(str(path))
    say()
    say(f"Next: your name and sender address in {folder / workspaces.MARK},")
    say(f"a list of people in {folder / 'recipients'}, then `newsletter import` a text.")


def import_document(
    file: Annotated[Path, typer.Argument(help="A .txt, .md, .html or .docx file.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the announcement to this file.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Turn a text, Word or web page into an announcement that builds and sends as it is."""
    from newsletter import config, documents

    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    language = "nl"
    place = None if out else here(workspace)
    if place:
        language = config.load(place.root).organisation.languages[0]
    drafted = documents.draft(file, default_language=language)
    path = out or here(workspace).announcements / f"{drafted.name}.md"
    if path.exists():
        raise UsageError(f"{path} is there already; name another file with `-o`")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drafted.markdown, encoding="utf-8")
    say(str(path))
    for line in drafted.recognised:
        say(f"  found   {line}")
    for line in drafted.unsure:
        say(f"  unsure  {line}")
    if drafted.unsure:
        say("Look at what is unsure in the file; it builds as it is.")


def build(
    announcement: AnnouncementArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write here instead of var/outbox.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the mail as .html, .txt and .eml files, one of each per language."""
    from newsletter.campaign import drafting, languages, publishing

    place = here(workspace)
    drafted = languages.as_lists_ask(place, drafting.draft(place, announcement))
    for path in drafting.build(place, drafted, out or place.outbox / drafted.announcement.name):
        say(f"{path}  {path.stat().st_size:,} bytes")
    show_published(publishing.publish(place, drafted.renderings), place)
    show_findings(drafted.findings)


def check(
    announcement: AnnouncementArgument,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say what is wrong with an announcement before it leaves; status 1 if it may not leave."""
    from newsletter.campaign import drafting, languages
    from newsletter.checks.finding import Severity

    place = here(workspace)
    try:
        drafted = languages.as_lists_ask(place, drafting.draft(place, announcement))
    except AuthorError as error:
        if json:
            say_json({"findings": [_fault_json(fault) for fault in error.faults]})
            raise typer.Exit(error.exit_status) from None
        raise
    if json:
        say_json({"findings": [_finding_json(finding) for finding in drafted.findings]})
    else:
        mend = "" if drafted.findings else ": nothing to mend"
        say(f"Read the finished mail in {_mails(drafted.mails)}{mend}.")
        show_findings(drafted.findings)
    if any(finding.severity is Severity.ERROR for finding in drafted.findings):
        raise typer.Exit(AuthorError.exit_status)


def show_published(files: tuple[Path, ...], place: "Workspace") -> None:
    """Say which files have to stand on the web site before the mail leaves."""
    if files:
        from newsletter import config

        address = config.load(place.root).images.base_url
        say(f"{plural(len(files), 'file', 'files')} in {place.public}: copy them to {address}")


def show_findings(findings: "tuple[Finding, ...]") -> None:
    """Print what the checks found, file by file."""
    from newsletter.rendering import STACKED

    files = dict.fromkeys((finding.path, finding.language) for finding in findings)
    for path, language in sorted(files):
        say()
        say(f"{path} ({'all stacked' if language == STACKED else language})", "bold")
        for finding in findings:
            if (finding.path, finding.language) == (path, language):
                _show_finding(finding)
    if findings:
        errors = sum(finding.severity == "error" for finding in findings)
        warnings = len(findings) - errors
        counts = ((errors, "error", "errors"), (warnings, "warning", "warnings"))
        say()
        say(f"{' and '.join(plural(*each) for each in counts if each[0])}.")


def _show_finding(finding: "Finding") -> None:
    style = "red" if finding.severity == "error" else "yellow"
    say_in(
        (f"{finding.line or '':>5}  ", ""),
        (f"{finding.severity:7}", style),
        (f"  {finding.message}", ""),
        (f"  [{finding.rule}]", "dim"),
    )


def _mails(mails: "tuple[Mail, ...]") -> str:
    from newsletter.rendering import called

    named = ((called(it.rendering.language, it.rendering.languages), it.data) for it in mails)
    return ", ".join(f"{name} ({len(data) / 1e3:.1f} KB)" for name, data in named)


def _finding_json(finding: "Finding") -> dict[str, str | int]:
    return {
        "severity": str(finding.severity),
        "rule": finding.rule,
        "place": finding.place,
        "path": finding.path,
        "line": finding.line,
        "language": finding.language,
        "message": finding.message,
    }


def _fault_json(fault: Fault) -> dict[str, str | int]:
    """Return a fault for which nothing could be built, in the shape of a finding."""
    from newsletter.checks.finding import path_and_line

    path, line = path_and_line(fault.place)
    return {
        "severity": "error",
        "rule": "unreadable",
        "place": fault.place,
        "path": path,
        "line": line,
        "language": "",
        "message": fault.message,
    }
