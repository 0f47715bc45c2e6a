"""The OpenAPI file shows by examples what a body says and what answers look like, and the examples are good."""

from typing import Any

import pytest

from registry.api.lists import examples
from tests import factories
from tests.api import Api, ok, root
from tests.description import DESCRIPTION

pytestmark = pytest.mark.django_db


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, told)
        for path, methods in DESCRIPTION["paths"].items()
        for method, told in methods.items()
        if method in ("get", "post", "patch")
    ]


def test_every_body_has_an_example() -> None:
    without = [
        (method, path)
        for method, path, told in operations()
        if "requestBody" in told and not told["requestBody"]["content"]["application/json"].get("examples")
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


def answer(told: dict[str, Any]) -> dict[str, Any]:
    return told["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})


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
