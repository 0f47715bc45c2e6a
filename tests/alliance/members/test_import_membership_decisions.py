"""Memberships whose organization is written otherwise, and cells that add sectors and take them away."""

from pathlib import Path
from typing import Any

import pytest

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance, Membership
from registry.imports.options import Choices, SectorLists, StoredValues
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.models import ImportBatch
from tests import factories
from tests.registry.imports.importing import csv_file, reasons

pytestmark = pytest.mark.django_db
LABELS = ["单位名称", "会员级别", "起始日期"]


@pytest.fixture
def alliance() -> Alliance:
    of = factories.alliance()
    factories.tier(of, "member")
    return of


def imported(folder: Path, rows: list[list[Any]], **options: Any) -> tuple[Report, list[RowOutcome]]:
    outcomes: list[RowOutcome] = []
    report = MembershipImport(slug="test").run(
        csv_file(folder, rows), **{"apply": True, "record": outcomes.extend} | options
    )
    report.table.close()
    return report, outcomes


def test_membership_of_a_similar_name_is_held_back_until_it_is_decided(tmp_path, alliance):
    record = factories.enterprise(name_zh="中山市香山机器人有限公司")
    rows = [LABELS, ["香山机器人", "会员单位", "2019-01-01"], ["没有这家", "会员单位", "2019-01-01"]]
    report, (held, refused) = imported(tmp_path, rows, suggest=True)
    assert (report.undecided, report.refused, Membership.objects.count()) == (1, 1, 0)
    assert (held.outcome, [one["id"] for one in held.candidates]) == ("undecided", [record.pk])
    assert (refused.outcome, "no such organization" in refused.problems[0]["message"][1]) == ("refused", True)
    report, (new, _refused) = imported(tmp_path, rows, suggest=True, decisions={0: record.pk})
    assert (new.outcome, new.organization, new.name) == ("new", record.pk, "香山机器人")
    assert Membership.objects.get().member.organization_id == record.pk


def test_membership_of_another_organization_is_refused_since_none_is_created(tmp_path, alliance):
    factories.enterprise(name_zh="中山市香山机器人有限公司")
    rows = [LABELS, ["香山机器人", "会员单位", "2019-01-01"]]
    report, _outcomes = imported(tmp_path, rows, suggest=True, decisions={0: None})
    assert "no such organization" in reasons(report)


def test_batch_of_memberships_is_written_with_them(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    batch = ImportBatch.objects.create(table="memberships", file_name="list.csv", sha256="0" * 64, size=1)
    imported(tmp_path, [LABELS, ["香山一厂", "会员单位", "2019-01-01"]], batch=batch)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"]) == ("applied", 1)


@pytest.mark.parametrize(
    "choices",
    [Choices(), Choices(lists=SectorLists.ADD), Choices(stored=StoredValues.FILL_BLANKS)],
    ids=["replace", "add", "fill"],
)
@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ("+工业机器人", {"robots.service", "robots.industrial"}),
        ("-服务机器人;+机器视觉", {"core-technology.machine-vision"}),
        ("-服务机器人", set()),
        ("-机器视觉", {"robots.service"}),
    ],
)
def test_signs_add_sectors_of_participation_and_take_them_away(tmp_path, alliance, reference, cell, after, choices):
    member = factories.member(alliance, factories.enterprise(name_zh="香山一厂"))
    member.sectors.add(factories.sector("robots.service"))
    factories.membership(member, "2019-01-01")
    rows = [[*LABELS, "参与领域"], ["香山一厂", "", "2019-01-01", cell]]
    report, _outcomes = imported(tmp_path, rows, choices=choices)
    assert report.refused == 0, reasons(report)
    assert set(member.sectors.values_list("code", flat=True)) == after
    assert imported(tmp_path, rows, choices=choices)[0].unchanged == 1
