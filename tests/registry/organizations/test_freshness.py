"""Whether organizations were verified lately: in lists, files, facets and cross-tables, by the day and the setting."""

import datetime
from collections.abc import Iterator

import pytest
from django.utils import timezone

from registry.caches import clear_caches
from registry.models import Organization
from registry.organizations.freshness import Freshness, conditions, first_fresh_day
from tests import factories
from tests.api import api, ok, problem, public

pytestmark = pytest.mark.django_db
LIST = "/api/v1/organizations/"


@pytest.mark.parametrize(
    ("on", "months", "first"),
    [
        ("2026-11-29", 12, "2025-11-29"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2026-01-15", 6, "2025-07-15"),
        ("2026-01-15", 900_000_000, "0001-01-15"),
    ],
)
def test_a_verification_holds_for_whole_months(settings, on, months, first):
    settings.VERIFY_MONTHS = months
    assert first_fresh_day(datetime.date.fromisoformat(on)) == datetime.date.fromisoformat(first)


def ago(days: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=days)


@pytest.fixture
def four(reference) -> Iterator[dict[str, Organization]]:
    """One organization of each freshness; the town has three of them."""
    town = factories.township()
    made = {
        "fresh": factories.enterprise(name_zh="中山市虚构新核实有限公司", verified_on=ago(0), township=town),
        "overdue": factories.enterprise(name_zh="中山市虚构旧核实有限公司", verified_on=ago(800), township=town),
        "never": factories.enterprise(name_zh="中山市虚构未核实有限公司", township=town),
        "ended": factories.enterprise(name_zh="中山市虚构已注销有限公司", registration_status="deregistered"),
    }
    for one in made.values():
        factories.tag(one, is_primary=True)
    return made


def found(query: str) -> set[str]:
    """The freshness of each organization that a list gives."""
    rows = ok(api("registry.view_organization").get(f"{LIST}?fields=freshness&{query}"))["results"]
    return {row["freshness"] for row in rows}


@pytest.mark.parametrize("of", ["", "sector=robots&", "search=虚构&"])
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("fresh", {"fresh"}),
        ("never,overdue", {"never", "overdue"}),
        ("从未核实", {"never"}),
        ("ended", {"ended"}),
    ],
)
def test_lists_are_chosen_by_freshness(four, of, asked, told):
    assert found(f"{of}freshness={asked}") == told


def test_an_unknown_freshness_is_refused(four):
    problem(api("registry.view_organization").get(f"{LIST}?freshness=stale"), 400, "invalid_parameter")


def test_the_setting_decides_what_is_overdue(four, settings):
    settings.VERIFY_MONTHS = 60
    clear_caches()  # compiled statements keep the setting, which never changes while a site runs
    assert found("freshness=overdue") == set()
    assert found("freshness=fresh") == {"fresh"}
    rows = ok(api("registry.view_organization").get(f"{LIST}?freshness=fresh"))["count"]
    assert rows == 2
    clear_caches()


def test_facets_and_cross_tables_count_by_freshness(four):
    client = api("registry.view_organization")
    facets = ok(client.get(f"{LIST}facets/?facet=freshness"))["facets"]["freshness"]
    assert {one["code"]: one["count"] for one in facets} == dict.fromkeys(("fresh", "overdue", "never", "ended"), 1)
    table = ok(client.get(f"{LIST}crosstab/?rows=township&columns=freshness&township=442000118"))
    assert [one["code"] for one in table["columns"]["values"]] == ["fresh", "overdue", "never"]
    assert table["results"][0]["counts"] == [1, 1, 1]
    searched = ok(client.get(f"{LIST}facets/?facet=freshness&search=未核实"))["facets"]["freshness"]
    assert [one["code"] for one in searched] == ["never"]


def test_lists_and_files_show_freshness_to_who_asks(four):
    client = api("registry.view_organization")
    assert "freshness" not in ok(client.get(LIST))["results"][0]
    text = client.get(f"{LIST}?format=csv&lang=zh&fields=name_zh,freshness&freshness=overdue").getvalue().decode()
    assert "核实情况" in text
    assert "中山市虚构旧核实有限公司,核实已过期" in text


def test_the_public_asks_for_no_freshness(four):
    Organization.objects.update(published=True)
    for query in ("freshness=never", "missing=uscc", "complete=true", "fields=freshness", "fields=missing"):
        problem(public().get(f"/public/v1/organizations/?{query}"), 400)
    for name in ("freshness", "missing"):
        problem(public().get(f"/public/v1/organizations/facets/?facet={name}"), 400)


def test_every_organization_has_one_freshness(four):
    on = timezone.localdate()
    for day in (None, ago(0), ago(800)):
        for status in ("active", "suspended", "revoked", "moved_out", "merged"):
            factories.organization(verified_on=day, registration_status=status)
    counts = [Organization.objects.filter(one).count() for one in conditions(on).values()]
    assert sum(counts) == Organization.objects.count()
    assert set(conditions(on)) == set(Freshness)
