from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from newsletter.address import parse
from newsletter.audience import Exclusion, Recipient, RecipientList, assemble
from newsletter.errors import AudienceError, Fault


def person(email: str, list_name: str = "hr", *, row: int = 0, **known: str) -> Recipient:
    return Recipient(
        address=parse(email),
        first_name=known.get("first_name", ""),
        last_name=known.get("last_name", ""),
        display_name=known.get("display_name", ""),
        language=known.get("language", ""),
        lists=(list_name,),
        row=row,
    )


def staff(name: str, *rows: Recipient, bad: int = 0) -> RecipientList:
    faults = tuple(Fault(f"recipients/{name}.csv:{90 + n}", "no address") for n in range(bad))
    rows = tuple(replace(row, lists=(name,)) for row in rows)
    return RecipientList(name=name, rows=rows, faults=faults, rows_read=len(rows) + bad)


JAN, AN, PIET = (person(f"{name}@example.org") for name in ("jan", "an", "piet"))


def test_a_person_on_two_lists_gets_one_copy_and_belongs_to_both() -> None:
    audience = assemble([staff("hr", JAN, AN), staff("it", person("JAN@example.org"))])

    assert [str(each.address) for each in audience.recipients] == [
        "jan@example.org",
        "an@example.org",
    ]
    assert audience.recipients[0].lists == ("hr", "it")
    assert audience.exclusions == (
        Exclusion(address="JAN@example.org", reason="already in on list `hr`", list_name="it"),
    )


def test_a_person_twice_on_one_list_is_told_by_row() -> None:
    once, again = replace(JAN, row=3), replace(person("Jan@example.org"), row=17)

    audience = assemble([staff("hr", once, again)])

    assert [each.reason for each in audience.exclusions] == ["twice on list `hr` (rows 3 and 17)"]


@pytest.mark.fault(54, "a domain as it is read and as the DNS knows it", "one person")
def test_international_and_punycode_spellings_are_one_person() -> None:
    audience = assemble([staff("hr", person("a@münchen.test"), person("a@xn--mnchen-3ya.test"))])

    assert len(audience.recipients) == 1


def test_later_rows_fill_what_the_first_leaves_empty_and_change_nothing_else() -> None:
    first = replace(
        person("jan@example.org", first_name="Jan", display_name="Jan"),
        attributes=(("department", ""), ("floor", "2")),
    )
    second = replace(
        person("jan@example.org", first_name="Johan", last_name="Peeters", language="nl"),
        display_name="Johan Peeters",
        attributes=(("department", "HR"), ("floor", "3"), ("site", "Gent")),
    )

    (jan,) = assemble([staff("hr", first), staff("it", second)]).recipients

    assert (jan.first_name, jan.last_name, jan.language) == ("Jan", "Peeters", "nl")
    assert jan.display_name == "Jan Peeters"
    assert jan.attributes == (("department", "HR"), ("floor", "2"), ("site", "Gent"))


def test_a_display_name_that_a_list_gives_stands() -> None:
    first = person("jan@example.org", first_name="Jan", display_name="Jan")
    second = person("jan@example.org", last_name="Peeters", display_name="De heer Peeters")

    (jan,) = assemble([staff("hr", first), staff("it", second)]).recipients

    assert jan.display_name == "De heer Peeters"


def test_an_excluded_list_takes_its_people_out_of_every_list() -> None:
    audience = assemble(
        [staff("hr", JAN, AN), staff("it", JAN)],
        exclude=[staff("directie", person("Jan@EXAMPLE.org"))],
    )

    assert [each.address.local for each in audience.recipients] == ["an"]
    assert [(each.list_name, each.reason) for each in audience.exclusions] == [
        ("hr", "on excluded list `directie`"),
        ("it", "on excluded list `directie`"),
    ]


def test_the_first_excluded_list_that_holds_a_person_is_the_reason() -> None:
    audience = assemble([staff("hr", JAN, AN)], exclude=[staff("x", JAN), staff("y", JAN)])

    assert audience.exclusions[0].reason == "on excluded list `x`"


def test_bad_rows_of_all_lists_are_reported_together() -> None:
    lists = [staff("hr", JAN, bad=2), staff("it", AN, bad=1)]

    with pytest.raises(AudienceError) as caught:
        assemble(lists, exclude=[staff("directie", PIET, bad=1)])

    assert len(caught.value.faults) == 4


def test_a_bad_row_that_is_skipped_is_an_exclusion() -> None:
    audience = assemble([staff("hr", JAN, bad=1)], skip_bad_rows=True)

    assert audience.exclusions == (
        Exclusion(address="", reason="row 90: no address (bad row skipped)", list_name="hr"),
    )


def test_a_bad_row_on_an_excluded_list_is_never_skipped() -> None:
    with pytest.raises(AudienceError):
        assemble([staff("hr", JAN)], exclude=[staff("directie", AN, bad=1)], skip_bad_rows=True)


@pytest.mark.fault(58, "lists with nobody left on them", "refused")
@pytest.mark.parametrize(
    ("lists", "exclude"),
    [
        pytest.param([], [], id="no list"),
        pytest.param([staff("hr")], [], id="an empty list"),
        pytest.param([staff("hr", JAN)], [staff("x", JAN)], id="everyone excluded"),
        pytest.param([staff("hr", bad=1)], [], id="only bad rows"),
    ],
)
def test_an_audience_of_nobody_is_refused(
    lists: list[RecipientList], exclude: list[RecipientList]
) -> None:
    with pytest.raises(AudienceError, match="nobody is left"):
        assemble(lists, exclude=exclude, skip_bad_rows=True)


_rows = st.lists(st.sampled_from(["jan", "JAN", "an", "piet", "kim"]), max_size=8)


@st.composite
def _lists(draw: st.DrawFn) -> list[RecipientList]:
    count = draw(st.integers(1, 4))
    return [
        staff(
            f"list{number}",
            *(person(f"{each}@example.org") for each in draw(_rows)),
            bad=draw(st.integers(0, 2)),
        )
        for number in range(count)
    ]


@given(lists=_lists(), unwanted=_rows, order=st.randoms(use_true_random=False))
def test_every_row_is_accounted_for_and_the_order_of_lists_does_not_matter(
    lists: list[RecipientList], unwanted: list[str], order: Random
) -> None:
    exclude = [staff("directie", *(person(f"{each}@example.org") for each in unwanted))]
    shuffled = list(lists)
    order.shuffle(shuffled)
    given_keys = {row.address.key for each in lists for row in each.rows}
    wanted = given_keys - {row.address.key for row in exclude[0].rows}
    if not wanted:
        with pytest.raises(AudienceError):
            assemble(lists, exclude=exclude, skip_bad_rows=True)
        return

    audience = assemble(lists, exclude=exclude, skip_bad_rows=True)
    other = assemble(shuffled, exclude=exclude, skip_bad_rows=True)

    rows_given = sum(each.rows_read for each in lists)
    assert len(audience.recipients) + len(audience.exclusions) == rows_given
    assert sorted(each.address.key for each in audience.recipients) == sorted(wanted)
    assert {each.address.key for each in other.recipients} == wanted
    assert {r.address.key: set(r.lists) for r in audience.recipients} == {
        r.address.key: set(r.lists) for r in other.recipients
    }
