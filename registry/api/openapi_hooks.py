"""Makes what several operations of the OpenAPI file say alike one component each, to which they refer."""

import json
from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from drf_spectacular.drainage import error

from registry.api.json_schema import COMPONENT

Part = dict[str, Any]


def share_components(result: Part, generator: Any, request: HttpRequest, public: bool) -> Part:
    """Do it as a postprocessing hook of drf-spectacular: when all references are resolved, nothing has changed."""
    schemas: Part = {}
    result = _lifted(result, schemas)
    schemas |= result["components"]["schemas"]
    names = _names_of_equals(schemas)
    result["components"]["schemas"] = {name: schemas[name] for name in sorted({*names.values()})}
    # First the schemas: parameters are alike whose schemas turn out to be one.
    result = _renamed(result, names)
    result["components"]["parameters"] = _shared_parameters(result["paths"])
    return result


def _lifted(part: object, schemas: Part) -> Any:
    """Return the part with references to the schemas in it that have a name, which are added to `schemas`."""
    if isinstance(part, list):
        return [_lifted(item, schemas) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: _lifted(value, schemas) for key, value in part.items()}
    if not (name := part.pop(COMPONENT, None)):
        return part
    description = {"description": part.pop("description")} if "description" in part else {}
    if schemas.setdefault(name, part) != part:
        error(f"Two schemas are called {name}.")
    return {"$ref": f"#/components/schemas/{name}", **description}


def _names_of_equals(schemas: Part) -> dict[str, str]:
    """Return the name of each schema, and the shortest name among those that are equal to it."""
    equals = defaultdict(list)
    for name, schema in schemas.items():
        equals[json.dumps(schema, sort_keys=True, default=str)].append(name)
    return {name: min(names, key=lambda one: (len(one), one)) for names in equals.values() for name in names}


def _renamed(part: object, names: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    base, _, name = str(part.get("$ref", "")).rpartition("/")
    new = {"$ref": f"{base}/{names[name]}"} if base == "#/components/schemas" else {}
    return {key: _renamed(value, names) for key, value in part.items()} | new


def _shared_parameters(paths: Part) -> Part:
    """Let operations refer to the parameters that several have; return these by their names.

    A parameter of a name that means another thing elsewhere is called after the first operation too.
    """
    operations = [operation for methods in paths.values() for operation in methods.values()]
    users: dict[str, list[tuple[Part, int]]] = defaultdict(list)
    for operation in operations:
        for place, parameter in enumerate(operation.get("parameters", ())):
            users[json.dumps(parameter, sort_keys=True, default=str)].append((operation, place))
    shared: Part = {}
    for places in users.values():
        operation, place = places[0]
        parameter = operation["parameters"][place]
        if len(places) == 1:
            continue
        name = parameter["name"]
        name = f"{name}.{operation['operationId']}" if name in shared else name
        shared[name] = parameter
        for operation, place in places:
            operation["parameters"][place] = {"$ref": f"#/components/parameters/{name}"}
    return dict(sorted(shared.items()))
