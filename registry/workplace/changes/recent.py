"""The records that somebody has entered or changed last, for the start page."""

import datetime
import uuid
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.timezone import localtime
from pghistory.models import Context

from registry.history.rendering import moment
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.organizations import Organization
from registry.workplace.changes.asked import owner_path, visible_tables

MOST, LOOKED_AT = 6, 40
"""The number of records that are shown, and of operations in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Recent:
    name: str
    url: str
    when: str


def recent(request: HttpRequest) -> list[Recent]:
    """Return the organizations of the account's last operations, the latest first."""
    mine = Context.objects.filter(metadata__user=request.user.pk).order_by("-created_at", "-id")
    times: dict[uuid.UUID, datetime.datetime] = dict(mine.values_list("pk", "created_at")[:LOOKED_AT])
    if not times:
        return []
    tables = [(table, path) for table in visible_tables(request.user) if (path := owner_path(table))]
    parts = [
        table.events._default_manager.filter(pgh_context__in=list(times))
        .order_by()
        .values_list("pgh_context_id", f"{path}__id")
        for table, path in tables
    ]
    last: dict[int, datetime.datetime] = {}
    for context, pk in parts[0].union(*parts[1:]) if parts else ():
        last[pk] = max(last.get(pk, times[context]), times[context])
    chosen = sorted((pk for pk in last if pk), key=lambda pk: last[pk], reverse=True)[:MOST]
    rows = Organization.objects.in_bulk(chosen)
    shown = [(rows[pk], moment(localtime(last[pk]))) for pk in chosen if pk in rows]
    return [Recent(str(row), page_url(row), when) for row, when in shown]
