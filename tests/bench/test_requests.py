"""What the benchmarks of small requests ask."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from registry.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(reference: None) -> str:
    call_command("generate_registry", organizations=30, verbosity=0)
    return factories.token(factories.superuser())[1]


def test_floor_asks_for_token_count_and_page(token: str) -> None:
    from bench.requests import _statements

    said = _statements(token, "/api/v1/organizations/?sector=robots")
    look_up, keys = said["queries"]
    assert "registry_apitoken" in look_up
    assert "registry_sectorentry" in keys
    assert "count(*)" in keys
    assert "registry_organization" not in keys
    assert set(said["order"]) == set(
        Organization.objects.unmerged().in_branch(factories.sector("robots").pk).values_list("pk", flat=True)
    )
    assert "registry_organization" in said["columns"]
    assert len(said["names"]) > 20
    assert len(_statements(token, "/api/v1/organizations/?search=a")["queries"]) == 2


def test_searches_are_answered(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench import searches

    asked: list[str] = []

    def compare(site: Any, given: Any) -> Any:
        asked.extend(one.path for one in given)
        return iter(())

    monkeypatch.setattr(searches, "compare", compare)
    assert list(searches.lines(None)) == []  # type: ignore[arg-type]
    assert len(asked) == 18
    client = Client(headers={"Authorization": f"Bearer {token}"})
    for path in asked:
        assert client.get(path).status_code == 200, path
