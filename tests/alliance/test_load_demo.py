import datetime
import re
from collections import Counter
from itertools import pairwise

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import F, Q

from alliance.council.sitting import sitting
from alliance.meetings import calling
from alliance.models import (
    Alliance,
    Body,
    Decision,
    Group,
    Member,
    Membership,
    OfficeHolder,
    Representative,
    Seat,
    Supporter,
    Term,
)
from registry.models import (
    AnnualFigures,
    Contact,
    Identifier,
    Kind,
    Name,
    Organization,
    Qualification,
    RegistrationStatus,
    Relation,
    Sector,
    SectorTag,
    Township,
)
from registry.values.identifiers import normalise_identifier
from registry.values.pinyin import pinyin_key
from registry.values.validators import describe_uscc, uscc_check_character_ok
from tests import factories

TODAY = datetime.date(2026, 6, 1)
CHILDREN = (Name, Identifier, SectorTag, Qualification, AnnualFigures, Contact, Relation)


@pytest.fixture
def demo(reference):
    call_command("load_demo", verbosity=0)


def test_demo_rows_pass_their_own_rules(demo):
    council = (Term, Group, Seat, OfficeHolder)
    for model in (Organization, *CHILDREN, Alliance, Supporter, Member, Membership, Representative, *council):
        assert model.objects.exists()
        for row in model.objects.all():
            row.full_clean()


def test_demo_has_every_kind_and_status_and_leaves_gaps(demo):
    organizations = Organization.objects.all()
    assert 55 <= organizations.count() <= 65
    assert set(organizations.values_list("kind", flat=True)) == set(Kind.values)
    assert set(organizations.values_list("registration_status", flat=True)) == set(RegistrationStatus.values)
    assert 0.7 <= organizations.published().count() / organizations.count() <= 0.8
    leaves = Sector.objects.exclude(parent=None)
    covered = leaves.filter(tags__isnull=False).distinct().count()
    assert 30 <= covered <= leaves.count() - 5
    towns = Township.objects.current()
    assert 15 <= towns.filter(organizations__isnull=False).distinct().count() < towns.count()
    assert set(organizations.exclude(zone=None).values_list("zone__code", flat=True)) == {"torch", "cuiheng"}
    assert not SectorTag.objects.values("organization").exclude(organization__sector_tags__is_primary=True).exists()


def test_demo_codes_are_valid_and_nobodys(demo):
    codes = list(Organization.objects.exclude(uscc=None).values_list("uscc", flat=True))
    assert all(map(uscc_check_character_ok, codes))
    assert {describe_uscc(code).region_code for code in codes} == {"442000"}
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    for code in codes:
        total = sum(weight * int(character, 36) for weight, character in zip(weights, code[8:16], strict=True))
        assert code[16] != "0123456789X0"[(11 - total % 11) % 11], "the organization code must be no real one"
    for identifier in Identifier.objects.all():
        assert normalise_identifier(identifier.scheme, identifier.value) == identifier.value
    for organization in Organization.objects.exclude(uscc=None):
        hint = describe_uscc(organization.uscc).kind
        if hint and organization.kind not in (Kind.FINANCIAL, Kind.RESEARCH):
            assert hint == organization.kind, organization


def test_demo_people_cannot_be_called_or_written_to(demo):
    for model in (Contact, Representative):
        for phone, email in model.objects.values_list("phone", "email"):
            assert re.fullmatch(r"(0760-0000\d{4})?", phone)
            assert email == "" or email.endswith(".example")
    assert set(Organization.objects.values_list("source", flat=True)) == {"演示数据，纯属虚构"}
    assert all(
        website.endswith(".example")
        for website in Organization.objects.exclude(website="").values_list("website", flat=True)
    )


def test_demo_dates_agree_with_one_another(demo):
    early = Q(granted_on__lt=F("organization__founded_on"))
    assert not Qualification.objects.filter(early).exists()
    assert not AnnualFigures.objects.filter(year__lt=F("organization__founded_on__year")).exists()
    assert not AnnualFigures.objects.filter(year__gt=F("organization__closed_on__year")).exists()
    assert set(AnnualFigures.objects.values_list("year", flat=True)) == set(range(2019, 2026))
    assert not Membership.objects.filter(admitted_on__lt=F("member__organization__founded_on")).exists()
    assert not Membership.objects.filter(admitted_on__lt=F("alliance__founded_on")).exists()
    assert not Relation.objects.filter(valid_from__lt=F("related__founded_on")).exists()
    closed = Membership.objects.filter(member__organization__closed_on__isnull=False)
    assert not closed.filter(Q(ended_on=None) | Q(ended_on__gt=F("member__organization__closed_on"))).exists()
    held, over = Qualification.objects.held(TODAY), Qualification.objects.filter(valid_to__lte=TODAY)
    assert held.count() > 50
    assert over.count() > 20
    assert held.filter(valid_to__lt=TODAY + datetime.timedelta(days=365)).count() > 5


def test_demo_shows_how_memberships_go(demo):
    members = Member.objects.prefetch_related("memberships")
    assert [member.member_no for member in members.order_by("pk")][:3] == ["M0001", "M0002", "M0003"]
    reasons = Counter(Membership.objects.exclude(ended_on=None).values_list("end_reason", flat=True))
    assert {"tier_change", "withdrawal", "lapse", "expulsion", "dissolution", "succession"} <= set(reasons)
    meeting = gaps = 0
    for member in members:
        periods = sorted(member.memberships.all(), key=lambda period: period.admitted_on)
        for earlier, later in pairwise(periods):
            assert earlier.tier_id != later.tier_id or earlier.ended_on < later.admitted_on
            assert (earlier.end_reason == "tier_change") == (earlier.ended_on == later.admitted_on)
            meeting += earlier.ended_on == later.admitted_on
            gaps += earlier.ended_on < later.admitted_on
    assert meeting >= 8
    assert gaps >= 3
    counts = [Membership.objects.as_of(datetime.date(year, 12, 31)).count() for year in range(2018, 2026)]
    assert counts[0] == 0
    assert counts[1] >= 25
    assert counts[-1] > counts[1]
    for year in range(2019, 2027):
        chairs = Membership.objects.as_of(datetime.date(year, 12, 1)).filter(tier__code="chair", alliance__slug="zsai")
        assert chairs.count() == 1
    assert not Member.objects.filter(organization__kind=Kind.GOVERNMENT).exists()
    assert Supporter.objects.filter(role="guiding").count() == 2
    merged = Organization.objects.get(registration_status="merged")
    assert merged.successor.alliance_members.exists()


def test_demo_has_a_council_that_changes_with_its_terms(demo):
    alliance = Alliance.objects.get(slug="zsai")
    for term in alliance.terms.exclude(number=1):
        before = sitting(alliance, term.begins_on - datetime.timedelta(days=1)).values_list("pk", flat=True)
        assert set(sitting(alliance, term.begins_on).values_list("pk", flat=True)) != set(before)
    assert alliance.terms.as_of(TODAY).get().number == 3
    assert set(Group.objects.values_list("kind", flat=True)) >= {"supervisory_board", "special_committee"}


def test_demo_has_a_registered_alliance_that_meets_and_decides(demo):
    alliance = Alliance.objects.get(legal_person=True)
    assert {meeting.body for meeting in alliance.meetings.all()} == set(Body.values)
    for meeting in alliance.meetings.all():
        meeting.full_clean()
        assert meeting.called == len(calling.counted(meeting))
        for decision in meeting.decisions.all():
            decision.full_clean()
            assert (decision.entitled, decision.present) == (meeting.number_entitled(), meeting.number_present())
    for term in alliance.terms.all():
        term.full_clean()
        assert term.decision.meeting.term == term
    decisions = Decision.objects.filter(alliance=alliance)
    assert {*decisions.values_list("passed", flat=True)} == {True, False}
    assert decisions.exclude(override_reason="").count() == 1
    assert decisions.filter(matter="dues_standard", ballot="secret", meeting__body="assembly", passed=True).exists()


def test_demo_has_applications_to_work_off_and_certificates(demo):
    alliance = Alliance.objects.get(legal_person=True)
    applications, certificates = alliance.applications.all(), alliance.certificates.all()
    for row in (*applications, *certificates):
        row.full_clean()
    states = {"draft", "submitted", "returned", "to_decide", "passed"}
    assert set(applications.values_list("state", flat=True)) == states
    assert {one.membership.admitted_on for one in applications.filter(state="passed")} == {datetime.date(2025, 9, 10)}
    lost = certificates.get(end_kind="lost")
    assert lost.replaced_by.member == lost.member
    tiers = certificates.filter(member__organization__registry_no="ZSAI-000006").order_by("valid_from")
    assert list(tiers.values_list("tier_name", flat=True)) == ["理事单位", "常务理事单位"]
    assert certificates.valid_on(TODAY).count() == 7


def test_demo_derives_what_saving_one_by_one_would(demo):
    for organization in Organization.objects.all():
        assert organization.pinyin == pinyin_key(organization.name_zh)
    assert not SectorTag.objects.exclude(plan=F("sector__plan")).exists()


def test_demo_keeps_registry_numbers_free(demo):
    highest = max(Organization.objects.values_list("registry_no", flat=True))
    made = factories.organization()
    made.refresh_from_db()
    assert made.registry_no > highest


def test_demo_is_told_apart_in_the_history(demo):
    event = apps.get_model("alliance", "MembershipEvent").objects.select_related("pgh_context").first()
    assert event.pgh_context.metadata == {"command": "load_demo"}


def test_load_demo_refuses_a_registry_in_use(demo):
    with pytest.raises(CommandError, match="演示数据只能装入空的名录"):
        call_command("load_demo")


def test_load_demo_refuses_where_numbers_were_given_before(reference):
    factories.organization().delete()
    with pytest.raises(CommandError):
        call_command("load_demo")


def test_load_demo_asks_for_reference_data_first(db):
    with pytest.raises(CommandError, match="load_reference"):
        call_command("load_demo")
