"""A member list that is exported can be imported again and changes nothing."""

import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.imports.memberships import MembershipImport
from alliance.models import EndReason, Membership
from alliance.rows import MEMBERSHIP_COLUMNS, AllianceReading
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
        export(path, language, memberships, MEMBERSHIP_COLUMNS, AllianceReading())
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
