"""Dues when the records of two organizations are merged: they move with the member; two of one year refuse it."""

import pytest

from alliance.models import Due
from registry.duplicates.merging import preview
from tests import factories
from tests.registry.duplicates.merging import merged, pair_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    """Two records of one body, members one after the other; both have dues of 2024, the first also of 2023."""
    alliance = factories.alliance("registered", legal_person=True)
    gone, kept = factories.enterprise(), factories.enterprise()
    ended = {"ended_on": "2024-03-01", "end_reason": "other"}
    first = factories.membership(factories.member(alliance, gone), "2020-01-01", **ended).member
    second = factories.membership(factories.member(alliance, kept), "2024-03-01").member
    factories.payment(factories.due(first, 2023))
    factories.due(first, 2024)
    factories.due(second, 2024)
    return kept, gone


def test_dues_of_one_year_refuse_the_merger_and_name_the_year_to_who_may_see_it(pair):
    assert any("2024 年度的会费" in line for line in preview(pair_of(*pair)).refusals)
    rights = ("registry.merge_organization", "registry.change_organization", "alliance.change_membership")
    shown = preview(pair_of(*pair, factories.user(*rights)))
    assert "秘书处先行处理" in " ".join(shown.refusals)
    assert "2024" not in " ".join(shown.refusals)


def test_dues_move_with_their_payments(pair):
    kept, gone = pair
    Due.objects.get(member__organization=gone, year=2024).delete()
    merged(kept, gone)
    moved = Due.objects.get(year=2023)
    assert moved.member.organization_id == kept.pk
    assert moved.payments.count() == 1
