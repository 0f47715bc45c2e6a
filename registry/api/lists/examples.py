"""Examples for the OpenAPI file: what a body may say, by the end of its address, and what rows look like.

They are in `fixtures/api-examples.json`: `bodies` has the method, the end of the address and the body, of which the
first that fits is taken; `values` has a value for some columns.
"""

import json
from functools import cache
from typing import Any

from django.conf import settings


@cache
def _examples() -> dict[str, Any]:
    return json.loads((settings.BASE_DIR / "fixtures" / "api-examples.json").read_text(encoding="utf-8"))


def body(method: str, path: str) -> object:
    return next((value for verb, end, value in _examples()["bodies"] if verb == method and path.endswith(end)), None)


def row(columns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A row of a list, from the schemas of its columns."""
    return {name: _examples()["values"].get(name, _value(schema)) for name, schema in columns.items()}


def _value(schema: dict[str, Any]) -> object:
    kinds = schema.get("type", "null")
    if "oneOf" in schema or "null" in kinds:
        return None
    if "enum" in schema:
        return schema["enum"][0]
    by_format = {"date": "2026-01-31", "date-time": "2026-01-31T08:00:00+08:00"}
    by_type = {"array": [], "boolean": True, "integer": 1, "number": 1, "object": {}}
    return by_format.get(schema.get("format", "")) or by_type.get(kinds, "")
