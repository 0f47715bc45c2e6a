"""JSON schemas of OpenAPI 3.1 that answers are described with."""

from typing import Any

Schema = dict[str, Any]
COMPONENT = "x-component"
"""The key of a schema's name, by which the OpenAPI file says the schema once (openapi_hooks.py)."""
TEXT: Schema = {"type": "string"}
NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
NULLABLE_DATE: Schema = {**NULLABLE_TEXT, "format": "date"}
INTEGER: Schema = {"type": "integer"}
NULLABLE_INTEGER: Schema = {"type": ["integer", "null"]}
BOOLEAN: Schema = {"type": "boolean"}


def object_schema(**properties: Schema) -> Schema:
    """An object that has each of the properties."""
    return {"type": "object", "properties": properties, "required": [*properties]}


def array_schema(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def component_schema(component: str, /, **properties: Schema) -> Schema:
    """An object that has each of the properties, and a name of its own in the OpenAPI file."""
    return {**object_schema(**properties), COMPONENT: component}


REFERENCE = component_schema("Reference", code=TEXT, name=TEXT)
NULLABLE_REFERENCE = {"oneOf": [REFERENCE, {"type": "null"}]}
