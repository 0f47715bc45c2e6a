"""One record over HTTP: read with its ETag, created, and changed only in the state in which it was read."""

import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import orjson
from django.conf import settings
from django.db import models, transaction
from django.http import Http404
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.translation import get_language
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access.idempotency import idempotent
from registry.api.errors import PreconditionFailed, PreconditionRequired
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.rows import Selection
from registry.api.negotiation import LANGUAGES
from registry.columns import Column, hide, present_rows
from registry.database.db_errors import integrity_errors_as_conflicts

Stored = TypeVar("Stored", bound=models.Model)


def etag(representation: object) -> str:
    """Return the tag of the record as it is stored, however it was changed; it ends in the language of the labels.

    It is keyed: nobody finds the hidden digits of a masked number by trying them.
    """
    stored = orjson.dumps(representation, default=str, option=orjson.OPT_SORT_KEYS)
    digest = hmac.digest(force_bytes(settings.SECRET_KEY), b"etag" + stored, "sha256").hex()
    return f'"{digest[:32]}-{(get_language() or "zh")[:2]}"'


def require_match(request: Request, represent: Callable[[], object], *, required: bool = True) -> None:
    """Raises PreconditionRequired without If-Match, PreconditionFailed where it names another state."""
    header = request.headers.get("If-Match")
    if header is None and required:
        raise PreconditionRequired
    if header is None or header.strip() == "*":
        return
    for tag in _tags(header):
        # Labels may have been read in the other language.
        with translation.override(LANGUAGES.get(tag.strip('"').rpartition("-")[2], get_language())):
            if tag == etag(represent()):
                return
    raise PreconditionFailed


def is_known(request: Request, tag: str) -> bool:
    """Return whether the client has the answer with this ETag already."""
    known = [one.removeprefix("W/") for one in _tags(request.headers.get("If-None-Match", ""))]
    return "*" in known or tag in known


def _tags(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",") if tag.strip()]


class RecordMixin(RowListMixin):
    """Shows one record by the columns of the list, or by more."""

    detail_columns: ClassVar[tuple[Column, ...] | None] = None
    detail_parameters: ClassVar[tuple[str, ...]] = ()
    """Filters of the list that also shape a record, such as the plan whose sectors it shows."""
    read_parameters: ClassVar[dict[str, Any]] = {}
    """Parameters with which a record is read, and that no filter is: name -> what it means."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if getattr(self, "action", None) not in (*self.list_actions, None):
            self.check_detail_parameters()

    @property
    def reads(self) -> bool:
        return self.request.method in SAFE_METHODS

    def check_detail_parameters(self) -> None:
        """Raises InvalidParameters for what would be ignored, and for values that are not known."""
        revealing = {"reveal"} & {*self.reveal_parameters(self.record_columns())} if self.reads else set()
        own = self.read_parameters if getattr(self, "action", None) == "retrieve" else ()
        self.refuse_unknown({"lang", "format", *self.detail_parameters, *own, *revealing})
        self.check_filters()

    @classmethod
    def further_properties(cls) -> dict[str, Any]:
        """Return the schemas of what a record has besides its columns if a parameter asks for it."""
        return {}

    def record_columns(self) -> tuple[Column, ...]:
        return self.detail_columns or self.declared_columns()

    def get_detail_columns(self) -> tuple[Column, ...]:
        """Return the columns of the record that the caller may see."""
        return tuple(one for one in self.record_columns() if not one.permission or self.may(one.permission))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "shown": {column.name for column in self.get_detail_columns()}}

    def represent(self, lookup: dict[str, Any]) -> dict[str, Any]:
        """The record as it is now, with nothing masked: for its ETag, and for `hide()`. Raises Http404."""
        columns, context = self.get_detail_columns(), self.get_render_context()
        context.revealed = True
        selection = Selection(type(self), columns, context.key, context)
        if self.shows_all:
            ((name, value),) = lookup.items()
            row = selection.row(name, value)
        else:
            pks = self.get_queryset().filter(**lookup).order_by().values_list("pk", flat=True)[:1]
            row = next(iter(selection.rows(list(pks)).values()), None)
        if row is None:
            raise Http404
        return present_rows([row], columns, context)[0]

    def get_lookup(self) -> dict[str, Any]:
        return {self.lookup_field: self.kwargs[self.lookup_url_kwarg or self.lookup_field]}

    def answer(self, lookup: dict[str, Any], code: int = status.HTTP_200_OK) -> Response:
        shown = self.represent(lookup)
        headers = {"ETag": etag(shown)}
        columns = self.get_detail_columns()
        if self.reads and self.reveals(columns):
            self.log_reveal(lookup)
        else:
            shown = hide(shown, columns)
        if code == status.HTTP_201_CREATED:
            headers["Location"] = self.request.build_absolute_uri(self.get_location(shown))
        return Response(shown, code, headers=headers)

    def writing(self) -> AbstractContextManager[Any]:
        """Return the block in which a request writes; what it gives is true and has a `text` where a part waits."""
        return nullcontext()

    location_field: ClassVar[str]
    """The field of the answer whose value ends the record's address."""

    def get_location(self, shown: dict[str, Any]) -> str:
        """The address of a new record, as it is shown."""
        return f"{self.request.path}{quote(str(shown[self.location_field]), safe='')}/"


class RetrieveMixin(RecordMixin):
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = self.answer(self.get_lookup())
        if is_known(request, response["ETag"]):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": response["ETag"]})
        return response


class CreateMixin(RecordMixin):
    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        with integrity_errors_as_conflicts(), transaction.atomic(), self.writing() as waits:
            serializer.is_valid(raise_exception=True)
            instance = serializer.save()
        if instance.pk is None:
            return told(Response({}), waits)
        return told(self.answer({"pk": instance.pk}, status.HTTP_201_CREATED), waits)


class UpdateMixin(RecordMixin):
    """PATCH: what is named changes, the rest stays. A list that is named is replaced as a whole."""

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with integrity_errors_as_conflicts(), transaction.atomic(), self.writing() as waits:
            instance = self.lock()
            require_match(request, lambda: self.represent({"pk": instance.pk}))
            serializer = self.get_serializer(instance, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return told(self.answer({"pk": instance.pk}), waits)

    def lock(self) -> models.Model:
        """The record, which nobody else can change until the transaction ends. Raises Http404."""
        return locked(self.get_queryset(), **self.get_lookup())


class DestroyMixin(RecordMixin):
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with integrity_errors_as_conflicts(), transaction.atomic(), self.writing() as waits:
            instance = locked(self.get_queryset(), **self.get_lookup())
            pk = instance.pk
            require_match(request, lambda: self.represent({"pk": pk}))
            instance.delete()
        return told(self.answer({"pk": pk}), waits) if waits else Response(status=status.HTTP_204_NO_CONTENT)


def told(response: Response, waits: Any) -> Response:
    """Say in the answer, with status 202, which part of the write waits for somebody."""
    if waits:
        response.status_code = status.HTTP_202_ACCEPTED
        response.data = {**response.data, "notices": [waits.text]}
    return response


def locked(queryset: models.QuerySet[Stored], **lookup: Any) -> Stored:
    instance = queryset.select_for_update(of=("self",), no_key=True).filter(**lookup).first()
    if instance is None:
        raise Http404
    return instance
