"""Writes the OpenAPI file: lists by their columns and parameters, bodies by their serializers.

Answers are described by columns too, because it is columns that show a record (mixins.py). Row and record are one
component each, so that the file says once what an organization is.
"""

import inspect
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.serializers import BaseSerializer

from registry.api.access.idempotency import KEY
from registry.api.json_schema import (
    BOOLEAN,
    COMPONENT,
    INTEGER,
    TEXT,
    Schema,
    array_schema,
    object_schema,
)
from registry.api.lists import examples
from registry.api.lists.bulk import MOST
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.mixins import RecordMixin
from registry.api.lists.pagination import COUNTS, MAX_PAGE_SIZE, PAGE_NOTES, PAGE_SIZE, page_schema
from registry.api.lists.renderers import JSONRenderer
from registry.api.lists.reveals import REVEAL_PARAMETERS
from registry.api.openapi_components import Components
from registry.api.serializers import StrictSerializer
from registry.columns import Column
from registry.disclosure.models import Reason

_BINARY: Schema = {**TEXT, "format": "binary"}
_PAGE_SIZE: Schema = {**INTEGER, "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
_SHAPES: dict[str, Schema] = {
    "page_size": _PAGE_SIZE,
    "empty": {**BOOLEAN, "default": False},
    "layout": {**TEXT, "enum": ["table", "roster", "council", "voting", "signin"]},
    "edition": {**TEXT, "enum": ["public", "full", "internal"]},
    "group": {**TEXT, "enum": ["tier", "sector"]},
    "meeting": INTEGER,
    "reveal": {**TEXT, "enum": Reason.values},
    "as_of": {**TEXT, "format": "date"},
}
"""The schemas of parameters that views read themselves; the others are text."""
_PATHS = {
    "registry_no": "Registry number of the organization.",
    "slug": "Names the alliance in addresses.",
    "member_no": "Member number in the alliance.",
    "code": "Code of the record.",
    "id": "Number of the record.",
    "year": "Year of the figures.",
    "number": "Number of the term.",
    "key": "Key of the attachment.",
    "change": "Id of the change: `group` in the history of an organization.",
}
_OPERATIONS = {
    "list": "Lists the records that the parameters choose, page by page.",
    "retrieve": "Gives one record. Its `ETag` names the state in which it is.",
    "create": "Creates a record.",
    "partial_update": "Changes the fields that the body names and leaves the rest as it is. A list that is named is "
    "replaced as a whole.",
    "destroy": "Removes the record.",
}
"""The descriptions of the usual operations for users of the API; a view whose own differ says so in
`action_descriptions`."""
_DESCRIPTIONS = {200: "The record or the list as it is now.", 201: "It has been created.", 204: "It has been removed."}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "registry.api.access.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token issued on the site or by issue_token."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "registry.api.access.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        said = "That of the staff's site; writes need the header X-CSRFToken too."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": said}


class ApiSchema(AutoSchema):
    """Every operation tells its answers, problems included; lists are described by their columns."""

    view: Any

    def _list(self) -> Any:
        """The view, where the operation is a list of rows."""
        listing = self._action == "list" and isinstance(self.view, RowListMixin)
        return self.view if listing and self._said_by_view("action_answers") is None else None

    def _said_by_view(self, attribute: str) -> Any:
        """Return what the view says of this action beside what follows from columns and serializers."""
        for of in type(self.view).__mro__:
            if self._action in (said := vars(of).get(attribute, {})):
                return said[self._action]
        return None

    @property
    def _action(self) -> str:
        return getattr(self.view, "action", None) or ""

    @property
    def _public(self) -> bool:
        return self.path.startswith("/public/")

    @property
    def _bulk(self) -> bool:
        return self._action in ("bulk", "bulk_update")

    @property
    def _reads(self) -> bool:
        return self.method == "GET" or self._action in getattr(self.view, "reading_actions", ())

    @property
    def _filed(self) -> bool:
        """Whether the answer there is as a file, too or alone."""
        files = self.method == "GET" and self._action in getattr(self.view, "file_actions", ())
        return files or bool(self._file_kinds)

    @property
    def _file_kinds(self) -> tuple[Any, ...]:
        """Return the formats of an operation that answers with a file and in no other way."""
        kinds = getattr(self.view, "action_renderers", {}).get(self._action, ())
        return () if JSONRenderer in kinds else kinds

    @property
    def _conditional(self) -> bool:
        """Whether the answer has an ETag that a client may name."""
        return self.method == "GET" and (self._public or self._action == "retrieve")

    @property
    def _changes_one(self) -> bool:
        """Whether one record is changed, whose state the request may name."""
        operating = self.method == "POST" and getattr(self.view, "detail", False)
        return not self._bulk and (operating or self.method in ("PATCH", "DELETE"))

    def get_operation_id(self) -> str:
        usual = super().get_operation_id()
        usual = usual.replace("_retrieve", "_download") if self._file_kinds else usual
        return f"public_{usual}" if self._public else usual

    def get_description(self) -> str:  # type: ignore[override]
        """For users of the API: docstrings of classes are for developers, docstrings of further operations for both."""
        told = self._said_by_view("action_descriptions") or _OPERATIONS.get(self._action)
        return told or inspect.getdoc(getattr(self.view, self._action or str(self.method).lower(), None)) or ""

    # --- Parameters

    def get_override_parameters(self) -> Any:
        return [*self._parameters(), *self._preconditions()]

    def _get_parameters(self) -> list[Any]:
        parameters = super()._get_parameters()
        for one in parameters:
            if one["in"] == "path":
                one["description"] = _PATHS[one["name"]]
        return parameters

    def get_filter_backends(self) -> list[object]:
        return []

    def _parameters(self) -> list[OpenApiParameter]:
        view, own = self._list(), self._said_by_view("action_parameters")
        if view is not None:
            return [*self._filters(view.parameter_names), *self._of_list(view), *self._formats()]
        if own is not None:
            listing = self._action in getattr(self.view, "list_actions", ())
            filters = self._filters(self.view.parameter_names) if listing else []
            feed = self._action == "list" and isinstance(self.view, RowListMixin)
            revealing = self._revealing(self.view.reveal_columns(), self.view.reveal_names) if feed else []
            return [*filters, *(self._own(name, said) for name, said in own.items()), *revealing, *self._formats()]
        if not isinstance(self.view, RecordMixin):
            return self._formats()
        names = self.view.detail_parameters
        revealing = self._revealing(self.view.record_columns(), ("reveal",)) if self.method == "GET" else []
        own = self.view.read_parameters if self._action == "retrieve" else {}
        said = [self._own(name, text) for name, text in own.items()]
        return [*(self._filters(names) if names else []), *said, *revealing, *self._formats()]

    def _filters(self, names: Any) -> list[OpenApiParameter]:
        filters = self.view.filterset_class.base_filters
        named = [name for name in names or filters if name in filters]
        fixed = {
            name for name, step in (("alliance", "{slug}"), ("organization", "{registry_no}")) if step in self.path
        }
        return [
            _parameter(name, filters[name].extra.get("help_text", ""), filters[name].schema)
            for name in named
            if name not in fixed
        ]

    def _of_list(self, view: Any) -> list[OpenApiParameter]:
        columns = self._columns()
        orderings = [sign + name for name in view.orderings for sign in ("", "-")]
        return [
            *(self._own(name, said) for name, said in view.own_parameters().items()),
            *self._revealing(view.reveal_columns(), view.reveal_names),
            _parameter("page_size", f"Rows of a page: {PAGE_SIZE}, at most {MAX_PAGE_SIZE}.", _PAGE_SIZE),
            _parameter("cursor", "Place of a page, from `next` or `previous`."),
            _parameter("count", "How exactly rows are counted.", {**TEXT, "enum": list(COUNTS)}),
            _parameter(
                "ordering", "The order of the rows; `-` before the name reverses it.", {**TEXT, "enum": orderings}
            ),
            _parameter("fields", "Columns, joined by commas or repeated.", columns),
            _parameter("omit", "Columns to leave out, joined by commas or repeated.", columns),
        ]

    def _columns(self) -> Schema:
        """Columns of this list; their names are a component, because `fields` and `omit` both take them."""
        title = "".join(part.title() for part in self.get_operation_id().split("_"))
        names = {**TEXT, "enum": [column.name for column in self.view.declared_columns()], COMPONENT: f"{title}Column"}
        return {**array_schema(names), "minItems": 1}

    def _revealing(self, columns: tuple[Column, ...], names: tuple[str, ...]) -> list[OpenApiParameter]:
        masked = any(column.mask for column in columns)
        return [self._own(name, REVEAL_PARAMETERS[name]) for name in names] if masked else []

    def _own(self, name: str, said: object) -> OpenApiParameter:
        if name in ("facet", "rows", "columns"):
            known = [one.name for one in self.view.dimensions if one.name in (self.view.dimension_names or [one.name])]
            schema = _several(known) if name == "facet" else {**TEXT, "enum": [*known, "branch"]}
        elif name in ("fields", "omit"):
            schema = self._columns()
        else:
            schema = _SHAPES.get(name, TEXT)
        return _parameter(name, said, schema)

    def _formats(self) -> list[OpenApiParameter]:
        usual = self.view.list_renderers if self._filed else (JSONRenderer,)
        formats = [one.format for one in self._file_kinds or usual]
        rows = len(formats) > 1 and not self._file_kinds
        said = "Format of the answer; files give all rows, not one page." if rows else "Format of the answer."
        return [
            _parameter("lang", "Language of labels and messages.", {**TEXT, "enum": ["zh", "en"]}),
            _parameter("format", said, {**TEXT, "enum": formats}),
        ]

    def _preconditions(self) -> list[OpenApiParameter]:
        found = []
        if self._conditional:
            found.append(_header("If-None-Match", "ETag of the answer that the client has."))
        if self.method == "POST" and not self._reads:
            said = "Sent again with the same body, the request is answered as before."
            found.append(_header("Idempotency-Key", said, {**TEXT, "pattern": f"^{KEY}$"}))
        if self._changes_one:
            found.append(_header("If-Match", "ETag of the record as it was read.", required=self.method != "POST"))
        return found

    # --- Bodies

    def get_request_serializer(self) -> Any:
        if upload := self._said_by_view("action_uploads"):
            return {"multipart/form-data": upload}
        if said := self._said_by_view("action_requests"):
            return {"application/json": said}
        if self._bulk:
            return {"application/json": {**array_schema(self._item()), "minItems": 1, "maxItems": MOST}}
        return self._get_serializer()

    def _get_request_body(self, direction: Any = "request") -> Schema | None:
        body = super()._get_request_body(direction)
        if body and (self._bulk or self._reads or self._said_by_view("action_uploads")):
            body["required"] = True
        return body

    def _item(self) -> Schema:
        """One of many records: as it is written alone, with what names it and its state where it is changed."""
        serializer = self._get_serializer()
        serializer.partial = self.method == "PATCH"
        component = self.resolve_serializer(serializer, "request")
        if not serializer.partial:
            return component.ref
        key = self.view.lookup_field
        named = {key: TEXT, "etag": {**TEXT, "description": "Of the record as it was read."}}
        item = {**component.schema, "properties": named | component.schema["properties"], "required": [*named]}
        return Components(self.registry).schema(f"{component.name}InBulk", item)

    def _map_basic_serializer(self, serializer: BaseSerializer, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        schema.pop("description", None)  # the docstring of the class, which is for developers
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
            schema |= {"description": serializer.told} if serializer.told else {}
        return {"oneOf": [TEXT, schema]} if getattr(serializer, "text_alone", False) else schema

    def get_examples(self) -> list[OpenApiExample]:
        value = examples.body(self.method, self.path) if self.method in ("POST", "PATCH") else None
        media = "multipart/form-data" if self._said_by_view("action_uploads") else "application/json"
        return [] if value is None else [OpenApiExample("Example", value, request_only=True, media_type=media)]

    # --- Answers

    def _is_list_view(self, serializer: Any = None) -> bool:
        return serializer is None and self._action in ("list", "attachments")

    def _get_response_bodies(self, direction: Any = "response") -> Schema:
        parts = Components(self.registry)
        responses = {str(status): self._answer(parts, status) for status in self._statuses()}
        if self._conditional:
            responses["304"] = parts.not_modified()
        return responses | {str(status): parts.problem(status) for status in self._problems()}

    def _statuses(self) -> tuple[int, ...]:
        if self.method == "POST" and not self._reads:
            return (200, 201) if getattr(self.view, "detail", False) else (201,)
        return (204,) if self.method == "DELETE" else (200,)

    def _answer(self, parts: Components, status: int) -> Schema:
        headers = ["X-Request-ID", "Cache-Control", "Vary"]
        recorded = self.method in ("POST", "PATCH") and not self._bulk and not self._reads
        headers += ["ETag"] if self._conditional or recorded else []
        headers += ["Location"] if recorded and status == 201 else []
        headers += ["Idempotency-Replayed"] if self.method == "POST" and not self._reads else []
        headers += ["Content-Disposition"] if self._filed else []
        headers += ["X-Receipt"] if self._filed and not self._public else []
        answer: Schema = {"description": _DESCRIPTIONS[status], "headers": parts.headers(*headers)}
        if status != 204:
            files = self._file_kinds or (self.view.list_renderers[1:] if self._filed else ())
            shown = {} if self._file_kinds else {"application/json": {"schema": self._shown(parts)}}
            answer["content"] = shown | {one.media_type: {"schema": _BINARY} for one in files}
        return answer

    def _shown(self, parts: Components) -> Schema:
        if said := self._said_by_view("action_answers") or getattr(self.view, "answer_schema", None):
            return said
        if self._list():
            return self._page(parts)
        properties, required = _described(self.view.record_columns())
        if not self._bulk:
            properties |= self.view.further_properties()
            return parts.schema(self._name, _object(properties, required))
        item = parts.schema(f"{self._name}InBulk", _object(properties | {"etag": TEXT}, [*required, "etag"]))
        return object_schema(count=INTEGER, results=array_schema(item))

    @property
    def _name(self) -> str:
        """The name of the component, after the model; enterprises and institutes are organizations."""
        model = self.view.queryset.model._meta.concrete_model.__name__
        return f"Public{model}" if self._public else model

    def _page(self, parts: Components) -> Schema:
        properties, _required = _described(self.view.declared_columns())
        row = parts.schema(f"{self._name}Row", _object(properties))
        filterset = self.view.filterset_class
        has = {
            "plan": hasattr(filterset, "sector_plan"),
            "as_of": "as_of" in filterset.base_filters,
            "notices": True,
            "members_total": "members_total" in self.view.also_said,
            "did_you_mean": "relevance" in self.view.orderings,
        }
        said = {name: schema for name, schema in PAGE_NOTES.items() if has[name]}
        shown = {"count": 1, "count_is": "exact", "next": None, "previous": None, "results": [examples.row(properties)]}
        return page_schema(row, **said) | {"examples": [shown]}

    def _problems(self) -> list[int]:
        """The statuses of what may go wrong."""
        found = {400, 406, 429, 503}
        found |= set() if self._public else {401, 403}
        found |= {404} if "{" in self.path else set()
        found |= {413, 415} if self.method in ("POST", "PATCH") else set()
        found |= {412} if self._changes_one or (self._bulk and self.method == "PATCH") else set()
        if not self._reads:
            found |= {409}
            found |= {422} if self.method == "POST" else set()
            found |= {428} if self.method in ("PATCH", "DELETE") and not self._bulk else set()
        return sorted(found)


def _parameter(name: str, description: Any, schema: Schema | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, schema or TEXT, description=str(description))


def _header(name: str, description: str, schema: Schema | None = None, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, schema or TEXT, OpenApiParameter.HEADER, required=required, description=description)


def _several(names: list[str]) -> Schema:
    return {**array_schema({**TEXT, "enum": names}), "minItems": 1}


def _object(properties: dict[str, Schema], required: list[str] | None = None) -> Schema:
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _described(columns: tuple[Column, ...]) -> tuple[dict[str, Schema], list[str]]:
    """Schema of each column, and the names of those that everybody sees."""
    properties = {column.name: {"description": str(column.label), **column.schema} for column in columns}
    return properties, [column.name for column in columns if not column.permission]
