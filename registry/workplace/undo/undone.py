"""Finds out which operations have been taken back, by whom and when."""

import datetime
import uuid
from collections.abc import Iterable

from pghistory.models import Context

from registry.workplace.undo.rules import HOURS

UNDO = "undo"


def taken_back(contexts: Iterable[Context]) -> dict[uuid.UUID, Context]:
    """Return the ids of operations that do not hold any more, each with the operation that took it back.

    Who has taken something back may take that back in turn: then the first one holds again.
    """
    links = {pk: max(later, key=_moment) for pk, later in _undoing(list(contexts)).items()}

    def holds(pk: uuid.UUID) -> bool:
        return pk not in links or not holds(links[pk].pk)

    return {pk: last for pk, last in links.items() if holds(last.pk)}


def _moment(context: Context) -> datetime.datetime:
    moment: datetime.datetime = context.created_at
    return moment


def _undoing(contexts: list[Context]) -> dict[uuid.UUID, list[Context]]:
    """Return for each operation the ones that took it back; further below those that took these back, and so on."""
    found: dict[uuid.UUID, list[Context]] = {}
    while contexts:
        # Only its author takes an operation back, and only for a time: an index over both finds them.
        users = {(one.metadata or {}).get("user") for one in contexts} - {None}
        moments = [one.created_at for one in contexts]
        until = max(moments) + datetime.timedelta(hours=HOURS)
        rows = Context.objects.filter(
            metadata__user__in=users, created_at__gte=min(moments), created_at__lte=until, metadata__operation=UNDO
        )
        asked = {str(one.pk): one.pk for one in contexts}
        contexts = [one for one in rows if one.metadata.get("undone") in asked]
        for one in contexts:
            found.setdefault(asked[one.metadata["undone"]], []).append(one)
    return found
