"""The columns of member lists on paper: the roster, and with people its internal edition."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db.models import OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import pgettext_lazy as _p

from alliance.members.columns import (
    JOINED_ON,
    KIND,
    MEMBER_NO,
    ORGANIZATION_SECTORS,
    TOWNSHIP,
    name_on_day,
    tier_column,
)
from alliance.models import Representative
from registry.columns import Column, RenderContext, text_column
from registry.database.expressions import in_force
from registry.organizations.columns.organizations import present_sectors


def _person(role: str, field: str) -> Callable[[RenderContext], Subquery]:
    """Return a field of the member's first representative in the role on the day of the list."""

    def expression(context: RenderContext) -> Subquery:
        people = Representative.objects.filter(
            in_force(context.on, "valid_from", "valid_to"), member_id=OuterRef("member_id"), role=role
        )
        return Subquery(people.order_by("-valid_from", "id").values(field)[:1])

    return expression


def _person_column(name: str, label: Promise, role: str, field: str, width: int = 12) -> Column:
    return Column(
        name=name,
        label=label,
        expression=_person(role, field),
        permission="alliance.view_representative",
        mask=Representative.masked_fields.get(field),
        width=width,
    )


_REPRESENTATIVE, _LIAISON = Representative.Role.REPRESENTATIVE, Representative.Role.LIAISON


def _one_name(context: RenderContext) -> Combinable:
    """Return the name in the language of the list; a body without one stands under its other name."""
    wanted = [name_on_day(field)(context) for field in ("name_zh", "name_en")]
    if (get_language() or "").startswith("en"):
        wanted.reverse()
    return Coalesce(NullIf(wanted[0], Value("")), wanted[1])


def _sectors_for_readers(ids: Iterable[int], context: RenderContext) -> str:
    """Return the sectors as people write several of them; nothing reads them back."""
    return gettext(", ").join(one["name"] for one in present_sectors(ids, context))


ROSTER_COLUMNS: tuple[Column, ...] = (
    MEMBER_NO,
    text_column(
        "name",
        _p("column", "Organization name"),
        expression=_one_name,
        width=38,
    ),
    tier_column(width=14),
    KIND,
    TOWNSHIP,
    replace(ORGANIZATION_SECTORS, write=_sectors_for_readers),
    JOINED_ON,
)
INTERNAL_ROSTER_COLUMNS: tuple[Column, ...] = (
    *ROSTER_COLUMNS,
    _person_column("representative", _p("column", "Member representative"), _REPRESENTATIVE, "name"),
    _person_column("liaison", _p("column", "Liaison"), _LIAISON, "name"),
    _person_column("liaison_title", _p("column", "Job title"), _LIAISON, "title"),
    _person_column("liaison_phone", _p("column", "Phone number"), _LIAISON, "phone", 16),
)
