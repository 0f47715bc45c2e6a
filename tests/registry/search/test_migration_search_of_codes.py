"""Migration 0018 computes again what is stored by the old rules, and leaves what somebody has written by hand."""

import importlib

import pytest
from django.db import connection

from registry.models import Distinction, Identifier, Organization
from registry.search.conditions import find
from tests import factories

pytestmark = pytest.mark.django_db
migration = importlib.import_module("registry.migrations.0018_search_of_codes")


class Editor:
    connection = connection


def execute(sql: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)


def by_old_readings() -> None:
    execute("DELETE FROM registry_reading WHERE text IN ('长', '中山')")
    execute(
        "INSERT INTO registry_reading (text, start, pinyin) VALUES ('市长', '市长', 'shi zhang'), "
        "('长', '长', 'zhang'), ('省视', '省视', 'xing shi')"
    )


def test_readings_over_the_end_of_a_place_are_read_anew_unless_corrected_by_hand():
    by_old_readings()
    Organization.objects.bulk_create(
        Organization(kind="other", name_zh=name, pinyin=pinyin)
        for name, pinyin in (
            ("中山市长虹", ""),
            ("广东省视觉", ""),
            ("中山市长盈", "zhong shan shi chang ying ke ji"),
            ("珠海虚构", ""),
            ("中山市长青", "by hand"),
        )
    )
    assert Organization.objects.get(name_zh="中山市长虹").pinyin == "zhong shan shi zhang hong"
    other = factories.name(Organization.objects.get(name_zh="珠海虚构"), "中山市长远厂")
    migration.read_names_anew(None, Editor)
    assert dict(Organization.objects.values_list("name_zh", "pinyin")) == {
        "中山市长虹": "zhong shan shi chang hong",
        "广东省视觉": "guang dong sheng shi jue",
        "中山市长盈": "zhong shan shi chang ying ke ji",
        "珠海虚构": "zhu hai xu gou",
        "中山市长青": "by hand",
    }
    execute(migration.cheaper.REFILL.format(functions="", options=""))
    assert " shi chang yuan chang" in other.organization.search_index.pinyin


def test_keys_with_invisible_characters_are_folded_anew():
    execute(migration.QUICK)
    one = factories.organization(name_zh="虚\ufe0f构甲", name_en="A\U000e0100b")
    name = factories.name(one, "旧\u2066名")
    for key in ("虚构乙\ufe0f", "虚构乙", "虚构丙\ufe0f"):
        Distinction.objects.create(organization=one, name_key=key)
    one.refresh_from_db()
    assert one.name_zh_key == "虚\ufe0f构甲"
    execute(migration.FOLD_NAME)
    execute(migration.REFOLD)
    one.refresh_from_db()
    name.refresh_from_db()
    assert (one.name_zh_key, one.name_en_key, name.name_key) == ("虚构甲", "ab", "旧名")
    assert sorted(Distinction.objects.values_list("name_key", flat=True)) == ["虚构丙", "虚构乙"]
    assert list(find(Organization.objects.all(), "虚构甲")) == [one]
    assert list(find(Organization.objects.all(), "旧名")) == [one]


def test_organization_codes_become_one_and_what_contradicts_is_told(capsys):
    both, bare, one, other, odd = (factories.organization(uscc=None) for _ in range(5))
    for organization, value in (
        (both, "12345678-8"),
        (both, "123456788"),
        (bare, "A00000015"),
        (one, "B0000001-X"),
        (other, "B0000001X"),
        (odd, "no code"),
    ):
        factories.identifier(organization, "organization_code", value)
    factories.identifier(odd, "stock_code", "000000018")
    migration.hyphenate_organization_codes(None, Editor)
    assert sorted(Identifier.objects.values_list("organization_id", "value")) == [
        (both.pk, "12345678-8"),
        (bare.pk, "A0000001-5"),
        (one.pk, "B0000001-X"),
        (other.pk, "B0000001X"),
        (odd.pk, "000000018"),
        (odd.pk, "no code"),
    ]
    told = capsys.readouterr().out
    for organization in (one, other):
        organization.refresh_from_db()
        assert organization.registry_no in told
    assert "B0000001-X" in told
    assert told.count("\n") == 1
