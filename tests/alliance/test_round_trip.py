"""A member list that is exported can be imported again and changes nothing."""

import datetime

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.members.imports.memberships import MembershipImport
from alliance.models import EndReason, Membership
from tests import factories
from tests.round_trip import assert_unchanged, export, names, texts

pytestmark = pytest.mark.django_db
FIRST = datetime.date(2019, 1, 31)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(names, names, texts, st.sampled_from(EndReason.values)), min_size=2, max_size=6))
def test_exported_memberships_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        fill(rows)
        path = tmp_path / f"members.{kind}"
        memberships = Membership.objects.order_by("id")
        export(path, language, memberships, MEMBERSHIP_COLUMNS, AllianceRenderContext())
        assert_unchanged(path, MembershipImport(slug="test"), memberships.count())
        transaction.set_rollback(True)


def fill(rows):
    """A member of each row: one tier that ended, a second that follows, and a re-admission later."""
    alliance = factories.alliance("test", name_zh="=联盟；“甲”", name_en="+Alliance, A")
    tiers = [
        factories.tier(alliance, "member"),
        factories.tier(alliance, "odd", name_zh="＝级别（一）", name_en="-tier;1"),
    ]
    sectors = [factories.sector("robots.industrial"), factories.sector("robots.service", name_zh="服务；机器人")]
    for number, (name_zh, name_en, remarks, reason) in enumerate(rows):
        member = factories.member(alliance, factories.organization(name_zh=name_zh, name_en=name_en))
        member.sectors.set(sectors[: number % 3])
        days = [FIRST + datetime.timedelta(days=number + 400 * step) for step in range(3)]
        change = {"end_reason": "tier_change", "tier": tiers[0]}
        factories.membership(member, str(days[0]), ended_on=str(days[1]), remarks=remarks, **change)
        factories.membership(member, str(days[1]), ended_on=str(days[2]), end_reason=reason, tier=tiers[1])
        factories.membership(
            member, str(days[2] + datetime.timedelta(days=30)), remarks=remarks, tier=tiers[number % 2]
        )


# --- The list of a day, as it is handed out

DAYS = st.integers(0, 2500)
# Of each period: days since the one before (0: it follows on it), days that it lasts (0: without end), which tier.
PERIODS = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, 200]), st.integers(0, 900), st.integers(0, 2)), min_size=1, max_size=4
)
TWO_TIERS_AND_BACK = [[(0, 300, 0), (0, 300, 1), (200, 0, 0)], [(1, 0, 2)]]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(PERIODS, min_size=1, max_size=4),
    day=DAYS,
    kind=st.sampled_from([("roster", "xlsx"), ("table", "csv"), ("table", "xlsx")]),
    language=st.sampled_from(["zh", "en"]),
)
@example(histories=TWO_TIERS_AND_BACK, day=100, kind=("roster", "xlsx"), language="zh")
@example(histories=TWO_TIERS_AND_BACK, day=2400, kind=("roster", "xlsx"), language="en")
def test_member_list_of_any_day_imports_without_change(tmp_path, histories, day, kind, language):
    layout, ending = kind
    with transaction.atomic():
        fill_histories(histories)
        on = FIRST + datetime.timedelta(days=day)
        path = tmp_path / f"members.{ending}"
        edition = {"edition": "full"} if layout == "roster" else {}
        call_command("export_members", "test", as_of=str(on), layout=layout, lang=language, output=str(path), **edition)
        count = Membership.objects.as_of(on).count()
        assert_unchanged(path, MembershipImport(slug="test"), count)
        transaction.set_rollback(True)


def fill_histories(histories):
    """A member of each history; every second one has the name of the one before, and no code."""
    alliance = factories.alliance("test")
    tiers = [factories.tier(alliance, code) for code in ("member", "council", "chair")]
    sectors = [factories.sector("robots.industrial"), factories.sector("robots.service")]
    for number, periods in enumerate(histories):
        code = None if number % 2 else factories.valid_uscc()
        organization = factories.enterprise(name_zh=f"香山{number // 2}厂", uscc=code)
        factories.tag(organization, sectors[0], is_primary=True)
        member = factories.member(alliance, organization)
        member.sectors.set(sectors[number % 2 :])
        start, before = FIRST + datetime.timedelta(days=number), None
        for gap, length, tier in periods:
            start += datetime.timedelta(days=gap)
            follows = before is not None and before.ended_on == start
            if follows and before.tier == tiers[tier]:
                tier = (tier + 1) % len(tiers)
            if follows:
                Membership.objects.filter(pk=before.pk).update(end_reason="tier_change")
            end = start + datetime.timedelta(days=length) if length else None
            before = factories.membership(member, str(start), tier=tiers[tier], ended_on=end)
            if end is None:
                break
            start = end
