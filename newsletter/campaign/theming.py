"""A theme of one's own begins as a copy of `default` that says nothing yet."""

import re
from pathlib import Path

from newsletter import theme
from newsletter.errors import UsageError
from newsletter.workspace import Workspace

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SETTING = re.compile(r"^(?=\w+ = )", re.MULTILINE)
_TITLE = """\
# The theme `{name}`. All settings are here as they are in `default`; take away the `# ` before
# one and change it. Words must be readable in every colour, or `build` says which nearest is.
"""


def create(workspace: Workspace, name: str) -> tuple[Path, ...]:
    """Make the theme *name* in *workspace*; return the files that were made."""
    folder = workspace.templates / _checked(name)
    if folder.exists():
        raise UsageError(f"{folder} is there already; give the new theme another name")
    settings = (theme.shipped() / theme.PARENT / theme.SETTINGS).read_text(encoding="utf-8")
    files = {
        theme.SETTINGS: _silent(settings, name),
        "README.txt": _README.format(name=name, templates="\n".join(_templates())),
    }
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_text(content, encoding="utf-8")
    return tuple(folder / file for file in files)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f"`{name}` is no name for a theme; use small letters, digits and hyphens")
    taken = {path.parent.name for path in theme.shipped().glob(f"*/{theme.SETTINGS}")}
    if name in taken - {theme.PARENT}:
        raise UsageError(f"`{name}` comes with newsletter; give your theme another name")
    return name


def _silent(settings: str, name: str) -> str:
    """Return *settings* with every one of them a remark."""
    _, _, said = settings.partition("\n")
    return _TITLE.format(name=name) + _SETTING.sub("# ", said)


def _templates() -> list[str]:
    folder = theme.shipped() / theme.PARENT
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(f"  {file}" for file in map(str, files) if file != theme.SETTINGS)


_README = """\
The theme `{name}`. An announcement with `theme: {name}` at its top has this look; a theme named
`default` is the look of all that name none.

theme.toml says colours, fonts, logo and footer. What you do not say there is as in `default`.

Any of these files, put here under the same name, replaces the one of `default`:

{templates}

To keep what is there and add to it, begin the file with the one that it replaces. A base.css of

  {{% include "default/base.css" %}}
  .box{{border-radius:0;}}

changes the corners of boxes and nothing else. base.css goes into the style of each element, for
programs that read no style sheets; client.css is for programs that do: dark screens and phones.

A theme is code: it sees whatever a mail is made of. Only people you trust may change it.
"""
