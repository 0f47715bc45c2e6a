"""Imports by accounts of townships: the own town's rows go through, those of others are refused and tell nothing."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.tables.figures import FiguresImport
from registry.models import AnnualFigures, Contact, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, imported, reasons, told

pytestmark = pytest.mark.django_db
MINE, THEIRS = "442000103", "442000105"


@pytest.fixture
def clerk(reference: None) -> User:
    return factories.of_township(factories.township(MINE))


@pytest.fixture
def known(reference: None) -> tuple[Organization, Organization]:
    mine = factories.enterprise(name_zh="香山一厂", township=factories.township(MINE))
    theirs = factories.enterprise(name_zh="香山二厂", township=factories.township(THEIRS))
    factories.contact(theirs, name="虚构密", phone="0760-00008888")
    factories.figures(theirs, year=2023, employees=7654)
    return mine, theirs


def test_rows_of_another_town_are_refused_and_tell_nothing(
    tmp_path: Path, clerk: User, known: tuple[Organization, Organization]
) -> None:
    rows = [["单位名称", "联系人", "联系电话"], ["香山一厂", "虚构甲", "0760-00000001"]]
    outcomes: dict[str, list[RowOutcome]] = {}
    for name, phone in (("虚构密", "0760-00008888"), ("虚构乙", "0760-00000002")):
        outcomes[name] = []
        report = imported(
            tmp_path, [*rows, ["香山二厂", name, phone]], user=clerk, apply=False, record=outcomes[name].extend
        )
        assert told(report) == [
            (
                3,
                "单位名称",
                "This organization is not in the townships that your account works on: leave the row to its town.",
            )
        ]
    same, other = outcomes.values()
    assert same[-1] == other[-1], "whether it is what is stored, it does not say"
    imported(tmp_path, [*rows, ["香山二厂", "虚构乙", "0760-00000002"]], user=clerk)
    assert set(Contact.objects.values_list("name", flat=True)) == {"虚构甲", "虚构密"}


def test_figures_of_another_town_are_refused(
    tmp_path: Path, clerk: User, known: tuple[Organization, Organization]
) -> None:
    path = csv_file(tmp_path, [["单位名称", "年度", "从业人员"], ["香山一厂", 2023, 10], ["香山二厂", 2023, 7654]])
    report = FiguresImport(user=clerk).run(path, apply=True)
    report.table.close()
    assert (report.new, [row for row, _column, _words in told(report)]) == (1, [3])
    assert dict(AnnualFigures.objects.values_list("organization__name_zh", "employees")) == {
        "香山一厂": 10,
        "香山二厂": 7654,
    }


def test_new_organizations_are_of_the_own_town(tmp_path: Path, clerk: User) -> None:
    rows: list[list[Any]] = [
        ["单位名称", "单位类型", "所在镇街"],
        ["香山三厂", "企业", ""],
        ["香山四厂", "企业", "古镇镇"],
    ]
    report = imported(tmp_path, rows, user=clerk)
    assert dict(Organization.objects.values_list("name_zh", "township__code")) == {"香山三厂": MINE}
    assert "name one of them" in reasons(report)
    assert any("东凤镇" in str(notice) for notice in report.notices)


def test_a_move_to_another_town_is_not_made_by_a_file(
    tmp_path: Path, clerk: User, known: tuple[Organization, Organization]
) -> None:
    report = imported(tmp_path, [["单位名称", "所在镇街"], ["香山一厂", "古镇镇"]], user=clerk)
    assert "propose it on the page" in reasons(report)
    known[0].refresh_from_db()
    assert known[0].township.code == MINE
