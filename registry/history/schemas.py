"""JSON schemas of what `changes/` and the history of an organization answer."""

from registry.api.json_schema import INTEGER, NULLABLE_TEXT, TEXT, Schema, array_schema, component_schema, object_schema
from registry.api.lists.pagination import page_schema

CHANGES = ("created", "changed", "closed", "merged", "unpublished", "deleted")
_CHANGE = object_schema(
    change={**TEXT, "enum": list(CHANGES)},
    registry_no=TEXT,
    successor=NULLABLE_TEXT,
    organization={
        "type": ["object", "null"],
        "description": "As it is now, by the columns of the list; null where it is gone.",
    },
)
CHANGES_ANSWER = component_schema(
    "Changes",
    cursor={**TEXT, "description": "What `since` is next time."},
    next={**NULLABLE_TEXT, "format": "uri", "description": "Where there is more already."},
    plan={**NULLABLE_TEXT, "description": "Code of the plan whose sectors are shown."},
    results=array_schema(_CHANGE),
) | {
    "required": ["cursor", "next", "results"],
    "examples": [
        {
            "cursor": "WyI3NCIsIDkxMiwgMjdd:...",
            "next": None,
            "plan": "zs-ai-2019",
            "results": [
                {
                    "change": "merged",
                    "registry_no": "ZSAI-000002",
                    "successor": "ZSAI-000001",
                    "organization": {"registry_no": "ZSAI-000002", "name_zh": "中山市示例接口有限公司"},
                },
                {"change": "deleted", "registry_no": "ZSAI-000003", "successor": None, "organization": None},
            ],
        }
    ],
}

_EVENT = {
    "at": {**TEXT, "format": "date-time"},
    "by": {**NULLABLE_TEXT, "description": "User name."},
    "operation": NULLABLE_TEXT,
    "reason": NULLABLE_TEXT,
    "request_id": NULLABLE_TEXT,
    "group": {**TEXT, "description": "The same for events that somebody caused in one go."},
    "table": TEXT,
    "id": INTEGER,
    "event": {**TEXT, "enum": ["insert", "update", "delete"]},
    "text": {**TEXT, "description": "The event as a sentence in the language of the answer."},
    "changes": {
        "type": "object",
        "description": "Field -> what stood before and what stands after.",
        "additionalProperties": {**array_schema({}), "minItems": 2, "maxItems": 2},
    },
}

_PAGE_OF_EVENTS = {
    "count": 1,
    "count_is": "exact",
    "next": None,
    "previous": None,
    "results": [
        {
            "at": "2026-01-31T08:00:00+08:00",
            "by": "registrar",
            "operation": None,
            "reason": None,
            "request_id": "0f0e4a3f2b1c4d5e8f90a1b2c3d4e5f6",
            "group": "5d7d6a52-5f0c-4b0e-9c2e-0b6d7f1f3a10",
            "table": "organization",
            "id": 1,
            "event": "update",
            "text": "2026-01-31 08:00, registrar filled in Short name: 示例",
            "changes": {"short_name": ["", "示例"]},
        }
    ],
}

EVENTS_ANSWER: Schema = page_schema(_EVENT) | {"examples": [_PAGE_OF_EVENTS]}
