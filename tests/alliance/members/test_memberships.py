"""Who is a member on a day, and since when."""

import datetime

import pytest

from alliance.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def course():
    """Member from 2019, council from 2021, gone in 2022, again a member from 2023 and council from 2024."""
    member = factories.member()
    council = factories.tier(member.alliance, "council")
    factories.membership(member, "2019-06-28", ended_on="2021-01-01", end_reason="tier_change")
    factories.membership(member, "2021-01-01", tier=council, ended_on="2022-01-01", end_reason="withdrawal")
    factories.membership(member, "2023-01-01", ended_on="2024-01-01", end_reason="tier_change")
    factories.membership(member, "2024-01-01", tier=council)
    return member


@pytest.mark.parametrize(
    ("on", "tiers"),
    [
        ("2019-06-27", []),
        ("2019-06-28", ["member"]),
        ("2020-12-31", ["member"]),
        ("2021-01-01", ["council"]),
        ("2021-12-31", ["council"]),
        ("2022-01-01", []),
        ("2022-12-31", []),
        ("2023-01-01", ["member"]),
        ("2024-01-01", ["council"]),
        ("2099-01-01", ["council"]),
    ],
)
def test_as_of_counts_the_first_day_and_not_the_end(course, on, tiers):
    assert [membership.tier.code for membership in Membership.objects.as_of(day(on))] == tiers


def test_open_has_no_end(course):
    assert [membership.admitted_on for membership in course.memberships.open()] == [day("2024-01-01")]


def test_joined_on_is_the_first_day_of_the_unbroken_membership(course):
    # Another member's memberships that meet these days must not matter.
    factories.membership(factories.member(), "2018-01-01", ended_on="2019-06-28")
    joined = course.memberships.with_joined_on().order_by("admitted_on").values_list("admitted_on", "joined_on")
    assert [(str(admitted), str(since)) for admitted, since in joined] == [
        ("2019-06-28", "2019-06-28"),
        ("2021-01-01", "2019-06-28"),
        ("2023-01-01", "2023-01-01"),
        ("2024-01-01", "2023-01-01"),
    ]


def test_joined_on_begins_anew_after_a_gap_of_one_day():
    first = factories.membership(admitted_on="2020-01-01", ended_on="2020-12-31")
    factories.membership(first.member, "2021-01-01")
    assert str(Membership.objects.with_joined_on().get(ended_on=None).joined_on) == "2021-01-01"


def test_joined_on_keeps_apart_the_alliances_of_one_organization():
    first = factories.membership(admitted_on="2019-01-01", ended_on="2020-01-01")
    elsewhere = factories.member(factories.alliance("other"), first.member.organization)
    factories.membership(elsewhere, "2020-01-01")
    assert str(Membership.objects.with_joined_on().get(ended_on=None).joined_on) == "2020-01-01"


def test_published_needs_a_published_alliance_and_organization():
    shown = factories.membership(factories.member(who=factories.enterprise(published=True)))
    factories.membership(factories.member(who=factories.enterprise()))
    hidden = factories.alliance("hidden", published=False)
    factories.membership(factories.member(hidden, factories.enterprise(published=True)))
    assert list(Membership.objects.published()) == [shown]
