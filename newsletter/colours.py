"""Whether one colour can be read on another, also as mail programs that invert show the two."""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache

READABLE = 4.5  #: contrast that words need: WCAG 2.2, 1.4.3

_LEVELS = 255
_HALVINGS = 10  # of the chroma, which is as fine as a channel
_ROUNDING = 1e-4  # of light, that the constants of OKLab are off
# White becomes a grey this light in OKLab (CIELAB 10), as Blink's own darkening has it, which
# turns L into 110 - L; between OKLab and CIELAB the lightness of a grey differs by a factor only.
_DARKEST = 26 / 116


class Screen(StrEnum):
    """What a mail program does with the colours that it is given."""

    FAITHFUL = "as it is"
    NEGATIVE = "negative"  #: every channel turned round
    DARKENED = "darkened"  #: lightness turned round, hue kept: Gmail, browsers


def contrast(one: str, other: str, screen: Screen = Screen.FAITHFUL) -> float:
    """Return the contrast of two colours on *screen*, from 1 to 21 (WCAG 2.2).

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    darker, lighter = sorted((_luminance(shown(one, screen)), _luminance(shown(other, screen))))
    return (lighter + 0.05) / (darker + 0.05)


@cache
def shown(colour: str, screen: Screen) -> str:
    """Return what *screen* makes of *colour*.

    >>> shown("#ffffff", Screen.NEGATIVE), shown("#ffffff", Screen.DARKENED)
    ('#000000', '#1b1b1b')
    """
    match screen:
        case Screen.FAITHFUL:
            return colour
        case Screen.NEGATIVE:
            red, green, blue = _channels(colour)
            return _written(1 - red, 1 - green, 1 - blue)
        case Screen.DARKENED:
            lightness, a, b = _oklab(colour)
            return _fitted(min(1.0, 1 + _DARKEST - lightness), a, b)


@cache
def nearest(
    colour: str, others: frozenset[str], screens: tuple[Screen, ...] = (Screen.FAITHFUL,)
) -> str | None:
    """Return the colour nearest to *colour* that can be read with all *others* on all *screens*.

    Lightness moves; hue stays, and chroma as far as a screen can show it. None if no lightness
    will do, as where the others are too different.
    """
    alike = _lighter_and_darker(colour)
    return next((found for found in alike if is_readable(found, others, screens)), None)


def is_readable(colour: str, others: Iterable[str], screens: Sequence[Screen]) -> bool:
    """Return whether *colour* has enough contrast with each of *others* on each of *screens*."""
    return all(contrast(colour, other, on) >= READABLE for other in others for on in screens)


def _lighter_and_darker(colour: str) -> list[str]:
    """Return *colour* in every lightness, the most alike first."""
    _, a, b = original = _oklab(colour)
    ladder = {colour, *(_fitted(level / _LEVELS, a, b) for level in range(_LEVELS + 1))}
    return sorted(ladder, key=lambda other: (math.dist(_oklab(other), original), other))


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / _LEVELS, green / _LEVELS, blue / _LEVELS


def _written(red: float, green: float, blue: float) -> str:
    return "#" + bytes(round(_LEVELS * channel) for channel in (red, green, blue)).hex()


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _curved(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


@cache
def _oklab(colour: str) -> tuple[float, float, float]:
    """Return lightness, green-red and blue-yellow: https://bottosson.github.io/posts/oklab/."""
    red, green, blue = map(_linear, _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _fitted(lightness: float, a: float, b: float) -> str:
    """Return the colour, with as much of its chroma as a screen can show at this lightness."""
    kept, too_much = 0.0, 1.0
    if _fits(_light(lightness, a, b)):
        kept = 1.0
    for _ in range(0 if kept else _HALVINGS):
        half = (kept + too_much) / 2
        if _fits(_light(lightness, a * half, b * half)):
            kept = half
        else:
            too_much = half
    light = _light(lightness, a * kept, b * kept)
    return _written(*(_curved(min(1.0, max(0.0, channel))) for channel in light))


def _fits(light: tuple[float, float, float]) -> bool:
    return all(-_ROUNDING <= channel <= 1 + _ROUNDING for channel in light)


def _light(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """Return red, green and blue light; below 0 or above 1 where no screen shows the colour."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
