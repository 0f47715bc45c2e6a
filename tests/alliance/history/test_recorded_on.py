"""Members, alliances and what belongs to them as they were recorded on an earlier day."""

import datetime
import random
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils.timezone import localdate

from alliance.models import (
    Alliance,
    Application,
    Attendance,
    Certificate,
    Decision,
    Due,
    DuesClass,
    DuesStandard,
    Group,
    Meeting,
    Member,
    Membership,
    Payment,
    Representative,
    Seat,
    Suspension,
    Term,
    Tier,
)
from registry.history.past import Past, _way
from registry.imports.undo.tracked_tables import TrackedTable, tracked_table, tracked_tables
from registry.models import Organization
from tests import factories
from tests.api import api, ok, problem, public, root
from tests.registry.history.test_past import BEGAN, moved, replay, same

pytestmark = pytest.mark.django_db
D = datetime.date
read = datetime.datetime.fromisoformat


@pytest.fixture
def member(reference: None) -> Member:
    """A member of a registered alliance that has everything, in an alliance that has everything."""
    of = factories.alliance("paying", legal_person=True)
    made = factories.member(of, factories.enterprise(name_zh="中山市虚构机器人有限公司"))
    held = factories.membership(made, "2019-01-01")
    factories.term(of)
    factories.seat(held)
    factories.representative(made, name="虚构代表", phone="13800138000")
    factories.suspension(held)
    factories.certificate(held)
    factories.payment(factories.due(made))
    factories.application(of, made.organization, kind="withdrawal")
    factories.meeting(of, "2019-06-01", body="assembly")
    return made


def addresses(member: Member) -> dict[type, str]:
    """Return the address of a record of each kind."""
    base = f"alliances/{member.alliance.slug}/"
    below = {
        Term: f"terms/{Term.objects.get().number}/",
        Tier: f"tiers/{Tier.objects.filter(alliance=member.alliance)[0].code}/",
        Member: f"members/{member.member_no}/",
    }
    listed = {
        Group: "groups",
        Seat: "seats",
        Meeting: "meetings",
        Attendance: "attendance",
        Decision: "decisions",
        Application: "applications",
        DuesStandard: "dues-standards",
        DuesClass: "dues-classes",
        Due: "dues",
        Payment: "payments",
        Certificate: "certificates",
    }
    below |= {model: f"{name}/{model.objects.latest('pk').pk}/" for model, name in listed.items()}  # type: ignore[attr-defined]
    found: dict[type, str] = {model: base + address for model, address in below.items()}
    return found | {Alliance: base, Membership: f"memberships/{Membership.objects.latest('pk').pk}/"}


def test_today_is_the_record_of_every_kind(member: Member) -> None:
    for model, address in addresses(member).items():
        now = ok(root().get(address))
        then = ok(root().get(address, {"recorded_on": localdate().isoformat()}))
        assert then.pop("past")["recorded_on"] == localdate().isoformat()
        for moment in {"recorded_at", "entered_at", "created_at"} & {*now}:
            assert abs(read(now.pop(moment)) - read(then.pop(moment))) < datetime.timedelta(minutes=5)
        assert then == now, model


def test_a_member_is_shown_with_all_that_was_recorded(member: Member) -> None:
    moved(BEGAN)
    address = f"alliances/paying/members/{member.member_no}/"
    Membership.objects.filter(member=member).update(admitted_on=D(2018, 6, 1))  # put right later, of an earlier day
    Seat.objects.filter(member=member).delete()
    Representative.objects.filter(member=member).update(name="接任人", phone="13900139000")
    Member.objects.filter(pk=member.pk).update(position=7)
    moved(D(2024, 6, 1))
    before, after = (ok(root().get(address, {"recorded_on": day})) for day in ("2024-05-31", "2024-06-01"))
    assert [one["position"] for one in (before, after)] == [None, 7]
    assert [one["past"]["memberships"][0]["admitted_on"] for one in (before, after)] == ["2019-01-01", "2018-06-01"]
    assert [len(one["past"]["seats"]) for one in (before, after)] == [1, 0]
    assert [one["past"]["representatives"][0]["name"] for one in (before, after)] == ["虚构代表", "接任人"]
    assert before["past"]["representatives"][0]["phone"] == "138****8000"
    for name in ("suspensions", "certificates"):
        assert len(before["past"][name]) == 1, name


def test_recorded_and_valid_days_are_not_the_same_question(member: Member) -> None:
    moved(BEGAN)
    late = factories.member(member.alliance)
    factories.membership(late, "2020-01-01", ended_on="2021-01-01", end_reason="withdrawal")
    moved(D(2024, 6, 1))
    listed = ok(root().get("alliances/paying/members/", {"as_of": "2020-06-01"}))["results"]
    assert late.member_no in {row["member_no"] for row in listed}
    told = problem(root().get(f"alliances/paying/members/{late.member_no}/", {"recorded_on": "2024-05-31"}), 404)
    assert "2024-06-01" in told["detail"]
    address = f"alliances/paying/members/{member.member_no}/"
    problem(root().get(address, {"as_of": "2024-05-31"}), 400)
    problem(root().get("alliances/paying/members/", {"recorded_on": "2024-05-31"}), 400)


def test_who_may_see_what_is_as_on_the_live_record(member: Member) -> None:
    viewer = api(user=factories.with_role("查询员"))
    today = {"recorded_on": localdate().isoformat()}
    then = ok(viewer.get(f"alliances/paying/members/{member.member_no}/", today))
    assert "representatives" not in then["past"]
    assert "memberships" in then["past"]
    assert "虚构代表" not in str(then)
    for model, address in addresses(member).items():
        live, past = viewer.get(address), viewer.get(address, today)
        assert live.status_code == past.status_code, model
    problem(viewer.get(addresses(member)[Due], today), 403)


def test_a_township_sees_confidential_parts_of_its_own_members_alone(member: Member) -> None:
    town, other = factories.township(), factories.township("442000102")
    Organization.objects.filter(pk=member.organization_id).update(township=town)
    address, today = f"alliances/paying/members/{member.member_no}/", {"recorded_on": localdate().isoformat()}
    for where, seen in ((town, True), (other, False)):
        user = factories.of_township(where)
        rights = Permission.objects.filter(codename__in=("view_representative", "view_member"))
        user.user_permissions.set(rights)
        then = ok(api(user=user).get(address, today))
        assert ("representatives" in then["past"]) is seen


def test_the_public_reads_no_past_of_alliances(member: Member) -> None:
    problem(public().get("alliances/paying/", {"recorded_on": localdate().isoformat()}), 400)


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "2024-02-30", ""])
def test_no_other_day_is_taken(member: Member, day: str) -> None:
    told = problem(root().get(f"alliances/paying/members/{member.member_no}/", {"recorded_on": day}), 400)
    assert told["errors"][0]["parameter"] == "recorded_on"


CHANGES: tuple[Any, ...] = (
    lambda of, n: Alliance.objects.filter(pk=of.pk).update(introduction=f"{n}"),
    lambda of, n: factories.membership(factories.member(of), "2020-01-01"),
    lambda of, n: Member.objects.filter(alliance=of).update(position=n),
    lambda of, n: Membership.objects.filter(alliance=of).update(remarks=f"{n}"),
    lambda of, n: Tier.objects.filter(alliance=of).update(name_en=f"tier {n}"),
    lambda of, n: factories.group(of),
    lambda of, n: Group.objects.filter(alliance=of).update(name_en=f"group {n}"),
    lambda of, n: Seat.objects.filter(alliance=of).delete(),
    lambda of, n: factories.seat(factories.membership(factories.member(of), "2020-01-01")),
    lambda of, n: Meeting.objects.filter(alliance=of).update(place=f"{n}"),
    lambda of, n: Attendance.objects.filter(alliance=of).update(present=n % 2 == 1),
    lambda of, n: Decision.objects.filter(alliance=of).update(subject=f"关于 {n} 的决议"),
    lambda of, n: factories.application(of),
    lambda of, n: Application.objects.filter(alliance=of).update(remarks=f"{n}"),
    lambda of, n: Due.objects.filter(alliance=of).update(remarks=f"{n}"),
    lambda of, n: Payment.objects.filter(alliance=of).update(payer=f"{n}"),
    lambda of, n: Payment.objects.filter(alliance=of).delete() if n % 3 else None,
    lambda of, n: Representative.objects.filter(member__alliance=of).update(title=f"{n}"),
    lambda of, n: Suspension.objects.filter(member__alliance=of).update(reason=f"{n}"),
    lambda of, n: Certificate.objects.filter(alliance=of).delete() if n % 5 == 0 else None,
)


def test_fifty_days_equal_a_replay_of_the_events(member: Member) -> None:
    chance, of = random.Random(19), member.alliance
    elsewhere = factories.alliance("elsewhere")
    factories.seat(factories.membership(factories.member(elsewhere)))
    moved(BEGAN)
    for n in range(1, 150):
        chance.choice(CHANGES)(of if chance.random() < 0.8 else elsewhere, n)
        moved(BEGAN + datetime.timedelta(days=5 * n + chance.randrange(5)))
    ways = {table.model: _way(Alliance, table) for table in tracked_tables() if _way(Alliance, table)}
    compared = 0
    for back in chance.sample(range(800), 50):
        then = Past(of, BEGAN + datetime.timedelta(days=back))
        with then.reading():
            shown = {model: list(model._default_manager.order_by("pk").values()) for model in ways}
        for model, rows in shown.items():
            expected = replayed(tracked_table(model), ways, then.before, of.pk)
            assert [row["id"] for row in rows] == [row["pgh_obj_id"] for row in expected], (then.day, model)
            assert all(map(same, rows, expected)), (then.day, model)
            compared += len(rows)
    assert len(ways) > 20
    assert compared > 2000


def replayed(table: TrackedTable, ways: dict[Any, str], before: datetime.datetime, of: int) -> list[dict[str, Any]]:
    """Return the rows of the alliance at a moment, by going through all events one after the other."""
    rows = replay(table, before)
    first, _sign, rest = ways[table.model].partition("__")
    if first == "pgh_obj":
        return [rows[of]]
    if not rest:
        owners = {of}
    else:
        via: Any = tracked_table(table.model._meta.get_field(first).related_model)  # type: ignore[arg-type]
        owners = {pk for pk, row in replay(via, before).items() if row["alliance_id"] == of}
    return [row for _pk, row in sorted(rows.items()) if row[f"{first}_id"] in owners]
