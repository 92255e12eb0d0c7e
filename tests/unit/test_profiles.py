import re
from pathlib import Path

import pytest

from newsletter import profiles
from newsletter.profiles import PROFILES, Limit, Profile

PAGE = Path(__file__).parents[2] / "docs" / "providers.md"


def row(name: str, profile: Profile) -> str:
    cells = (
        f"`{name}`",
        str(profile.connections),
        " and ".join(map(str, profile.limits)) or "none",
        f"{profile.messages:,}" if profile.messages else "any",
        profile.as_of,
        profile.note,
    )
    return f"| {' | '.join(cells)} |"


def test_the_page_of_providers_says_what_the_profiles_say() -> None:
    _, *rows = re.findall(r"^\| `.*$", PAGE.read_text(), re.M)

    assert rows == [row(*each) for each in PROFILES.items()]


@pytest.mark.parametrize("rate", ["30/minute", "5/second, 1000/hour", "7/day,1/minute"])
def test_a_limit_reads_as_it_was_written(rate: str) -> None:
    told = [str(each) for each in profiles.limits(rate)]

    assert [re.sub(" an? ", "/", each.replace(",", "")) for each in told] == re.split(", ?", rate)


def test_a_rate_that_is_none_is_told_by_its_part() -> None:
    with pytest.raises(ValueError, match="`30/min` is no rate; write `30/minute`"):
        profiles.limits("10000/day, 30/min")


def test_large_numbers_are_easy_to_read() -> None:
    assert str(Limit(10_000, 86400.0)) == "10,000 a day"
    assert str(Limit(1, 3600.0)) == "1 an hour"
