"""Building, checking and rendering a mail touches no network, whatever it is made of."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.requests import Counter
from tests.mail.mails import WHOLE
from tests.workplace import COMMAND, Workplace

_HEAD = """\
---
title: Een mail die naar buiten wil
preheader: Alles wat van elders zou kunnen komen, staat hier bij elkaar.
theme: {theme}
---

"""
_BODIES = (
    "![Een foto van elders]({url}/photo.png)",
    "<img src='{url}/photo.png' alt='x'> <style>@import url({url}/style.css);</style>",
    "[Een link]({url}/page) en nog een: {url}/bare",
    "::: files Meer\n- [Verslag]({url}/report.pdf)\n:::",
    "::: gallery\n![a]({url}/a.png)\n![b]({url}/b.png)\n:::",
    "::: person Jan\nrole: x\n\n![Jan]({url}/jan.jpg)\n:::",
)
_SHEETS = (
    '@import url("{url}/theme.css");',
    '@import "{url}/theme.css";',
    "@IM\\50ORT url({url}/theme.css);",
    "p{background-image:url({url}/ground.png);}",
    "@font-face{font-family:Far;src:url({url}/far.woff2);}",
)
_TEMPLATES = (
    '<link rel="stylesheet" href="{url}/theme.css">',
    '<img src="{url}/pixel.png" alt="" width="1" height="1">',
    '<style>@import "{url}/theme.css";</style>',
    '<!--[if mso]><v:fill src="{url}/ground.png"/><![endif]-->',
)

# Tells of each look-up and connection of its own process, whoever makes it.
_LISTEN = """
import sys
def listen(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        print("asked", event, arguments[1:])
sys.addaudithook(listen)
"""
_BUILD_THE_MATRIX = """
from tests.mail import mails
for name in mails.WHOLE:
    mails.mail(name)
print("built", len(mails.WHOLE))
"""
_BUILD_THE_ANNOUNCEMENTS = """
from pathlib import Path
from newsletter.campaign import drafting
from newsletter.errors import NewsletterError
from newsletter.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
for path in sorted(workspace.announcements.glob("*.md")):
    try:
        drafting.build(workspace, drafting.draft(workspace, path.stem), workspace.root / "out")
        print("built", path.stem)
    except NewsletterError as error:
        print("refused", path.stem)
"""


@pytest.fixture
def counter() -> Iterator[Counter]:
    with Counter() as counting:
        yield counting


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path / "work")


def test_building_every_mail_opens_no_connection(counter: Counter) -> None:
    assert _said(counter, _LISTEN + _BUILD_THE_MATRIX) == [f"built {len(WHOLE)}"]
    assert counter.requests == []


def test_announcements_and_themes_that_name_other_servers_make_no_request(
    workplace: Workplace, counter: Counter
) -> None:
    for number, (folder, file, content) in enumerate(_reaching_out(counter.url)):
        theme = workplace.root / "templates" / f"far{number}"
        (theme / "blocks").mkdir(parents=True)
        (theme / "theme.toml").write_text("")
        head = _HEAD.replace("{theme}", theme.name)
        body = content if folder == "announcements" else "Eén alinea, meer niet."
        workplace.announce(f"x{number:02}", f"{head}{body}\n")
        if folder == "theme":
            (theme / file).write_text(content)
    said = _said(counter, _LISTEN + _BUILD_THE_ANNOUNCEMENTS, str(workplace.root))
    assert len(said) == number + 1
    assert {line.split()[0] for line in said} == {"built", "refused"}
    assert counter.requests == []


def test_the_commands_make_no_request(workplace: Workplace, counter: Counter) -> None:
    workplace.announce("buiten", _HEAD.replace("{theme}", "default") + _BODIES[-1])
    for arguments in (["build", "buiten"], ["check", "buiten"]):
        subprocess.run(
            [COMMAND, *arguments],
            cwd=workplace.root,
            env=os.environ | counter.as_proxy,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    assert counter.requests == []


def test_a_request_or_a_connection_would_be_seen(counter: Counter) -> None:
    fetch = """
import urllib.request
try: urllib.request.urlopen('http://example.org/x.css')
except urllib.request.HTTPError: pass
"""
    assert _said(counter, _LISTEN + fetch)[0].startswith("asked socket.getaddrinfo")
    assert counter.requests == ["GET http://example.org/x.css HTTP/1.1"]


def _reaching_out(url: str) -> Iterator[tuple[str, str, str]]:
    for body in _BODIES:
        yield "announcements", "", body.replace("{url}", url)
    for file in ("base.css", "client.css"):
        for sheet in _SHEETS:
            yield "theme", file, sheet.replace("{url}", url)
    for template in _TEMPLATES:
        yield "theme", "blocks/paragraph.html.j2", f"<p>x</p>{template.replace('{url}', url)}"


def _said(counter: Counter, script: str, *arguments: str) -> list[str]:
    """Return the lines that *script* prints while all requests of its process go to *counter*."""
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=Path(__file__).parents[2],
        env=os.environ | counter.as_proxy,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()
