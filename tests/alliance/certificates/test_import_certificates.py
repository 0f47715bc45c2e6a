"""Certificates of earlier years from a list: names of their day, errors at their cells, and nothing written over."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from alliance.certificates.imports.certificates import CertificateImport
from alliance.certificates.issuing import issue
from alliance.members.operations.renaming import rename
from alliance.models import Alliance, Certificate, Member
from registry.imports.pipeline.report import Report
from tests import factories
from tests.registry.imports.importing import csv_file, told

pytestmark = pytest.mark.django_db
D = datetime.date
HEADER = ["证书编号", "单位名称", "发证日期", "有效期至", "失效日期", "失效方式", "失效原因"]
FIRST = ["旧字1号", "香山甲厂", "2021-03-01", "2023-12-31", "", "", ""]


def imported(folder: Path, rows: list[list[Any]]) -> Report:
    report = CertificateImport(slug="test").run(csv_file(folder, rows), apply=True)
    report.table.close()
    return report


@pytest.fixture(autouse=True)
def of(reference: None) -> Alliance:
    alliance = factories.alliance("test", name_zh="虚构市人工智能联盟")
    for number, name in enumerate(("香山甲厂", "香山乙厂", "香山丙厂"), 1):
        who = factories.enterprise(name_zh=name, name_en=f"Plant {number}")
        factories.membership(factories.member(alliance, who, member_no=f"M000{number}"), "2020-01-01")
    return alliance


def test_a_list_is_taken_with_the_names_of_its_days(tmp_path, of):
    who = Member.objects.get(member_no="M0001").organization
    factories.name(who, "香山老厂", kind="former", valid_to=D(2022, 1, 1))
    rename(of, name_zh="虚构市数字经济联盟", name_en="", on=D(2022, 1, 1))
    rename(of.tiers.get(), name_zh="普通会员", name_en="", on=D(2022, 1, 1))
    rows = [HEADER, FIRST, ["旧字2号", "香山乙厂", "2023年2月1日", "", "2024-01-01", "已作废", "错填"]]
    assert imported(tmp_path, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    first, second = Certificate.objects.order_by("number")
    assert (first.valid_from, first.valid_to, first.from_list, first.member_number) == (
        D(2021, 3, 1),
        D(2024, 1, 1),
        True,
        "M0001",
    )
    assert (first.organization_name, first.organization_name_en) == ("香山老厂", "Plant 1")
    assert (first.alliance_name, first.tier_name, first.signature) == (
        "虚构市人工智能联盟",
        "会员单位",
        "虚构市人工智能联盟",
    )
    assert (second.alliance_name, second.tier_name) == ("虚构市数字经济联盟", "普通会员")
    assert (second.valid_to, second.ended_on, second.end_kind, second.end_reason) == (
        None,
        D(2024, 1, 1),
        "void",
        "错填",
    )
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 2, refused 0"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["旧字2号", "香山乙厂", "", "2023-12-31", "", "", ""], "发证日期", "needs its day of issue"),
        (["", "香山乙厂", "2021-03-01", "2023-12-31", "", "", ""], "证书编号", "needs the number of its certificate"),
        (["旧字2号", "", "2021-03-01", "2023-12-31", "", "", ""], "单位名称", "needs the member"),
        (["旧字2号", "没有此厂", "2021-03-01", "2023-12-31", "", "", ""], "单位名称", "no such organization"),
        (
            ["旧字2号", "香山甲厂", "2022-03-01", "2024-12-31", "", "", ""],
            "发证日期",
            "another certificate that is valid",
        ),
        (["旧字1号", "香山乙厂", "2021-03-01", "2023-12-31", "", "", ""], "单位名称", "recorded for the member M0001"),
        (["旧字2号", "香山乙厂", "2019-03-01", "2023-12-31", "", "", ""], "发证日期", "not recorded as a member"),
        (["旧字2号", "香山乙厂", "2021-03-01", "2021-02-28", "", "", ""], "有效期至", "The end must be later"),
        (["旧字2号", "香山乙厂", "2021-03-01", "2023-12-31", "2022-01-01", "遗失", ""], "失效方式", "needs all three"),
        (
            ["旧字2号", "香山乙厂", "2021-03-01", "2023-12-31", "2020-01-01", "遗失", "x"],
            "失效日期",
            "cannot end before",
        ),
        (["旧字2号", "香山乙厂", "2021-03-01", "2023-12-31", "2022-01-01", "烧毁", "x"], "失效方式", "烧毁"),
    ],
)
def test_a_row_that_cannot_be_is_refused_at_its_cell(tmp_path, row, column, words):
    assert imported(tmp_path, [HEADER, FIRST]).summary.startswith("new 1")
    problems = told(imported(tmp_path, [HEADER, row]))
    assert column in {place for _row, place, _said in problems}, problems
    assert any(words in said for _row, _place, said in problems), problems
    assert Certificate.objects.count() == 1


def test_what_was_issued_here_is_not_written_over(tmp_path, of):
    made = issue(of, [Member.objects.get(member_no="M0001").pk], D(2024, 1, 1), D(2027, 1, 1), D(2024, 1, 1))[0]
    rows = [["证书编号", "会员号", "有效期至", "证书单位名称"], [made.number, "M0001", "2030-12-31", "别的厂"]]
    problems = told(imported(tmp_path, rows))
    assert "stays as it was printed" in problems[0][2]
    rows = [
        ["证书编号", "交回日期", "失效日期", "失效方式", "失效原因"],
        [made.number, "2025-02-01", "2025-02-01", "收回", "退会"],
    ]
    report = CertificateImport(slug="test").run(
        csv_file(tmp_path, [[*rows[0], "会员号"], [*rows[1], "M0001"]]), apply=True
    )
    report.table.close()
    assert report.summary == "new 0, changed 1, unchanged 0, refused 0"
    made.refresh_from_db()
    assert (made.end_kind, made.returned_on, made.organization_name) == ("withdrawn", D(2025, 2, 1), "香山甲厂")


def test_what_is_exported_is_read_back_unchanged(tmp_path, of):
    rows = [HEADER, FIRST, ["旧字2号", "香山乙厂", "2021-03-01", "", "2022-01-01", "遗失", "登报"]]
    imported(tmp_path, rows)
    new = issue(of, [Member.objects.get(member_no="M0002").pk], D(2022, 1, 1), None, D(2022, 1, 1))[0]
    assert Certificate.objects.get(number="旧字2号").replaced_by == new
    path = tmp_path / "certificates.xlsx"
    call_command("export_council", "test", "certificates", "--lang", "zh", "-o", str(path))
    report = CertificateImport(slug="test").run(path, apply=True)
    report.table.close()
    assert report.summary == "new 0, changed 0, unchanged 3, refused 0", told(report)
    Certificate.objects.exclude(replaced_by=None).delete()
    Certificate.objects.all().delete()
    command = ["import_council", "certificates", str(path), "--alliance", "test", "--apply"]
    with pytest.raises(SystemExit):  # the successor of one is not recorded before
        call_command(*command)
    assert Certificate.objects.count() == 2
    call_command(*command)
    again = Certificate.objects.get(number="旧字2号")
    assert again.replaced_by == Certificate.objects.get(number=new.number)
    again = Certificate.objects.get(number="旧字1号")
    assert (again.valid_to, again.organization_name, again.tier_name) == (D(2024, 1, 1), "香山甲厂", "会员单位")
