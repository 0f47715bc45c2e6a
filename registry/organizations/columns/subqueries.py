"""Subqueries for columns with values from other tables: sectors, other names, identifiers, qualifications, people.

A column with several values is one array subquery.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy as _p

from registry.api.json_schema import BOOLEAN, TEXT, array_schema, component_schema
from registry.columns import Column, Hint, RenderContext
from registry.organizations.columns.template_help import CONTACTS
from registry.organizations.models.confidential import Contact
from registry.organizations.models.details import Identifier, Qualification, SectorTag
from registry.spreadsheet import (
    Parse,
    join_list,
    parse_email,
    parse_line,
    parse_phone,
)


def sectors_expression(path: str = "pk") -> Callable[[RenderContext], Combinable]:
    """Return an expression for the ids of the sectors in the context's plan, unordered; the primary one is negative."""

    def expression(context: RenderContext) -> ArraySubquery:
        tags = SectorTag.objects.filter(organization=OuterRef(path), plan=context.plan).order_by()
        signed = Case(
            When(is_primary=True, then=-F("sector_id")), default=F("sector_id"), output_field=BigIntegerField()
        )
        return ArraySubquery(tags.values_list(signed))

    return expression


def present_sectors(ids: Iterable[int], context: RenderContext) -> list[dict[str, Any]]:
    tags = context.tags
    return [tags[pk] for pk in sorted(ids, key=context.references.places.__getitem__)]


def write_sectors(ids: Iterable[int], context: RenderContext) -> str:
    return join_list(one["name"] for one in present_sectors(ids, context))


SECTORS = array_schema(component_schema("SectorTag", code=TEXT, name=TEXT, primary=BOOLEAN))


def identifiers() -> ArraySubquery:
    rows = Identifier.objects.filter(organization=OuterRef("pk")).order_by("scheme", "value")
    return ArraySubquery(
        rows.values_list(JSONObject(scheme="scheme", value="value", valid_from="valid_from", valid_to="valid_to"))
    )


def write_identifiers(rows: Iterable[dict[str, Any]], context: RenderContext) -> str:
    return join_list(f"{row['scheme']}:{row['value']}" for row in rows)


def qualifications() -> ArraySubquery:
    rows = Qualification.objects.filter(organization=OuterRef("pk")).order_by("-granted_on", "id")
    return ArraySubquery(
        rows.values_list(JSONObject(grading="grading_id", level="level", granted_on="granted_on", valid_to="valid_to"))
    )


def present_qualifications(rows: Iterable[dict[str, Any]], context: RenderContext) -> list[dict[str, Any]]:
    return [{**row, "grading": context.gradings[row["grading"]]} for row in rows]


def write_qualifications(rows: Iterable[dict[str, Any]], context: RenderContext) -> str:
    return join_list(dict.fromkeys(context.gradings[row["grading"]]["name"] for row in rows))


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
        present=lambda value, context: value or "",
        synonyms=synonyms,
        permission="registry.view_contact",
        in_list=False,
        parse=parse,
        max_length=field.max_length,
        masked=True,
        mask=Contact.masked_fields.get(column),
        group=CONTACTS,
        hint=Hint(example=example),
    )


_LIAISON, _LEGAL = Contact.Role.LIAISON, Contact.Role.LEGAL_REPRESENTATIVE
PEOPLE: tuple[Column, ...] = (
    _contact_column(
        "legal_representative",
        _p("column", "Legal representative"),
        _LEGAL,
        "name",
        "法人代表、法人、法定代表人姓名、法人姓名、法人代表姓名、法定代表人（负责人）、企业法人、企业负责人、"
        "单位负责人、负责人",
        "虚构某",
    ),
    _contact_column(
        "contact_name",
        _p("column", "Contact"),
        _LIAISON,
        "name",
        "联系人姓名、企业联系人、单位联系人、联络员、联络人、联络人姓名、联络员姓名、经办人",
        "虚构某",
    ),
    _contact_column(
        "contact_title", _p("column", "Job title"), _LIAISON, "title", "联系人职务、联系人职位、职务/职位、职位", "主任"
    ),
    _contact_column(
        "contact_phone",
        _p("column", "Phone"),
        _LIAISON,
        "phone",
        "电话、手机、联系方式、联系人电话、联系人联系方式、手机号码、手机号、联系手机、联系人手机、联系人手机号、"
        "移动电话、办公电话、"
        "固定电话、座机、电话号码、企业电话、公司电话、单位电话、企业联系电话、Telephone、Tel、Mobile、Phone number、"
        "更多电话",
        "0760-00000000",
        parse_phone,
    ),
    _contact_column(
        "contact_email",
        _p("column", "E-mail"),
        _LIAISON,
        "email",
        "邮箱、电子邮件、Email、E-mail、联系邮箱、联系人邮箱、企业邮箱、公司邮箱、单位邮箱、邮箱地址、邮件地址、"
        "Email address、"
        "更多邮箱",
        "someone@example.com",
        parse_email,
    ),
)
"""The legal representative and the liaison of an organization, for accounts that may see contacts."""
