"""The columns of the roster that is handed out, and of its internal edition."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db.models import OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import pgettext_lazy as _p

from alliance.members.columns import MEMBERSHIP_COLUMNS, ORGANIZATION
from alliance.members.names import organization_name
from alliance.models import Representative
from registry.columns import Column, Hint, RenderContext, text_column
from registry.database.expressions import in_force
from registry.organizations.columns.subqueries import present_sectors

_COLUMNS = {column.name: column for column in MEMBERSHIP_COLUMNS}


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
    """Return the name in the language of the list; a body without one is listed by its other name."""
    wanted = [organization_name(field, context.on, ORGANIZATION) for field in ("name_zh", "name_en")]
    if (get_language() or "").startswith("en"):
        wanted.reverse()
    return Coalesce(NullIf(wanted[0], Value("")), wanted[1])


def _sectors_for_readers(ids: Iterable[int], context: RenderContext) -> str:
    """Return the sectors as people write several of them; nothing reads them back."""
    return gettext(", ").join(one["name"] for one in present_sectors(ids, context))


ROSTER_COLUMNS: tuple[Column, ...] = (
    _COLUMNS["member_no"],
    text_column(
        "name",
        _p("column", "Organization name"),
        expression=_one_name,
        width=38,
    ),
    replace(_COLUMNS["tier"], width=14, group="", hint=Hint()),
    _COLUMNS["kind"],
    _COLUMNS["township"],
    replace(_COLUMNS["organization_sectors"], write=_sectors_for_readers),
    _COLUMNS["joined_on"],
)
INTERNAL_ROSTER_COLUMNS: tuple[Column, ...] = (
    *ROSTER_COLUMNS,
    _person_column("representative", _p("column", "Member representative"), _REPRESENTATIVE, "name"),
    _person_column("liaison", _p("column", "Liaison"), _LIAISON, "name"),
    _person_column("liaison_title", _p("column", "Job title"), _LIAISON, "title"),
    _person_column("liaison_phone", _p("column", "Phone number"), _LIAISON, "phone", 16),
)
