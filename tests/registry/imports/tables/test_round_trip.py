"""What is exported can be imported again and changes nothing, whatever the names and texts contain."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.tables.qualifications import QualificationImport
from registry.models import AnnualFigures, Category, Kind, Level, Organization, Qualification, RegistrationStatus
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES_COLUMNS, QUALIFICATION_COLUMNS
from tests import factories
from tests.round_trip import assert_unchanged, export, names, texts

pytestmark = pytest.mark.django_db


def assert_organizations_unchanged(path: Path, language: str) -> None:
    export(path, language, Organization.objects.order_by("id"), ORGANIZATION_COLUMNS)
    assert_unchanged(path, OrganizationImport(), Organization.objects.count())


def fill(text: dict[str, str]) -> None:
    record = factories.organization(**text)
    factories.name(record, text["name_zh"] + "旧")
    factories.name(record, '旧;"' + text["name_zh"])
    factories.contact(record, name="虚构" + text["short_name"][:20], title=text["short_name"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"name_zh": names, "name_en": names, "short_name": texts, "registered_address": texts}
            | dict.fromkeys(["scope", "introduction", "remarks", "main_products", "source"], texts)
        ),
        min_size=4,
        max_size=9,
    )
)
def test_exported_texts_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        for text in rows:
            fill(text)
        assert_organizations_unchanged(tmp_path / f"export.{kind}", language)
        transaction.set_rollback(True)


def everything() -> list[dict[str, Any]]:
    """One record for each choice of each kind of value."""
    rows: list[dict[str, Any]] = [{"kind": kind} for kind in Kind.values]
    rows += [{"registration_status": status} for status in RegistrationStatus.values]
    for category in Category.values:
        research = category in ("university", "research_institute", "laboratory")
        rows.append({"category": category, "kind": "research" if research else "enterprise"})
    rows += [
        {"founded_on": datetime.date(1086, 3, 1), "introduced_on": datetime.date(1899, 12, 31)},
        {"registered_capital": Decimal("12345678901.23"), "capital_currency": "CNY", "capital_text": "旧的写法"},
        {
            "registered_capital": Decimal(0),
            "capital_currency": "JPY",
            "country": "JP",
            "website": "https://example.com/?a=1",
        },
        {"registered_capital": Decimal("1250.5"), "capital_currency": "USD", "capital_text": "0.12505万美元"},
        {"capital_text": "若干", "country": "HK"},
        {"uscc": factories.valid_uscc(), "industry": "C3491", "verified_on": datetime.date(2024, 2, 29)},
        {"uscc": factories.valid_uscc()[:17] + "!".replace("!", "0"), "uscc_override_reason": "执照如此"},
        {"name_zh": "中山市**有限公司", "township": factories.township(), "zone": factories.zone()},
    ]
    return rows


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_exported_choices_dates_and_references_import_without_change(tmp_path, reference, kind, language):
    for values in everything():
        factories.organization(**values)
    ended = factories.township(
        "442000104", name_zh="东升镇", valid_to=datetime.date(2021, 7, 19), successor=factories.township()
    )
    record = factories.organization(township=ended, registered_address="中山市石岐区一号路")
    factories.tag(record, "robots.industrial")
    factories.tag(record, "robots.service", is_primary=True)
    factories.tag(factories.organization(registered_address="中山市石岐区二号路"), "robots.industrial")
    for level in Level.values:
        factories.qualification(record, level=level)
    factories.identifier(record, "lei", "529900T8BM49AURSDO55")
    factories.contact(record, phone="138****1234")
    factories.contact(record, role="legal_representative", name="欧**")
    assert_organizations_unchanged(tmp_path / f"export.{kind}", language)


figures = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["employees", "valid_invention_patents"], st.integers(0, 2_000_000)),
        **dict.fromkeys(["assets", "revenue", "rd_expenditure"], st.decimals(0, 10**12, places=2, allow_nan=False)),
    },
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(names, figures), min_size=2, max_size=6))
def test_exported_figures_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        for number, (name, values) in enumerate(rows):
            record = factories.organization(name_zh=name)
            values = {"employees": None, "revenue": None, "assets": None} | values
            if any(value is not None for value in values.values()):
                factories.figures(record, 2020 + number % 3, **values)
        path = tmp_path / f"figures.{kind}"
        if AnnualFigures.objects.exists():
            export(path, language, AnnualFigures.objects.order_by("id"), FIGURES_COLUMNS)
            assert_unchanged(path, FiguresImport(), AnnualFigures.objects.count())
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(names, texts, texts, texts), min_size=2, max_size=6))
def test_exported_qualifications_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        for number, (name, issuer, batch, certificate) in enumerate(rows):
            record = factories.organization(name_zh=name)
            code, level = ("high-tech", "national") if number % 2 else ("odd", "provincial")
            factories.grading("odd", name_zh="优秀，“单位”", name_en="Best; of all", levels=["provincial", "municipal"])
            days = {"granted_on": None, "valid_to": None} if number % 3 == 2 else {}
            factories.qualification(
                record, code, level=level, issuer=issuer, batch=batch, certificate_no=certificate[:50], **days
            )
        path = tmp_path / f"qualifications.{kind}"
        export(path, language, Qualification.objects.order_by("id"), QUALIFICATION_COLUMNS)
        assert_unchanged(path, QualificationImport(), Qualification.objects.count())
        transaction.set_rollback(True)
