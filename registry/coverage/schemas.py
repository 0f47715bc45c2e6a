"""JSON schemas of what `coverage/`, `townships/` and `growth/` answer."""

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
_LINE = object_schema(
    code=TEXT,
    name=TEXT,
    layer=TEXT,
    group=TEXT,
    coverage={**TEXT, "enum": ["gap", "weak", "covered"], "description": "None, one or two, or more."},
    count=_COUNT,
    counts=array_schema(_COUNT),
    responsible=TEXT,
    targets=TEXT,
    progress={**TEXT, "description": "What is done about it, for those who may see that."},
) | {"required": ["code", "name", "layer", "group", "coverage", "count", "counts"]}
COVERAGE = component_schema(
    "Coverage",
    **_SAID,
    gap={**_COUNT, "description": "How many sectors nobody has."},
    weak=_COUNT,
    covered=_COUNT,
    columns=array_schema(object_schema(code=NULLABLE_TEXT, name=TEXT)),
    results=array_schema(_LINE),
) | {
    "required": ["count", "gap", "weak", "covered", "columns", "results"],
    "examples": [
        {
            "count": 61,
            "plan": "zs-ai-2019",
            "gap": 9,
            "weak": 29,
            "covered": 7,
            "columns": [{"code": "enterprise", "name": "企业"}, {"code": "research", "name": "高校和科研机构"}],
            "results": [
                {
                    "code": "core-hardware.optical-fibre",
                    "name": "高性能光纤",
                    "layer": "foundation",
                    "group": "核心硬件",
                    "coverage": "gap",
                    "count": 0,
                    "counts": [0, 0],
                }
            ],
        }
    ],
}
TOWNSHIPS = component_schema(
    "CountsOfTownships",
    **_SAID,
    elsewhere={**_COUNT, "description": "How many are in no township of the city."},
    results=array_schema(object_schema(code=TEXT, name=TEXT, count=_COUNT)),
) | {
    "required": ["count", "elsewhere", "results"],
    "examples": [
        {
            "count": 61,
            "plan": "zs-ai-2019",
            "elsewhere": 2,
            "results": [{"code": "442000001", "name": "石岐街道", "count": 7}],
        }
    ],
}
GROWTH = component_schema(
    "IndustryGrowth",
    **_SAID,
    undated={**_COUNT, "description": "How many have no day of foundation; they count in no year."},
    results=array_schema(
        object_schema(
            year=INTEGER,
            founded=_COUNT,
            introduced=_COUNT,
            closed=_COUNT,
            standing={**_COUNT, "description": "Founded until the end of the year and not closed by then."},
        )
    ),
) | {
    "required": ["count", "undated", "results"],
    "examples": [
        {
            "count": 61,
            "plan": "zs-ai-2019",
            "undated": 0,
            "results": [{"year": 2021, "founded": 4, "introduced": 1, "closed": 0, "standing": 48}],
        }
    ],
}
