"""Run by the system's own Python, which has GTK: loads a page in WebKit and reads it.

usage: webkit_page.py PAGE WIDTH light|dark PICTURE < SCRIPT; prints what SCRIPT returns as JSON.
"""

import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402

SETTLED = 300  #: milliseconds after loading


def main(page: str, width: str, scheme: str, picture: str) -> None:
    dark = "gtk-application-prefer-dark-theme"
    Gtk.Settings.get_default().set_property(dark, scheme == "dark")
    view = WebKit2.WebView()
    never = WebKit2.HardwareAccelerationPolicy.NEVER
    view.get_settings().set_property("hardware-acceleration-policy", never)
    view.set_size_request(int(width), 800)
    window = Gtk.OffscreenWindow()
    window.add(view)
    window.set_default_size(int(width), 800)
    window.show_all()
    script = sys.stdin.read()

    def loaded(_: Any, event: Any) -> None:
        if event == WebKit2.LoadEvent.FINISHED:
            GLib.timeout_add(SETTLED, ask)

    def ask() -> None:
        view.evaluate_javascript(script, -1, None, None, None, answered)

    def answered(_: Any, result: Any) -> None:
        print(view.evaluate_javascript_finish(result).to_json(0))
        everything = WebKit2.SnapshotRegion.FULL_DOCUMENT
        view.get_snapshot(everything, WebKit2.SnapshotOptions.NONE, None, photographed)

    def photographed(_: Any, result: Any) -> None:
        Gtk.main_quit()
        view.get_snapshot_finish(result).write_to_png(picture)

    view.connect("load-changed", loaded)
    view.load_uri(Path(page).resolve().as_uri())
    Gtk.main()


main(*sys.argv[1:])
