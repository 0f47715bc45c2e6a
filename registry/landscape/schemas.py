"""JSON schema of what `landscape/` answers."""

from registry.api.json_schema import (
    BOOLEAN,
    INTEGER,
    NULLABLE_TEXT,
    TEXT,
    array_schema,
    component_schema,
    object_schema,
)

_COUNT = {**INTEGER, "minimum": 0}
_ORGANIZATION = object_schema(
    registry_no=TEXT,
    name=TEXT,
    member={**BOOLEAN, "description": "Whether it is a member of an alliance on the day."},
)
_SECTOR = object_schema(
    code=TEXT,
    name=TEXT,
    direct={**BOOLEAN, "description": "Whether these organizations have the upper sector itself."},
    count={**_COUNT, "description": "How many organizations have it, named here or not."},
    organizations={**array_schema(_ORGANIZATION), "description": "At most 200: members first, then by name."},
)
_GROUP = object_schema(code=TEXT, name=TEXT, count=_COUNT, sectors=array_schema(_SECTOR))
_LAYER = object_schema(code=TEXT, name=TEXT, groups=array_schema(_GROUP))
LANDSCAPE = component_schema(
    "Landscape",
    count=_COUNT,
    plan={**NULLABLE_TEXT, "description": "Code of the plan whose sectors are meant."},
    notices={
        **array_schema(TEXT),
        "description": "What the request was taken to mean, where that is not what it says.",
    },
    placed={**_COUNT, "description": "How many of the organizations have a sector of the plan."},
    empty={**_COUNT, "description": "How many sectors nobody has."},
    layers=array_schema(_LAYER),
) | {"required": ["count", "placed", "empty", "layers"]}
