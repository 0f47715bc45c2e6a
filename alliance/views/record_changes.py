"""`alliances/{slug}/{list}/changes/`: what has happened to the records of a list since a cursor.

The base of these feeds. One is declared by the view of its list; it needs the rights of that list, and tells of the
records of all organizations, so that an account of townships reads the list alone.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from alliance.models import RecordChange
from registry.api.json_schema import INTEGER, TEXT, array_schema, object_schema
from registry.api.lists.list_mixin import RowListMixin
from registry.organizations.models.reach import reach_of

from .changes import LogFeed, feed_schema

DELETED = RecordChange.Change.DELETED
_ROW = object_schema(
    change={**TEXT, "enum": RecordChange.Change.values},
    at={**TEXT, "format": "date-time"},
    id=INTEGER,
    record={"type": ["object", "null"], "description": "As it is now; null where it is gone."},
)
_EXAMPLE = {"change": "deleted", "at": "2026-01-31T08:00:00+08:00", "id": 42, "record": None}


class RecordChanges(LogFeed):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What was entered, changed or removed in this list since, in an order without gaps. Repeat with the "
        "`cursor` of the answer, now or later. A record is as it is now; of what is gone there is its `id` alone. "
        "Names of organizations follow `organizations/changes/`."
    }
    parent_models: ClassVar[tuple[type[Model], ...]] = ()
    feed: ClassVar[str]

    def __init_subclass__(cls, of: type[RowListMixin], feed: str, **options: Any) -> None:
        super().__init_subclass__(**options)
        view: Any = of
        cls.feed = feed
        cls.queryset, cls.columns, cls.parent_models = view.queryset, view.columns, view.parent_models
        component = f"{''.join(map(str.capitalize, feed.split('_')))}Changes"
        cls.action_answers = {"list": feed_schema(component, array_schema(_ROW), _EXAMPLE)}

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if reach_of(request.user) is not None:
            raise PermissionDenied

    def seen(self) -> QuerySet[RecordChange]:
        return RecordChange.objects.filter(alliance_id=self.alliance.pk, feed=self.feed)

    def known(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        return changes.exclude(change=DELETED)

    def _shown(self, page: Sequence[RecordChange]) -> list[dict[str, Any]]:
        """Return the rows of a page, without those whose record is gone meanwhile: a tombstone is further on."""
        pks = list(dict.fromkeys(one.record_id for one in page if one.change != DELETED))
        shown = self.present(pks, self.get_columns(), self.get_render_context())
        return [
            {"change": one.change, "at": one.at, "id": one.record_id, "record": shown.get(one.record_id)}
            for one in page
            if one.change == DELETED or one.record_id in shown
        ]
