"""What the OpenAPI file says: lists by their columns and parameters, the rest by its serializers."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from . import examples
from .lists import RowListMixin
from .paging import COUNTS, MAX_PAGE_SIZE, PAGE_SIZE

_NULLABLE_ADDRESS = {"type": ["string", "null"], "format": "uri"}
_ENVELOPE: dict[str, Any] = {
    "count": {"type": ["integer", "null"], "description": "Rows that the parameters choose."},
    "count_is": {"type": "string", "enum": ["exact", "at_least", "none"]},
    "next": _NULLABLE_ADDRESS,
    "previous": _NULLABLE_ADDRESS,
}
_BULK_ANSWER = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "results": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    },
    "required": ["count", "results"],
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457: what is wrong, and where.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "status", "code", "detail"],
}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "registry.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token issued on the site or by issue_token."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "registry.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class Schema(AutoSchema):
    """Every operation answers problems as RFC 9457 says; lists are described by their columns."""

    def _list(self) -> Any:
        """The view, where the operation is a list of rows."""
        listing = getattr(self.view, "action", "") == "list" and isinstance(self.view, RowListMixin)
        return self.view if listing and self._counts() is None else None

    def _counts(self) -> Any:
        """The view, where the operation tells something else of the rows of a list."""
        told = getattr(self.view, "action", "") in getattr(self.view, "action_parameters", ())
        return self.view if told else None

    def get_operation_id(self) -> str:
        public = "public_" if self.path.startswith("/public/") else ""
        return public + super().get_operation_id()

    def get_override_parameters(self) -> Any:
        view = self._list()
        language = _parameter("lang", "Language of labels and messages.", ["zh", "en"])
        if counted := self._counts():
            own = counted.action_parameters[counted.action]
            formats = [one.format for one in counted.list_renderers] if self._filed(counted) else []
            return [
                *self._filters(counted),
                *(_parameter(name, str(said)) for name, said in own.items()),
                language,
                _parameter("format", "Of the answer.", formats or ["json"]),
            ]
        if view is None:
            return [language] if self.method == "GET" else self._preconditions()
        return [
            *self._filters(view),
            *(_parameter(name, "A parameter of files.") for name in view.own_parameters()),
            OpenApiParameter(
                "page_size",
                int,
                description=f"Rows of a page: {PAGE_SIZE}, at most {MAX_PAGE_SIZE}.",
                default=PAGE_SIZE,
            ),
            _parameter("cursor", "Place of a page, from `next` or `previous`."),
            _parameter("count", "How exactly rows are counted.", list(COUNTS)),
            _parameter("ordering", "`-` before it turns it round.", _both_ways(view.orderings)),
            _parameter("fields", "Columns, joined by commas."),
            _parameter("omit", "Columns to leave out, joined by commas."),
            language,
            _parameter("format", "csv and xlsx give all rows.", [one.format for one in view.list_renderers]),
        ]

    def _preconditions(self) -> list[OpenApiParameter]:
        if self.method == "POST":
            return [_header("Idempotency-Key", "Sent again with the same body, the request is answered as before.")]
        if self.method == "PATCH" and not self._bulk():
            return [_header("If-Match", "ETag of the record as it was read.", required=True)]
        return []

    def _filters(self, view: Any) -> list[OpenApiParameter]:
        filters = view.filterset_class.base_filters
        names = [name for name in view.parameter_names or filters if name in filters]
        if "slug" in self.view.kwargs or "{slug}" in self.path:
            names = [name for name in names if name != "alliance"]
        return [_parameter(name, str(filters[name].extra.get("help_text", ""))) for name in names]

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_request_serializer(self) -> Any:
        if self._list() or self._counts():
            return None
        serializer: Any = super().get_request_serializer()
        return serializers.ListSerializer(child=serializer) if self._bulk() else serializer

    def _filed(self, view: Any) -> bool:
        return view.action in view.file_actions

    def get_examples(self) -> list[OpenApiExample]:
        value = examples.body(self.method, self.path) if self.method in ("POST", "PATCH") else None
        return [] if value is None else [OpenApiExample("Example", value, request_only=True)]

    def _bulk(self) -> bool:
        return getattr(self.view, "action", "") in ("bulk", "bulk_update")

    def get_response_serializers(self) -> Any:
        view = self._list()
        if view is not None:
            ok: Any = {(200, "application/json"): _answer(view)}
            ok |= {(200, one.media_type): OpenApiTypes.BINARY for one in view.list_renderers[1:]}
        elif counted := self._counts():
            ok = {(200, "application/json"): counted.action_answers[counted.action]}
            if self._filed(counted):
                ok |= {(200, one.media_type): OpenApiTypes.BINARY for one in counted.list_renderers[1:]}
        elif not hasattr(self.view, "get_serializer_class") or self._without_serializer():
            ok = {(200, "application/json"): {"type": "object", "additionalProperties": True}}
        elif self._bulk():
            ok = {({"POST": 201}.get(self.method, 200), "application/json"): _BULK_ANSWER}
        else:
            status = {"POST": 201, "DELETE": 204}.get(self.method, 200)
            ok = {status: None if status == 204 else self.get_response_serializer()}
        return ok | {("4XX", "application/problem+json"): _PROBLEM}

    def get_response_serializer(self) -> Any:
        return self._get_serializer()

    def _without_serializer(self) -> bool:
        return getattr(self.view, "serializer_class", None) is None and not hasattr(self.view, "serializer_classes")


def _parameter(name: str, description: str, values: list[Any] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, enum=values)


def _header(name: str, description: str, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required, description=description)


def _both_ways(orderings: Any) -> list[str]:
    return [sign + name for name in orderings for sign in ("", "-")]


def _answer(view: Any) -> dict[str, Any]:
    names = view.column_names or [column.name for column in view.columns]
    columns = {column.name: column for column in view.columns}
    row = {name: {"description": str(columns[name].label), **columns[name].schema} for name in names}
    results = {"type": "array", "items": {"type": "object", "properties": row}}
    envelope = dict(_ENVELOPE)
    if "relevance" in view.orderings:
        envelope["did_you_mean"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "Other texts to search for, where nothing was found.",
        }
    return {
        "type": "object",
        "properties": envelope | {"results": results},
        "required": [*_ENVELOPE, "results"],
        "examples": [
            {"count": 1, "count_is": "exact", "next": None, "previous": None, "results": [examples.row(row)]},
        ],
    }
