"""The ways a mail is shown, from as it was written to the plain text."""

import base64
import html as markup
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newsletter.checks.mail import Mail
from newsletter.clients.gmail import inverted, without_styles
from newsletter.clients.pictures import without_pictures
from newsletter.clients.word import approximated

WIDTHS = (320, 375, 600, 800)  #: pixels: two phones, a narrow and a wide reading pane

_DARK_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_SCHEMES = re.compile(r"(?<=scheme)(:|\" content=\")(?:light dark|dark light)", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width:0)", "(max-width:0)"
_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"))

_TEXT = """\
<!DOCTYPE html><html><head><meta charset="utf-8"><style>
body{margin:0;padding:24px 20px;background:#ffffff;color:#1c2733}
pre{margin:0 auto;max-width:76ch;font:14px/1.6 ui-monospace,Menlo,Consolas,monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
</style></head><body><pre>%s</pre></body></html>
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One way of showing a mail."""

    name: str
    title: str
    about: str  #: what it is, and what it is not
    shows: Callable[[str], str]  #: from the HTML of the mail
    pictured: tuple[int, ...]  #: widths, in pixels
    is_dark: bool = False


def _as_it_is(html: str) -> str:
    return html


VIEWS = (
    View(
        name="written",
        title="As written",
        about="Apple Mail, the new Outlook, Gmail for its own accounts, Thunderbird.",
        shows=_as_it_is,
        pictured=WIDTHS,
    ),
    View(
        name="dark",
        title="Dark",
        about="The dark of the theme, where a program asks for it: Apple Mail, Outlook.",
        shows=_as_it_is,
        pictured=(600,),
        is_dark=True,
    ),
    View(
        name="inverted",
        title="Inverted",
        about="An imitation of programs that turn colours without asking, as Gmail does.",
        shows=inverted,
        pictured=(375,),
    ),
    View(
        name="no-pictures",
        title="No pictures",
        about="Before a reader allows pictures: their words stand in their place.",
        shows=without_pictures,
        pictured=(600,),
    ),
    View(
        name="gmail",
        title="Gmail, no styles",
        about="Gmail with another provider's account, and forwarded mail: no style sheet at all.",
        shows=without_styles,
        pictured=(375,),
    ),
    View(
        name="word",
        title="Word, roughly",
        about="An approximation of classic Outlook: what Word leaves out. No picture of Outlook.",
        shows=approximated,
        pictured=(800,),
    ),
    View(
        name="text",
        title="Plain text",
        about="The text part: for text readers, watches, and search.",
        shows=_as_it_is,
        pictured=(600,),
    ),
)


def seen(view: View, mail: Mail) -> str:
    """Return what *view* shows of *mail*, as a document that needs nothing from elsewhere."""
    if view.name == "text":
        return _TEXT % markup.escape(mail.text)
    return in_scheme(view.shows(mail.html), dark=view.is_dark)


def in_scheme(html: str, *, dark: bool) -> str:
    """Return *html* as dark or as light, whatever the screen that it is shown on prefers."""
    wanted = "dark" if dark else "light"

    def settled(query: re.Match[str]) -> str:
        return _ALWAYS if query[1].lower() == wanted else _NEVER

    return _SCHEMES.sub(rf"\g<1>{wanted}", _DARK_QUERY.sub(settled, html))


def with_pictures(html: str, addresses: Mapping[str, str]) -> str:
    """Return *html* with the *addresses* that `pictures` returned in it."""
    for source, address in addresses.items():
        html = html.replace(markup.escape(source), address)
    return html


def pictures(mail: Mail) -> dict[str, str]:
    """Return the pictures of *mail* as addresses that hold them."""
    return {
        source: f"data:{_kind(data)};base64,{base64.b64encode(data).decode()}"
        for source, data in mail.images.items()
    }


def _kind(data: bytes) -> str:
    kinds = (kind for begins, kind in _KINDS if data.startswith(begins))
    return next(kinds, "application/octet-stream")
