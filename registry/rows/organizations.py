"""The columns of organizations."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, When
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.cells import (
    Parse,
    Vocabulary,
    join_list,
    list_parser,
    only_added,
    parse_capital,
    parse_email,
    parse_line,
    parse_phone,
    parse_website,
    signed_list_parser,
)
from registry.columns import (
    BOOLEAN,
    NULLABLE_DATE,
    NULLABLE_TEXT,
    REFERENCE,
    TEXT,
    Column,
    Hint,
    Reading,
    array_schema,
    choice_column,
    date_column,
    in_wan,
    local_moment,
    number,
    object_schema,
    reference_column,
    text_column,
)
from registry.models import (
    Category,
    Contact,
    Identifier,
    Kind,
    Name,
    Qualification,
    RegistrationStatus,
    Scheme,
    SectorTag,
    Township,
    Zone,
)
from registry.organizations.countries import parse_country
from registry.organizations.parsers import (
    parse_code,
    parse_currency,
    parse_identifiers,
    parse_industry,
    parse_names,
    parse_uscc,
)
from registry.organizations.vocabularies import categories, kinds, registration_statuses
from registry.references import references

from . import template_help
from .template_help import (
    BUSINESS,
    CARE,
    CLASSIFICATION,
    CONTACTS,
    DATE,
    DESCRIPTION,
    NAMES,
    NEW,
    PLACE,
    SEVERAL,
    current_sectors,
    enabled_gradings,
    labels,
)

# --- Columns of several values: one array subquery each


def sectors_expression(path: str = "pk") -> Callable[[Reading], Any]:
    """Ids of the sectors of the reading's plan in no order, the primary one negative."""

    def expression(reading: Reading) -> ArraySubquery:
        tags = SectorTag.objects.filter(organization=OuterRef(path), plan=reading.plan).order_by()
        signed = Case(
            When(is_primary=True, then=-F("sector_id")), default=F("sector_id"), output_field=BigIntegerField()
        )
        return ArraySubquery(tags.values_list(signed))

    return expression


def present_sectors(ids: Iterable[int], reading: Reading) -> list[dict[str, Any]]:
    tags = reading.tags
    return [tags[pk] for pk in sorted(ids, key=reading.references.places.__getitem__)]


def write_sectors(ids: Iterable[int], reading: Reading) -> str:
    return join_list(one["name"] for one in present_sectors(ids, reading))


SECTORS = array_schema(object_schema(code=TEXT, name=TEXT, primary=BOOLEAN))


def _former_names() -> ArraySubquery:
    names = Name.objects.filter(organization=OuterRef("pk"), kind=Name.Kind.FORMER)
    return ArraySubquery(names.order_by("valid_from", "id").values_list("name"))


def _identifiers() -> ArraySubquery:
    rows = Identifier.objects.filter(organization=OuterRef("pk")).order_by("scheme", "value")
    return ArraySubquery(
        rows.values_list(JSONObject(scheme="scheme", value="value", valid_from="valid_from", valid_to="valid_to"))
    )


def _write_identifiers(rows: Iterable[dict[str, Any]], reading: Reading) -> str:
    return join_list(f"{row['scheme']}:{row['value']}" for row in rows)


def _qualifications() -> ArraySubquery:
    rows = Qualification.objects.filter(organization=OuterRef("pk")).order_by("-granted_on", "id")
    return ArraySubquery(
        rows.values_list(JSONObject(grading="grading_id", level="level", granted_on="granted_on", valid_to="valid_to"))
    )


def _present_qualifications(rows: Iterable[dict[str, Any]], reading: Reading) -> list[dict[str, Any]]:
    return [{**row, "grading": reading.gradings[row["grading"]]} for row in rows]


def _write_qualifications(rows: Iterable[dict[str, Any]], reading: Reading) -> str:
    return join_list(dict.fromkeys(reading.gradings[row["grading"]]["name"] for row in rows))


def _gradings() -> Vocabulary[int]:
    return references().gradings


def _added_list_parser(vocabulary: Vocabulary[Any]) -> Parse:
    return only_added(list_parser(vocabulary, ";；"))


def _contact(role: str, column: str) -> Subquery:
    # One at most in each of these roles, so in no order: that of the model needs a join.
    return Subquery(Contact.objects.filter(organization=OuterRef("pk"), role=role).order_by().values(column)[:1])


def _contact_column(
    name: str, label: Promise, role: str, column: str, synonyms: str, example: str, parse: Parse = parse_line
) -> Column:
    field: Any = Contact._meta.get_field(column)
    return Column(
        name=name,
        label=label,
        expression=_contact(role, column),
        present=lambda value, reading: value or "",
        synonyms=synonyms,
        permission="registry.view_contact",
        in_list=False,
        parse=parse,
        max_length=field.max_length,
        masked=True,
        group=CONTACTS,
        hint=Hint(example=example),
    )


_STRINGS = array_schema(TEXT)
_LIAISON, _LEGAL = Contact.Role.LIAISON, Contact.Role.LEGAL_REPRESENTATIVE

ORGANIZATION_COLUMNS: tuple[Column, ...] = (
    text_column(
        "registry_no",
        _p("column", "Registry number"),
        synonyms="登记编号",
        group=NAMES,
        hint=Hint(_("Leave it empty for a new organization: the registry gives the number."), "ZSAI-000123"),
        parse=parse_code,
    ),
    choice_column(
        "kind",
        _p("column", "Kind"),
        Kind,
        synonyms="单位类别、机构类型",
        group=CLASSIFICATION,
        hint=Hint(_("What kind of body it is."), values=lambda: Kind.labels, required=NEW),
        vocabulary=kinds,
    ),
    choice_column(
        "category",
        _p("column", "Category"),
        Category,
        blank=True,
        width=20,
        group=CLASSIFICATION,
        hint=Hint(_("What the plan calls it; it must fit the kind."), values=lambda: Category.labels),
        vocabulary=categories,
    ),
    text_column(
        "uscc",
        _p("column", "USCC"),
        synonyms="社会信用代码、信用代码、统一信用代码、社会信用代码（税号）、统一社会信用代码（税号）、税号",
        schema=NULLABLE_TEXT,
        width=22,
        group=NAMES,
        hint=template_help.USCC,
        parse=parse_uscc,
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        synonyms=(
            "企业名称、公司名称、机构名称、名称、中文名称、中文名、单位全称、企业全称、会员单位名称、会员单位、单位、"
            "企业、Name、Organization、Company、Company name、Institution"
        ),
        width=36,
        group=NAMES,
        hint=Hint(_("The full name as registered."), "中山市虚构机器人有限公司", True),
        masked=True,
    ),
    text_column(
        "name_en",
        _p("column", "English name"),
        synonyms="单位英文名称、英文名、Display name、Name in English",
        width=36,
        group=NAMES,
        hint=Hint(_("Bodies without a Chinese name need it."), "Zhongshan Fictional Robot Co., Ltd."),
        masked=True,
    ),
    text_column(
        "short_name",
        _p("column", "Short name"),
        synonyms="单位简称、企业简称、股票简称、证券简称",
        group=NAMES,
        hint=Hint(example="虚构机器人"),
    ),
    Column(
        name="former_names",
        label=_p("column", "Former names"),
        expression=_former_names(),
        write=lambda names, reading: join_list(names),
        synonyms="原名称、曾用名称",
        schema=_STRINGS,
        group=NAMES,
        hint=Hint(SEVERAL, "中山市旧虚构有限公司"),
        parse=parse_names,
        sql_type="text[]",
    ),
    choice_column(
        "registration_status",
        _p("column", "Registration status"),
        RegistrationStatus,
        synonyms="经营状态、企业状态、存续状态",
        group=CLASSIFICATION,
        hint=Hint(_("Empty means active."), values=lambda: RegistrationStatus.labels),
        vocabulary=registration_statuses,
    ),
    text_column(
        "registration_type",
        _p("column", "Registration type"),
        synonyms="企业类型、公司类型、登记注册类型、注册类型、市场主体类型",
        group=CLASSIFICATION,
        hint=Hint(_("As on the licence."), "有限责任公司"),
    ),
    reference_column(
        "township",
        _p("column", "Township"),
        "townships",
        synonyms="镇街、所属镇街、镇区、所属镇区、所在镇区、镇街（开发区）、所属街道",
        group=PLACE,
        hint=Hint(_("Where it is registered."), values=lambda: labels(Township.objects.current().order_by("code"))),
    ),
    reference_column(
        "zone",
        _p("column", "Zone"),
        "zones",
        synonyms="园区、所属功能区、功能区、所在园区",
        group=PLACE,
        hint=Hint(values=lambda: labels(Zone.objects.filter(disabled_on=None).order_by("code"))),
    ),
    text_column(
        "registered_address",
        _p("column", "Registered address"),
        synonyms="住所、企业住所、地址、单位地址、企业地址、登记住所",
        width=36,
        group=PLACE,
        hint=Hint(example="中山市石岐街道虚构路1号"),
    ),
    text_column(
        "business_address",
        _p("column", "Business address"),
        synonyms="通讯地址、办公地址、联系地址、生产经营地址、实际经营地址",
        width=36,
        group=PLACE,
        hint=Hint(_("If it differs from the registered address."), "中山市石岐街道虚构路2号"),
    ),
    text_column(
        "country",
        _p("column", "Country or region"),
        synonyms="国别、国家、国家（地区）、国别地区、国家代码、Country code",
        group=PLACE,
        hint=Hint(_("Empty means China."), "中国"),
        parse=parse_country,
    ),
    text_column(
        "website",
        _p("column", "Website"),
        synonyms="官网、网站、官方网站、企业网址、公司网址",
        width=24,
        group=PLACE,
        hint=Hint(example="https://example.com"),
        parse=parse_website,
    ),
    date_column(
        "founded_on",
        _p("column", "Founded on"),
        synonyms="注册日期、注册时间、成立时间、设立日期、登记日期、开业日期",
        group=BUSINESS,
        hint=Hint(_("Year, month and day."), DATE),
    ),
    Column(
        name="registered_capital",
        label=_p("column", "Registered capital (10,000 yuan)"),
        expression="registered_capital",
        present=number,
        write=in_wan,
        synonyms="注册资本、注册资金、注册资金（万元）、开办资金、Registered capital",
        schema={"type": ["number", "null"], "description": "In yuan, or in units of the currency."},
        group=BUSINESS,
        hint=Hint(_("In 10,000 yuan; in another currency or unit write it beside the number."), "500"),
        parse=parse_capital,
    ),
    text_column(
        "capital_currency",
        _p("column", "Currency"),
        synonyms="注册资本币种、货币",
        width=8,
        group=BUSINESS,
        hint=Hint(_("Empty means CNY."), "CNY"),
        parse=parse_currency,
    ),
    text_column(
        "industry",
        _p("column", "Industry"),
        synonyms="行业代码、行业、国民经济行业代码",
        width=10,
        group=CLASSIFICATION,
        hint=Hint(_("Code of GB/T 4754."), "C3491"),
        parse=parse_industry,
    ),
    Column(
        name="sectors",
        label=_p("column", "Sectors"),
        expression=sectors_expression(),
        present=present_sectors,
        write=write_sectors,
        synonyms="领域、重点领域、所属重点领域、产业领域、领域标签",
        schema=SECTORS,
        width=28,
        group=CLASSIFICATION,
        hint=Hint(
            _("Of the current plan; the primary one first. Several are separated by a semicolon (;)."),
            values=current_sectors,
            several=True,
        ),
        parser_of=signed_list_parser,
        sql_type="bigint[]",
    ),
    text_column(
        "main_products",
        _p("column", "Main products"),
        synonyms="主营产品、主要产品、主要产品（服务）、主营产品或服务",
        width=28,
        group=DESCRIPTION,
        hint=Hint(example="六轴工业机器人"),
    ),
    Column(
        name="qualifications",
        label=_p("column", "Qualifications"),
        expression=_qualifications(),
        present=_present_qualifications,
        write=_write_qualifications,
        synonyms="资质、荣誉、荣誉资质、企业资质、认定情况",
        # Not object_schema: none of them is said to be required.
        schema=array_schema(
            {
                "type": "object",
                "properties": {
                    "grading": REFERENCE,
                    "level": TEXT,
                    "granted_on": NULLABLE_DATE,
                    "valid_to": NULLABLE_DATE,
                },
            }
        ),
        width=28,
        group=CLASSIFICATION,
        hint=Hint(SEVERAL, values=enabled_gradings, several=True),
        vocabulary=_gradings,
        parser_of=_added_list_parser,
        sql_type="bigint[]",
    ),
    Column(
        name="identifiers",
        label=_p("column", "Other identifiers"),
        expression=_identifiers(),
        write=_write_identifiers,
        synonyms="证照编号、其他编号",
        schema=array_schema(
            object_schema(
                scheme={**TEXT, "enum": Scheme.values},
                value=TEXT,
                valid_from=NULLABLE_DATE,
                valid_to=NULLABLE_DATE,
            )
        ),
        group=NAMES,
        hint=Hint(_("As scheme:value. Several are separated by a semicolon (;)."), "stock_code:000000"),
        parse=only_added(parse_identifiers),
        sql_type="text[]",
    ),
    text_column(
        "scope", _p("column", "Business scope"), synonyms="业务范围", in_list=False, width=40, group=DESCRIPTION
    ),
    text_column(
        "introduction",
        _p("column", "Introduction"),
        synonyms="企业简介、公司简介、简介",
        in_list=False,
        width=40,
        group=DESCRIPTION,
        hint=template_help.NOT_PERSONAL,
    ),
    date_column(
        "introduced_on",
        _p("column", "Introduced on"),
        synonyms="引进时间",
        group=CARE,
        hint=Hint(_("If it was brought to the city: year, month and day."), DATE),
    ),
    text_column("source", _p("column", "Source"), synonyms="来源、信息来源", group=CARE, hint=template_help.SOURCE),
    date_column(
        "verified_on",
        _p("column", "Verified on"),
        synonyms="核实时间、核查日期",
        group=CARE,
        hint=Hint(_("When the information was last checked."), DATE),
    ),
    text_column(
        "remarks",
        _p("column", "Remarks"),
        synonyms="说明",
        in_list=False,
        width=24,
        group=CARE,
        hint=template_help.NOT_PERSONAL,
    ),
    _contact_column(
        "legal_representative",
        _p("column", "Legal representative"),
        _LEGAL,
        "name",
        "法人代表、法人、法定代表人（负责人）、负责人",
        "虚构某",
    ),
    _contact_column("contact_name", _p("column", "Contact"), _LIAISON, "name", "联系人姓名、联络员、联络人", "虚构某"),
    _contact_column("contact_title", _p("column", "Job title"), _LIAISON, "title", "联系人职务", "主任"),
    _contact_column(
        "contact_phone",
        _p("column", "Phone"),
        _LIAISON,
        "phone",
        "电话、手机、联系方式、联系人电话、手机号码、联系手机",
        "0760-00000000",
        parse_phone,
    ),
    _contact_column(
        "contact_email",
        _p("column", "E-mail"),
        _LIAISON,
        "email",
        "邮箱、电子邮件、Email、E-mail、联系邮箱",
        "someone@example.com",
        parse_email,
    ),
    Column(
        name="published",
        label=_p("column", "Published"),
        expression="published",
        schema={"type": "boolean"},
        in_file=False,
        group=CARE,
    ),
    Column(
        name="updated_at",
        label=_p("column", "Updated at"),
        expression="updated_at",
        present=local_moment,
        schema={"type": "string", "format": "date-time"},
        in_file=False,
    ),
)
