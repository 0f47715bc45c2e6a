"""The blank form, filled in and read back as an application, with the organization that it describes."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from alliance.applications.imports.applications import ApplicationImport
from alliance.models import Alliance, Application
from registry.models import Contact, Organization
from tests import factories

pytestmark = pytest.mark.django_db
HEADER = "单位名称,统一社会信用代码,单位类型,联系人,联系电话,联盟,会员级别,申请日期"
NAME = "中山市虚构星图智能科技有限公司"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    made = factories.alliance()
    factories.tier(made, "member")
    return made


def run(folder: Path, alliance: Alliance, *rows: str, user: Any = None, apply: bool = True) -> Any:
    path = folder / "申请.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    report = ApplicationImport(user=user or factories.superuser(), slug=alliance.slug).run(path, apply=apply)
    report.table.close()
    return report


def test_new_and_known_organizations_apply(alliance: Alliance, tmp_path: Path) -> None:
    known = factories.enterprise(name_zh="中山市虚构海岳智能科技有限公司", uscc=factories.valid_uscc())
    user = factories.superuser()
    rows = [
        f"{NAME},{factories.valid_uscc()},企业,虚构某,{factories.PHONE},{alliance.name_zh},会员单位,2026-03-01",
        f"{known.name_zh},{known.uscc},企业,,,,会员单位,",
    ]
    report = run(tmp_path, alliance, *rows, user=user)
    assert report.applied, report
    assert (report.new, report.changed) == (1, 1)
    first, second = Application.objects.order_by("pk")
    assert (first.organization.name_zh, first.applied_on, first.state) == (NAME, datetime.date(2026, 3, 1), "draft")
    assert (second.organization, second.tier.name_zh, second.entered_by) == (known, "会员单位", user)
    assert Contact.objects.get().organization == first.organization
    again = run(tmp_path, alliance, *rows, user=user)
    assert (again.new, again.changed) == (0, 0)
    assert Application.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{NAME},,企业,,,别的联盟,会员单位,", "不是本次导入的联盟"),
        (f"{NAME},,企业,,,,没有的级别,", "没有的级别"),
        (f"{NAME},,企业,,,,,", "请填写申请级别"),
        ("{member},,企业,,,,会员单位,", "已是会员"),
    ],
)
def test_what_is_refused_enters_nothing(alliance: Alliance, tmp_path: Path, row: str, said: str) -> None:
    member = factories.membership(factories.member(alliance)).member.organization
    before = Organization.objects.count()
    report = run(tmp_path, alliance, row.format(member=member.name_zh))
    assert said in " ".join(str(error.message) for error in report.problems)
    assert (Application.objects.count(), Organization.objects.count()) == (0, before)


def test_account_needs_the_right_to_enter_applications(alliance: Alliance, tmp_path: Path) -> None:
    user = factories.user("registry.view_organization", "registry.add_organization")
    report = run(tmp_path, alliance, f"{NAME},,企业,,,,会员单位,", user=user)
    assert "不能录入申请" in " ".join(str(error.message) for error in report.problems)
    assert not Application.objects.exists()
