"""JSON schemas of OpenAPI 3.1 that answers are described with."""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
NULLABLE_DATE: Schema = {**NULLABLE_TEXT, "format": "date"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}


def object_schema(**properties: Schema) -> Schema:
    """An object that has each of the properties."""
    return {"type": "object", "properties": properties, "required": [*properties]}


def array_schema(items: Schema) -> Schema:
    return {"type": "array", "items": items}


REFERENCE = object_schema(code=TEXT, name=TEXT)
NULLABLE_REFERENCE = {"oneOf": [REFERENCE, {"type": "null"}]}
