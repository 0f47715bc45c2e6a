"""Adds to what falls due the dues of which something is still to be paid when their year ends."""

import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.dues.models import Due
from alliance.falling_due.sources import FallingDueQuery, FallingDueSource, FallingRow, add_source
from registry.organizations.models.reach import within
from registry.spreadsheet import yuan_text


def last_day(year: int) -> datetime.date:
    return datetime.date(year, 12, 31)


def _rows(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the open dues of the years that end by then: of earlier years they are overdue."""
    last = asked.until.year if asked.until >= last_day(asked.until.year) else asked.until.year - 1
    rows = Due.objects.open().filter(within(asked.user, lambda field: f"member__organization__{field}"), year__lte=last)
    if asked.alliance:
        rows = rows.filter(alliance=asked.alliance)
    rows = rows.select_related("member__organization", "member__alliance")
    return rows.order_by("year", "member__member_no", "pk")


def _row(due: Any, asked: FallingDueQuery) -> FallingRow:
    member = due.member
    return FallingRow(
        str(member.organization),
        _("%(year)d: %(amount)s yuan to be paid") % {"year": due.year, "amount": yuan_text(due.balance)},
        last_day(due.year),
        reverse("admin:alliance_due_change", args=[due.pk]),
        member.alliance.brief(),
        member.organization.registry_no,
        member.member_no,
    )


add_source(
    FallingDueSource(
        "dues",
        gettext_lazy("Dues not paid"),
        ("alliance.view_due", "alliance.view_member", "registry.view_organization"),
        _rows,
        _row,
        gettext_lazy("Of the years that end by then, as far as something is still to be paid."),
        gettext_lazy("Last day of the year"),
        on_card=False,
    )
)
