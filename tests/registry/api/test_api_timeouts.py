"""What takes the database too long is a 503 that says when to come again: lists, files, details, writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from registry.models import Organization, OrganizationChange
from tests import factories
from tests.api import Api, ok, problem, public, root

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "ZSAI-900001"


@pytest.fixture
def client() -> Api:
    factories.enterprise(registry_no=NUMBER, published=True)
    return root()


@contextmanager
def nobody_gets_through() -> Iterator[None]:
    """The organizations are locked, and statements have little time."""
    names = ("dbname", "user", "password", "host", "port")
    given = connection.get_connection_params()
    tables = [
        model._meta.db_table
        for model in apps.get_app_config("registry").get_models()
        if model in (Organization, OrganizationChange) or model.__name__.endswith("Index")
    ]
    with psycopg.connect(**{name: given[name] for name in names if given.get(name)}) as other:
        other.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        connection.cursor().execute("SET statement_timeout = '150ms'")
        try:
            yield
        finally:
            other.rollback()
            connection.cursor().execute("RESET statement_timeout")


def unavailable(response: Any) -> None:
    document = problem(response, 503, "unavailable")
    assert response["Retry-After"] == "10"
    assert "Content-Disposition" not in response
    assert "statement" not in document["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "organizations/",
        "organizations/?format=csv",
        "organizations/?format=xlsx",
        "organizations/?search=虚构",
        "organizations/facets/",
        "organizations/crosstab/?format=csv",
        "organizations/changes/",
        f"organizations/{NUMBER}/",
        "memberships/?kind=enterprise&format=xlsx",
    ],
)
def test_reading_that_takes_too_long_is_told_to_come_again(client: Api, path: str) -> None:
    with nobody_gets_through():
        unavailable(client.get(path))


@pytest.mark.parametrize("path", ["organizations/", "organizations/?format=csv", f"organizations/{NUMBER}/"])
def test_the_public_is_told_so_too_and_no_cache_keeps_it(client: Api, path: str) -> None:
    with nobody_gets_through():
        answer = public().get(path)
    unavailable(answer)
    assert answer["Cache-Control"] == "no-store"


def test_writing_that_takes_too_long_stores_nothing_and_may_be_sent_again(client: Api) -> None:
    tag = client.get(f"organizations/{NUMBER}/")["ETag"]
    new = {"name_zh": "虚构新有限公司"}
    with nobody_gets_through():
        unavailable(client.patch(f"organizations/{NUMBER}/", {"short_name": "新"}, headers={"If-Match": tag}))
        unavailable(client.post("enterprises/", new, headers={"Idempotency-Key": "a"}))
        unavailable(client.post("enterprises/bulk/", [new]))
        unavailable(client.post("organizations/match/", ["虚构"]))
    assert client.get(f"organizations/{NUMBER}/")["ETag"] == tag
    assert Organization.objects.count() == 1
    again = client.post("enterprises/", new, headers={"Idempotency-Key": "a"})
    ok(again, 201)
    assert "Idempotency-Replayed" not in again
