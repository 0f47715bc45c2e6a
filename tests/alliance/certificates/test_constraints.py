"""Every named constraint of certificates, broken in a form and in the database."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from alliance.models import Certificate, CertificateSettings
from tests import factories
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert

pytestmark = pytest.mark.django_db
DAY = datetime.date(2021, 7, 1)
BEFORE = DAY - datetime.timedelta(days=1)


def certificate(**fields: Any) -> Certificate:
    made = factories.certificate(number="x1", issued_on=DAY, valid_from=DAY, valid_to="2022-01-01")
    values = {field.attname: getattr(made, field.attname) for field in made._meta.concrete_fields if field.name != "id"}
    days = {"number": "x2", "valid_from": datetime.date(2022, 1, 1), "valid_to": datetime.date(2023, 1, 1)}
    return Certificate(**values | days | fields)


def lost(**fields: Any) -> Certificate:
    return certificate(**{"ended_on": DAY, "end_kind": "lost", "end_reason": "遗失"} | fields)


def replaced_without_being_so() -> Certificate:
    made = lost(end_kind="void")
    made.replaced_by = Certificate.objects.get(number="x1")
    return made


BREAKERS: dict[str, Breaker] = {
    "certificate_number_unique_in_alliance": lambda: certificate(number="x1"),
    "certificate_period_not_empty": lambda: certificate(valid_to=datetime.date(2022, 1, 1)),
    "certificate_end_is_told_whole": lambda: lost(end_reason=""),
    "certificate_ends_after_issue": lambda: lost(ended_on=BEFORE),
    "certificate_successor_if_replaced": replaced_without_being_so,
    "certificate_returned_after_issue": lambda: certificate(returned_on=BEFORE),
    "certificate_one_at_a_time": lambda: certificate(valid_from=datetime.date(2021, 12, 31)),
}


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name)


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    row = BREAKERS[name]()
    assert_database_refuses(lambda: insert(row), name)


def test_certificates_that_meet_do_not_overlap_and_what_ended_makes_room():
    certificate().full_clean()
    stored = Certificate.objects.get(number="x1")
    stored.ended_on, stored.end_kind, stored.end_reason = DAY, "void", "错填"
    stored.save()  # before its first valid day was over: it holds on no day
    factories.certificate(factories.membership(), number="y1")
    other = Certificate.objects.get(number="x1")
    other.pk, other.number, other.ended_on, other.end_kind, other.end_reason = None, "x9", None, "", ""
    other.full_clean()
    other.save()
    assert {*Certificate.objects.values_list("number", flat=True)} >= {"x1", "x9"}


def test_member_and_successor_are_of_the_same_alliance_and_member():
    elsewhere = factories.membership(factories.member(factories.alliance("other")))
    wrong = certificate(member_id=elsewhere.member_id)
    assert_database_refuses(lambda: insert(wrong), "certificate_member_of_alliance")
    mine, theirs = factories.certificate(number="m"), factories.certificate(elsewhere, number="t")
    ended = {"ended_on": mine.issued_on, "end_kind": "replaced", "end_reason": "x"}
    rows = Certificate.objects.filter(pk=mine.pk)
    assert_database_refuses(lambda: rows.update(replaced_by=theirs, **ended), "certificate_successor_of_member")


@pytest.mark.parametrize("text", ["", "2026", "##-##", "YYYY-YYYY-###", "#" * 9, "ZS\n###"])
def test_a_format_that_gives_no_numbers_is_refused_in_both_languages(text):
    row = CertificateSettings(alliance=factories.alliance(), number_format=text)
    for language, told in (("en", "Write # for each digit"), ("zh-hans", "#")):
        with translation.override(language), pytest.raises(ValidationError) as caught:
            row.full_clean()
        with translation.override(language):
            assert text == "" or told in " ".join(caught.value.messages)
