"""Operations on memberships: what they write, what they refuse, and who wins a race."""

import datetime
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pghistory.models
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction

from alliance.members.operations import actions
from alliance.models import EndReason, Member, Membership
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.models import RegistrationStatus
from tests import factories

D = datetime.date


@pytest.fixture
def alliance(db):
    return factories.alliance("first", founded_on=D(2019, 5, 1))


@pytest.fixture
def ordinary(alliance):
    return factories.tier(alliance, "ordinary", rank=5)


@pytest.fixture
def council(alliance):
    return factories.tier(alliance, "council", rank=4)


@pytest.fixture
def organization(db):
    return factories.organization()


def past(organization, tier, start, stop=None, **fields):
    """A membership written without the operations."""
    member = Member.objects.filter(alliance=tier.alliance, organization=organization).first()
    member = member or factories.member(tier.alliance, organization)
    return factories.membership(member, start, tier=tier, ended_on=stop, **fields)


def periods(member):
    rows = member.memberships.order_by("admitted_on")
    return [(m.tier.rank, m.admitted_on, m.ended_on, m.end_reason) for m in rows]


def test_admit_gives_a_member_with_the_next_number(organization, alliance, ordinary):
    membership = actions.admit(organization, alliance, ordinary, D(2020, 1, 1), remarks="理事会决议")
    assert periods(membership.member) == [(5, D(2020, 1, 1), None, "")]
    assert membership.remarks == "理事会决议"
    assert Member.objects.get().member_no == "M0001"


def test_admit_takes_a_given_number_and_refuses_a_used_one(alliance, ordinary):
    first = actions.admit(factories.organization(), alliance, ordinary, D(2020, 1, 1), member_no="A7")
    assert first.member.member_no == "A7"
    with pytest.raises(ValidationError):
        actions.admit(factories.organization(), alliance, ordinary, D(2020, 1, 1), member_no="A7")
    assert Member.objects.count() == 1


def test_admit_again_keeps_the_number_and_writes_a_new_row(organization, alliance, ordinary, council):
    first = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
    actions.end(first, D(2021, 1, 1), EndReason.WITHDRAWAL)
    again = actions.admit(organization, alliance, council, D(2022, 1, 1))
    assert again.member == first.member
    assert periods(again.member) == [
        (5, D(2020, 1, 1), D(2021, 1, 1), "withdrawal"),
        (4, D(2022, 1, 1), None, ""),
    ]
    with pytest.raises(ValidationError) as refused:
        actions.admit(organization, alliance, council, D(2022, 1, 1), member_no="B1")
    assert isinstance(refused.value, Conflict)


def test_admit_refuses_another_number_for_a_former_member(organization, alliance, ordinary):
    past(organization, ordinary, D(2020, 1, 1), D(2021, 1, 1))
    with pytest.raises(ValidationError) as refused:
        actions.admit(organization, alliance, ordinary, D(2022, 1, 1), member_no="B1")
    assert refused.value.error_dict.keys() == {"member_no"}


@pytest.mark.parametrize(
    ("start", "stop"), [(D(2020, 1, 1), None), (D(2020, 1, 1), D(2030, 1, 1)), (D(2025, 1, 1), None)]
)
def test_admit_refuses_who_is_a_member_from_that_day_on(organization, alliance, ordinary, start, stop):
    past(organization, ordinary, start, stop)
    with pytest.raises(Conflict):
        actions.admit(organization, alliance, ordinary, D(2024, 1, 1))
    assert Membership.objects.count() == 1


def test_admit_refuses_a_tier_of_another_alliance_and_a_disabled_one(organization, alliance):
    foreign = factories.tier(factories.alliance("other"))
    old = factories.tier(alliance, "old", disabled_on=D(2022, 1, 1))
    for tier in (foreign, old):
        with pytest.raises(ValidationError) as refused:
            actions.admit(organization, alliance, tier, D(2022, 1, 1))
        assert refused.value.error_dict.keys() == {"tier"}
    assert actions.admit(organization, alliance, old, D(2021, 12, 31)).tier == old


def test_admit_refuses_days_outside_of_the_alliance(organization, alliance, ordinary):
    alliance.dissolved_on = D(2024, 1, 1)
    for day in (D(2019, 4, 30), D(2024, 1, 1)):
        with pytest.raises(ValidationError) as refused:
            actions.admit(organization, alliance, ordinary, day)
        assert refused.value.error_dict.keys() == {"on"}
    assert actions.admit(organization, alliance, ordinary, D(2019, 5, 1)).pk


@pytest.mark.parametrize(
    "status", [RegistrationStatus.DEREGISTERED, RegistrationStatus.REVOKED, RegistrationStatus.MERGED]
)
def test_admit_refuses_who_has_ended(alliance, ordinary, status):
    ended = factories.organization(registration_status=status)
    with pytest.raises(ValidationError) as refused:
        actions.admit(ended, alliance, ordinary, D(2022, 1, 1))
    assert refused.value.error_dict.keys() == {"organization"}
    ended.closed_on = D(2022, 1, 1)
    ended.save()
    with pytest.raises(ValidationError):
        actions.admit(ended, alliance, ordinary, D(2022, 1, 1))
    assert actions.admit(ended, alliance, ordinary, D(2021, 12, 31)).pk, "what was can still be recorded"


def test_change_of_tier_is_two_rows_that_meet(organization, alliance, ordinary, council):
    first = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
    second = actions.change_tier(first.member, council, D(2021, 7, 1))
    assert periods(second.member) == [
        (5, D(2020, 1, 1), D(2021, 7, 1), "tier_change"),
        (4, D(2021, 7, 1), None, ""),
    ]
    assert Membership.objects.with_joined_on().get(pk=second.pk).joined_on == D(2020, 1, 1)


def test_change_of_tier_keeps_an_end_that_is_known(organization, alliance, ordinary, council):
    old = past(organization, ordinary, D(2020, 1, 1), D(2023, 1, 1), end_reason="lapse")
    actions.change_tier(old.member, council, D(2021, 1, 1))
    assert periods(old.member) == [
        (5, D(2020, 1, 1), D(2021, 1, 1), "tier_change"),
        (4, D(2021, 1, 1), D(2023, 1, 1), "lapse"),
    ]


def test_change_of_tier_is_refused_where_there_is_nothing_to_change(organization, alliance, ordinary, council):
    membership = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
    for tier, day in [(ordinary, D(2021, 1, 1)), (council, D(2020, 1, 1)), (council, D(2019, 12, 31))]:
        with pytest.raises(Conflict):
            actions.change_tier(membership.member, tier, day)
    with pytest.raises(ValidationError):
        actions.change_tier(membership.member, factories.tier(factories.alliance("other")), D(2021, 1, 1))
    assert periods(membership.member) == [(5, D(2020, 1, 1), None, "")]


def test_end_takes_a_member_or_a_membership(organization, alliance, ordinary):
    first = actions.admit(organization, alliance, ordinary, D(2020, 1, 1), remarks="甲")
    ended = actions.end(first.member, D(2021, 1, 1), EndReason.EXPULSION, remarks="乙")
    assert (ended.ended_on, ended.end_reason, ended.remarks) == (D(2021, 1, 1), "expulsion", "甲\n乙")
    again = actions.admit(organization, alliance, ordinary, D(2021, 1, 1))
    with pytest.raises(Conflict):
        actions.end(first, D(2022, 1, 1), EndReason.OTHER)
    assert actions.end(again, D(2022, 1, 1), EndReason.OTHER).pk == again.pk


def test_end_is_refused_without_reason_or_before_the_beginning(organization, alliance, ordinary):
    membership = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
    for reason in ("", "tier_change", "boredom"):
        with pytest.raises(ValidationError) as refused:
            actions.end(membership, D(2021, 1, 1), reason)
        assert refused.value.error_dict.keys() == {"reason"}
    with pytest.raises(ValidationError) as refused:
        actions.end(membership, D(2020, 1, 1), EndReason.LAPSE)
    assert refused.value.error_dict.keys() == {"on"}
    actions.end(membership, D(2020, 1, 2), EndReason.LAPSE)
    with pytest.raises(Conflict):
        actions.end(membership.member, D(2021, 1, 1), EndReason.LAPSE)


def test_correction_moves_the_row_that_a_change_of_tier_joins(organization, alliance, ordinary, council):
    first = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
    second = actions.change_tier(first.member, council, D(2021, 7, 1))
    for day in (D(2021, 6, 1), D(2021, 9, 1)):
        actions.correct(second, reason="录入有误", admitted_on=day)
        assert periods(first.member) == [(5, D(2020, 1, 1), day, "tier_change"), (4, day, None, "")]
    for day in (D(2021, 6, 1), D(2021, 9, 1)):
        actions.correct(first, reason="录入有误", ended_on=day)
        assert periods(first.member) == [(5, D(2020, 1, 1), day, "tier_change"), (4, day, None, "")]
    with pytest.raises(ValidationError):
        actions.correct(first, reason="录入有误", ended_on=None, end_reason="")
    with pytest.raises(ValidationError) as refused:
        actions.correct(second, reason="录入有误", admitted_on=D(2020, 1, 1))
    assert refused.value.error_dict.keys() == {"admitted_on"}, "the error stands beside the field that was changed"


def test_correction_in_the_middle_moves_both_neighbours(organization, alliance, ordinary, council):
    top = factories.tier(alliance, "top")
    first = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
    middle = actions.change_tier(first.member, council, D(2021, 1, 1))
    actions.change_tier(first.member, top, D(2022, 1, 1))
    for start, stop in [
        (D(2021, 3, 1), D(2022, 3, 1)),
        (D(2020, 3, 1), D(2021, 3, 1)),
        (D(2020, 5, 1), D(2021, 1, 1)),
        (D(2020, 2, 1), D(2023, 1, 1)),
    ]:
        actions.correct(middle, reason="录入有误", admitted_on=start, ended_on=stop)
        assert [row[1:3] for row in periods(first.member)] == [(D(2020, 1, 1), start), (start, stop), (stop, None)]


def test_correction_keeps_to_the_rules(organization, alliance, ordinary, council):
    old = past(organization, ordinary, D(2020, 1, 1), D(2021, 1, 1), end_reason="lapse")
    new = past(organization, council, D(2022, 1, 1))
    with pytest.raises(ValidationError):
        actions.correct(new, reason="录入有误", admitted_on=D(2020, 6, 1))
    with pytest.raises(ValidationError):
        actions.correct(old, reason="录入有误", end_reason="tier_change")
    with pytest.raises(ValidationError):
        actions.correct(old, reason="录入有误", tier=factories.tier(factories.alliance("other")))
    with pytest.raises(TypeError):
        actions.correct(old, reason="录入有误", member=new.member)
    assert actions.correct(old, reason="录入有误", ended_on=D(2020, 12, 1), remarks="来函更正").remarks == "来函更正"


def test_operations_are_named_in_the_history(organization, alliance, ordinary):
    user = factories.user()
    membership = actions.admit(organization, alliance, ordinary, D(2020, 1, 1), user)
    event = pghistory.models.Events.objects.tracks(membership).get()
    assert event.pgh_context == {"operation": "admit", "user": user.pk}


def test_lost_race_speaks_the_message_of_the_constraint(alliance, organization):
    factories.organization(uscc=factories.valid_uscc(7))
    Member.objects.create(alliance=alliance, organization=organization)
    message = r"already|已"
    with pytest.raises(Conflict, match=message), integrity_errors_as_conflicts(), transaction.atomic():
        Member.objects.create(alliance=alliance, organization=organization)


def test_lost_race_knows_unnamed_unique_columns(db):
    factories.organization(uscc=factories.valid_uscc(7))
    with pytest.raises(Conflict, match=r"USCC|统一社会信用代码"), integrity_errors_as_conflicts(), transaction.atomic():
        factories.organization(uscc=factories.valid_uscc(7))
    with pytest.raises(IntegrityError), integrity_errors_as_conflicts(), transaction.atomic():
        factories.organization(kind="government", registered_capital=1, capital_currency="CNY")


def _outcome(operation, *args):
    try:
        operation(*args)
    except Conflict:
        return "conflict"
    except Exception as error:
        return repr(error)
    return "done"


@pytest.fixture
def eight_threads():
    everyone_is_here = Barrier(8)

    def close(_number):
        everyone_is_here.wait()  # one in each thread
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        yield pool
        list(pool.map(close, range(8)))


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_admit_an_organization_once(eight_threads):
    alliance = factories.alliance("first")
    tier = factories.tier(alliance)
    for _round in range(40):
        organization = factories.organization()
        work = [
            eight_threads.submit(_outcome, actions.admit, organization, alliance, tier, D(2020, 1, 1)) for _ in range(8)
        ]
        assert Counter(w.result() for w in work) == {"done": 1, "conflict": 7}
    assert sorted(Member.objects.values_list("member_no", flat=True)) == [f"M{n:04d}" for n in range(1, 41)]


@pytest.mark.django_db(transaction=True)
def test_eight_different_admissions_at_once_all_succeed_with_different_numbers(eight_threads):
    alliance = factories.alliance("first")
    tier = factories.tier(alliance)
    organizations = [factories.organization() for _ in range(40)]
    work = [eight_threads.submit(_outcome, actions.admit, o, alliance, tier, D(2020, 1, 1)) for o in organizations]
    assert {w.result() for w in work} == {"done"}
    assert Member.objects.values("member_no").distinct().count() == 40


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_change_and_end_leave_one_open_membership_at_most(eight_threads):
    alliance = factories.alliance("first")
    low, high = factories.tier(alliance, 2), factories.tier(alliance, "top")
    for _round in range(5):
        member = actions.admit(factories.organization(), alliance, low, D(2020, 1, 1)).member
        work = [eight_threads.submit(_outcome, actions.change_tier, member, high, D(2021, 1, 1)) for _ in range(4)]
        work += [eight_threads.submit(_outcome, actions.end, member, D(2022, 1, 1), "lapse") for _ in range(4)]
        assert Counter(w.result() for w in work) == {"done": 2, "conflict": 6}
        assert [row[1:3] for row in periods(member)] == [
            (D(2020, 1, 1), D(2021, 1, 1)),
            (D(2021, 1, 1), D(2022, 1, 1)),
        ]


def test_the_last_of_several_ends_ahead_is_cancelled(organization, alliance, ordinary):
    member = past(organization, ordinary, D(2020, 1, 1), D(2998, 1, 1), end_reason="lapse").member
    past(organization, ordinary, D(2998, 6, 1), D(2999, 1, 1), end_reason="other")
    actions.cancel_end(member)
    assert [row[1:3] for row in periods(member)] == [(D(2020, 1, 1), D(2998, 1, 1)), (D(2998, 6, 1), None)]


def test_a_correction_of_the_past_asks_its_reason(organization, alliance, ordinary, council):
    with time_machine.travel("2026-06-01T00:30:00+08:00", tick=False):  # in UTC it is still May
        first = actions.admit(organization, alliance, ordinary, D(2020, 1, 1))
        for change in ({"tier": council}, {"admitted_on": D(2020, 1, 2)}, {"ended_on": D(2026, 5, 31)}):
            with pytest.raises(ValidationError) as refused:
                actions.correct(first, reason=" ", **change)
            assert refused.value.error_dict.keys() == {"reason"}
        actions.correct(first, ended_on=D(2026, 6, 1))
        actions.correct(first, ended_on=D(2026, 9, 1), end_reason="lapse")
        actions.correct(first, remarks="补记", end_reason="other")
        later = actions.admit(organization, alliance, ordinary, D(2026, 10, 1))
        actions.correct(later, admitted_on=D(2026, 11, 1), tier=council)
        corrected = actions.correct(first, reason="批复为准", tier=council)
    event = pghistory.models.Events.objects.tracks(corrected).last()
    assert event.pgh_context["reason"] == "批复为准"
