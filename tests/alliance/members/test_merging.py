"""What becomes of members when the record of their organization is merged into another one."""

import pghistory.models
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey

from alliance.members.operations.merging import OF_MEMBER
from alliance.models import Certificate, Member, MembershipChange
from registry.duplicates.undoing import undo
from tests import factories
from tests.registry.duplicates.merging import digests, merged

pytestmark = pytest.mark.django_db


def told(**chosen):
    return list(MembershipChange.objects.filter(**chosen).order_by("id").values_list("change", "registry_no", "public"))


def test_every_table_of_a_member_moves_with_it():
    found = {
        model
        for model in apps.get_models()
        for one in model._meta.local_concrete_fields
        if isinstance(one, ForeignKey) and one.related_model is Member and not issubclass(model, pghistory.models.Event)
    }
    assert found == set(OF_MEMBER)


def test_joined_members_bring_seats_people_and_suspensions_and_undoing_takes_them_back():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    old = factories.membership(
        factories.member(alliance, gone), "2018-01-01", ended_on="2019-01-01", end_reason="other"
    )
    new = factories.membership(factories.member(alliance, kept), "2020-01-01")
    factories.seat(old, begins_on="2018-02-01", ends_on="2018-12-01")
    factories.suspension(old, "2018-03-01", resumed_on="2018-04-01")
    factories.office_holder(alliance, member=old.member)
    factories.certificate(old, valid_to="2019-01-01")
    factories.certificate(new)
    old.member.sectors.add(factories.sector())
    before = digests()
    merger = merged(kept, gone)
    for model in OF_MEMBER:
        assert not model.objects.filter(member=old.member).exists(), model
    assert new.member.sectors.exists()
    undo(merger.pk)
    assert digests() == before


def test_two_certificates_that_hold_on_one_day_refuse_the_merger_with_their_numbers():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    old = factories.membership(
        factories.member(alliance, gone), "2018-01-01", ended_on="2019-01-01", end_reason="other"
    )
    factories.certificate(old, "old-1", valid_to="2020-01-02")
    factories.certificate(factories.membership(factories.member(alliance, kept), "2020-01-01"), "new-1")
    with pytest.raises(ValidationError) as caught:
        merged(kept, gone)
    assert "new-1" in str(caught.value)
    assert "old-1" in str(caught.value)
    Certificate.objects.filter(number="old-1").update(ended_on="2020-01-01", end_kind="withdrawn", end_reason="退会")
    merged(kept, gone)


def test_the_feed_tells_the_periods_of_the_member_under_its_new_number():
    kept, gone = factories.organization(published=True), factories.organization(published=True)
    factories.membership(factories.member(factories.alliance(published=True), gone))
    last = MembershipChange.objects.latest("id").pk
    merged(kept, gone)
    assert told(pk__gt=last) == [("corrected", kept.registry_no, True)]


def test_the_public_feed_tells_that_the_member_is_not_seen_any_more():
    kept, gone = factories.organization(), factories.organization(published=True)
    factories.membership(factories.member(factories.alliance(published=True), gone))
    last = MembershipChange.objects.latest("id").pk
    merged(kept, gone)
    assert told(pk__gt=last, public=True) == [("unpublished", gone.registry_no, True)]


def test_a_seat_on_the_board_and_a_tier_of_the_council_are_not_brought_together():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    council = factories.tier(alliance, "council", in_council=True)
    board = factories.group(alliance, "supervisory_board")
    old = factories.membership(
        factories.member(alliance, gone), "2018-01-01", ended_on="2019-01-01", end_reason="other"
    )
    factories.membership(factories.member(alliance, kept), "2020-01-01", tier=council)
    factories.seat(old, board, begins_on="2018-02-01", ends_on="2018-12-01")
    merged(kept, gone)  # at different times
    assert kept.alliance_members.get().seats.count() == 1


def test_members_of_one_alliance_at_the_same_time_name_both_memberships():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    factories.membership(factories.member(alliance, kept), "2020-01-01")
    factories.membership(factories.member(alliance, gone), "2021-01-01", ended_on="2022-01-01", end_reason="other")
    with pytest.raises(ValidationError, match=r"2020-01-01.*2021-01-01至2021-12-31"):
        merged(kept, gone)
