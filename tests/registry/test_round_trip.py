"""What is exported can be imported again and changes nothing, whatever the names and texts contain."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.api.lists import Export
from registry.api.renderers import CSVRenderer, XLSXRenderer
from registry.columns import Reading
from registry.imports.organizations import OrganizationImport
from registry.models import Category, Kind, Level, Organization, RegistrationStatus
from registry.rows import ORGANIZATION_COLUMNS
from tests import factories

pytestmark = pytest.mark.django_db

# Signs that mean another cell, or an error, are refused wherever they stand alone.
SIGNS = {"〃", "同上", "同左"}
odd = st.sampled_from(
    [
        "=1+1",
        "+86",
        "-x",
        "@a",
        "'=a",
        "''",
        "\t=a",
        "＝a",
        "a\r\nb",
        "中\n文",
        "\x01\x1f",
        "\ue00b",
        "\U00020000",
        ";",
        "；",
        "、",
        '"',
        "无",
        "N/A",
    ]
)
characters = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
texts = (
    st.lists(st.one_of(odd, characters), max_size=3)
    .map("".join)
    .filter(lambda text: text.strip() not in SIGNS and not text.strip().startswith("#"))
)
names = texts.map(lambda text: f"香{text}山")


def export(path: Path, kind: str, language: str) -> Path:
    columns = [column for column in ORGANIZATION_COLUMNS if column.in_file]
    with translation.override(language):
        table = Export("单位", Organization.objects.order_by("id"), columns, Reading())
        renderer = {"csv": CSVRenderer, "xlsx": XLSXRenderer}[kind]()
        path.write_bytes(b"".join(renderer.stream(table)))
    return path


def events() -> int:
    models = [model for model in apps.get_app_config("registry").get_models() if model.__name__.endswith("Event")]
    return sum(model.objects.count() for model in models)


def assert_unchanged(path: Path) -> None:
    before, count = events(), Organization.objects.count()
    report = OrganizationImport().run(path, apply=True)
    report.table.close()
    assert not report.problems, report.problems[:3]
    assert report.summary == f"new 0, changed 0, unchanged {count}, refused 0", report.changed_columns
    assert events() == before


def fill(text: dict[str, str]) -> None:
    record = factories.organization(**text)
    factories.name(record, text["name_zh"] + "旧")
    factories.name(record, '旧;"' + text["name_zh"])
    factories.contact(record, name="虚构" + text["short_name"][:20], title=text["short_name"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        assert_unchanged(export(tmp_path / f"export.{kind}", kind, language))
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
    assert_unchanged(export(tmp_path / f"export.{kind}", kind, language))
