"""What HTML validators say of a mail, but for what a mail has to do otherwise."""

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.engines.packages import node, package
from tests.servers.programs import require

#: Rules of html-validate that are off, and why.
NOT_FOR_MAIL = {
    "long-title": "the title is the subject, and how long that may be is for `newsletter check`",
    "no-conditional-comment": "Outlook for Windows lays out its tables by them",
    "no-deprecated-attr": "Outlook for Windows reads align, bgcolor, border and cellpadding only",
    "no-inline-style": "webmail takes style sheets away, and inline styles are what is left",
    "prefer-native-element": "webmail removes <article> and the like; a role on a div survives",
    "prefer-tbody": "every parser adds it by itself, and Word lays out the same without",
    "tel-non-breaking": "it is about the words of authors, who write numbers as they do",
}

#: Messages of the Nu validator (vnu) that are left out, and why.
KNOWN = {
    "^Attribute .xmlns:[vo]. not allowed here": "Outlook's own settings are XML of that name",
    "^CSS: .mso-": "only Outlook knows these properties",
    "^CSS: .supported-color-schemes.": "Apple's name for color-scheme, before it was a standard",
    "^Element .a. is missing required attribute .href.": "an anchor: see the next",
    "^The .name. attribute .*on the .a. element": "some mail programs jump to names only, not ids",
    "^The .(align|bgcolor|border|cellpadding|cellspacing|valign|width). attribute on the "
    ".(table|td|th). element is obsolete": "Outlook for Windows reads them, not CSS",
}

_CONFIGURATION = {
    "root": True,
    "extends": ["html-validate:recommended"],
    "rules": {
        # Both words mean the same; older screen readers know this one only.
        "presentation-role-style": ["error", {"prefer": "presentation"}],
        **dict.fromkeys(NOT_FOR_MAIL, "off"),
    },
}


def html_validate(pages: Iterable[Path]) -> list[str]:
    """Return "file:line: rule: message" for everything found in *pages*."""
    files = list(pages)
    configuration = files[0].with_name("html-validate.json")
    configuration.write_text(json.dumps(_CONFIGURATION))
    report = files[0].with_name("html-validate.report")  # of a pipe it loses the end
    command: list[str | Path] = [
        node(),
        package("html-validate/bin/html-validate.mjs"),
        "--config",
        configuration,
    ]
    with report.open("wb") as file:
        ran = subprocess.run(
            [*command, "--formatter", "json", *files],
            stdout=file,
            stderr=subprocess.PIPE,
            timeout=120,
        )
    assert not ran.stderr, ran.stderr.decode()
    return [
        f"{Path(page['filePath']).name}:{found['line']}: {found['ruleId']}: {found['message']}"
        for page in json.loads(report.read_bytes())
        for found in page["messages"]
    ]


def vnu(pages: Iterable[Path]) -> list[str]:
    """Return "file:line: message" for everything that the Nu validator finds in *pages*."""
    jar = package("vnu-jar/build/dist/vnu.jar")
    ran = subprocess.run(
        [require("java"), "-jar", jar, "--format", "json", "--exit-zero-always", *pages],
        capture_output=True,
        timeout=300,
    )
    known = re.compile("|".join(KNOWN))
    return [
        f"{Path(found['url']).name}:{found.get('lastLine')}: {found['message']}"
        for found in json.loads(ran.stderr)["messages"]
        if not known.search(found["message"])
    ]
