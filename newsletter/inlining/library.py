"""premailer and cssutils as we need them: late, quiet, without a network, and with a memory."""

import hashlib
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from newsletter.errors import SetupError
from newsletter.inlining.memory import Memory, Pairs, Sheet

_Made = TypeVar("_Made")


@cache
def inliner() -> Any:
    """Return premailer's class, made to ask a memory before it reads any CSS."""
    late = ModuleType("cssutils")  # the real one takes 40 ms, and where all is known it is idle
    late.__getattr__ = lambda name: getattr(_cssutils(), name)  # type: ignore[method-assign]
    # An HTTP client that takes as long to import, and that must never be used here.
    with _instead(cssutils=late, requests=ModuleType("requests")):
        from premailer import Premailer, merge_style, premailer

    class Inliner(Premailer):  # type: ignore[misc]
        def __init__(self, html: str, memory: Memory, **options: Any) -> None:
            super().__init__(html, cache_css_parsing=False, **options)
            self._memory = memory

        def transform(self, *given: Any, **options: Any) -> Any:
            for module in (premailer, merge_style):
                module.csstext_to_pairs = self._declarations
            return super().transform(*given, **options)

        def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Sheet:
            key = f"{ruleset_index} {css_body}"
            if key not in self._memory.sheets:
                parse = super()._parse_style_rules
                read: Sheet = _without_a_remark(lambda: parse(css_body, ruleset_index))
                if not all(isinstance(each, tuple) for each in read[1]):  # cssutils's own objects
                    return read
                self._memory.sheets[key] = read
            rules, leftover = self._memory.sheets[key]
            return list(rules), list(leftover)

        def _declarations(self, style: str, validate: bool = True) -> Pairs:
            key = f"{validate} {style}"
            if key not in self._memory.declarations:
                self._memory.declarations[key] = _without_a_remark(
                    lambda: [
                        (each.name.strip(), merge_style.format_value(each))
                        for each in _cssutils().parseStyle(style, validate=validate)
                    ]
                )
            return self._memory.declarations[key]

    return Inliner


def file_of_memory(folder: Path) -> Path:
    """Return the file of *folder* for what these versions make of CSS, used as they are here."""
    versions = [version(name) for name in ("premailer", "cssutils")]
    decided_by = repr(versions).encode() + Path(__file__).read_bytes()
    return folder / f"{hashlib.sha256(decided_by).hexdigest()[:16]}-css.json"


def _without_a_remark(read: Callable[[], _Made]) -> _Made:
    with _remarks(_cssutils().log._log) as remarks:
        made = read()
    if remarks:
        raise SetupError("the theme's CSS has a fault: " + "; ".join(remarks))
    return made


@cache
def _cssutils() -> Any:
    import cssutils

    cssutils.util._defaultFetcher = _fetch_nothing
    cssutils.ser.prefs.minimizeColorHash = False  # #ffffff, not #FFF
    return cssutils


def _fetch_nothing(url: str) -> None:
    return None


@contextmanager
def _instead(**modules: ModuleType) -> Iterator[None]:
    """Have what is imported here find *modules* in the place of those of their names."""
    before = {name: sys.modules[name] for name in modules if name in sys.modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(before)


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
