"""Every named constraint of terms, groups, seats and office holders, broken in a form and in the database."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from alliance.models import Group, OfficeHolder, Seat, Term
from tests import factories
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 1)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def term(begins_on: str = "2021-07-01", ends_on: str = "2026-07-01", **fields) -> Term:
    values = {"alliance": factories.alliance(), "number": 9, "begins_on": day(begins_on), "ends_on": day(ends_on)}
    return Term(**values | fields)


def put_off(until: str, approval_no: str = "粤民函〔2026〕1号", ends_on: str = "2026-07-01") -> Term:
    return term(ends_on=ends_on, postponed_until=day(until), approval_no=approval_no)


def second_term(**fields) -> Term:
    first = factories.term(begins_on="2019-01-01")
    return term(**{"begins_on": "2024-01-01", "ends_on": "2025-01-01", "number": first.number + 1} | fields)


def seat(**fields) -> Seat:
    membership = factories.membership()
    group = fields.pop("group", None) or factories.group(membership.alliance)
    return Seat(**{"group": group, "alliance": group.alliance, "member": membership.member, "begins_on": DAY} | fields)


def second_seat() -> Seat:
    first = factories.seat(ends_on="2021-07-02")
    return Seat(group=first.group, alliance=first.alliance, member=first.member, begins_on=DAY)


def office(**fields) -> OfficeHolder:
    values = {"alliance": factories.alliance(), "office": "vice_chair", "name": "虚构某", "begins_on": DAY}
    return OfficeHolder(**values | fields)


def second_chair() -> OfficeHolder:
    factories.office_holder(office="chair", begins_on="2020-01-01", ends_on="2021-07-02")
    return office(office="chair")


def second_group() -> Group:
    first = factories.group()
    return Group(alliance=first.alliance, name_zh=first.name_zh)


BREAKERS: dict[str, Breaker] = {
    "term_number_unique_in_alliance": lambda: second_term(number=1),
    "term_period_not_empty": lambda: term(ends_on="2021-07-01"),
    "term_at_most_five_years": lambda: term(ends_on="2026-07-02"),
    "term_postponed_beyond_its_end": lambda: put_off("2026-07-01"),
    "term_postponed_at_most_a_year": lambda: put_off("2027-07-02"),
    "term_postponed_with_approval": lambda: put_off("2027-01-01", approval_no=""),
    "term_no_overlap": lambda: second_term(begins_on="2023-12-31"),
    "group_dissolved_after_founded": lambda: Group(
        alliance=factories.alliance(), name_zh="虚构组", founded_on=DAY, dissolved_on=DAY
    ),
    "group_name_unique_in_alliance": second_group,
    "seat_period_not_empty": lambda: seat(ends_on=DAY),
    "seat_no_overlap": second_seat,
    "office_period_not_empty": lambda: office(ends_on=DAY),
    "office_in_group": lambda: office(group=factories.group()),
    "office_held_by_one": second_chair,
}


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name)


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    row = BREAKERS[name]()
    assert_database_refuses(lambda: insert(row), name)


@pytest.mark.parametrize(
    ("begins_on", "last_end", "postponed"),
    [
        ("2021-07-01", "2026-07-01", "2027-07-01"),
        ("2020-02-29", "2025-03-01", "2026-03-01"),  # a year of 366 days has no such day in the others
        ("2019-03-01", "2024-03-01", "2025-03-01"),
        ("2019-02-28", "2024-02-28", "2025-02-28"),
    ],
)
def test_term_lasts_five_years_and_one_more_to_the_day(begins_on, last_end, postponed):
    said = {"approval_no": "粤民函〔2026〕1号"}
    longest = term(begins_on, last_end, postponed_until=day(postponed), **said)
    longest.full_clean()
    one_more = datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="每届任期最长不超过5年"):
        term(begins_on, (day(last_end) + one_more).isoformat()).full_clean()
    with pytest.raises(ValidationError, match="延期换届最长不超过1年"):
        term(begins_on, last_end, postponed_until=day(postponed) + one_more, **said).full_clean()


def test_terms_that_meet_do_not_overlap_but_one_that_is_put_off_does():
    first = factories.term(begins_on="2019-01-01")
    following = term("2024-01-01", "2029-01-01")
    following.full_clean()
    first.postponed_until, first.approval_no = day("2024-06-01"), "粤民函〔2024〕1号"
    first.save()
    with pytest.raises(ValidationError, match="与该联盟其他届次的任期重叠"):
        following.full_clean()
    assert Term.objects.as_of(day("2024-05-31")).get() == first
    assert not Term.objects.as_of(day("2024-06-01")).exists()


def test_six_years_are_refused_in_english_too():
    with translation.override("en"), pytest.raises(ValidationError, match="A term lasts at most 5 years"):
        term(ends_on="2027-07-01").full_clean()
    assert not Term.objects.exists()


def test_group_and_member_of_a_seat_are_of_one_alliance():
    elsewhere = factories.membership(factories.member(factories.alliance("other")))
    wrong = seat(member=elsewhere.member)
    with pytest.raises(ValidationError) as caught:
        wrong.full_clean()
    assert caught.value.message_dict["member"] == ["该会员属于其他联盟。"]
    assert_database_refuses(lambda: insert(wrong), "seat_member_of_alliance")
    stored = factories.seat()
    group = factories.group(elsewhere.alliance)
    assert_database_refuses(lambda: Seat.objects.filter(pk=stored.pk).update(group=group), "seat_group_of_alliance")


def test_group_and_member_of_an_office_holder_are_of_its_alliance():
    other = factories.alliance("other")
    for name, row in (
        ("group", office(office="expert", group=factories.group(other))),
        ("member", office(member=factories.member(other))),
    ):
        with pytest.raises(ValidationError) as caught:
            row.full_clean()
        assert list(caught.value.message_dict) == [name]
        assert_database_refuses(lambda row=row: insert(row), f"office_{name}_of_alliance")


def test_group_exists_on_all_days_of_a_seat():
    group = factories.group(founded_on="2021-01-01", dissolved_on="2022-01-01")
    seat(group=group, begins_on=day("2021-01-01"), ends_on=day("2022-01-01")).full_clean()
    for period in ({"begins_on": day("2020-12-31"), "ends_on": day("2022-01-01")}, {"begins_on": DAY}):
        with pytest.raises(ValidationError, match="该机构存续期间为2021-01-01至2021-12-31。"):
            seat(group=group, **period).full_clean()


def test_decision_of_a_term_is_of_its_alliance():
    strange = factories.decision(factories.meeting(factories.alliance("other")), matter="election")
    broken = term(decision=strange)
    with pytest.raises(ValidationError, match="decision"):
        broken.full_clean()
    with pytest.raises(IntegrityError, match="term_decision_of_alliance"):
        _write(broken)


def _write(broken: Term) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        insert(broken)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
