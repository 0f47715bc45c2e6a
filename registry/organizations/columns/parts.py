"""Defines the columns of records that belong to an organization: contacts, figures, qualifications, relations."""

import datetime
from typing import Any

from django.db.models import Model
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.api.json_schema import NULLABLE_TEXT, REFERENCE, TEXT, component_schema
from registry.columns import Column, Hint, RenderContext, field_column, field_columns, in_wan, text_column
from registry.organizations.columns import labels, template_help
from registry.organizations.columns.template_help import NAMES
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Qualification, Relation
from registry.organizations.parsers import parse_code, uscc_parser
from registry.organizations.vocabularies import gradings
from registry.reference.models import Level
from registry.spreadsheet import PLAIN, Cell, Context, Vocabulary, choice_vocabulary, parse_date, parse_year

ORGANIZATION = component_schema("OrganizationReference", registry_no=TEXT, name_zh=TEXT, name_en=TEXT)
"""A reference to another organization, in the form that answers have."""


def organization_column(model: type[Model], name: str, **options: Any) -> Column:
    """Return a column of another organization, shown by registry number and names; null if there is none."""
    field: Any = model._meta.get_field(name)
    return Column(
        name=name,
        label=field.verbose_name,
        expression=JSONObject(**{key: f"{name}__{key}" for key in ("registry_no", "name_zh", "name_en")}),
        present=lambda value, context: value if value["registry_no"] else None,
        write=lambda value, context: value["registry_no"] or "",
        schema={"oneOf": [ORGANIZATION, {"type": "null"}]} if field.null else ORGANIZATION,
        **options,
    )


CONTACT_COLUMNS = field_columns(Contact, "id", "role", "name", "title", "phone", "email", "purpose", "source")

# Only a file names the organization of each record; for a list in JSON the address names it.
_OWNER = (
    text_column(
        "registry_no",
        _p("column", "Registry number"),
        expression="organization__registry_no",
        in_list=False,
        parse=parse_code,
        group=NAMES,
        hint=template_help.REGISTRY_NO,
    ),
    text_column(
        "uscc",
        _p("column", "USCC"),
        expression="organization__uscc",
        synonyms=labels.USCC,
        schema=NULLABLE_TEXT,
        in_list=False,
        width=22,
        make_parse=uscc_parser,
        group=NAMES,
        hint=template_help.USCC_KEY,
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        expression="organization__name_zh",
        synonyms=labels.NAME,
        in_list=False,
        width=36,
        group=NAMES,
        hint=template_help.NAME_KEY,
    ),
)


_FIGURES = capfirst(AnnualFigures._meta.verbose_name_plural)
_COUNT = Hint(_("A whole number. Empty means not reported, 0 means none."), "120")
_AMOUNT = Hint(_("In 10,000 yuan. Empty means not reported, 0 means none."), "6000")


def _figure(name: str, label: Promise, synonyms: str, hint: Hint = _COUNT, **options: Any) -> Column:
    return field_column(AnnualFigures, name, label=label, synonyms=synonyms, group=_FIGURES, hint=hint, **options)


def _money(name: str, label: Promise, synonyms: str, hint: Hint = _AMOUNT) -> Column:
    return _figure(name, label, synonyms, hint=hint, write=in_wan, width=18)


FIGURES_COLUMNS: tuple[Column, ...] = (
    *_OWNER,
    _figure(
        "year",
        _p("column", "Year"),
        "年份、统计年度、统计年份、数据年度、数据年份、报告年度、报告期、会计年度、所属年度、所属年份、填报年度",
        hint=Hint(_("Four digits."), "2024", True),
        parse=parse_year,
    ),
    _figure(
        "employees",
        _p("column", "Employees"),
        "从业人员、从业人员数、从业人数、从业人员总数、从业人员期末人数、期末从业人员、年末从业人员、员工人数、"
        "员工数、员工数量、"
        "员工总数、职工人数、职工总数、在职员工、在职员工数、企业人数、员工、人数、Headcount、Number of employees",
    ),
    _figure(
        "rd_staff",
        _p("column", "R&D staff"),
        "研发人员、研发人员数、研发人员数量、研发人员总数、研发人数、研究开发人员、R&D人员、科技人员",
        hint=Hint(_("Among the employees. Empty means not reported, 0 means none."), "30"),
    ),
    _money(
        "assets",
        _p("column", "Total assets (10,000 yuan)"),
        "资产总计、总资产、资产总额、年末资产总额、期末资产总额、年末总资产、Total assets",
    ),
    _money(
        "revenue",
        _p("column", "Revenue (10,000 yuan)"),
        "营业收入、营业总收入、营业收入总额、主营业务收入、年营业收入、年度营业收入、全年营业收入、营收、年营收、"
        "营业额、年营业额、"
        "销售收入、年销售收入、销售额、年销售额、Revenue",
    ),
    _money(
        "ai_revenue",
        _p("column", "AI revenue (10,000 yuan)"),
        "人工智能业务收入、人工智能收入、人工智能营业收入、人工智能相关收入、AI业务收入、AI收入、AI revenue",
        hint=Hint(_("Part of the revenue, in 10,000 yuan. Empty means not reported, 0 means none."), "4500.5"),
    ),
    _money(
        "rd_expenditure",
        _p("column", "R&D expenditure (10,000 yuan)"),
        "研发投入、研发费用、研发费用总额、研发经费、研发经费投入、研发支出、研发经费支出、研发投入金额、"
        "研发投入总额、年度研发投入、"
        "研究开发费用、R&D经费、R&D投入、R&D expenditure",
    ),
    _figure(
        "valid_invention_patents",
        _p("column", "Valid invention patents"),
        "有效发明专利、有效发明专利数、有效发明专利数量、有效发明专利拥有量、拥有有效发明专利数、发明专利、"
        "发明专利数、发明专利数量",
    ),
    _figure("source", _p("column", "Source"), "来源、信息来源", hint=template_help.SOURCE),
)
FIGURES = tuple(column for column in FIGURES_COLUMNS if column not in _OWNER and column.name not in ("year", "source"))
"""The columns that hold figures."""


def last_day(end: datetime.date | None, context: RenderContext) -> datetime.date | None:
    """Return the last day of a period whose `end` is the day after it: certificates name the last valid day."""
    return None if end is None else end - datetime.timedelta(days=1)


def parse_last_day(cell: Cell, context: Context = PLAIN) -> datetime.date | None:
    """Return the day after the last valid day, which is the day that a certificate names (有效期至)."""
    last = parse_date(cell, context)
    return None if last is None else last + datetime.timedelta(days=1)


_LEVEL_ALIASES = {
    "national": ["国家", "国家级", "全国"],
    "provincial": ["省", "省级", "省部级", "广东省"],
    "municipal": ["市", "市级", "地市级", "中山市"],
}
_QUALIFICATIONS = capfirst(Qualification._meta.verbose_name_plural)


def _levels() -> Vocabulary[str]:
    return choice_vocabulary(_("level"), Level.choices, _LEVEL_ALIASES)


def _qualification(name: str, label: Promise, synonyms: str, **options: Any) -> Column:
    return field_column(Qualification, name, label=label, synonyms=synonyms, group=_QUALIFICATIONS, **options)


QUALIFICATION_COLUMNS: tuple[Column, ...] = (
    field_column(Qualification, "id", in_file=False),
    *_OWNER,
    _qualification(
        "grading",
        _p("column", "Qualification"),
        "资质名称、荣誉名称、资质荣誉、资质、荣誉、称号、认定名称、资质荣誉名称、荣誉称号、称号名称、认定类型、"
        "资质类型、资质类别",
        expression="grading_id",
        present=lambda pk, context: context.gradings[pk],
        write=lambda pk, context: context.gradings[pk]["name"],
        schema=REFERENCE,
        width=28,
        vocabulary=gradings,
        hint=Hint(_("What was granted."), values=template_help.enabled_gradings, required=True),
    ),
    _qualification(
        "level",
        _p("column", "Level"),
        "资质级别、认定级别、荣誉级别、等级、认定等级",
        vocabulary=_levels,
        hint=Hint(_("May be empty where there is only one level."), values=lambda: Level.labels),
    ),
    _qualification(
        "issuer",
        _p("column", "Issuer"),
        "发证机关、发证单位、发证部门、发证机构、颁发单位、颁发部门、颁发机构、认定单位、认定机构、授予单位、"
        "授予部门、授予机构、"
        "批准单位、批准部门",
        width=24,
        hint=Hint(example="广东省科学技术厅"),
    ),
    _qualification(
        "batch",
        _p("column", "Batch or year"),
        "批次、认定批次、入选批次、公布批次、批次名称、认定年度、认定年份、获评年度、获评年份、年度、年份",
        hint=Hint(_("As published."), "2023年第一批"),
    ),
    _qualification(
        "certificate_no",
        _p("column", "Certificate number"),
        "证书号、证书号码、高新技术企业证书编号、高企证书编号、认定编号、编号",
        width=20,
        hint=Hint(example="GR000000000000"),
    ),
    _qualification(
        "granted_on",
        _p("column", "Granted on"),
        "发证时间、颁发日期、颁发时间、颁证日期、认定日期、认定时间、获得日期、获得时间、获证日期、获评时间、"
        "授予日期、授予时间、"
        "批准日期、批准时间、评定日期、评定时间、公布日期、公告日期",
        hint=Hint(_("Year, month and day."), template_help.DATE),
    ),
    _qualification(
        "valid_to",
        _p("column", "Valid until"),
        "有效期止、有效截止日期、证书有效期至、有效日期至、到期日、到期日期、到期时间、证书到期日期、有效期截止日",
        write=last_day,
        parse=parse_last_day,
        hint=Hint(_("The last day on which it holds."), "2022-08-31"),
    ),
)

RELATION_COLUMNS = (
    *field_columns(Relation, "id", "kind"),
    organization_column(Relation, "related"),
    *field_columns(Relation, "valid_from", "valid_to", "remarks"),
)
