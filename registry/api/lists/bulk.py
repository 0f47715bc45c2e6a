"""Many records in one request, all or none: every error of every record is named, with a pointer to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from registry.api.access.idempotency import idempotent
from registry.api.errors import InvalidItems, PreconditionFailed, problem_of
from registry.api.lists.mixins import RecordMixin, etag, told
from registry.columns import hide
from registry.database.db_errors import integrity_errors_as_conflicts

MOST = 500


class BulkMixin(RecordMixin):
    """`POST bulk/` creates, `PATCH bulk/` changes: a JSON array, of whose objects each is a body of one record.

    A change names its record by the look-up field and the state that was read by `etag`.
    """

    @action(detail=False, methods=["post"], url_path="bulk")
    def bulk(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Creates up to 500 records, all or none. The errors name each record by its place in the array."""
        return self._create_all(request)

    @bulk.mapping.patch
    def bulk_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Changes up to 500 records, all or none; each names its registry number and the `etag` that was read."""
        items = self._items(request)
        with integrity_errors_as_conflicts(), transaction.atomic(), self.writing() as waits:
            found = self._locked(items)
            # One serializer for all: making its fields takes longer than reading an item by them.
            serializer, errors = self.get_serializer(partial=True), _Errors()
            tags = self._tags([record.pk for record in found.values()])
            self.prepare_stored(list(found.values()), items)
            for position, item in enumerate(items):
                with errors.at(position):
                    self._update_one(serializer, found, tags, item)
            errors.tell()
            self.write_waiting()
        return told(Response(self._shown([found[item[self.lookup_field]].pk for item in items])), waits)

    @idempotent
    def _create_all(self, request: Request) -> Response:
        items = self._items(request)
        errors = _Errors()
        created: list[int] = []
        self.prepare_new(items)
        with integrity_errors_as_conflicts(), transaction.atomic(), self.writing() as waits:
            serializer = self.get_serializer()
            for position, item in enumerate(items):
                with errors.at(position):
                    created.append(serializer.create(serializer.run_validation(item)).pk)
            errors.tell()
            self.write_waiting()
        return told(Response(self._shown(created), status.HTTP_201_CREATED), waits)

    def prepare_new(self, items: list[object]) -> None:
        """Look up at once what the serializers of all items will ask; the items are as they were sent."""

    def prepare_stored(self, records: list[Model], items: list[object]) -> None:
        """Read at once what the changes of all records will ask; the items are as they were sent."""

    def write_waiting(self) -> None:
        """Write what the serializer has left to be written for all items at once; each item was found good."""

    def _items(self, request: Request) -> list[Any]:
        items = request.data
        if not isinstance(items, list) or not 1 <= len(items) <= MOST:
            raise ValidationError(_("Send an array of 1 to %(most)d objects.") % {"most": MOST})
        return items

    def _locked(self, items: list[object]) -> dict[str, Any]:
        """The records by what the items call them, locked in one order so that no two requests wait for each other."""
        keys = [item.get(self.lookup_field) for item in items if isinstance(item, dict)]
        wanted = {key for key in keys if isinstance(key, str)}
        rows = self.get_queryset().filter(**{f"{self.lookup_field}__in": wanted}).order_by("pk")
        return {getattr(row, self.lookup_field): row for row in rows.select_for_update(of=("self",), no_key=True)}

    def _tags(self, pks: list[int]) -> dict[int, str]:
        """The ETag of each record as it is now."""
        return {pk: etag(record) for pk, record in self._stored(pks).items()}

    def _stored(self, pks: list[int]) -> dict[int, dict[str, Any]]:
        """The records as they are now, with nothing masked: for their ETags, and for `hide()`."""
        context = self.get_render_context()
        context.revealed = True
        return self.present(pks, self.get_detail_columns(), context)

    def _update_one(
        self, serializer: BaseSerializer, found: dict[str, Any], tags: dict[int, str], item: object
    ) -> None:
        if not isinstance(item, dict):
            raise ValidationError(_("This is no object."))
        key = item.get(self.lookup_field)
        record = found.get(key) if isinstance(key, str) else None
        if record is None:
            raise ValidationError({self.lookup_field: [NotFound(_("There is no such record.")).detail]})
        if getattr(record, "_bulk_seen", False):
            raise ValidationError({self.lookup_field: [_("This is in the list twice.")]}, code="repeated")
        record._bulk_seen = True
        tag = item.get("etag")
        if not isinstance(tag, str):
            raise ValidationError({"etag": [_("Send the ETag of the record as it was read.")]})
        if tag != tags.get(record.pk):
            raise PreconditionFailed
        values = {name: value for name, value in item.items() if name not in (self.lookup_field, "etag")}
        serializer.update(record, serializer.run_validation(values))

    def _shown(self, pks: list[int]) -> dict[str, Any]:
        """The records as they are now, in the order of the array, each with its ETag."""
        stored, columns = self._stored(pks), self.get_detail_columns()
        return {"count": len(pks), "results": [{**hide(stored[pk], columns), "etag": etag(stored[pk])} for pk in pks]}


class _Errors:
    """Gathers what is wrong with each item; each is tried in a savepoint, so that the next can be tried after it."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.errors: list[dict[str, Any]] = []

    @contextmanager
    def at(self, position: int) -> Iterator[None]:
        try:
            with integrity_errors_as_conflicts(), transaction.atomic():
                yield
        except Exception as error:
            problem = problem_of(error, "POST")
            if problem.code in ("error", "unavailable"):
                raise
            self.codes.add(problem.code)
            told = problem.errors or [{"pointer": "", "detail": problem.detail or str(error), "code": problem.code}]
            self.errors += [
                {**one, **problem.members, "pointer": f"/{position}{one.get('pointer', '')}"} for one in told
            ]

    def tell(self) -> None:
        if self.errors:
            raise InvalidItems(self.errors, self.codes.pop() if len(self.codes) == 1 else "invalid")
