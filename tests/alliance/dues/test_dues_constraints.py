"""Every named constraint of dues, broken in a form and in the database."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from alliance.models import Due, DuesClass, DuesStandard, Payment
from tests import factories
from tests.alliance.meetings.test_meeting_constraints import refused_at_the_end
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert

pytestmark = pytest.mark.django_db

DAY = datetime.date(2030, 1, 1)


def _standard(**fields: Any) -> DuesStandard:
    alliance = factories.alliance("registered", legal_person=True)
    return DuesStandard(**{"alliance": alliance, "begins_on": DAY} | fields)


def _second_standard() -> DuesStandard:
    first = factories.dues_standard()
    return DuesStandard(alliance=first.alliance, begins_on=DAY)


def _class(**fields: Any) -> DuesClass:
    standard = DuesStandard.objects.filter(alliance__slug="registered").first() or factories.dues_standard()
    return DuesClass(**{"standard": standard, "alliance": standard.alliance, "name": "X", "amount": 1} | fields)


def _second_class() -> DuesClass:
    first = factories.dues_class()
    return DuesClass(standard=first.standard, alliance=first.alliance, name=first.name, amount=1)


def _due(**fields: Any) -> Due:
    known = factories.due()
    values = {"member": known.member, "alliance": known.alliance, "dues_class": known.dues_class}
    return Due(**values | {"year": 2031, "amount": Decimal(100)} | fields)


def _second_due() -> Due:
    first = factories.due()
    return Due(
        member=first.member, alliance=first.alliance, dues_class=first.dues_class, year=first.year, amount=Decimal(1)
    )


def _payment(**fields: Any) -> Payment:
    due = factories.due()
    return Payment(**{"due": due, "alliance": due.alliance, "paid_on": DAY, "amount": Decimal(1)} | fields)


def _second_line() -> Payment:
    first = factories.payment(serial_no="虚构0001")
    return Payment(due=first.due, alliance=first.alliance, paid_on=DAY, amount=Decimal(1), serial_no="虚构0001")


BREAKERS: dict[str, Breaker] = {
    "dues_standard_period_not_empty": lambda: _standard(ends_on=DAY),
    "dues_standard_no_overlap": _second_standard,
    "dues_class_name_unique_in_standard": _second_class,
    "dues_class_amount_positive": lambda: _class(amount=Decimal(0)),
    "due_once_a_year": _second_due,
    "due_months_of_a_year": lambda: _due(months=13),
    "due_amount_not_negative": lambda: _due(amount=Decimal(-1)),
    "due_relief_not_negative": lambda: _due(relief=Decimal(-1)),
    "due_relief_within_amount": lambda: _due(relief=Decimal(101), **_granted()),
    "due_relief_with_rule_reason_decision": lambda: _due(relief=Decimal(50), relief_rule="第三条"),
    "due_no_rule_without_relief": lambda: _due(relief_rule="第三条"),
    "payment_amount_positive": lambda: _payment(amount=Decimal(0)),
    "payment_line_once": _second_line,
}
TARGETS = {"dues_standard_id_alliance", "dues_class_id_alliance", "due_id_alliance"}


def _granted() -> dict[str, Any]:
    alliance = factories.alliance("registered", legal_person=True)
    decision = factories.dues_decision(alliance, "2020-01-10", matter="dues_relief")
    return {"relief_rule": "第三条", "relief_reason": "虚构", "relief_decision": decision}


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name)


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    row = BREAKERS[name]()
    assert_database_refuses(lambda: insert(row), name)


def test_class_member_and_payment_are_of_one_alliance():
    other = factories.alliance("other", legal_person=True)
    strange = factories.dues_class(factories.dues_standard(other))
    row = _due(dues_class=strange)
    with pytest.raises(ValidationError, match="另一个联盟"):
        row.full_clean()
    assert refused_at_the_end(lambda: insert(row)) == "due_class_of_alliance"
    row = _due(alliance=other, dues_class=strange)
    assert refused_at_the_end(lambda: insert(row)) == "due_member_of_alliance"
    payment = _payment(alliance=other)
    assert refused_at_the_end(lambda: insert(payment)) == "payment_due_of_alliance"
    row = _class(alliance=other)
    assert refused_at_the_end(lambda: insert(row)) == "dues_class_standard_of_alliance"


def test_decisions_are_of_the_alliance_of_what_rests_on_them():
    strange = factories.dues_decision(factories.alliance("other", legal_person=True))
    row = _standard(decision=strange)
    with pytest.raises(ValidationError, match="另一个联盟"):
        row.full_clean()
    assert refused_at_the_end(lambda: insert(row)) == "dues_standard_decision_of_alliance"
    row = _due(relief=Decimal(50), relief_rule="第三条", relief_reason="虚构", relief_decision=strange)
    with pytest.raises(ValidationError, match="另一个联盟"):
        row.full_clean()
    assert refused_at_the_end(lambda: insert(row)) == "due_relief_decision_of_alliance"


def test_alliance_that_is_not_registered_has_no_standard():
    with pytest.raises(ValidationError, match="不收取会费"):
        _standard(alliance=factories.alliance("test")).full_clean()


def test_decision_of_another_alliance_is_none_of_the_standard():
    decision = factories.dues_decision(factories.alliance("other", legal_person=True))
    with pytest.raises(ValidationError, match="另一个联盟"):
        _standard(decision=decision).full_clean()
