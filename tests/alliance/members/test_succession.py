"""A member whose organization was merged into another one: explicit, and only as much as is chosen."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from alliance.members.operations import actions
from alliance.members.operations.succession import succeed
from alliance.models import Member, Membership
from tests import factories

D = datetime.date
DAY = D(2024, 7, 1)


@pytest.fixture
def alliance(db):
    return factories.alliance("first")


@pytest.fixture
def low(alliance):
    return factories.tier(alliance, "member", rank=5)


@pytest.fixture
def high(alliance):
    return factories.tier(alliance, "council", rank=4)


@pytest.fixture
def old(alliance, high):
    member = actions.admit(factories.organization(name_zh="中山市旧有限公司"), alliance, high, D(2020, 1, 1)).member
    member.sectors.add(factories.sector("robots"))
    factories.representative(member, name="虚构甲", valid_to=D(2024, 1, 1))
    factories.representative(member, name="虚构乙", valid_from=D(2024, 1, 1))
    return member


@pytest.fixture
def new(db):
    return factories.organization(name_zh="中山市新有限公司")


def rows(member):
    found = member.memberships.order_by("admitted_on")
    return list(found.values_list("tier__rank", "admitted_on", "ended_on", "end_reason"))


def test_successor_is_admitted_at_the_tier_with_a_number_of_its_own(old, new):
    made = succeed(old, new, DAY)
    assert rows(old) == [(4, D(2020, 1, 1), DAY, "succession")]
    assert rows(made.member) == [(4, DAY, None, "")]
    assert made.member.member_no not in ("", old.member_no)
    assert old.member_no in made.remarks
    assert "旧有限公司" in made.remarks
    assert new.registry_no in old.memberships.get().remarks
    assert not made.member.sectors.exists()
    assert not made.member.representatives.exists()


def test_sectors_and_people_of_the_day_are_taken_over_if_chosen(old, new):
    made = succeed(old, new, DAY, with_sectors=True, with_representatives=True)
    assert list(made.member.sectors.all()) == list(old.sectors.all())
    assert list(made.member.representatives.values_list("name", "valid_from")) == [("虚构乙", DAY)]
    assert old.representatives.count() == 2


def test_lower_tier_is_raised_and_a_higher_one_kept(alliance, old, new, low, high):
    other = actions.admit(new, alliance, low, D(2021, 1, 1)).member
    succeed(old, new, DAY)
    assert rows(other) == [(5, D(2021, 1, 1), DAY, "tier_change"), (4, DAY, None, "")]
    third = actions.admit(factories.organization(), alliance, low, D(2021, 1, 1)).member
    succeed(third, new, D(2025, 1, 1))
    assert rows(other)[-1] == (4, DAY, None, "")


def test_what_cannot_be_succeeded_changes_nothing(alliance, old, new):
    for organization, day in [(old.organization, DAY), (new, D(2020, 1, 1))]:
        with pytest.raises(ValidationError):
            succeed(old, organization, day)
    closed = factories.organization(registration_status="deregistered")
    with pytest.raises(ValidationError):
        succeed(old, closed, DAY)
    assert rows(old) == [(4, D(2020, 1, 1), None, "")]
    assert Member.objects.count() == 1
    succeed(old, new, DAY)
    with pytest.raises(ValidationError):
        succeed(old, new, DAY)


def test_succession_is_recorded_on_a_page(reference, old, new):
    client = Client()
    client.force_login(factories.superuser())
    client.cookies["django_language"] = "zh-hans"
    path = f"/admin/alliance/member/{old.pk}/succeed/"
    refused = client.post(path, {"successor": old.organization_id, "on": "2024-7-1"})
    assert list(refused.context["form"].errors) == ["successor"]
    answer = client.post(path, {"successor": new.pk, "on": "2024-7-1", "with_sectors": "on"}, follow=True)
    made = Membership.objects.get(member__organization=new)
    assert answer.redirect_chain == [(f"/admin/alliance/member/{made.member_id}/change/", 302)]
    assert "已登记承继：由中山市新有限公司承继" in answer.content.decode()
    assert made.member.sectors.count() == 1
    history = client.get(f"/admin/alliance/member/{made.member_id}/history/").content.decode()
    assert "合并承继" in history
