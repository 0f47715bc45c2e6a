"""One operation over HTTP: what it wrote and what taking it back would do, and taking it back, whole or in part."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from pghistory.models import Context
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.access.idempotency import idempotent
from registry.api.errors import InvalidParameters
from registry.api.json_schema import (
    BOOLEAN,
    INTEGER,
    NULLABLE_TEXT,
    TEXT,
    Schema,
    array_schema,
    component_schema,
    object_schema,
)
from registry.api.lists.mixins import etag, is_known, require_match
from registry.api.serializers import LineField, StrictSerializer, TextField
from registry.database.db_errors import Conflict
from registry.database.permission_names import permission
from registry.organizations.models.organizations import Organization
from registry.workplace.undo.showing import ROWS, ChangedRow, chosen_from, rows_of
from registry.workplace.undo.undoing import revert
from registry.workplace.undo.view import told

_LINES = array_schema(TEXT)
_VALUE = object_schema(
    key={**TEXT, "description": "Names the value in `values` of a request that takes it back."},
    label=TEXT,
    before=TEXT,
    after=TEXT,
    now={**TEXT, "description": "What is stored, where it is neither of the two."},
    since={**_LINES, "description": "Later changes of the same value, in words."},
    goes_back=BOOLEAN,
)
_ROW = component_schema(
    "ChangedRow",
    key={**TEXT, "description": "Names a row without `values` in a request that takes it back."},
    kind=TEXT,
    name=TEXT,
    event={**TEXT, "description": "Entered, changed or removed, in words."},
    lines={**_LINES, "description": "What was entered or removed."},
    since={**_LINES, "description": "Later changes of the row, in words."},
    goes_back=BOOLEAN,
    why={**TEXT, "description": "Why it does not go back as a whole."},
    values=array_schema(_VALUE),
)
CHANGE: Schema = component_schema(
    "Change",
    id={**TEXT, "format": "uuid"},
    at={**TEXT, "format": "date-time"},
    by={**NULLABLE_TEXT, "description": "User name."},
    operation=NULLABLE_TEXT,
    reason=NULLABLE_TEXT,
    whole={**BOOLEAN, "description": "Whether it would be taken back as a whole."},
    in_the_way={**_LINES, "description": "Why it would not, in sentences."},
    ways=array_schema(object_schema(text=TEXT, page={**TEXT, "description": "Where else it is taken back."})),
    rows={**array_schema(_ROW), "description": f"At most {ROWS} rows of each table that the caller may see."},
    more_rows={**BOOLEAN, "description": "Whether there are more; `undo/` without `values` takes them back, too."},
)
TAKEN_BACK: Schema = component_schema(
    "TakenBack",
    rows={**INTEGER, "description": "How many rows went back."},
    withdrawn={**INTEGER, "description": "How many changes were withdrawn that waited for another person."},
    text=TEXT,
)
_READ = (permission("view", Organization),)


class UndoSerializer(StrictSerializer):
    told = (
        "Without `values` the whole change is taken back; with them these rows and values alone. All of what was asked "
        "goes back, or nothing does."
    )
    values = serializers.ListField(child=TextField(max_length=200), required=False, allow_empty=False, max_length=1000)
    reason = LineField(max_length=500, required=False)

    class Meta(StrictSerializer.Meta):
        model = Context
        fields = ("values", "reason")


class ChangeViewSet(GenericViewSet[Model]):
    """Shows an operation and takes it back, by the rights and refusals of the page of the same change."""

    queryset: QuerySet[Model] = Context.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Organization,)
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {"undo": _READ}
    serializer_class = UndoSerializer
    lookup_field = "pk"
    lookup_url_kwarg = "change"
    lookup_value_regex = "[0-9a-f-]{36}"
    action_descriptions: ClassVar[dict[str, str]] = {
        "retrieve": "What one change wrote, value by value, what has changed since, and what taking it back would do. "
        "Its id is `group` in the history of an organization."
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"retrieve": CHANGE, "undo": TAKEN_BACK}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if unknown := request.query_params.keys() - {"lang", "format"}:
            raise InvalidParameters(dict.fromkeys(unknown, _("There is no such parameter here.")))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shown, _rows = self._shown()
        tag = etag(shown)
        if is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(shown, headers={"ETag": tag})

    @action(detail=True, methods=["post"])
    def undo(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Takes the change back, or the values of it that the body names; 409 says what is in the way."""
        return self._undo(request)

    @idempotent
    def _undo(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        shown, rows = self._shown()
        require_match(request, lambda: self._shown()[0], required=False)
        chosen = None
        if "values" in given:
            _check_keys(given["values"], rows)
            chosen = chosen_from(given["values"], rows)
        done = revert(uuid.UUID(shown["id"]), request.user, chosen=chosen, reason=given.get("reason", ""))
        if done.lacking:
            raise PermissionDenied(done.refused[0])
        if not done.done:
            raise Conflict(" ".join(done.refused), code="conflict")
        answer = {"rows": done.back, "withdrawn": done.withdrawn, "text": told(done)}
        return Response(answer | ({"notices": [done.held]} if done.held else {}), 202 if done.held else 200)

    def _shown(self) -> tuple[dict[str, Any], list[ChangedRow]]:
        """Return the change as it is answered, with its rows. Raises Http404 where the caller sees none of them."""
        try:
            change = uuid.UUID(self.kwargs["change"])
        except ValueError:
            raise Http404 from None
        context, user = get_object_or_404(Context, pk=change), self.request.user
        outcome = revert(change, user, apply=False)
        rows, more = rows_of(change, user, outcome)
        if not rows:
            raise Http404
        said = context.metadata or {}
        by = User.objects.filter(pk=said.get("user") or 0).values_list("username", flat=True).first()
        shown = {
            "id": str(change),
            "at": localtime(context.created_at),
            "by": by,
            "operation": said.get("operation") or said.get("command"),
            "reason": said.get("reason"),
            "whole": not outcome.refused,
            "in_the_way": [] if outcome.ways else outcome.refused,
            "ways": [{"text": text, "page": page} for text, page in outcome.ways],
            "rows": [_row(row) for row in rows],
            "more_rows": more,
        }
        return shown, rows


def _row(row: ChangedRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind,
        "name": row.name,
        "event": row.verb,
        "lines": row.lines,
        "since": row.since,
        "goes_back": row.taken,
        "why": row.why,
        "values": [
            {name: getattr(value, name) for name in ("key", "label", "before", "after", "now", "since")}
            | {"goes_back": value.taken}
            for value in row.values
        ],
    }


def _check_keys(keys: list[str], rows: list[ChangedRow]) -> None:
    known = {row.key for row in rows if not row.values} | {value.key for row in rows for value in row.values}
    unknown: dict[Any, Any] = {
        place: [_("The change has no such value.")] for place, key in enumerate(keys) if key not in known
    }
    if unknown:
        raise ValidationError({"values": unknown})
