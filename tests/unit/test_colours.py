import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import colours
from newsletter.colours import READABLE, Screen, contrast, is_readable, nearest, shown

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
EVERY = tuple(Screen)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # as the calculators on the web have them
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
        ("#ffff00", "#ffffff", 1.07),
    ],
)
def test_contrast_is_as_wcag_defines_it(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)


@given(COLOURS, COLOURS)
def test_contrast_does_not_ask_which_of_two_is_the_words(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@given(COLOURS)
def test_a_negative_of_a_negative_is_the_picture(colour: str) -> None:
    assert shown(shown(colour, Screen.NEGATIVE), Screen.NEGATIVE) == colour


def test_a_faithful_screen_shows_the_colour_as_it_is() -> None:
    assert shown("#0a5ca8", Screen.FAITHFUL) == "#0a5ca8"


@pytest.mark.parametrize(
    ("light", "dark"),
    [("#ffffff", "#1b1b1b"), ("#000000", "#ffffff"), ("#1b1b1b", "#ffffff")],
)
def test_a_darkened_screen_turns_lightness_round_and_white_into_a_dark_grey(
    light: str, dark: str
) -> None:
    assert shown(light, Screen.DARKENED) == dark


def test_a_darkened_screen_keeps_the_hue_where_a_negative_does_not() -> None:
    red, green, blue = bytes.fromhex(shown("#9c1c16", Screen.DARKENED)[1:])
    assert red > green
    assert red > blue
    red, green, blue = bytes.fromhex(shown("#9c1c16", Screen.NEGATIVE)[1:])
    assert red < green


def test_what_is_readable_in_light_may_not_be_when_it_is_inverted() -> None:
    assert contrast("#000000", "#7f7f7f") > READABLE
    assert contrast("#000000", "#7f7f7f", Screen.NEGATIVE) < READABLE
    assert not is_readable("#000000", ["#7f7f7f"], EVERY)


@given(COLOURS, st.frozensets(COLOURS, min_size=1, max_size=3))
def test_the_nearest_colour_can_be_read_with_each_on_every_screen(
    colour: str, others: frozenset[str]
) -> None:
    found = nearest(colour, others, EVERY)
    if found is None:
        assert not any(is_readable(grey, others, EVERY) for grey in ("#000000", "#ffffff"))
    else:
        assert is_readable(found, others, EVERY)


@given(COLOURS, COLOURS)
def test_a_colour_that_can_be_read_is_its_own_nearest(colour: str, other: str) -> None:
    found = nearest(colour, frozenset({other}))
    assert (found == colour) is is_readable(colour, [other], [Screen.FAITHFUL])


@given(COLOURS)
def test_with_one_other_there_is_always_a_nearest_in_light(colour: str) -> None:
    assert nearest(colour, frozenset({colour})) is not None


def test_what_two_grounds_leave_no_room_for_has_no_nearest() -> None:
    assert nearest("#58b0f5", frozenset({"#dddddd", "#222222"})) is None


@pytest.mark.parametrize(
    ("colour", "expected"), [("#ffd200", "#8f7400"), ("#86c3fb", "#3f7bae"), ("#999999", "#767676")]
)
def test_the_nearest_to_a_brand_colour_is_the_same_hue_only_darker(
    colour: str, expected: str
) -> None:
    assert nearest(colour, frozenset({"#ffffff"})) == expected
    one, other = (colours._oklab(each) for each in (colour, expected))
    hue, kept = (math.atan2(b, a) for _, a, b in (one, other))
    if colour != "#999999":  # a grey has no hue
        assert kept == pytest.approx(hue, abs=0.03)
    assert contrast(expected, "#ffffff") < READABLE + 0.2  # no darker than it has to be
