"""Columns of the list of organizations."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.api.json_schema import (
    COMPONENT,
    NULLABLE_DATE,
    NULLABLE_TEXT,
    REFERENCE,
    TEXT,
    array_schema,
    component_schema,
)
from registry.columns import (
    Column,
    Hint,
    choice_column,
    date_column,
    in_wan,
    local_moment,
    number,
    reference_column,
    text_column,
)
from registry.organizations.columns import labels as list_labels
from registry.organizations.columns import template_help
from registry.organizations.columns.care import PUBLIC_SOURCE_COLUMN, STATE_COLUMNS, VERIFICATION_COLUMNS
from registry.organizations.columns.names import OTHER_NAMES
from registry.organizations.columns.subqueries import (
    PEOPLE,
    SECTORS,
    identifiers,
    present_qualifications,
    present_sectors,
    qualifications,
    sectors_expression,
    write_identifiers,
    write_qualifications,
    write_sectors,
)
from registry.organizations.columns.template_help import (
    BUSINESS,
    CARE,
    CLASSIFICATION,
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
from registry.organizations.countries import parse_country
from registry.organizations.models.choices import Category, Kind, RegistrationStatus
from registry.organizations.models.details import Scheme
from registry.organizations.parsers import (
    parse_code,
    parse_currency,
    parse_identifiers,
    parse_industry,
    status_parser,
    uscc_parser,
)
from registry.organizations.vocabularies import categories, gradings, kinds, registration_statuses
from registry.reference.models import Township, Zone
from registry.spreadsheet import added_list_parser, only_added, parse_capital, parse_website, signed_list_parser

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
        synonyms=list_labels.USCC,
        schema=NULLABLE_TEXT,
        width=22,
        group=NAMES,
        hint=template_help.USCC,
        make_parse=uscc_parser,
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        synonyms=(
            f"{list_labels.NAME}、名称、中文名称、中文名、会员单位名称、会员单位、更名后企业名称、更名后名称、"
            "Name、Organization、Company、Company name、Institution"
        ),
        width=36,
        group=NAMES,
        hint=Hint(_("The full name as registered."), "中山市虚构机器人有限公司", True),
        masked=True,
    ),
    text_column(
        "name_en",
        _p("column", "English name"),
        synonyms="单位英文名称、企业英文名称、公司英文名称、英文名、英文全称、Display name、Name in English",
        width=36,
        group=NAMES,
        hint=Hint(_("Bodies without a Chinese name need it."), "Zhongshan Fictional Robot Co., Ltd."),
        masked=True,
    ),
    text_column(
        "short_name",
        _p("column", "Short name"),
        synonyms="单位简称、企业简称、公司简称、机构简称、股票简称、证券简称",
        group=NAMES,
        hint=Hint(example="虚构机器人"),
    ),
    *OTHER_NAMES,
    choice_column(
        "registration_status",
        _p("column", "Registration status"),
        RegistrationStatus,
        synonyms="经营状态、企业状态、存续状态、企业登记状态、工商状态、主体状态、Status",
        group=CLASSIFICATION,
        hint=Hint(_("Empty means active."), values=lambda: RegistrationStatus.labels),
        vocabulary=registration_statuses,
        parser_of=status_parser,
    ),
    text_column(
        "registration_type",
        _p("column", "Registration type"),
        synonyms="企业类型、公司类型、登记注册类型、企业登记注册类型、注册类型、市场主体类型、主体类型、经济类型",
        group=CLASSIFICATION,
        hint=Hint(_("As on the licence."), "有限责任公司"),
    ),
    reference_column(
        "township",
        _p("column", "Township"),
        "townships",
        synonyms=(
            "镇街、所属镇街、镇区、所属镇区、所在镇区、镇街（开发区）、所属街道、所在街道、街道、镇、乡镇、所在镇、"
            "所属镇、"
            "所在乡镇、所属乡镇、镇街道、乡镇街道、镇/街道、乡镇/街道、街镇、属地镇街、镇街名称"
        ),
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
        synonyms=(
            "住所、企业住所、企业注册地址、公司注册地址、单位注册地址、工商注册地址、注册地、住所地、登记住所、地址、"
            "单位地址、"
            "企业地址、公司地址、详细地址"
        ),
        width=36,
        group=PLACE,
        hint=Hint(example="中山市石岐街道虚构路1号"),
    ),
    text_column(
        "business_address",
        _p("column", "Business address"),
        synonyms=(
            "生产经营地址、实际经营地址、企业经营地址、经营场所、实际办公地址、办公地址、通讯地址、通信地址、"
            "企业通讯地址、"
            "联系地址、最新年报地址"
        ),
        width=36,
        group=PLACE,
        hint=Hint(_("If it differs from the registered address."), "中山市石岐街道虚构路2号"),
    ),
    text_column(
        "country",
        _p("column", "Country or region"),
        # The codes come last: of two columns of a file the one with the names is read.
        synonyms="国别、国家、国家（地区）、国别地区、国家名称、Country name、国家代码、Country code",
        group=PLACE,
        hint=Hint(_("Empty means China."), "中国"),
        parse=parse_country,
    ),
    text_column(
        "website",
        _p("column", "Website"),
        synonyms="官网、网站、官方网站、官网地址、网站地址、企业官网、企业网站、企业网址、公司官网、公司网站、公司网址",
        width=24,
        group=PLACE,
        hint=Hint(example="https://example.com"),
        parse=parse_website,
    ),
    date_column(
        "founded_on",
        _p("column", "Founded on"),
        synonyms="注册日期、注册时间、成立时间、企业成立时间、设立日期、设立时间、登记日期、注册登记日期、开业日期",
        group=BUSINESS,
        hint=Hint(_("Year, month and day."), DATE),
    ),
    Column(
        name="registered_capital",
        label=_p("column", "Registered capital (10,000 yuan)"),
        expression="registered_capital",
        present=number,
        write=in_wan,
        synonyms="注册资本、注册资金、注册资本金、注册资金（万元）、开办资金、Registered capital",
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
        synonyms=(
            "行业代码、国民经济行业代码、国标行业小类、国标行业中类、国标行业大类、国标行业门类、国标行业、"
            "国民经济行业、国民经济行业分类、所属国民经济行业、行业"
        ),
        width=10,
        group=CLASSIFICATION,
        hint=Hint(_("Code or name by GB/T 4754-2017."), "C3491"),
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
        synonyms=(
            "主营产品、主要产品、主要产品（服务）、主营产品或服务、主要产品或服务、主营产品和服务、主要产品和服务、"
            "主营产品及服务、主要产品及服务、主要产品名称、核心产品、主营业务、主营业务（产品）、主营业务及产品、"
            "主要业务"
        ),
        width=28,
        group=DESCRIPTION,
        hint=Hint(example="六轴工业机器人"),
    ),
    Column(
        name="qualifications",
        label=_p("column", "Qualifications"),
        expression=qualifications(),
        present=present_qualifications,
        write=write_qualifications,
        synonyms="资质、荣誉、荣誉资质、企业资质、企业荣誉、企业资质荣誉、认定情况",
        # None of them is said to be required.
        schema=array_schema(
            {
                COMPONENT: "QualificationInRow",
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
        vocabulary=gradings,
        parser_of=added_list_parser,
        sql_type="bigint[]",
    ),
    Column(
        name="identifiers",
        label=_p("column", "Other identifiers"),
        expression=identifiers(),
        write=write_identifiers,
        synonyms="证照编号、其他编号",
        schema=array_schema(
            component_schema(
                "IdentifierInRow",
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
        "scope",
        _p("column", "Business scope"),
        synonyms="业务范围、经营业务范围",
        in_list=False,
        width=40,
        group=DESCRIPTION,
    ),
    text_column(
        "introduction",
        _p("column", "Introduction"),
        synonyms="企业简介、公司简介、机构简介、简介、企业介绍、公司介绍、单位介绍",
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
    text_column(
        "source", _p("column", "Source"), synonyms="来源、信息来源、数据出处", group=CARE, hint=template_help.SOURCE
    ),
    *VERIFICATION_COLUMNS,
    text_column(
        "remarks",
        _p("column", "Remarks"),
        synonyms="说明、备注说明、其他说明",
        in_list=False,
        width=24,
        group=CARE,
        hint=template_help.NOT_PERSONAL,
    ),
    *PEOPLE,
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
    PUBLIC_SOURCE_COLUMN,
    *STATE_COLUMNS,
)
