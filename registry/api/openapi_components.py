"""Describes answers in the OpenAPI file: their headers, and the problem documents of each status."""

from drf_spectacular.drainage import error
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from registry.api.errors import TITLES
from registry.api.json_schema import INTEGER, TEXT, Schema, array_schema

HEADERS: dict[str, tuple[str, Schema]] = {
    "X-Request-ID": ("Names the request in the log and in the history of what it changed.", TEXT),
    "ETag": ("The state of the record, for `If-Match` and `If-None-Match`.", TEXT),
    "Cache-Control": ("How long caches may give this answer again.", TEXT),
    "Vary": ("The headers of the request on which the answer depends.", TEXT),
    "Location": ("The address of the record.", {**TEXT, "format": "uri"}),
    "Idempotency-Replayed": ("The answer is that of the first request with this key.", {**TEXT, "enum": ["true"]}),
    "Retry-After": ("Seconds after which the request may be sent again.", {**INTEGER, "minimum": 1}),
    "WWW-Authenticate": ("How to authenticate.", TEXT),
    "Content-Disposition": ("The name of the file.", TEXT),
    "X-Receipt": ("The number of the receipt of a file.", TEXT),
}
REQUIRED = {"X-Request-ID", "Retry-After", "WWW-Authenticate", "Cache-Control", "Vary"}
"""Headers that an answer always carries where it is said to carry them."""
_OF_PROBLEMS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}

CANDIDATES: Schema = {
    "type": "array",
    "description": "With `possible-duplicates`: the records that may be the same, as `match` shows them.",
    "items": {"type": "object"},
}
PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457: what is wrong, and where.",
    "properties": {
        "type": {**TEXT, "format": "uri", "description": "`urn:problem-type:registry:` and the code."},
        "title": {**TEXT, "description": "For people, in the language of the request."},
        "status": INTEGER,
        "code": {**TEXT, "description": "For programs; it does not change."},
        "detail": {**TEXT, "description": "For people, in the language of the request."},
        "request_id": {**TEXT, "description": "As in the header `X-Request-ID`."},
        "candidates": CANDIDATES,
        "errors": array_schema(
            {
                "type": "object",
                "properties": {
                    "parameter": {**TEXT, "description": "The query parameter that is wrong."},
                    "pointer": {**TEXT, "description": "What is wrong in the body, as a JSON pointer (RFC 6901)."},
                    "detail": TEXT,
                    "code": TEXT,
                    "candidates": CANDIDATES,
                },
                "required": ["detail", "code"],
                "additionalProperties": False,
            }
        ),
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "additionalProperties": False,
    "examples": [
        {
            "type": "urn:problem-type:registry:invalid_parameter",
            "title": "A query parameter cannot be accepted",
            "status": 400,
            "code": "invalid_parameter",
            "detail": "There is no such parameter here. Nearest: sector, sector_all, sector_not.",
            "request_id": "0f0e4a3f2b1c4d5e8f90a1b2c3d4e5f6",
            "errors": [
                {
                    "parameter": "sectr",
                    "detail": "There is no such parameter here. Nearest: sector, sector_all, sector_not.",
                    "code": "invalid",
                }
            ],
        }
    ],
}


class Components:
    """The parts that many operations refer to, made when one first does."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self.registry = registry

    def schema(self, name: str, value: Schema) -> Schema:
        return self._refer("schemas", name, value)

    def headers(self, *names: str) -> dict[str, Schema]:
        return {name: self._header(name) for name in names}

    def _header(self, name: str) -> Schema:
        description, schema = HEADERS[name]
        value = {"description": description, "schema": schema, "required": name in REQUIRED}
        return self._refer("headers", name.replace("-", ""), value)

    def problem(self, status: int) -> Schema:
        """The answer of this status, with the codes that tell what it is about.

        One schema serves all: generators of clients cannot merge it with narrower types and would drop the answer.
        """
        codes = {code: str(title) for code, (of, title) in TITLES.items() if of == status}
        value = {
            "description": " ".join(f"{title} (code `{code}`)." for code, title in codes.items()),
            "headers": self.headers("X-Request-ID", *_OF_PROBLEMS.get(status, ())),
            "content": {"application/problem+json": {"schema": self.schema("Problem", PROBLEM)}},
        }
        return self._refer("responses", f"Problem{status}", value)

    def not_modified(self) -> Schema:
        value = {
            "description": "The record is in the state that If-None-Match names.",
            "headers": self.headers("X-Request-ID", "ETag"),
        }
        return self._refer("responses", "NotModified", value)

    def _refer(self, kind: str, name: str, value: Schema) -> Schema:
        component = ResolvedComponent(name=name, type=kind, object=f"{kind}/{name}", schema=value)
        if component in self.registry and self.registry[component].schema != value:
            error(f"Two components are called {name}.")
        self.registry.register_on_missing(component)
        return component.ref
