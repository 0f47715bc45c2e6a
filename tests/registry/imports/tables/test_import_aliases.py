"""Aliases and acronyms in lists: kept as names of those kinds, found by, given back, never taken for the name."""

import pytest

from registry.models import Name, Organization
from tests import factories
from tests.registry.imports.importing import imported, reasons

pytestmark = pytest.mark.django_db
NAME = "中山市虚构视觉研究院"
LABELS = ["单位名称", "单位类型", "别名", "英文缩写", "曾用名"]


def names() -> set[tuple[str, str]]:
    return set(Name.objects.values_list("kind", "name"))


def test_aliases_and_acronyms_become_names_of_their_kinds(tmp_path):
    report = imported(
        tmp_path, [LABELS, [NAME, "科研机构", "虚构视觉院；Fictional Vision Lab|FVL Lab", "FVL；FVI", ""]]
    )
    assert (report.new, report.exit_code) == (1, 0)
    assert names() == {
        ("alias", "虚构视觉院"), ("alias", "Fictional Vision Lab"), ("alias", "FVL Lab"),
        ("acronym", "FVL"), ("acronym", "FVI"),
    }  # fmt: skip


def test_aliases_are_added_once_and_never_removed(tmp_path):
    row = [NAME, "科研机构", "虚构视觉院", "FVL", ""]
    imported(tmp_path, [LABELS, row])
    assert imported(tmp_path, [LABELS, row]).unchanged == 1
    report = imported(tmp_path, [LABELS, [NAME, "科研机构", "第二别名研究院", "", ""]])
    assert (report.changed, names()) == (1, {("alias", "虚构视觉院"), ("alias", "第二别名研究院"), ("acronym", "FVL")})
    assert "Remove the value on the page" in reasons(
        imported(tmp_path, [LABELS, [NAME, "科研机构", "-虚构视觉院", "", ""]])
    )


def test_name_that_the_organization_goes_by_is_no_alias(tmp_path):
    imported(tmp_path, [LABELS, [NAME, "科研机构", NAME, "", ""]])
    assert names() == set()


def test_alias_finds_the_record_and_acronym_does_not(tmp_path):
    one = factories.institute(name_zh=NAME)
    factories.name(one, "虚构视觉院", kind=Name.Kind.ALIAS)
    factories.name(one, "FVL", kind=Name.Kind.ACRONYM)
    head = ["单位名称", "单位类型", "备注"]
    imported(tmp_path, [head, ["虚构视觉院", "科研机构", "按别名"], ["FVL", "科研机构", "按缩写"]])
    one.refresh_from_db()
    assert one.remarks == "按别名"
    assert (
        Organization.objects.filter(name_zh="FVL", remarks="按缩写").exists()
        or Organization.objects.filter(name_en="FVL", remarks="按缩写").exists()
    )
