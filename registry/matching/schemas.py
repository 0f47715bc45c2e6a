"""JSON schemas of what `organizations/match/` reads and answers."""

from registry.api.json_schema import INTEGER, NULLABLE_TEXT, TEXT, Schema, array_schema, component_schema, object_schema
from registry.matching.candidates import MOST
from registry.matching.score import POINTS

MOST_ITEMS = 1_000
MOST_CHARACTERS = 300
FIELDS = ("name", "uscc", "town", "website")
_SHORT = {**NULLABLE_TEXT, "maxLength": MOST_CHARACTERS}
_WORD = {**TEXT, "pattern": r"\S", "maxLength": MOST_CHARACTERS}
_ITEM: Schema = {
    "oneOf": [
        _WORD,
        {
            "type": "object",
            "properties": dict.fromkeys(FIELDS, _SHORT),
            "anyOf": [{"properties": {name: _WORD}, "required": [name]} for name in ("name", "uscc")],
            "additionalProperties": False,
        },
    ]
}
REQUEST: Schema = {"oneOf": [array_schema(_ITEM) | {"minItems": 1, "maxItems": MOST_ITEMS}, *_ITEM["oneOf"]]}
_CANDIDATE = component_schema(
    "Candidate",
    registry_no=TEXT,
    name_zh=TEXT,
    name_en=TEXT,
    score={**INTEGER, "minimum": 0, "maximum": 100},
    parts=array_schema(object_schema(part={**TEXT, "enum": [*POINTS]}, points=INTEGER, label=TEXT)),
)
_RESULT = object_schema(
    query={**_ITEM, "description": "As it was sent."},
    decision={**NULLABLE_TEXT, "description": "Registry number, where it is safe."},
    candidates={"type": "array", "maxItems": MOST, "items": _CANDIDATE},
)
ANSWER = component_schema("Matches", count=INTEGER, results=array_schema(_RESULT))
