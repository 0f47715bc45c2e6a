"""Every named constraint of applications, broken in a form and in the database."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from alliance.models import Application
from tests import factories
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert

pytestmark = pytest.mark.django_db
DAY = datetime.date(2021, 7, 1)


def row(**fields) -> Application:
    alliance = factories.alliance()
    values = {"alliance": alliance, "organization": factories.enterprise(), "kind": "admission", "applied_on": DAY}
    if fields.get("kind", "admission") == "admission":
        values["tier"] = factories.tier(alliance)
    return Application(**values | fields)


def second() -> Application:
    first = factories.application()
    return row(organization=first.organization)


def own_confirmation() -> Application:
    user = factories.user()
    return row(entered_by=user, confirmed_by=user)


BREAKERS: dict[str, Breaker] = {
    "application_open_once": second,
    "application_tier_of_kind": lambda: row(kind="expulsion", tier=factories.tier()),
    "application_tier_when_submitted": lambda: row(tier=None, state="submitted"),
    "application_notice_of_withdrawal": lambda: row(certificate_returned=True),
    "application_notice_when_submitted": lambda: row(kind="withdrawal", state="submitted"),
    "application_announced_not_empty": lambda: row(announced_from=DAY, announced_until=DAY),
    "application_announced_from": lambda: row(announced_until=DAY),
    "application_passed_takes_effect": lambda: row(state="passed", confirmed_by=factories.user()),
    "application_passed_by_somebody": lambda: row(state="passed", effective_on=DAY),
    "application_second_person": own_confirmation,
}


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name)


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    broken = BREAKERS[name]()
    assert_database_refuses(lambda: insert(broken), name)


def _write(broken: Application) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        insert(broken)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_tier_is_of_the_alliance():
    broken = row(tier=factories.tier(factories.alliance("other")))
    with pytest.raises(ValidationError):
        broken.full_clean()
    with pytest.raises(IntegrityError, match="application_tier_of_alliance"):
        _write(broken)


def test_a_decision_is_of_the_alliance():
    strange = factories.dues_decision(factories.alliance("other", legal_person=True))
    with pytest.raises(IntegrityError, match="application_decision_of_alliance"):
        _write(row(decision=strange))


def test_an_application_may_be_entered_again_once_the_one_before_is_closed():
    first = factories.application(state="withdrawn")
    again = row(organization=first.organization)
    again.full_clean()
    again.save()
    assert Application.objects.filter(organization=first.organization).count() == 2


@pytest.mark.parametrize("name", ["applied_on", "notice_on"])
def test_nothing_that_came_in_bears_a_day_to_come(name):
    days = {"applied_on": DAY, "notice_on": DAY, name: timezone.localdate() + datetime.timedelta(days=1)}
    with pytest.raises(ValidationError) as refused:
        row(kind="withdrawal", **days).full_clean()
    assert [*refused.value.message_dict] == [name]
