"""Style sheets into style attributes, because many mail programs read nothing else."""

import re
import threading
from pathlib import Path

from newsletter.errors import SetupError
from newsletter.inlining import library
from newsletter.inlining.memory import memory

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_IMPORT = re.compile(r"@\s*import", re.IGNORECASE)
_STYLESHEET = re.compile(r"<link\b[^>]*\bstylesheet\b", re.IGNORECASE)
_ONE_AT_A_TIME = threading.Lock()  # cssutils keeps its log and its serializer per process


def inline(html: str, kept: Path | None = None) -> str:
    """Return *html* with its style sheets in style attributes, fit for any mail program.

    A style block marked `data-premailer="ignore"` stays as it is. Whatever the CSS parser has to
    remark is a `SetupError`, for it drops silently what it does not understand. What it understood
    is kept in the folder *kept*.
    """
    _refuse_what_is_fetched(html)
    _refuse_open_braces(html)
    file = library.file_of_memory(kept) if kept else None
    with _ONE_AT_A_TIME, memory(file) as known:
        inlined = library.inliner()(
            html,
            known,
            method="html",
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            align_floating_images=False,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        ).transform(pretty_print=False)
    return str(inlined)


def _refuse_what_is_fetched(html: str) -> None:
    # cssutils would fetch these even where premailer is told not to use the network.
    if any(_IMPORT.search(style) for style in _STYLE.findall(html)):
        raise SetupError("the theme's CSS has an @import; put the imported rules in its place")
    if _STYLESHEET.search(html):
        raise SetupError("the theme links a style sheet; put its rules in base.css or client.css")


def _refuse_open_braces(html: str) -> None:
    # cssutils closes them itself and says nothing; a mail program drops the whole sheet.
    if any(style.count("{") != style.count("}") for style in _STYLE.findall(html)):
        raise SetupError("the theme's CSS has a brace that is not closed, or one too many")
