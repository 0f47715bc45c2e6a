"""One definition of a column holds everywhere: what a file shows is read, compared, written, offered and shown again.

A field that is added to a model makes these tests say what is still missing: its column, or its two values here.
"""

import csv
import datetime
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.test import Client
from django.urls import reverse

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.members.imports.memberships import MembershipImport
from alliance.models import Membership
from registry.columns import Column, RenderContext, editable_names
from registry.imports.options import Choices, Renames
from registry.imports.pipeline.engine import Import
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.tables.qualifications import QualificationImport
from registry.models import AnnualFigures, Contact, Name, Organization, Qualification
from registry.organizations.columns.details import ORGANIZATION_DETAIL_COLUMNS
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import CONTACT_COLUMNS, FIGURES_COLUMNS, QUALIFICATION_COLUMNS
from tests import factories
from tests.api import ok, root
from tests.round_trip import export

pytestmark = pytest.mark.django_db

NO_COLUMN = {
    "registry.Organization": {"id", "name_zh_key", "name_en_key", "sort_key"},
    "registry.AnnualFigures": {"id", "organization"},
    "registry.Qualification": {"organization"},
    "registry.Contact": {"organization"},
    "alliance.Membership": {"member", "created_at"},
}
"""Fields without a column: whose record it is, which the address says, and what the database fills in."""

FIRST: dict[str, Any] = {
    "kind": "enterprise",
    "category": "backbone",
    "name_zh": "中山市甲虚构有限公司",
    "name_en": "Zhongshan First Fictional Co., Ltd.",
    "short_name": "甲虚构",
    "registration_status": "active",
    "registration_type": "有限责任公司",
    "registered_address": "中山市虚构路1号",
    "business_address": "中山市虚构路2号",
    "country": "CN",
    "website": "https://first.example.com",
    "founded_on": datetime.date(2015, 3, 1),
    "registered_capital": Decimal(5_000_000),
    "capital_currency": "CNY",
    "industry": "C3491",
    "main_products": "六轴机器人\n减速器",
    "scope": "研发、生产",
    "introduction": "甲的简介",
    "introduced_on": datetime.date(2016, 1, 1),
    "source": "2024年走访",
    "verified_on": datetime.date(2024, 5, 1),
    "verified_from": "phone",
    "remarks": "甲的备注",
    "published": True,
    "uscc_override_reason": "",
    "pinyin": "jia xugou",
    "closed_on": None,
    "capital_text": "500万元",
}
SECOND: dict[str, Any] = {
    "kind": "research",
    "category": "laboratory",
    "name_zh": "中山市乙虚构实验室",
    "name_en": "Zhongshan Second Fictional Laboratory",
    "short_name": "乙虚构",
    "registration_status": "deregistered",
    "registration_type": "事业单位",
    "registered_address": "中山市乌有路1号",
    "business_address": "中山市乌有路2号",
    "country": "SG",
    "website": "https://second.example.com",
    "founded_on": datetime.date(2017, 4, 2),
    "registered_capital": Decimal(70_000),
    "capital_currency": "USD",
    "industry": "M7320",
    "main_products": "视觉算法",
    "scope": "检测服务",
    "introduction": "乙的简介",
    "introduced_on": datetime.date(2018, 2, 2),
    "source": "2025年走访",
    "verified_on": datetime.date(2025, 6, 1),
    "verified_from": "visit",
    "remarks": "乙的备注",
    "published": False,
    "uscc_override_reason": "执照如此",
    "pinyin": "yi xugou",
    "closed_on": datetime.date(2023, 1, 1),
    "capital_text": "7万美元",
}
REFERENCES = {"township", "zone", "successor", "uscc"}
"""Columns whose two values are records, or a code; `organizations` makes them."""


def organizations() -> tuple[Organization, Organization]:
    """Two records that differ in every column."""
    first = factories.organization(
        **FIRST, uscc=factories.valid_uscc(), township=factories.township(), zone=factories.zone()
    )
    second = factories.organization(
        **SECOND,
        uscc=factories.valid_uscc(start="12"),
        township=factories.township("442000119", name_zh="虚构镇", name_en="Fictional Town"),
        zone=factories.zone("new", name_zh="虚构新区", name_en="Fictional New Zone"),
        successor=factories.organization(name_zh="中山市承继虚构有限公司"),
    )
    for record, sector in ((first, "robots.industrial"), (second, "core.vision")):
        factories.tag(record, sector, is_primary=True)
    for record, text in ((first, "甲"), (second, "乙")):
        factories.name(record, f"中山市{text}旧名有限公司")
        factories.name(record, f"{text}别名研究院", kind=Name.Kind.ALIAS)
        factories.name(record, f"ABC{text}", kind=Name.Kind.ACRONYM)
        factories.identifier(record, "stock_code", f"00000{record.pk}"[-6:])
        factories.grading(f"grading-{text}", name_zh=f"{text}资质", name_en=f"Grading {text}")
        factories.qualification(record, f"grading-{text}", granted_on=None, valid_to=None)
        phone = f"0760-0000000{'甲乙'.index(text)}"
        factories.contact(record, name=f"{text}某", title=f"{text}主任", phone=phone, email=f"{record.pk}@example.com")
        factories.contact(record, role=Contact.Role.LEGAL_REPRESENTATIVE, name=f"{text}法人", phone="", email="")
    return first, second


# --- Every field has its column, and its place in template, form and API


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Organization, ORGANIZATION_DETAIL_COLUMNS),
        (AnnualFigures, FIGURES_COLUMNS),
        (Qualification, QUALIFICATION_COLUMNS),
        (Contact, CONTACT_COLUMNS),
        (Membership, MEMBERSHIP_COLUMNS),
    ],
)
def test_every_field_has_a_column(model: type[models.Model], columns: Sequence[Column]) -> None:
    fields = {field.name for field in model._meta.concrete_fields} - NO_COLUMN[model._meta.label]
    missing = fields - {column.name for column in columns}
    assert not missing, f"fields of {model._meta.label} without a column: {sorted(missing)}"


def test_every_editable_field_has_two_values_in_these_tests() -> None:
    names = set(editable_names(ORGANIZATION_DETAIL_COLUMNS, Organization)) - REFERENCES
    assert FIRST.keys() == names, f"give two values to {sorted(FIRST.keys() ^ names)}"
    assert SECOND.keys() == names
    assert [name for name in names if FIRST[name] == SECOND[name]] == []


@pytest.mark.parametrize(
    ("make", "columns", "left_out"),
    [
        (OrganizationImport, ORGANIZATION_COLUMNS, set()),
        (FiguresImport, FIGURES_COLUMNS, set()),
        (QualificationImport, QUALIFICATION_COLUMNS, set()),
        (lambda: MembershipImport(slug=factories.alliance().slug), MEMBERSHIP_COLUMNS, {"alliance", "name_en"}),
    ],
)
def test_every_column_of_a_file_is_offered_in_the_template(
    reference: None, make: Callable[[], Import], columns: Sequence[Column], left_out: set[str]
) -> None:
    shown = [column for column in columns if column.in_file and column.name not in left_out]
    hints = {column.name: column.hint for column in make().columns}
    assert [column.name for column in shown if hints[column.name] is None] == []
    assert [column.name for column in shown if not column.group] == []


def whole_form(organization: Organization) -> str:
    return f"{organization.get_absolute_url()}change/"


def test_form_offers_every_editable_field(admin_client: Client, reference: None) -> None:
    for path in (reverse("admin:registry_organization_add"), whole_form(organizations()[0])):
        page = admin_client.get(path)
        offered = set(flatten_fieldsets(page.context["adminform"].fieldsets))
        assert set(editable_names(ORGANIZATION_DETAIL_COLUMNS, Organization)) <= offered


def test_fields_of_rows_stand_once_in_a_form(admin_client: Client, reference: None) -> None:
    page = admin_client.get(whole_form(organizations()[0])).content.decode()
    ids = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page)
    assert "id_name_zh" in ids
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_api_writes_every_editable_field(reference: None) -> None:
    """Everything that the answer shows of one record can be written into another."""
    first, second = organizations()
    names = editable_names(ORGANIZATION_DETAIL_COLUMNS, Organization)
    api = root()
    wanted = ok(api.get(f"organizations/{second.registry_no}/"))
    wanted = {name: wanted[name] for name in names}
    second.delete()
    body = wanted | {"name_change": "correction", "successor": wanted["successor"]["registry_no"]}
    assert ok(api.get(f"organizations/{first.registry_no}/"))["published"] is True
    changed = ok(api.patch(f"organizations/{first.registry_no}/", body))
    assert {name: changed[name] for name in names} == wanted


# --- Whatever a file shows is read, compared and written


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def assert_every_cell_arrives(
    tmp_path: Path,
    run: Callable[[], Import],
    rows: models.QuerySet[Any],
    columns: Sequence[Column],
    keys: Sequence[str],
    added: Sequence[str] = (),
    also: Sequence[str] = (),
    **context: Any,
) -> None:
    """Write the second row's cells into the first row's record, one column at a time, and find each of them there.

    `keys` are the labels by which a row finds its record, `added` those of columns to which a file only adds,
    and `also` those that a file must have beside its keys.
    """
    first, second = rows_of(export(tmp_path / "before.csv", "zh-hans", rows, columns, **context))
    assert {label for label in first if first[label] == second[label]} <= set(keys)
    rows.reverse()[:1].get().delete()  # its name and codes are free then
    choices = Choices(renames=Renames.ACCEPT)
    for label in [label for label in first if label not in keys]:
        row = {name: first[name] for name in [*keys, *also]} | {label: second[label]}
        report = run().run(write(tmp_path / "row.csv", [row]), apply=True, choices=choices)
        report.table.close()
        said = [str(problem.message) for problem in [*report.problems, *report.held]]
        assert (said, report.changed, report.new) == ([], 1, 0), label
        now = rows_of(export(tmp_path / "after.csv", "zh-hans", rows, columns, **context))[0]
        if label in added:
            assert set(second[label].split(";")) <= set(now[label].split(";")), label
        else:
            assert now[label] == second[label], label


def test_every_cell_of_organizations_arrives(tmp_path: Path, reference: None) -> None:
    first, second = organizations()
    # In this order no step is refused: a category fits its kind, an unusual status needs no successor.
    Organization.objects.filter(pk=second.pk).update(uscc=None)
    rows = Organization.objects.filter(pk__in=[first.pk, second.pk]).order_by("id")
    Organization.objects.filter(pk__in=[first.pk, second.pk]).update(category="innovation_institution")
    columns = [column for column in ORGANIZATION_COLUMNS if column.name not in ("uscc", "category")]
    keys = ["名录编号"]
    full = RenderContext()
    full.revealed = True  # masked, two numbers may look the same
    added = ["曾用名", "别名", "外文缩写", "其他证照编号", "资质荣誉"]
    assert_every_cell_arrives(tmp_path, OrganizationImport, rows, columns, keys, added, context=full)


def test_code_and_category_of_an_organization_arrive(tmp_path: Path, reference: None) -> None:
    record = factories.organization(category="backbone")
    code = factories.valid_uscc()
    row = {"名录编号": record.registry_no, "统一社会信用代码": code, "主体类别": "人工智能服务企业"}
    report = OrganizationImport().run(write(tmp_path / "row.csv", [row]), apply=True)
    report.table.close()
    record.refresh_from_db()
    assert (record.uscc, record.category) == (code, "ai_service")


def test_every_cell_of_figures_arrives(tmp_path: Path, reference: None) -> None:
    record = factories.enterprise()
    values = {"employees": 9, "rd_staff": 5, "assets": 90_000, "revenue": 80_000, "ai_revenue": 70_000}
    factories.figures(record, 2022, **values, rd_expenditure=6_000, valid_invention_patents=4, source="甲")
    values = {"employees": 10, "rd_staff": 6, "assets": 95_000, "revenue": 85_000, "ai_revenue": 75_000}
    factories.figures(record, 2023, **values, rd_expenditure=6_500, valid_invention_patents=5, source="乙")
    keys = ["名录编号", "统一社会信用代码", "单位名称", "年度"]
    rows = AnnualFigures.objects.order_by("year")
    assert_every_cell_arrives(tmp_path, FiguresImport, rows, FIGURES_COLUMNS, keys, also=["从业人员（人）"])


def test_every_cell_of_qualifications_arrives(tmp_path: Path, reference: None) -> None:
    record = factories.enterprise()
    grading = factories.grading("two-levels", name_zh="虚构资质", levels=["national", "provincial"])
    for day, level, text in ((1, "national", "甲"), (2, "provincial", "乙")):
        Qualification.objects.create(
            organization_id=record.pk,
            grading=grading,
            level=level,
            issuer=f"{text}部门",
            batch=f"{text}批",
            certificate_no=f"{text}号",
            granted_on=datetime.date(2020, 1, day),
            valid_to=datetime.date(2023, 1, day),
        )
    keys = ["名录编号", "统一社会信用代码", "单位名称", "资质名称", "发证日期", "级别", "批次/年度"]
    rows = Qualification.objects.order_by("granted_on")
    labels = rows_of(export(tmp_path / "labels.csv", "zh-hans", rows, QUALIFICATION_COLUMNS))[0]
    keys = [label for label in labels if label in keys or label.startswith(("名称", "资质", "批次"))]
    assert_every_cell_arrives(tmp_path, QualificationImport, rows, QUALIFICATION_COLUMNS, keys)


def test_every_cell_of_memberships_arrives(tmp_path: Path, reference: None) -> None:
    of = factories.alliance()
    members = [factories.member(of), factories.member(of, position=7)]
    tiers = [factories.tier(of), factories.tier(of, "council")]
    for member, tier, text, sector, reason in zip(
        members, tiers, "甲乙", ("robots.industrial", "core.vision"), ("withdrawal", "lapse"), strict=True
    ):
        start = datetime.date(2020, 1, 1)
        end = datetime.date(2024, 1, 1 + members.index(member))
        factories.membership(
            member, start.isoformat(), tier=tier, ended_on=end, end_reason=reason, remarks=f"{text}的备注"
        )
        member.sectors.set([factories.sector(sector)])
    rows = Membership.objects.order_by("id")
    exported = rows_of(export(tmp_path / "x.csv", "zh-hans", rows, MEMBERSHIP_COLUMNS, AllianceRenderContext()))
    keys = ["联盟", "会员编号", "名录编号", "统一社会信用代码", "单位名称", "英文名称", "起始日期"]
    # A period that has ended is changed only by a row that names its own start and end.
    for label in [label for label in exported[0] if label not in keys]:
        row = {name: exported[0][name] for name in [*keys, "会员级别", "终止日期"]} | {label: exported[1][label]}
        report = MembershipImport(slug=of.slug).run(write(tmp_path / "row.csv", [row]), apply=True)
        report.table.close()
        assert ([str(p.message) for p in report.problems], report.changed) == ([], 1), label
        now = rows_of(export(tmp_path / "y.csv", "zh-hans", rows, MEMBERSHIP_COLUMNS, AllianceRenderContext()))
        assert now[0][label] == exported[1][label], label
        exported[0] = now[0]
