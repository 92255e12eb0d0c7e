"""The folder somebody works in: where its parts are, and how a new one begins."""

import os
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import SetupError, UsageError

MARK = "newsletter.toml"  #: the file that makes a folder a workspace
SAMPLE = "nieuwe-ceo"  #: the sample announcement
SAMPLE_LISTS = ("medewerkers", "leidinggevenden")
_SAMPLE_FILES = (
    MARK,
    *(f"announcements/{SAMPLE}/{language}.md" for language in ("nl", "fr", "en")),
    f"announcements/{SAMPLE}/{SAMPLE}.png",
    *(f"recipients/{name}.csv" for name in SAMPLE_LISTS),
    "recipients/lists.toml",
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the parts of one workspace are."""

    root: Path

    @property
    def announcements(self) -> Path:
        return self.root / "announcements"

    @property
    def recipients(self) -> Path:
        return self.root / "recipients"

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def ledger(self) -> Path:
        return self.root / "var" / "ledger.db"

    @property
    def lock(self) -> Path:
        return self.root / "var" / "sending.lock"

    @property
    def inbox(self) -> Path:
        return self.root / "var" / "inbox"

    @property
    def public(self) -> Path:
        return self.root / "var" / "public"

    @property
    def outbox(self) -> Path:
        return self.root / "var" / "outbox"

    @property
    def compiled(self) -> Path:
        return self.root / "var" / "compiled"


def find(given: Path | None, start: Path) -> Workspace:
    """Return the workspace *given*, else the nearest one at *start* or above it."""
    if given is not None:
        if not (given / MARK).is_file():
            raise SetupError(f"{given} has no {MARK}; `newsletter init {given}` makes a workspace")
        return Workspace(given)
    for folder in (start, *start.parents):
        if (folder / MARK).is_file():
            return Workspace(Path(os.path.relpath(folder, start)))
    raise SetupError(
        f"no {MARK} here or in a folder above; `newsletter init my-newsletter` makes a workspace, "
        "`--workspace` names one"
    )


def create(folder: Path) -> tuple[Path, ...]:
    """Make a workspace in *folder*, changing nothing that is there; return what was made."""
    if (folder / MARK).exists():
        raise SetupError(f"{folder / MARK} is there already; this folder is a workspace")
    made = []
    for name, content in _BEGINNING.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            made.append(path)
    return tuple(made)


def sample() -> Path:
    """Return the folder of the sample announcement and lists that come with the package."""
    package = Path(__file__).parent
    inside_wheel = package / "sample"
    return inside_wheel if inside_wheel.is_dir() else package.parent


def create_sample(folder: Path) -> Workspace:
    """Make a workspace in *folder* with the sample announcement and lists, or renew those."""
    files = {name: (sample() / name).read_bytes() for name in _SAMPLE_FILES}
    if not (folder / MARK).exists():
        create(folder)
    elif (folder / MARK).read_bytes() != files[MARK]:
        raise UsageError(
            f"{folder / MARK} is somebody's own, not the demo's; name a new folder: "
            "`newsletter demo DIR`"
        )
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return Workspace(folder)


NAME_TO_FILL_IN = "My organisation"
SENDER_TO_FILL_IN = "Internal communications <communications@example.org>"

_BEGINNING = {
    MARK: f"""\
[organisation]
name = "{NAME_TO_FILL_IN}"
languages = ["nl", "fr", "en"]    # the first is the default

[sender]
from = "{SENDER_TO_FILL_IN}"
reply_to = "communications@example.org"

[relay]
# The built-in mail server: everything is kept in var/inbox, nothing leaves this machine.
# For real mail, the address of your mail server:
#   url = "smtp+starttls://mail.example.org:587"
#   user = "newsletter"           # password: in NEWSLETTER_RELAY_PASSWORD, or
#   password_file = "password"    # in a file that only you can read (chmod 600)
url = "inbox:"
""",
    "announcements/README.txt": """\
One announcement is one file here, such as ceo.md; or a folder, such as ceo/, with a file a
language (nl.md, fr.md) and the pictures beside them.

`newsletter import FILE` makes one from a text, Word or web page.
""",
    "recipients/README.txt": """\
One list is one file here, .csv or .xlsx: staff.csv is the list `staff`. Its first row names the
columns: email, and if you have them first_name, last_name, language and any others.
""",
    "templates/README.txt": """\
The theme `default` comes with newsletter. A folder here with the same name replaces it; one with
another name is a theme of your own (`theme: name` in an announcement).
""",
    ".gitignore": "var/\npassword\n*-password\n*-secret\n*.pem\n",
}
