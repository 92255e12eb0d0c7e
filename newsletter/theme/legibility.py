"""Whether the colours of a theme let its words be read, on every screen that shows them."""

from collections.abc import Iterator

from newsletter.colours import READABLE, Screen, contrast, nearest
from newsletter.theme.settings import Said, merged

# Which words the templates write on which grounds. Whoever gives a template another pair, adds it.
GROUNDS = {
    "ink": ("sheet", "wash"),
    "heading": ("sheet", "wash"),
    "quiet": ("sheet", "wash", "ground"),
    "accent": ("sheet", "wash", "ground"),
    "voice": ("sheet", "wash"),
    "on_cover": ("cover",),
    "on_cover_quiet": ("cover",),
    "on_accent": ("accent",),
}
PAIRS = tuple((words, ground) for words, grounds in GROUNDS.items() for ground in grounds)

# Where the colours of each table are shown. A program that inverts a mail takes the light ones.
SCREENS = {"colours": tuple(Screen), "dark": (Screen.FAITHFUL,)}
_NAMES = {
    ("colours", Screen.FAITHFUL): "in light",
    ("colours", Screen.NEGATIVE): "inverted",
    ("colours", Screen.DARKENED): "darkened",
    ("dark", Screen.FAITHFUL): "in dark",
}


def faults(said: Said) -> list[str]:
    """Return each colour that has too little contrast, and the nearest one that has enough."""
    settings = merged(said)
    return [fault for table in SCREENS for fault in _faults(said, table, dict(settings[table]))]


def _faults(said: Said, table: str, colours: dict[str, str]) -> Iterator[str]:
    faint: dict[str, list[str]] = {}
    for words, ground in PAIRS:
        if measures := ", ".join(_measures(table, colours[words], colours[ground])):
            pair = f"{words} on {ground} ({colours[words]} on {colours[ground]}): {measures}"
            faint.setdefault(_to_change(said, table, words, ground), []).append(pair)
    waiting = set(faint)
    for key, pairs in faint.items():
        waiting.discard(key)
        file, colour = said[_owner(said, table, key)][0], colours[key]
        mend = _mend(table, key, colours, waiting)
        shown = "".join(f"\n    {pair}; {READABLE} is needed" for pair in pairs)
        yield f"{file}: {table}.{key}: {colour} cannot be read; {mend}{shown}"


def _measures(table: str, words: str, ground: str) -> Iterator[str]:
    for screen in SCREENS[table]:
        measured = contrast(words, ground, screen)
        if measured < READABLE:
            yield f"{int(measured * 100) / 100} {_NAMES[table, screen]}"


def _to_change(said: Said, table: str, words: str, ground: str) -> str:
    """Return the one of the two that the theme itself gives, the words where it gives both."""
    return min((words, ground), key=lambda key: _owner(said, table, key))


def _owner(said: Said, table: str, key: str) -> int:
    """Return the number of the theme.toml that gives this colour."""
    return next(number for number, (_, own) in enumerate(said) if key in own.get(table, ()))


def _mend(table: str, key: str, colours: dict[str, str], waiting: set[str]) -> str:
    """Return what to do about colour *key*, leaving aside those *waiting* for advice themselves.

    A colour that is advised takes its place in *colours*, so that the next goes with it.
    """
    beside = {other for pair in PAIRS if key in pair for other in pair} - {key} - waiting
    found = nearest(colours[key], frozenset(colours[other] for other in beside), SCREENS[table])
    if found is None:
        others = ", ".join(f"{other} {colours[other]}" for other in sorted(beside))
        return f"no lightness of it can with all of {others}, so change those first"
    colours[key] = found
    words = [] if key in GROUNDS else [each for each, grounds in GROUNDS.items() if key in grounds]
    keep = f", or keep it and give {', '.join(words)} other colours" if words else ""
    return f"the nearest that can is {found}{keep}"
