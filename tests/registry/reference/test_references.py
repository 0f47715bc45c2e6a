"""Reference data are remembered from request to request, and never shown as they were before."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from registry.api.lists.rows import Selection
from registry.columns import RenderContext
from registry.models import Grading, Organization, Plan, Sector, Township, Zone
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.views.organizations import OrganizationViewSet
from registry.reference.cache import references
from tests import factories

pytestmark = pytest.mark.django_db


def test_references_are_read_once(reference: None) -> None:
    first = references()
    with CaptureQueriesContext(connection) as queries:
        assert references() is first
    assert len(queries) == 1


@pytest.mark.parametrize("model", [Plan, Sector, Township, Zone, Grading])
def test_references_follow_whatever_writes_to_their_tables(reference: None, model: Any) -> None:
    table, before = model._meta.db_table, references()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET name_zh = name_zh || '改'")
    after = references()
    assert after is not before
    name = "plans" if model is Plan else None
    rows = after.plans if name else after.rows[model._meta.model_name + "s"]
    assert {row.name_zh[-1] for row in rows} == {"改"}


def test_references_of_a_transaction_that_is_rolled_back_are_forgotten(reference: None) -> None:
    sector = factories.sector("robots")
    name = sector.name_zh
    with transaction.atomic():
        Sector.objects.filter(pk=sector.pk).update(name_zh="甲")
        assert references().table("sectors")[sector.pk]["name"] == "甲"
        transaction.set_rollback(True)
    assert references().table("sectors")[sector.pk]["name"] == name
    Sector.objects.filter(pk=sector.pk).update(name_zh="乙")
    assert references().table("sectors")[sector.pk]["name"] == "乙"


def test_references_speak_the_language_of_the_answer(reference: None) -> None:
    sector = factories.sector("robots")
    for language, name in (("zh-hans", sector.name_zh), ("en", sector.name_en), ("zh-hans", sector.name_zh)):
        with translation.override(language):
            assert references().table("sectors")[sector.pk] == {"code": "robots", "name": name}


def test_vocabularies_of_two_callers_remember_apart(reference: None) -> None:
    one, other = references().townships, references().townships
    assert one.find("东升镇") == other.find("小榄镇")
    assert [len(each.met) for each in (one, other)] == [1, 0]


@pytest.mark.parametrize("pooled", [False, True])
def test_selection_gives_the_columns_of_the_records_that_are_there(
    reference: None, monkeypatch: pytest.MonkeyPatch, pooled: bool
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", pooled)
    some = [factories.enterprise(name_zh=f"虚构{n}") for n in range(3)]
    factories.qualification(some[0])
    gone = some[1].pk
    Organization.objects.filter(pk=gone).delete()
    context = RenderContext()
    columns = tuple(column for column in ORGANIZATION_COLUMNS if column.in_file)
    rows = Selection(OrganizationViewSet, columns, context.key, context).rows([some[2].pk, gone, some[0].pk])
    listed = Organization.objects.values_list("pk", *(column.selected(context) for column in columns))
    assert {pk: tuple(row) for pk, row in rows.items()} == {row[0]: row[1:] for row in listed}
    assert len(rows) == 2


def test_connection_keeps_a_limited_number_of_statements(reference: None) -> None:
    one, context = factories.enterprise(), RenderContext()
    for first in range(len(ORGANIZATION_COLUMNS)):
        for columns in (ORGANIZATION_COLUMNS[first:], ORGANIZATION_COLUMNS[: first + 1]):
            selection = Selection(OrganizationViewSet, columns, context.key, context)
            assert all(selection.rows([one.pk]) for _again in range(6))  # prepared when it has run five times
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE '\\_pg3\\_%'")
        assert 20 < cursor.fetchone()[0] < 40
