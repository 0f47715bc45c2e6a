"""JSON schemas of what `statistics/figures/` and `statistics/releases/` answer."""

from typing import Any

from registry.api.json_schema import (
    BOOLEAN,
    INTEGER,
    NULLABLE_DATE,
    NULLABLE_TEXT,
    TEXT,
    Schema,
    array_schema,
    component_schema,
    object_schema,
)

_COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}
_NUMBER: Schema = {"type": ["number", "null"]}
_YEAR: Schema = {"type": ["integer", "null"]}
_SUM = {
    "sum": {**_NUMBER, "description": "Money in yuan; null where nobody has reported it or where it is suppressed."},
    "share": {**_NUMBER, "description": "Percent of the total, where both are shown."},
}
_FULL_SUM = {
    "reported": {**INTEGER, "minimum": 0, "description": "How many reported the figure."},
    **_SUM,
    "median": _NUMBER,
    "sensitive": {**BOOLEAN, "description": "Whether a release would hide it, because it shows single figures."},
}


def _answer(name: str, of_sum: dict[str, Schema], **more: Schema) -> Schema:
    line: dict[str, Schema] = {
        "count": {**_COUNT, "description": "How many organizations have the value, reported or not."},
        "sums": {"type": "object", "additionalProperties": object_schema(**of_sum)},
    }
    said: dict[str, Schema] = {
        "count": _COUNT,
        "plan": {**NULLABLE_TEXT, "description": "Code of the plan whose sectors are meant."},
        "year": _YEAR,
        "years": array_schema(INTEGER),
        "notices": array_schema(TEXT),
        **more,
        "by": object_schema(name=TEXT, label=TEXT),
        "figures": array_schema(object_schema(name=TEXT, label=TEXT, unit=TEXT)),
        "total": object_schema(**line),
        "results": array_schema(object_schema(code=NULLABLE_TEXT, name=TEXT, parent=NULLABLE_TEXT, **line)),
    }
    return component_schema(name, **said) | {"examples": [_example(list(of_sum), more)]}


def _example(names: list[str], more: dict[str, Schema]) -> dict[str, Any]:
    one = {"reported": 8, "sum": 412000000, "share": 24.5, "median": 21000000, "sensitive": False}
    return {
        "count": 31,
        "plan": "zs-ai-2019",
        "year": 2024,
        "years": [2023, 2024],
        **({"released_on": "2025-06-30", "crossed": {}} if more else {}),
        "notices": [],
        "by": {"name": "layer", "label": "产业链环节"},
        "figures": [{"name": "revenue", "label": "营业收入（万元）", "unit": "CNY"}],
        "total": {"count": 31, "sums": {"revenue": {name: one[name] for name in names}}},
        "results": [
            {
                "code": "foundation",
                "name": "基础层",
                "parent": None,
                "count": 9,
                "sums": {"revenue": {name: one[name] for name in names}},
            }
        ],
    }


_BY_CODE: Schema = {"type": "object", "additionalProperties": {"type": "number"}}
_BY_CODES: Schema = {"type": "object", "additionalProperties": _BY_CODE}
FIGURE_SUMS = _answer("FigureSums", _FULL_SUM)
RELEASES = _answer(
    "ReleasedFigures",
    _SUM,
    released_on=NULLABLE_DATE,
    crossed={
        "type": "object",
        "additionalProperties": _BY_CODES,
        "description": "Figure -> code of the branch -> code of the township -> sum, of those that are shown.",
    },
)
