"""A cancelled end brings back the seats and suspensions that ended with it, or says by name what does not come back."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alliance.members.operations import actions, standing
from alliance.members.operations.succession import succeed
from alliance.models import Membership, Seat, Suspension
from tests import factories
from tests.api import ok, problem, root

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
ONE = datetime.timedelta(days=1)
END, LATER = TODAY + 30 * ONE, TODAY + 90 * ONE


@pytest.fixture
def membership() -> Membership:
    return factories.membership(admitted_on="2020-01-01")


def ends(of: Membership) -> list[datetime.date | None]:
    return list(Seat.objects.filter(member=of.member).order_by("id").values_list("ends_on", flat=True))


def cancelled(of: Membership) -> list[str]:
    said: list[str] = []
    actions.cancel_end(of.member, said=said)
    return said


def test_seats_that_ended_with_it_have_their_ends_of_before(membership):
    factories.seat(membership, factories.group(name_zh="甲组"))
    factories.seat(membership, factories.group(name_zh="乙组"), ends_on=LATER)
    factories.seat(membership, ends_on=END)  # it ends on that day anyway
    factories.seat(membership, ends_on=TODAY)
    actions.end(membership.member, END, "withdrawal", end_seats=True)
    assert ends(membership) == [END, END, END, TODAY]
    said = cancelled(membership)
    assert ends(membership) == [None, LATER, END, TODAY]
    assert said == [
        "已恢复原任职：甲组（2020-01-01起）。",
        f"已恢复原任职：乙组（2020-01-01至{LATER - ONE}）。",
    ]


def test_seat_that_cannot_come_back_is_named_with_the_reason(membership):
    dissolved = factories.seat(membership, factories.group(name_zh="甲组"))
    changed = factories.seat(membership, factories.group(name_zh="乙组"))
    actions.end(membership.member, END, "withdrawal", end_seats=True)
    dissolved.group.dissolved_on = END
    dissolved.group.save()
    Seat.objects.filter(pk=changed.pk).update(ends_on=TODAY)
    said = cancelled(membership)
    assert ends(membership) == [END, TODAY]
    assert said[0].startswith(f"在甲组的任职（2020-01-01至{END - ONE}）未恢复：任职须在内设机构存续期间之内")
    assert said[1] == f"在乙组的任职（2020-01-01至{TODAY - ONE}）未恢复：其终止日期之后又有修改。"


def test_ends_come_back_after_a_change_of_tier_and_a_correction_of_the_end(membership):
    factories.seat(membership)
    standing.suspend(membership.member, TODAY, "欠费", until=LATER)
    actions.end(membership.member, END, "withdrawal", end_seats=True)
    new = actions.change_tier(membership.member, factories.tier(membership.alliance, "other"), TODAY + ONE)
    actions.correct(new, ended_on=END + ONE)
    cancelled(membership)
    assert Suspension.objects.get().resumed_on == LATER
    # The seat did not follow the correction, and is named.
    assert ends(membership) == [END]


@pytest.mark.parametrize("until", [LATER, None])
def test_suspension_that_ended_with_it_has_its_end_of_before(membership, until):
    standing.suspend(membership.member, TODAY, "欠费", until=until)
    actions.end(membership.member, END, "withdrawal")
    assert Suspension.objects.get().resumed_on == END
    said = cancelled(membership)
    assert Suspension.objects.get().resumed_on == until
    assert said == [f"{TODAY}起的暂停恢复为原定的{LATER}结束。" if until else f"{TODAY}起的暂停继续，直至恢复。"]


def test_correction_that_takes_an_end_away_brings_back_what_ended_with_it(membership):
    factories.seat(membership)
    standing.suspend(membership.member, TODAY, "欠费", until=LATER)
    actions.end(membership.member, END, "withdrawal", end_seats=True)
    membership.refresh_from_db()
    actions.correct(membership, ended_on=None, end_reason="")
    assert (Suspension.objects.get().resumed_on, ends(membership)) == (LATER, [None])


def test_page_of_a_cancelled_end_says_what_came_back(membership):
    factories.seat(membership, factories.group(name_zh="甲组"))
    actions.end(membership.member, END, "withdrawal", end_seats=True)
    client = Client()
    client.force_login(factories.superuser())
    page = client.post(reverse("admin:alliance_member_cancel_end", args=[membership.member_id]), follow=True)
    assert "已恢复原任职：甲组" in page.content.decode()


# --- Seats at the end of many, and at a succession


def test_succession_ends_the_seats_of_the_merged_one_if_agreed(membership):
    factories.seat(membership, factories.group(name_zh="甲组"))
    successor = factories.enterprise()
    with pytest.raises(Exception, match="甲组"):
        succeed(membership.member, successor, TODAY)
    assert ends(membership) == [None]
    taken = succeed(membership.member, successor, TODAY, end_seats=True)
    assert ends(membership) == [TODAY]
    assert not taken.member.seats.exists()


def test_form_of_a_succession_names_the_seats_and_asks(membership):
    factories.seat(membership, factories.group(name_zh="甲组"))
    client = Client()
    client.force_login(factories.superuser())
    url = reverse("admin:alliance_member_succeed", args=[membership.member_id])
    assert "甲组（2020-01-01起）" in client.get(url).content.decode()
    said = {"successor": factories.enterprise().pk, "on": TODAY.isoformat()}
    assert "请勾选同时终止任职" in client.post(url, said).content.decode()
    assert client.post(url, said | {"end_seats": "on"}).status_code == 302
    assert ends(membership) == [TODAY]


def test_program_ends_the_seats_at_a_succession(reference, membership):
    factories.seat(membership)
    address, said = f"memberships/{membership.pk}/succeed/", {"successor": factories.enterprise().registry_no}
    problem(root().post(address, said | {"on": TODAY.isoformat()}), 400)
    ok(root().post(address, said | {"on": TODAY.isoformat(), "end_seats": True}), 201)
    assert ends(membership) == [TODAY]


def test_end_of_many_ends_their_seats_with_a_tick_and_names_them(membership):
    factories.seat(membership, factories.group(name_zh="甲组"))
    other = factories.membership(admitted_on="2020-01-01")
    client = Client()
    client.force_login(factories.superuser())
    url = reverse("admin:alliance_member_changelist")
    said = {
        "action": "end",
        "_selected_action": [membership.member_id, other.member_id],
        "on": TODAY.isoformat(),
        "end_reason": "withdrawal",
        "reason": "决议",
        "step": "show",
    }
    page = client.post(url, said).content.decode()
    assert "甲组（2020-01-01起）任职：请勾选同时终止任职" in page
    page = client.post(url, said | {"end_seats": "on"}).content.decode()
    assert "；同时终止任职：甲组（2020-01-01起）" in page
    assert "请勾选同时终止任职" not in page
    seal = page.partition('name="seal" value="')[2].partition('"')[0]
    client.post(url, said | {"end_seats": "on", "step": "apply", "seal": seal, "count": "2"})
    assert ends(membership) == [TODAY]
    assert not Membership.objects.open().exists()
