"""Each section of what falls due, with the exact days at which a row comes and goes."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from alliance.falling_due.own import last_fresh_day
from alliance.falling_due.sources import FallingDueQuery, FallingRow, sources_of
from alliance.members.operations import actions
from alliance.models import Certificate, Member, Membership
from registry.models import Organization
from registry.organizations.freshness import first_fresh_day
from registry.values.days import months_later
from tests import factories

pytestmark = pytest.mark.django_db
D = datetime.date
TODAY, UNTIL = D(2026, 5, 31), D(2026, 8, 31)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_args: TODAY)


def rows(name: str, months: int = 3, user: Any = None, **more: Any) -> list[FallingRow]:
    who = user or factories.superuser()
    asked = FallingDueQuery(who, TODAY, months, **more)
    source = next(one for one in sources_of(who) if one.name == name)
    return [source.present(one, asked) for one in source.rows(asked)]


def days(name: str, **more: Any) -> list[tuple[str, D | None, int | None]]:
    return [(row.what, row.day, row.days_left) for row in rows(name, **more)]


def holder(**fields: Any) -> Membership:
    return factories.membership(factories.member(factories.alliance(), factories.enterprise(**fields)))


def test_within_months_is_the_same_day_or_the_last_of_its_month():
    assert [months_later(TODAY, months) for months in (1, 3, 9, 21, -3)] == [
        D(2026, 6, 30),
        UNTIL,
        D(2027, 2, 28),
        D(2028, 2, 29),
        D(2026, 2, 28),
    ]
    assert (months_later(D(9999, 12, 31), 1), months_later(D(1, 1, 31), -11).year) == (D(9999, 1, 31), 1)


def test_terms_until_the_last_day():
    at_edge, beyond = factories.alliance("edge"), factories.alliance("beyond")
    factories.term(at_edge, "2021-09-01", ends_on=UNTIL + DAY)
    factories.term(beyond, "2021-09-02", ends_on=UNTIL + 2 * DAY)
    over = factories.term(factories.alliance("over"), "2020-01-01", ends_on=D(2025, 1, 1))
    followed = factories.alliance("followed")
    factories.term(followed, "2020-01-01", ends_on=D(2025, 1, 1))
    factories.term(followed, "2025-01-01", ends_on=D(2030, 1, 1))
    assert days("terms") == [("第1届", D(2024, 12, 31), -516), ("第1届", UNTIL, 92)]
    over.postponed_until, over.approval_no = D(2026, 1, 1), "粤民函〔2025〕1号"
    over.save()
    assert days("terms")[0] == ("第1届（延期换届）", D(2025, 12, 31), -151)
    assert [row.url for row in rows("terms", alliance=at_edge)] == [
        f"/admin/alliance/term/{at_edge.terms.get().pk}/change/"
    ]


def test_certificates_until_the_last_valid_day():
    for number, valid_to in (("edge", UNTIL + DAY), ("beyond", UNTIL + 2 * DAY), ("open", None), ("past", TODAY)):
        factories.certificate(holder(), number, valid_to=valid_to)
    left = holder()
    factories.certificate(left, "left", valid_to=TODAY + DAY)
    actions.end(left.member, TODAY, "withdrawal")
    renewed = holder()
    factories.certificate(renewed, "old", valid_to=TODAY)
    factories.certificate(renewed, "new", valid_from=TODAY, valid_to=D(2030, 1, 1))
    factories.certificate(holder(), "void", valid_to=TODAY, ended_on=D(2026, 1, 1), end_kind="void", end_reason="x")
    assert days("certificates") == [("past", TODAY - DAY, -1), ("edge", UNTIL, 92)]
    assert [what for what, _day, _left in days("certificates", months=4)] == ["past", "edge", "beyond"]


def test_certificates_to_be_returned_from_the_first_day_without_membership():
    gone, stays, later = holder(), holder(), holder()
    for of, number in ((gone, "gone"), (stays, "stays"), (later, "later")):
        factories.certificate(of, number, valid_to=D(2027, 1, 1))
    actions.end(gone.member, TODAY, "withdrawal")
    actions.end(later.member, TODAY + DAY, "withdrawal")
    assert days("to_return") == [("gone", TODAY, None)]
    Certificate.objects.update(returned_on=TODAY)
    assert days("to_return") == []


def test_certificates_that_say_another_name_tier_or_alliance():
    renamed, other_tier, same = holder(name_zh="旧名公司"), holder(), holder()
    for of, number in ((renamed, "r"), (other_tier, "t"), (same, "s")):
        factories.certificate(of, number)
    Organization.objects.filter(pk=renamed.member.organization_id).update(name_zh="新名公司")
    actions.change_tier(other_tier.member, factories.tier(other_tier.alliance, "council"), TODAY)
    found = rows("renamed")
    assert [(row.subject, row.what) for row in found] == [
        ("新名公司", "证书r所载名称：旧名公司"),
        (str(other_tier.member.organization), "证书t所载会员级别：会员单位"),
    ]
    only_english = holder(name_zh="", name_en="Only English Ltd.", uscc=None)
    factories.certificate(only_english, "e")
    assert len(rows("renamed")) == 2


@pytest.mark.parametrize("status", ["deregistered", "revoked", "moved_out", "merged"])
def test_members_whose_organization_is_gone(status):
    here, gone, left = holder(), holder(), holder()
    closed = {"registration_status": status, "closed_on": D(2026, 4, 1)}
    if status == "merged":
        closed["successor"] = Organization.objects.get(pk=here.member.organization_id)
    Organization.objects.filter(pk__in=[gone.member.organization_id, left.member.organization_id]).update(**closed)
    actions.end(left.member, TODAY, "dissolution")
    found = rows("gone")
    assert [(row.member_no, row.day) for row in found] == [(gone.member.member_no, D(2026, 4, 1))]
    assert found[0].what in ("注销", "吊销", "迁出", "合并", "已注销", "已吊销", "已迁出", "已合并")


def test_representatives_until_the_last_day_unless_another_one_follows():
    edge, beyond, followed, other_role = holder(), holder(), holder(), holder()
    factories.representative(edge.member, name="甲某", valid_to=UNTIL + DAY)
    factories.representative(beyond.member, name="乙某", valid_to=UNTIL + 2 * DAY)
    factories.representative(followed.member, name="丙某", valid_to=TODAY)
    factories.representative(followed.member, name="丁某")
    factories.representative(other_role.member, name="戊某", valid_to=TODAY)
    factories.representative(other_role.member, name="己某", role="liaison")
    assert [(row.what.split()[-1], row.day) for row in rows("representatives")] == [
        ("戊某", TODAY - DAY),
        ("甲某", UNTIL),
    ]


def test_qualifications_from_today_until_the_last_valid_day():
    ends = {"today": TODAY + DAY, "edge": UNTIL + DAY, "beyond": UNTIL + 2 * DAY, "past": TODAY}
    for number, valid_to in ends.items():
        factories.qualification(factories.enterprise(), certificate_no=number, valid_to=valid_to)
    renewed = factories.enterprise()
    factories.qualification(renewed, certificate_no="old", valid_to=TODAY + DAY, granted_on=D(2023, 1, 1))
    factories.qualification(renewed, certificate_no="new", valid_to=D(2029, 1, 1), granted_on=D(2026, 1, 1))
    factories.qualification(
        factories.enterprise(registration_status="deregistered", closed_on=D(2026, 1, 1)), valid_to=TODAY + DAY
    )
    assert [(row.what.split()[-1], row.day, row.days_left) for row in rows("qualifications")] == [
        ("today", TODAY, 0),
        ("edge", UNTIL, 92),
    ]


def test_verification_until_the_last_day_on_which_it_holds(settings):
    settings.VERIFY_MONTHS = 12
    for verified in (D(2025, 8, 31), D(2025, 9, 1), D(2025, 8, 30)):
        factories.enterprise(verified_on=verified)
    never = factories.enterprise(verified_on=None)
    found = rows("verification")
    assert [(row.day, row.days_left) for row in found] == [(None, None), (D(2026, 8, 30), 91)]
    assert found[0].registry_no == never.registry_no
    for verified in (D(2025, 2, 28), D(2024, 2, 29), D(2025, 1, 31), D(2025, 12, 31)):
        last = last_fresh_day(verified)
        assert first_fresh_day(last) <= verified < first_fresh_day(last + DAY)


def test_dues_until_the_last_day_of_their_year_unless_they_are_paid():
    factories.due(year=2024, amount=1000)
    part = factories.due(year=2026, amount=2000)
    factories.payment(part, amount=500)
    factories.payment(factories.due(year=2025, amount=900), amount=900)
    assert [(row.what, row.day, row.days_left) for row in rows("dues", months=7)] == [
        ("2024年：欠缴1,000元", D(2024, 12, 31), -516),
        ("2026年：欠缴1,500元", D(2026, 12, 31), 214),
    ]
    assert [row.day for row in rows("dues", months=6)] == [D(2024, 12, 31)]


def test_an_account_sees_the_sections_of_its_permissions_and_its_townships(reference):
    names = {role: [one.name for one in sources_of(factories.with_role(role))] for role in ("查询员", "秘书处")}
    assert "representatives" not in names["查询员"]
    assert "dues" not in names["查询员"]
    assert {"representatives", "dues"} <= {*names["秘书处"]}
    assert {"terms", "certificates", "renamed", "to_return", "gone", "qualifications"} <= {*names["查询员"]}
    here, there = factories.township("442000118"), factories.township("442000001")
    for town in (here, there):
        factories.qualification(factories.enterprise(township=town), valid_to=TODAY + DAY)
        factories.representative(holder(township=town).member, valid_to=TODAY)
    clerk = factories.of_township(here)
    assert len(rows("qualifications", user=clerk)) == 1
    assert Member.objects.count() == 2
