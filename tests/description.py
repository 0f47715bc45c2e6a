"""The OpenAPI file, read once: it is long."""

from typing import Any

import yaml
from django.conf import settings

DESCRIPTION: dict[str, Any] = yaml.load(
    (settings.BASE_DIR / "docs/openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return the component that the part refers to, or the part itself."""
    while "$ref" in part:
        found: Any = DESCRIPTION
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def query_parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of the operation that stand in the query, with their schemas, without references."""
    parameters = [resolved(one) for one in operation.get("parameters", [])]
    return [{**one, "schema": resolved(one["schema"])} for one in parameters if one["in"] == "query"]
