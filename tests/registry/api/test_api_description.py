"""The OpenAPI file shows by examples what a body says and what answers look like, and the examples are good."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver
from jsonschema import Draft202012Validator
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from registry.api.errors import TITLES
from registry.api.lists import examples
from tests import factories
from tests.api import Api, api, ok, root
from tests.description import DESCRIPTION, resolved

pytestmark = pytest.mark.django_db


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, told)
        for path, methods in DESCRIPTION["paths"].items()
        for method, told in methods.items()
        if method in ("get", "post", "patch")
    ]


def body_of(told: Any) -> Any:
    """What is said of the one form in which the body is sent: JSON, or a form with a file."""
    (body,) = told["requestBody"]["content"].values()
    return body


def test_every_body_has_an_example() -> None:
    without = [
        (method, path)
        for method, path, told in operations()
        if "requestBody" in told and not body_of(told).get("examples")
    ]
    assert without == []


def test_every_list_has_an_example() -> None:
    without = [
        path
        for method, path, told in operations()
        if method == "get"
        and "results" in (schema := answer(told)).get("properties", {})
        and not schema.get("examples")
    ]
    assert without == []


def test_every_example_is_what_its_schema_says() -> None:
    wrong = []
    for method, path, told in operations():
        if "requestBody" not in told:
            continue
        body = body_of(told)
        # References begin at the root of the document.
        check = Draft202012Validator({**body["schema"], "components": DESCRIPTION["components"]})
        shown = [one["value"] for one in body["examples"].values()]
        wrong += [(method, path, error.message) for value in shown for error in check.iter_errors(value)]
    assert wrong == []


INTERNAL = re.compile(
    r":(?:class|func|meth|mod):|query ?set|view ?set|serializer|filter ?set|\bself\b|docstring|allow-list"
    r"|`\w+\(\)`|Meta\b|\bmixin",
    re.I,
)


def described(value: Any, names: set[str]) -> Iterator[str]:
    """Every description and summary; `names` gets the names and values that the file gives to anything."""
    if isinstance(value, dict):
        for key, one in value.items():
            names.add(key)
            if key in ("description", "summary") and isinstance(one, str):
                yield one
            else:
                yield from described(one, names)
    elif isinstance(value, list):
        for one in value:
            yield from described(one, names)
    elif isinstance(value, str):
        names.add(value)


def test_descriptions_are_for_users_of_the_api() -> None:
    names: set[str] = set()
    texts = set(described(DESCRIPTION, names))
    assert [text for text in texts if INTERNAL.search(text) or not text.isascii()] == []
    # What is quoted is a name or a value of this file, or the code of a problem: readers can look up nothing else.
    known = " ".join(map(str, names)) + " ".join(TITLES) + " now"
    quoted = {(word, text) for text in texts for one in re.findall("`([^`]+)`", text) for word in one.split("=")}
    assert [(word, text) for word, text in quoted if word.strip("./") not in known] == []


def test_class_docstrings_describe_nothing() -> None:
    assert get_resolver().url_patterns  # all views and serializers are there, whichever test is run
    texts = set(described(DESCRIPTION, set()))
    ours = [one for one in subclasses(APIView, BaseSerializer) if one.__module__.startswith(("registry.", "alliance."))]
    assert [one for one in ours if (one.__doc__ or "").strip() and inspect.getdoc(one) in texts] == []


def subclasses(*classes: type) -> Iterator[type]:
    for one in classes:
        yield one
        yield from subclasses(*one.__subclasses__())


def test_every_problem_is_the_same_schema() -> None:
    """A generated client drops an answer whose types it cannot merge, such as an integer with a constant."""
    for name, answer in DESCRIPTION["components"]["responses"].items():
        if name.startswith("Problem"):
            schema = answer["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, name
    assert DESCRIPTION["components"]["schemas"]["Problem"]["properties"]["status"]["type"] == "integer"


def answer(told: dict[str, Any]) -> dict[str, Any]:
    schema = told["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return resolved(schema)


@pytest.fixture
def client(reference: None) -> Api:
    return root()


@pytest.mark.parametrize(
    "path",
    [
        "organizations/",
        "enterprises/",
        "institutes/",
        "organizations/bulk/",
        "enterprises/bulk/",
        "institutes/bulk/",
        "alliances/",
        "gradings/",
        "zones/",
    ],
)
def test_example_of_a_new_record_is_accepted(client: Api, path: str) -> None:
    ok(client.post(path, examples.body("POST", f"/api/v1/{path}")), 201)


def test_examples_of_what_belongs_to_an_organization_are_accepted(client: Api) -> None:
    one = factories.enterprise()
    factories.enterprise(registry_no="ZSAI-000002")
    for part in ("contacts", "figures", "qualifications", "relations"):
        ok(client.post(f"organizations/{one.registry_no}/{part}/", examples.body("POST", f"/{part}/")), 201)
    ok(client.post("organizations/match/", examples.body("POST", "/organizations/match/")))
    ok(client.patch(f"enterprises/{one.registry_no}/", examples.body("PATCH", "/enterprises/{registry_no}/")))


def test_parameter_of_several_operations_is_a_component() -> None:
    written = [
        str(parameter)
        for methods in DESCRIPTION["paths"].values()
        for told in methods.values()
        for parameter in told.get("parameters", ())
        if "$ref" not in parameter
    ]
    assert len(written) == len(set(written))


def test_no_two_schemas_are_equal() -> None:
    schemas = [str(schema) for schema in DESCRIPTION["components"]["schemas"].values()]
    assert len(schemas) == len(set(schemas))


def test_everybody_is_served_the_file_and_chinese_in_chinese() -> None:
    file = (settings.BASE_DIR / "docs/openapi.yaml").read_bytes()
    asked = [(api(), "en"), (root(), "zh"), (root(), "en"), (api(), "zh")]
    english, chinese, again, for_another = (client.get("schema/", {"lang": lang}).content for client, lang in asked)
    assert english == again == file
    assert chinese == for_another != file
