"""Pages of the reference data, as those who look after them use them."""

from decimal import Decimal

import pytest
from django.test import Client

from registry.models import SizeStandard
from tests import factories
from tests.pages import form_data

pytestmark = pytest.mark.django_db

STANDARDS = "/admin/registry/sizestandard/"


@pytest.fixture
def administrator(reference: None) -> Client:
    client = Client()
    client.force_login(factories.superuser())
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.mark.parametrize(
    ("code", "shown", "typed", "stored"),
    [
        ("industry-employees", "1,000", "1200", 1200),
        ("industry-revenue", "40000", "50000", 500_000_000),
    ],
)
def test_bounds_of_employees_are_persons_and_others_money(administrator, code, shown, typed, stored):
    standard = SizeStandard.objects.get(code=code)
    page = f"{STANDARDS}{standard.pk}/change/"
    form = administrator.get(page)
    assert form.context["adminform"].form["large_min"].value() == shown
    assert administrator.post(page, form_data(form) | {"large_min": typed}).status_code == 302
    standard.refresh_from_db()
    assert standard.large_min == Decimal(stored)
    assert standard.medium_min == SizeStandard.objects.get(code=code).medium_min


def test_who_may_only_read_a_bound_reads_the_same(reference):
    viewer = Client()
    viewer.force_login(factories.with_role("查询员"))
    viewer.cookies["django_language"] = "zh-hans"
    standard = SizeStandard.objects.get(code="industry-employees")
    html = viewer.get(f"{STANDARDS}{standard.pk}/change/").content.decode()
    assert ">1,000<" in html
    assert ">0.1<" not in html


def test_the_history_of_a_bound_does_not_call_persons_money(administrator):
    standard = SizeStandard.objects.get(code="industry-employees")
    html = administrator.get(f"{STANDARDS}{standard.pk}/history/").content.decode()
    assert "大型下限：1,000 元（或人）" in html
