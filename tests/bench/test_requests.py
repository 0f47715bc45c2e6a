"""What the benchmarks of small requests ask."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from registry.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db
_ROW = {"name_zh": "中山市虚构智明机器人有限公司", "uscc": None, "township__name_zh": "小榄镇"}


@pytest.fixture
def token(reference: None) -> str:
    call_command("generate_registry", organizations=30, verbosity=0)
    return factories.token(factories.superuser())[1]


def test_floor_asks_for_token_count_and_page(token: str) -> None:
    from bench.requests import page_statements

    said = page_statements(token, "/api/v1/organizations/?sector=robots")
    look_up, keys = said["queries"]
    assert "registry_apitoken" in look_up
    assert "registry_sectorentry" in keys
    assert "count(*)" in keys
    assert "registry_organization" not in keys
    assert set(said["order"]) == set(
        Organization.objects.unmerged().filter(sector_index__sector__code="robots").values_list("pk", flat=True)
    )
    assert "registry_organization" in said["columns"]
    assert len(said["names"]) > 20
    assert len(page_statements(token, "/api/v1/organizations/?search=a")["queries"]) == 2


def test_searches_are_answered(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench import searches

    asked: list[str] = []

    def compare(site: Any, given: Any) -> Any:
        asked.extend(one.path for one in given)
        return iter(())

    monkeypatch.setattr(searches, "compare", compare)
    monkeypatch.setattr(searches, "spread", lambda what, site, paths, goal: asked.extend(paths))
    assert list(searches.lines(None)) == [None]  # type: ignore[arg-type]
    assert len(asked) == 22 + 250
    assert len(set(asked[22:])) == 250, "each is asked once"
    assert searches.random_parts(250) == searches.random_parts(250)
    del asked[40:]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    for path in asked:
        assert client.get(path).status_code == 200, path


def test_floor_of_facets_asks_for_what_is_counted_alone(token: str) -> None:
    from bench.facets import _statements

    factories.tier()
    look_up, counts = _statements(token, "/api/v1/organizations/facets/?sector=robots")["queries"]
    assert "registry_apitoken" in look_up
    assert "GROUPING SETS" in counts
    assert "registry_qualification" in counts
    assert "alliance_membership" in counts


def test_matched_names_are_a_thousand_of_every_way(token: str) -> None:
    from bench import matches

    items = matches.names()
    assert {way for position in range(10) for way in matches._written(position, _ROW)} == {"name", "uscc", "town"}
    answer = Client(headers={"Authorization": f"Bearer {token}"}).post(
        "/api/v1/organizations/match/", items, content_type="application/json"
    )
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == len(items) > 20
    assert sum(bool(one["decision"]) for one in answer.json()["results"]) > 5
