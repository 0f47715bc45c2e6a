"""JSON schemas of what `facets/` and `crosstab/` answer."""

from registry.api.json_schema import INTEGER, NULLABLE_TEXT, TEXT, Schema, array_schema, component_schema, object_schema

_COUNT = {**INTEGER, "minimum": 0}
_SAID: dict[str, Schema] = {
    "count": _COUNT,
    "plan": {**NULLABLE_TEXT, "description": "Code of the plan whose sectors are meant."},
    "notices": {
        **array_schema(TEXT),
        "description": "What the request was taken to mean, where that is not what it says.",
    },
}
_VALUE: dict[str, Schema] = {
    "code": {**NULLABLE_TEXT, "description": "Null counts those without a value."},
    "name": TEXT,
    "alliance": {**TEXT, "description": "The alliance of the tier, where rows or columns are tiers."},
    "count": _COUNT,
}


def _values(**more: Schema) -> Schema:
    return array_schema(object_schema(**_VALUE, **more) | {"required": ["code", "name", "count", *more]})


_WITH_CHILDREN = _values()
_WITH_CHILDREN["items"]["properties"]["children"] = _values()
FACETS = component_schema("Facets", **_SAID, facets={"type": "object", "additionalProperties": _WITH_CHILDREN}) | {
    "required": ["count", "facets"],
    "examples": [
        {
            "count": 31,
            "plan": "zs-ai-2019",
            "facets": {
                "sector": [
                    {
                        "code": "robots",
                        "name": "机器人产品",
                        "count": 6,
                        "children": [{"code": "robots.industrial", "name": "工业机器人", "count": 4}],
                    }
                ],
                "township": [{"code": "442000118", "name": "小榄镇", "count": 3}],
            },
        }
    ],
}
_SHARE: Schema = {"type": ["number", "null"], "description": "Percent of all, to one place; null of nothing."}
COUNTS = component_schema(
    "Counts",
    **_SAID,
    results=array_schema(
        object_schema(
            name=TEXT,
            label=TEXT,
            values=array_schema(
                object_schema(
                    **_VALUE,
                    parent={**NULLABLE_TEXT, "description": "Of sectors, the code of the one above."},
                    share=_SHARE,
                )
                | {"required": ["code", "name", "count", "share"]}
            ),
        )
    ),
) | {
    "required": ["count", "results"],
    "examples": [
        {
            "count": 31,
            "plan": "zs-ai-2019",
            "results": [
                {
                    "name": "layer",
                    "label": "产业链环节",
                    "values": [{"code": "foundation", "name": "基础层", "count": 6, "share": 19.4}],
                }
            ],
        }
    ],
}
_AXIS = {"name": TEXT, "label": TEXT}
_PARENT = {**NULLABLE_TEXT, "description": "Of sectors, the code of the one above."}


def _lines(**more: Schema) -> Schema:
    lines = _values(**more)
    lines["items"]["properties"]["parent"] = _PARENT
    return lines


CROSS_TABLE = component_schema(
    "CrossTable",
    **_SAID,
    rows=object_schema(**_AXIS),
    columns=object_schema(**_AXIS, values=_lines()),
    results=_lines(counts=array_schema(_COUNT)),
) | {
    "required": ["count", "rows", "columns", "results"],
    "examples": [
        {
            "count": 31,
            "plan": "zs-ai-2019",
            "rows": {"name": "township", "label": "镇街"},
            "columns": {
                "name": "branch",
                "label": "领域大类",
                "values": [{"code": "robots", "name": "机器人产品", "count": 6}],
            },
            "results": [{"code": "442000118", "name": "小榄镇", "count": 3, "counts": [1]}],
        }
    ],
}
