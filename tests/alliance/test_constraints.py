"""Every named constraint of the alliances, broken in a form and in the database."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from alliance.models import (
    Alliance,
    FormerName,
    Member,
    Membership,
    Representative,
    StandardTier,
    Supporter,
    Suspension,
    Tier,
)
from tests import factories
from tests.alliance.applications.test_application_constraints import BREAKERS as APPLICATION_BREAKERS
from tests.alliance.certificates.test_constraints import BREAKERS as CERTIFICATE_BREAKERS
from tests.alliance.council.test_council_constraints import BREAKERS as COUNCIL_BREAKERS
from tests.alliance.dues.test_dues_constraints import BREAKERS as DUES_BREAKERS
from tests.alliance.dues.test_dues_constraints import TARGETS as DUES_TARGETS
from tests.alliance.meetings.test_meeting_constraints import BREAKERS as MEETING_BREAKERS
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert, named_constraints

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 1)
# The targets of composite foreign keys hold a primary key, so nothing can break them alone.
DUES = {*DUES_BREAKERS, *DUES_TARGETS}
CERTIFICATES = {*CERTIFICATE_BREAKERS, "certificate_id_member"}
TARGETS = {"tier_id_alliance", "member_id_alliance", "group_id_alliance", "term_id_alliance", "meeting_id_alliance"}
TARGETS |= {"decision_id_alliance"}


def period(member: Member | None = None, **fields) -> Membership:
    member = member or factories.member()
    values = {"tier": factories.tier(member.alliance), "admitted_on": DAY}
    return Membership(member=member, alliance=member.alliance, **values | fields)


def second_membership() -> Membership:
    first = factories.membership(admitted_on="2020-01-01", ended_on="2021-07-02", end_reason="withdrawal")
    return period(first.member)


def second_supporter() -> Supporter:
    first = factories.supporter()
    return Supporter(alliance=first.alliance, organization=first.organization, role=first.role)


def second_tier(**fields) -> Tier:
    tier = factories.tier()
    return Tier(**{"alliance": tier.alliance, "code": tier.code, "name_zh": tier.name_zh, "rank": 9} | fields)


def second_former_name() -> FormerName:
    first = factories.former_name()
    return FormerName(alliance=first.alliance, name_zh="另一旧名", replaced_on=first.replaced_on)


def second_member() -> Member:
    first = factories.member()
    return Member(alliance=first.alliance, organization=first.organization, member_no="X1")


def second_of_number() -> Member:
    first = factories.member()
    return Member(alliance=first.alliance, organization=factories.organization(), member_no=first.member_no)


def second_suspension() -> Suspension:
    first = factories.suspension(suspended_on="2021-01-01")
    return Suspension(member=first.member, suspended_on=DAY, reason="又一次")


BREAKERS: dict[str, Breaker] = {
    "alliance_dissolved_after_founded": lambda: Alliance(
        slug="x", name_zh="测试联盟", founded_on=DAY, dissolved_on=DAY
    ),
    "supporter_once": second_supporter,
    "tier_code_unique_in_alliance": lambda: second_tier(name_zh="别的级别"),
    "tier_name_unique_in_alliance": lambda: second_tier(code="other"),
    "former_name_one_a_day": second_former_name,
    "tier_standing_in_council": lambda: second_tier(code="a", name_zh="别的级别", in_standing_council=True),
    "standard_tier_standing_in_council": lambda: StandardTier(code="a", name_zh="甲", rank=1, in_standing_council=True),
    "member_once_in_alliance": second_member,
    "member_no_unique_in_alliance": second_of_number,
    "membership_period_not_empty": lambda: period(ended_on=DAY),
    "membership_reason_only_with_end": lambda: period(end_reason="lapse"),
    "membership_no_overlap": second_membership,
    "suspension_no_overlap": second_suspension,
    "suspension_period_not_empty": lambda: Suspension(
        member=factories.membership().member, suspended_on=DAY, resumed_on=DAY, reason="欠缴会费"
    ),
    "representative_period_not_empty": lambda: Representative(
        member=factories.member(), name="虚构某", valid_from=DAY, valid_to=DAY
    ),
}


def test_every_named_constraint_is_broken_here():
    others = {*APPLICATION_BREAKERS, *COUNCIL_BREAKERS, *MEETING_BREAKERS, *CERTIFICATES, *DUES}
    assert {*BREAKERS, *others, *TARGETS} == named_constraints("alliance")


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name)


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    row = BREAKERS[name]()
    assert_database_refuses(lambda: insert(row), name)


def test_reversed_period_is_a_message_and_no_error_of_the_database():
    with pytest.raises(ValidationError, match="终止日期须晚于起始日期"):
        period(ended_on=DAY - datetime.timedelta(days=9)).full_clean()
    reversed_period = period(ended_on=DAY - datetime.timedelta(days=9))
    assert_database_refuses(lambda: insert(reversed_period), "membership_period_not_empty")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2019-01-01", "2020-01-01"),  # ends on the day on which the other begins
        ("2021-07-01", None),  # begins on the day on which the other ends
        ("2022-01-01", "2023-01-01"),
    ],
)
def test_memberships_that_meet_or_lie_apart_are_no_overlap(start, end):
    first = factories.membership(admitted_on="2020-01-01", ended_on="2021-07-01")
    second = factories.membership(first.member, start, ended_on=end)
    second.full_clean()
    for one in (first, second):
        assert list(Membership.objects.as_of(one.admitted_on)) == [one]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2019-01-01", "2020-01-02"),
        ("2019-01-01", None),
        ("2021-06-30", None),
        ("2020-06-01", "2020-07-01"),
        ("2020-01-01", "2021-07-01"),
    ],
)
def test_memberships_that_share_a_day_overlap(start, end):
    first = factories.membership(admitted_on="2020-01-01", ended_on="2021-07-01")
    assert_database_refuses(lambda: factories.membership(first.member, start, ended_on=end), "membership_no_overlap")


def test_one_organization_may_be_in_two_alliances_at_a_time():
    first = factories.membership()
    other = factories.member(factories.alliance("other"), first.member.organization)
    second = factories.membership(other)
    second.full_clean()
    assert set(Membership.objects.as_of(first.admitted_on)) == {first, second}


def test_tier_belongs_to_the_alliance_of_the_membership():
    membership = factories.membership()
    elsewhere = factories.tier(factories.alliance("other"), "council")
    wrong = period(factories.member(), tier=elsewhere)
    with pytest.raises(ValidationError) as caught:
        wrong.full_clean()
    assert caught.value.message_dict["tier"] == ["该会员级别属于其他联盟。"]
    assert_database_refuses(lambda: insert(wrong), "membership_tier_of_alliance")
    own = Membership.objects.filter(pk=membership.pk)
    assert_database_refuses(lambda: own.update(tier=elsewhere), "membership_tier_of_alliance")
    moved = Tier.objects.filter(pk=membership.tier_id)
    assert_database_refuses(lambda: moved.update(alliance=elsewhere.alliance), "membership_tier_of_alliance")


def test_member_belongs_to_the_alliance_of_the_membership():
    membership = factories.membership()
    other = factories.tier(factories.alliance("other"))
    own = Membership.objects.filter(pk=membership.pk)
    assert_database_refuses(
        lambda: own.update(tier=other, alliance=other.alliance),
        "membership_member_of_alliance",
    )
    moved = Member.objects.filter(pk=membership.member_id)
    assert_database_refuses(lambda: moved.update(alliance=other.alliance), "membership_member_of_alliance")


def test_standard_tiers_have_different_ranks():
    StandardTier.objects.create(code="a", name_zh="甲", rank=1)
    with pytest.raises(ValidationError, match="位次"):
        StandardTier(code="b", name_zh="乙", rank=1).full_clean()


def test_member_numbers_count_up_and_skip_those_given_by_hand():
    alliance = factories.alliance(member_no_prefix="ZS")
    assert factories.member(alliance).member_no == "ZS0001"
    factories.member(alliance, member_no="ZS0002")
    factories.member(alliance, member_no="老会员7")
    assert factories.member(alliance).member_no == "ZS0003"
    assert factories.member(factories.alliance("other")).member_no == "M0001"


def test_member_numbers_are_given_in_bulk_and_never_twice():
    alliance = factories.alliance()
    made = [Member(alliance=alliance, organization=factories.organization()) for _ in range(3)]
    Member.objects.bulk_create(made)
    assert sorted(alliance.members.values_list("member_no", flat=True)) == ["M0001", "M0002", "M0003"]
    alliance.members.get(member_no="M0003").delete()
    assert factories.member(alliance).member_no == "M0004"


def test_member_and_organization_with_memberships_cannot_be_deleted():
    membership = factories.membership()
    for row in (membership.member, membership.tier, membership.member.organization):
        with pytest.raises(Exception, match="protected foreign keys"):
            row.delete()
