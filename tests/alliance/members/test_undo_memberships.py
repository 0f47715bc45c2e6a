"""Undoing an import of memberships: members, memberships and sectors of participation are as before."""

import datetime

import pytest

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance, Member, Membership
from registry.imports.undo.outcome import KeptReason
from registry.imports.undo.undo import undo
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied, state

pytestmark = pytest.mark.django_db
LABELS = ["统一社会信用代码", "会员级别", "起始日期", "终止日期", "终止原因", "参与领域", "备注"]


def memberships(tmp_path, *rows, **options):
    return applied(csv_file(tmp_path, [LABELS, *rows]), MembershipImport(slug="test", **options))


@pytest.fixture
def old(reference):
    """A member since 2020 and one that was never a member."""
    alliance = factories.alliance()
    factories.tier(alliance, "council"), factories.tier(alliance)
    member = factories.member(alliance)
    member.sectors.add(factories.sector("robots.industrial"))
    factories.membership(member, remarks="原来")
    return member.organization


def test_admissions_and_changes_are_undone(tmp_path, old):
    new = factories.enterprise()
    before = state()
    batch = memberships(
        tmp_path,
        [old.uscc, "会员单位", "2020-01-01", "2022-01-01", "级别调整", "机器视觉", "新"],
        [old.uscc, "理事单位", "2022-01-01", "", "", "", ""],
        [new.uscc, "会员单位", "2021-01-01", "", "", "工业机器人", ""],
    )
    assert Membership.objects.count() == 3
    assert undo(batch.pk, apply=True).done
    after = state()
    assert after.pop("alliance_membernumber") != before.pop("alliance_membernumber")
    assert after == before


def test_alliance_and_tiers_that_the_import_created_go_too(tmp_path, reference):
    new = factories.enterprise()
    before = state()
    batch = memberships(tmp_path, [new.uscc, "会员单位", "2021-01-01", "", "", "", ""], create_missing=True)
    assert Alliance.objects.exists()
    assert undo(batch.pk, apply=True).done
    assert state() == before


def test_membership_that_was_ended_since_stays_with_its_member(tmp_path, old):
    new = factories.enterprise()
    batch = memberships(tmp_path, [new.uscc, "会员单位", "2021-01-01", "", "", "工业机器人", ""])
    made = Membership.objects.get(member__organization=new)
    Membership.objects.filter(pk=made.pk).update(ended_on=datetime.date(2023, 1, 1))
    before = state()
    stays = {stay.model: stay for table in undo(batch.pk).tables for stay in table.stays}
    assert (stays[Membership].why, stays[Membership].columns) == (KeptReason.CHANGED, ("ended_on",))
    assert (stays[Membership].organization, stays[Member].others) == (new.pk, ("alliance.membership",))
    assert undo(batch.pk, apply=True, leave=2).done
    assert state() == before


def test_old_membership_does_not_come_back_over_a_new_one(tmp_path, old):
    batch = memberships(tmp_path, [old.uscc, "会员单位", "2020-01-01", "2022-01-01", "退会", "", ""])
    factories.membership(Member.objects.get(), "2023-01-01")
    (stay,) = (stay for table in undo(batch.pk).tables for stay in table.stays)
    assert (stay.why, stay.others) == (KeptReason.RULE, ("membership_no_overlap",))
    assert undo(batch.pk, apply=True, leave=1).done
    assert Membership.objects.filter(ended_on=None).count() == 1


def test_undoing_memberships_asks_for_the_secretariats_rights(tmp_path, old):
    new = factories.enterprise()
    batch = memberships(tmp_path, [new.uscc, "会员单位", "2021-01-01", "", "", "工业机器人", ""])
    lacking = undo(batch.pk, user=factories.user("alliance.add_member"), apply=True).lacking
    assert lacking == ["alliance.add_membership", "alliance.change_member"]
    rights = ("alliance.add_member", "alliance.add_membership", "alliance.change_member")
    assert undo(batch.pk, user=factories.user(*rights), apply=True).done
