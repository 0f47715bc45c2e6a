"""Columns of the other names of organizations, by kind of name."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy as _p

from registry.api.json_schema import TEXT, array_schema
from registry.columns import Column, Hint
from registry.organizations.columns.template_help import NAMES, SEVERAL
from registry.organizations.models.details import Name
from registry.organizations.parsers import join_names, parse_aliases, parse_names
from registry.spreadsheet import only_added


def _column(name: str, label: Promise, kind: Name.Kind, **options: Any) -> Column:
    names = Name.objects.filter(organization=OuterRef("pk"), kind=kind)
    return Column(
        name=name,
        label=label,
        expression=ArraySubquery(names.order_by("valid_from", "id").values_list("name")),
        write=lambda names, context: join_names(names),
        schema=array_schema(TEXT),
        group=NAMES,
        sql_type="text[]",
        **options,
    )


OTHER_NAMES: tuple[Column, ...] = (
    _column(
        "former_names",
        _p("column", "Former names"),
        Name.Kind.FORMER,
        synonyms="原名称、曾用名称、企业曾用名、原企业名称、原公司名称、原单位名称、更名前企业名称、更名前名称、历史名称",
        hint=Hint(SEVERAL, "中山市旧虚构有限公司"),
        parse=parse_names,
    ),
    _column(
        "aliases",
        _p("column", "Aliases"),
        Name.Kind.ALIAS,
        synonyms="别称、又称、又名、其他名称、Alias",
        in_list=False,
        hint=Hint(SEVERAL, "虚构机器人研究院"),
        parse=only_added(parse_aliases),
    ),
    _column(
        "acronyms",
        _p("column", "Acronyms"),
        Name.Kind.ACRONYM,
        synonyms="英文缩写、英文简称、外文缩写、Acronym、Abbreviation",
        in_list=False,
        hint=Hint(SEVERAL, "ZFR"),
        parse=only_added(parse_aliases),
    ),
)
