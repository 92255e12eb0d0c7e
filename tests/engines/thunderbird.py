"""Thunderbird itself, with a fresh profile on a screen of its own, opening .eml files."""

import json
import os
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from tests.engines.marionette import Marionette
from tests.engines.screen import Screen, end
from tests.servers.programs import free_port, require

WIDTH, HEIGHT = 900, 2400
PATIENCE = 60.0  #: seconds for a start on a busy machine; it takes two

Scheme = Literal["light", "dark"]

# No account but the local folders, no wizard, no question, nothing asked of Mozilla.
_PREFERENCES: dict[str, object] = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "browser.dom.window.dump.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.account.account1.server": "server1",
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.type": "none",
    "mail.server.server1.userName": "nobody",
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.type": 1,
    "toolkit.telemetry.enabled": False,
    "ui.systemUsesDarkTheme": 0,
}

_STEERED = "--remote-allow-system-access"

_OPEN = """
for (const open of Services.wm.getEnumerator("mail:messageWindow")) open.close();
const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
file.initWithPath(%s);
const address = Services.io.newFileURI(file).mutate()
  .setQuery("type=application/x-message-display").finalize();
Services.wm.getMostRecentWindow("mail:3pane").openDialog(
  "chrome://messenger/content/messageWindow.xhtml", "_blank", "all,chrome,dialog=no", address);
"""
_PANE = """
const outer = Services.wm.getMostRecentWindow("mail:messageWindow");
const frame = outer?.document.getElementById("messageBrowser")?.contentDocument
  ?.getElementById("messagepane");
const pane = frame?.contentDocument;
"""
_SHOWN = (
    _PANE
    + """
if (pane?.readyState !== "complete" || !pane.body?.childElementCount) return false;
if (![...pane.images].every(image => image.complete)) return false;
outer.moveTo(0, 0);
outer.resizeTo(%d, %d);
frame.style.maxWidth = "%dpx";
return frame.contentWindow.innerWidth === %d && outer.document.title.length > 0;
"""
)


class Thunderbird:
    """One Thunderbird for many mails; what it asks of the network goes to *proxy*, or nowhere."""

    def __init__(self, proxy: int = 9) -> None:
        self._proxy = proxy

    def __enter__(self) -> "Thunderbird":
        program = require("thunderbird")
        self._port = free_port()
        with ExitStack() as starting:
            profile = Path(starting.enter_context(tempfile.TemporaryDirectory()))
            self._screen = starting.enter_context(Screen(WIDTH, HEIGHT))
            process = self._started(program, profile)
            starting.callback(end, process)
            self._session = Marionette(self._port, PATIENCE)
            starting.callback(self._session.close)
            self._until('return !!Services.wm.getMostRecentWindow("mail:3pane")')
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def open(self, mail: Path, *, scheme: Scheme = "light", width: int = WIDTH) -> None:
        """Show *mail* in a pane *width* wide, and wait until it is there with its pictures."""
        dark = int(scheme == "dark")
        self._session.run(f'Services.prefs.setIntPref("ui.systemUsesDarkTheme", {dark})')
        self._session.run(_OPEN % json.dumps(str(mail.resolve())))
        self._until(_SHOWN % (WIDTH, HEIGHT, width, width))

    def allow_remote_pictures(self) -> None:
        name = "mailnews.message_display.disable_remote_image"
        self._session.run(f'Services.prefs.setBoolPref("{name}", false)')

    def evaluate(self, script: str) -> Any:
        """Return what *script* returns of `pane`, the document of the mail."""
        return self._session.run(_PANE + script)

    def picture(self) -> Image.Image:
        """Return the screen once two looks at it agree."""
        before = self._screen.picture()
        for _ in range(50):
            time.sleep(0.2)
            now = self._screen.picture()
            if now.tobytes() == before.tobytes():
                return now
            before = now
        raise TimeoutError("Thunderbird never stopped drawing")

    def _started(self, program: Path, profile: Path) -> subprocess.Popen[bytes]:
        ports = {"marionette.port": self._port, "network.proxy.http_port": self._proxy}
        given = _PREFERENCES | ports | {"network.proxy.ssl_port": self._proxy}
        lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in given.items())
        (profile / "user.js").write_text("\n".join(lines))
        own = {"HOME": str(profile), "DISPLAY": self._screen.display, "GDK_BACKEND": "x11"}
        if os.geteuid() == 0:  # its sandbox refuses root
            own["MOZ_DISABLE_CONTENT_SANDBOX"] = "1"
        return subprocess.Popen(
            [program, "--no-remote", "--profile", profile, "--marionette", _STEERED],
            env=os.environ | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _until(self, script: str) -> None:
        last = time.monotonic() + PATIENCE
        while not self._session.run(script):
            if time.monotonic() > last:
                raise TimeoutError(f"Thunderbird did not come to: {script}")
            time.sleep(0.1)
