"""Style sheets into style attributes, because many mail programs read nothing else."""

import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from newsletter.errors import SetupError

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_IMPORT = re.compile(r"@\s*import", re.IGNORECASE)
_STYLESHEET = re.compile(r"<link\b[^>]*\bstylesheet\b", re.IGNORECASE)
_ONE_AT_A_TIME = threading.Lock()  # cssutils keeps its log, its serializer and a cache per process


def inline(html: str) -> str:
    """Return *html* with its style sheets in style attributes, fit for any mail program.

    A style block marked `data-premailer="ignore"` stays as it is. Whatever the CSS parser has to
    remark is a `SetupError`, for it drops silently what it does not understand.
    """
    _refuse_what_is_fetched(html)
    _refuse_open_braces(html)
    inliner, cssutils = _libraries()
    with _ONE_AT_A_TIME, _remarks(cssutils.log._log) as remarks, _forgotten_if_faulty():
        inlined = inliner(
            html,
            method="html",
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            align_floating_images=False,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        ).transform(pretty_print=False)
        if remarks:
            raise SetupError("the theme's CSS has a fault: " + "; ".join(remarks))
    return str(inlined)


@cache
def _libraries() -> tuple[Any, Any]:
    """Import premailer and cssutils: late, for commands that build no mail need not wait 100 ms."""
    os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "2000")  # one mail asks for 200 things parsed
    absent = "requests" not in sys.modules
    # An HTTP client that takes as long to import as the two, and that must never be used here.
    sys.modules.setdefault("requests", ModuleType("requests"))
    try:
        import cssutils
        from premailer import Premailer
    finally:
        if absent:
            del sys.modules["requests"]
    cssutils.util._defaultFetcher = _fetch_nothing
    cssutils.ser.prefs.minimizeColorHash = False  # #ffffff, not #FFF

    class Inliner(Premailer):  # type: ignore[misc]
        """Reads each style sheet once, for every mail in one look has the same."""

        def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[Any, Any]:
            key = css_body, ruleset_index
            if key not in _read:
                _read[key] = super()._parse_style_rules(css_body, ruleset_index)
            rules, leftover = _read[key]
            return list(rules), list(leftover)

    return Inliner, cssutils


_read: dict[tuple[str, int], tuple[Any, Any]] = {}  # the rules in a style sheet


@contextmanager
def _forgotten_if_faulty() -> Iterator[None]:
    """Forget what was read after an error, for what is not read again makes no remarks."""
    from premailer import cache

    try:
        yield
    except BaseException:
        _read.clear()
        cache.cache.clear()
        raise


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


def _fetch_nothing(url: str) -> None:
    return None


@contextmanager
def _remarks(log: logging.Logger) -> Iterator[list[str]]:
    """Collect what *log* is told meanwhile instead of printing it."""
    collected: list[str] = []
    handler = _Collector(collected)
    before, log.handlers, log.propagate = (log.handlers, log.propagate), [handler], False
    try:
        yield collected
    finally:
        log.handlers, log.propagate = before


class _Collector(logging.Handler):
    def __init__(self, collected: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._collected = collected

    def emit(self, record: logging.LogRecord) -> None:
        self._collected.append(record.getMessage())
