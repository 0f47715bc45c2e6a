"""Suspensions: within the membership, ended and continued with it, and told wherever members are listed."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from alliance.members.operations import actions, standing
from alliance.models import Membership, Suspension
from registry.database.db_errors import Conflict
from tests import factories

D = datetime.date


@pytest.fixture
def alliance(db):
    return factories.alliance("first")


@pytest.fixture
def tier(alliance):
    return factories.tier(alliance, "ordinary", rank=5)


@pytest.fixture
def member(alliance, tier):
    return actions.admit(factories.organization(), alliance, tier, D(2020, 1, 1)).member


def periods(member):
    return list(member.suspensions.order_by("suspended_on").values_list("suspended_on", "resumed_on"))


def at_once():
    """Check what the database checks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_member_is_suspended_and_resumed_and_stays_a_member(member):
    standing.suspend(member, D(2021, 1, 1), "欠缴会费")
    assert periods(member) == [(D(2021, 1, 1), None)]
    standing.resume(member, D(2021, 7, 1))
    assert periods(member) == [(D(2021, 1, 1), D(2021, 7, 1))]
    assert Membership.objects.as_of(D(2021, 3, 1)).count() == 1
    days = [D(2020, 12, 31), D(2021, 1, 1), D(2021, 6, 30), D(2021, 7, 1)]
    assert [Suspension.objects.as_of(day).exists() for day in days] == [False, True, True, False]
    at_once()


def test_a_suspension_that_is_resumed_on_its_first_day_is_taken_back(member):
    standing.suspend(member, D(2021, 1, 1), "误录")
    standing.resume(member, D(2021, 1, 1))
    assert periods(member) == []


@pytest.mark.parametrize(
    ("on", "values", "blamed"),
    [
        (D(2019, 12, 31), {}, "on"),
        (D(2021, 1, 1), {"reason": " "}, "reason"),
        (D(2021, 1, 1), {"until": D(2021, 1, 1)}, "until"),
        (D(2021, 5, 1), {}, "on"),
        (D(2021, 1, 1), {"until": D(2021, 5, 2)}, "on"),
        (D(2021, 1, 1), {}, "on"),
    ],
)
def test_what_cannot_be_suspended_is_refused(member, on, values, blamed):
    standing.suspend(member, D(2021, 5, 1), "欠缴会费", until=D(2021, 6, 1))
    with pytest.raises(ValidationError) as refused:
        standing.suspend(member, on, **{"reason": "又一次", **values})
    assert refused.value.error_dict.keys() == {blamed}
    assert periods(member) == [(D(2021, 5, 1), D(2021, 6, 1))]


def test_suspensions_may_meet(member):
    standing.suspend(member, D(2021, 5, 1), "甲", until=D(2021, 6, 1))
    standing.suspend(member, D(2021, 6, 1), "乙")
    standing.suspend(member, D(2021, 4, 1), "丙", until=D(2021, 5, 1))
    assert len(periods(member)) == 3


def test_who_is_not_suspended_is_not_resumed(member):
    standing.suspend(member, D(2021, 5, 1), "甲", until=D(2021, 6, 1))
    for day in (D(2021, 4, 30), D(2021, 6, 1)):
        with pytest.raises(Conflict):
            standing.resume(member, day)


def test_a_suspension_ends_with_the_membership_and_goes_on_with_it(member):
    standing.suspend(member, D(2021, 1, 1), "欠缴会费")
    later = D(2999, 1, 1)
    actions.end(member, later, "lapse")
    assert periods(member) == [(D(2021, 1, 1), later)]
    at_once()
    with pytest.raises(ValidationError):
        standing.suspend(member, later, "已非会员")
    actions.cancel_end(member)
    assert periods(member) == [(D(2021, 1, 1), None)]
    at_once()


def test_a_suspension_runs_through_a_change_of_tier(member, alliance):
    standing.suspend(member, D(2021, 1, 1), "甲", until=D(2022, 1, 1))
    actions.change_tier(member, factories.tier(alliance, "council", rank=4), D(2021, 6, 1))
    assert periods(member) == [(D(2021, 1, 1), D(2022, 1, 1))]
    at_once()


def test_a_membership_does_not_end_before_a_suspension_that_is_known(member):
    standing.suspend(member, D(2021, 5, 1), "甲", until=D(2021, 6, 1))
    for day in (D(2021, 5, 1), D(2021, 1, 1)):
        with pytest.raises(ValidationError) as refused, transaction.atomic():
            actions.end(member, day, "withdrawal")
        assert refused.value.error_dict.keys() == {"on"}
    actions.end(member, D(2021, 5, 2), "withdrawal")
    assert periods(member) == [(D(2021, 5, 1), D(2021, 5, 2))]


def test_a_correction_moves_the_end_of_a_suspension_but_not_its_beginning(member):
    standing.suspend(member, D(2021, 5, 1), "甲")
    actions.end(member, D(2022, 1, 1), "withdrawal")
    membership = member.memberships.get()
    for day in (D(2022, 3, 1), D(2021, 9, 1), None):
        reason = "withdrawal" if day else ""
        actions.correct(membership, reason="退会日期录错", ended_on=day, end_reason=reason)
        assert periods(member) == [(D(2021, 5, 1), day)]
        at_once()
    with pytest.raises(ValidationError), transaction.atomic():
        actions.correct(membership, reason="入会日期录错", admitted_on=D(2021, 5, 2))
    actions.correct(membership, reason="入会日期录错", admitted_on=D(2021, 5, 1))


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_suspensions_within_memberships():
    tier = factories.tier(factories.alliance("first"), "ordinary")
    member = actions.admit(factories.organization(), tier.alliance, tier, D(2020, 1, 1)).member
    standing.suspend(member, D(2021, 5, 1), "甲")
    outside = [
        lambda: member.memberships.update(ended_on=D(2022, 1, 1)),
        lambda: member.memberships.update(admitted_on=D(2021, 5, 2)),
        lambda: member.memberships.all().delete(),
        lambda: member.suspensions.update(suspended_on=D(2019, 5, 1)),
        lambda: Suspension.objects.create(member=member, suspended_on=D(2019, 1, 1), resumed_on=D(2019, 2, 1)),
    ]
    for write in outside:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    assert periods(member) == [(D(2021, 5, 1), None)]


# --- Pages


def test_a_member_is_suspended_and_resumed_by_the_buttons(reference, member):
    client = Client()
    client.force_login(factories.superuser())
    client.cookies["django_language"] = "zh-hans"
    path = f"/admin/alliance/member/{member.pk}/"
    assert f"{path}suspend/" in client.get(f"{path}change/").content.decode()
    asked = client.post(f"{path}suspend/", {"on": "2019-1-1"})
    assert set(asked.context["form"].errors) == {"reason"}
    early = client.post(f"{path}suspend/", {"on": "2019-1-1", "reason": "欠缴会费"})
    assert set(early.context["form"].errors) == {"on"}
    answer = client.post(f"{path}suspend/", {"on": "2021-1-1", "reason": "欠缴会费"}, follow=True)
    html = answer.content.decode()
    assert "已暂停会籍" in html
    assert f"{member.memberships.get().tier}，自 2021-01-01 起暂停会籍" in html
    assert "欠缴会费" in html
    assert f"{path}resume/" in html
    assert f"{path}suspend/" not in html
    assert "（暂停）" in client.get("/admin/alliance/member/").content.decode()
    answer = client.post(f"{path}resume/", {"on": "2021-7-1"}, follow=True)
    assert "已恢复会籍" in answer.content.decode()
    assert periods(member) == [(D(2021, 1, 1), D(2021, 7, 1))]
    history = client.get(f"{path}history/").content.decode()
    assert "恢复会籍" in history
