"""Facets and cross-tables: their counts are those of the list under the same parameters."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliance.models import Alliance, Tier
from registry.models import Organization, Sector, Township
from tests import factories
from tests.api import Api, api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db
FACETS = ("sector", "township", "zone", "kind", "category", "registration_status", "grading", "size_class", "tier")


@pytest.fixture
def many(reference: None) -> None:
    """Two alliances, tags on leaves and on a branch, old and lasting gradings, an ended township, a merged record."""
    torch, xiaolan = factories.zone(), factories.township("442000118")
    first = factories.enterprise(
        township=xiaolan, zone=torch, category="backbone", published=True, industry="I65", name_zh="甲机器人公司"
    )
    factories.tag(first, "robots.industrial", is_primary=True)
    factories.tag(first, "robots.service")
    factories.tag(first, "core-technology.machine-vision")
    factories.qualification(first, granted_on="2019-01-01", valid_to=None)
    factories.qualification(first, granted_on="2017-01-01", valid_to="2018-01-01")
    factories.figures(first, employees=5, revenue=400_000)
    second = factories.institute(township=Township.objects.get(name_zh="东升镇"), published=True, name_zh="乙研究院")
    factories.tag(second, "robots")
    factories.qualification(second, granted_on="2017-01-01", valid_to="2018-01-01")
    factories.organization(kind="social", registration_status="suspended", name_zh="丙协会")
    merged = factories.enterprise(registration_status="merged", township=xiaolan)
    factories.qualification(merged, granted_on="2019-01-01", valid_to=None)
    one, two = factories.alliance("test"), factories.alliance("hidden", published=False)
    factories.membership(factories.member(one, first), tier=factories.tier(one, "council"))
    factories.membership(factories.member(two, first))
    factories.membership(factories.member(two, second), ended_on="2021-01-01")
    factories.membership(factories.member(two, merged))


def entries(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for value in values:
        yield value
        yield from entries(value.get("children", []))


def listed(client: Api, facet: str, value: dict[str, Any], given: dict[str, str]) -> int:
    """How many the list gives with the value as one more parameter."""
    more = {facet: value["code"]}
    if facet == "tier":
        more["alliance"] = value["alliance"]
    if facet == "sector" and "sector" in given:
        more = {"sector_all": value["code"]}
    return ok(client.get("organizations/", given | more | {"count": "exact"}))["count"]


GIVEN = [
    {},
    {"sector": "robots"},
    {"sector": "robots", "published": "true", "kind": "enterprise"},
    {"sector": "robots", "category": "backbone"},
    {"sector": "robots,core-technology"},
    {"sector": "robots", "sector_not": "core-technology"},
    {"sector_primary": "robots.industrial"},
    {"published": "true"},
    {"township": "东升镇"},
    {"registration_status": "merged,active"},
    {"search": "公司"},
    {"search": "公司", "sector": "robots"},
    {"zone": "torch"},
    {"as_of": "2020-06-01"},
]


@pytest.mark.parametrize("given", GIVEN, ids=str)
@pytest.mark.parametrize("facet", FACETS)
def test_facet_counts_what_the_list_gives(many: None, facet: str, given: dict[str, str]) -> None:
    client = root()
    answer = ok(client.get("organizations/facets/", given | {"facet": facet}))
    assert list(answer["facets"]) == [facet]
    known = [one for one in entries(answer["facets"][facet]) if one["code"]]
    assert known or given
    for value in known:
        assert value["count"] == listed(client, facet, value, given) > 0, value
    assert answer["count"] == ok(client.get("organizations/", given | {"count": "exact"}))["count"]


def test_parent_sector_counts_an_organization_once(many: None) -> None:
    answer = ok(root().get("organizations/facets/", {"lang": "en", "facet": "sector"}))
    robots = next(one for one in answer["facets"]["sector"] if one["code"] == "robots")
    assert robots["count"] == 2
    assert {one["code"]: one["count"] for one in robots["children"]} == {"robots.industrial": 1, "robots.service": 1}
    assert answer["facets"]["sector"][-1] == {"code": None, "name": "not given", "count": 1}


def test_tags_of_another_plan_are_no_sectors_of_this_one(many: None) -> None:
    other = factories.plan("zs-ai-2026", current=False)
    factories.sector("chips.design", other)
    tagged = factories.enterprise(name_zh="丁芯片公司")
    factories.tag(tagged, factories.sector("chips.design", other))
    first = Organization.objects.get(name_zh="甲机器人公司")
    factories.tag(first, factories.sector("chips", other))

    def found(**given: str) -> dict[str | None, int]:
        answer = ok(root().get("organizations/facets/", {"facet": "sector"} | given))
        return {one["code"]: one["count"] for one in entries(answer["facets"]["sector"])}

    assert found()[None] == 2  # the association, and the one with a sector of the other plan
    assert found(plan="zs-ai-2026") == {"chips": 2, "chips.design": 1, None: 2}
    assert found(plan="zs-ai-2026", sector="chips") == {"chips": 2, "chips.design": 1}
    assert found(sector="robots").keys() & {"chips", None} == set()
    table = ok(root().get("organizations/crosstab/?rows=kind&plan=zs-ai-2026"))
    enterprises = table["results"][0]
    assert (enterprises["code"], enterprises["count"], enterprises["counts"]) == ("enterprise", 2, [2, 0])


def test_township_that_has_ended_counts_for_the_one_it_has_become(many: None) -> None:
    answer = ok(root().get("organizations/facets/", {"facet": "township"}))
    assert [(one["code"], one["count"]) for one in answer["facets"]["township"]] == [("442000118", 2), (None, 1)]
    assert len(root().rows("organizations/", township="442000118")) == 2


def test_size_class_is_counted_only_for_those_who_may_see_figures_and_when_asked(many: None) -> None:
    viewer = api("registry.view_organization")
    assert pointers(problem(viewer.get("organizations/facets/?facet=size_class"), 400)) == {"facet"}
    assert pointers(problem(viewer.get("organizations/crosstab/?rows=size_class"), 400)) == {"rows"}
    assert "tier" not in ok(viewer.get("organizations/facets/"))["facets"]
    assert "size_class" not in ok(root().get("organizations/facets/"))["facets"]


def test_facets_that_are_asked_again_count_what_is_there_now(many: None) -> None:
    client, viewer = root(), api("registry.view_organization")

    def found(by: Api = client, **given: str) -> dict[str, dict[str | None, int]]:
        facets = ok(by.get("organizations/facets/", {"sector": "robots"} | given))["facets"]
        return {name: {one["code"]: one["count"] for one in entries(values)} for name, values in facets.items()}

    before = found()
    assert found(lang="en") == before
    assert found(viewer).keys() == before.keys() - {"tier"}
    third = factories.enterprise(name_zh="戊机器人公司", category="startup", published=True)
    factories.tag(third, "robots.industrial")
    new = factories.alliance("new")
    factories.membership(factories.member(new, third), tier=factories.tier(new, "vice"))
    after = found()
    assert after["sector"] == before["sector"] | {"robots": 3, "robots.industrial": 2}
    assert after["tier"] == before["tier"] | {"vice": 1}
    assert "vice" not in found(as_of="2000-01-01")["tier"]
    assert found(alliance="new")["tier"] == {"vice": 1}
    assert "tier" in found(by=public())
    assert "vice" in found(by=public())["tier"]
    Alliance.objects.filter(pk=new.pk).update(published=False)
    assert "vice" not in found(by=public())["tier"]


def test_facets_have_the_names_of_now_in_the_language_of_the_answer(many: None) -> None:
    def names(lang: str) -> dict[str, set[str]]:
        facets = ok(root().get("organizations/facets/", {"lang": lang}))["facets"]
        return {name: {one["name"] for one in entries(values)} for name, values in facets.items()}

    assert "工业机器人" in names("zh")["sector"]
    assert "Industrial robots" in names("en")["sector"]
    assert [names(lang)["kind"] & {"企业", "enterprise"} for lang in ("zh", "en")] == [{"企业"}, {"enterprise"}]
    Tier.objects.filter(code="council").update(name_zh="新名")
    Sector.objects.filter(code="robots.industrial").update(name_zh="新的机器人")
    assert "新名" in names("zh")["tier"]
    assert "新的机器人" in names("zh")["sector"]


def test_public_counts_published_rows_and_alliances_only(many: None) -> None:
    answer = ok(public().get("organizations/facets/"))
    assert answer["count"] == 2
    assert set(answer["facets"]) == set(FACETS) - {"size_class"}
    assert [(one["alliance"], one["count"]) for one in answer["facets"]["tier"]] == [("test", 1)]
    assert pointers(problem(public().get("organizations/facets/?facet=size_class"), 400)) == {"facet"}
    assert pointers(problem(public().get("organizations/crosstab/?columns=size_class"), 400)) == {"columns"}
    for facet in set(FACETS) - {"size_class"}:
        for value in entries(answer["facets"][facet]):
            if value["code"]:
                assert value["count"] == listed(public(), facet, value, {}), (facet, value)


@pytest.mark.parametrize(("resource", "kinds"), [("enterprises", {"enterprise"}), ("institutes", {"research"})])
def test_facets_of_a_kind_count_that_kind_only(many: None, resource: str, kinds: set[str]) -> None:
    answer = ok(root().get(f"{resource}/facets/"))
    assert {one["code"] for one in answer["facets"]["kind"]} == kinds


@pytest.mark.parametrize("rows", [*FACETS, "branch"])
@pytest.mark.parametrize("columns", ["branch", "kind", "sector", "tier"])
def test_cross_table_counts_what_the_list_gives(many: None, rows: str, columns: str) -> None:
    client = root()
    answer = ok(client.get("organizations/crosstab/", {"rows": rows, "columns": columns}))
    assert answer["results"]
    assert answer["count"] == 3
    for row in answer["results"]:
        for column, number in zip(answer["columns"]["values"], row["counts"], strict=True):
            if row["code"] is None or column["code"] is None:
                continue
            if {rows, columns} <= {"sector", "branch"}:
                given = {"sector_all": f"{row['code']},{column['code']}"}
            elif rows == columns == "kind":  # nothing has two
                assert number == (row["count"] if row["code"] == column["code"] else 0)
                continue
            elif rows == columns:  # the list takes tiers as any of them
                continue
            else:
                given = {rows.replace("branch", "sector"): row["code"]}
                given[columns.replace("branch", "sector")] = column["code"]
                for one in (row, column):
                    given |= {name: one[name] for name in ("alliance",) if name in one}
            assert number == ok(client.get("organizations/", given | {"count": "exact"}))["count"], (row, column)


@pytest.mark.parametrize("given", [{}, {"sector": "robots"}, {"search": "公司", "lang": "en"}], ids=str)
@pytest.mark.parametrize("rows", FACETS)
@pytest.mark.parametrize("columns", ["township", "sector", "tier"])
def test_totals_of_a_cross_table_are_those_of_the_facets(
    many: None, rows: str, columns: str, given: dict[str, str]
) -> None:
    client = root()
    table = ok(client.get("organizations/crosstab/", given | {"rows": rows, "columns": columns}))
    facets = ok(client.get("organizations/facets/", given | {"facet": f"{rows},{columns}"}))
    assert table["count"] == facets["count"]
    for shown, name in ((table["results"], rows), (table["columns"]["values"], columns)):
        counted = [(one["code"], one.get("alliance"), one["count"]) for one in entries(facets["facets"][name])]
        assert [(one["code"], one.get("alliance"), one["count"]) for one in shown] == counted


def test_cross_table_with_tiers_counts_members(many: None) -> None:
    answer = ok(root().get("organizations/crosstab/?rows=tier&columns=branch&lang=en"))
    assert [(row["alliance"], row["code"], row["count"]) for row in answer["results"]] == [
        ("hidden", "member", 1),
        ("test", "council", 1),
    ]


def test_cross_table_is_a_file_with_totals(many: None) -> None:
    content = b"".join(root().get("organizations/crosstab/?format=csv&lang=en").streaming_content)
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0][0] == "Township"
    assert lines[0][-1] == lines[-1][0] == "Total"
    assert lines[1][0] == "Xiaolan Town"
    assert lines[-1][-1] == "3"
    assert b"".join(root().get("organizations/crosstab/?format=xlsx").streaming_content).startswith(b"PK")
    assert problem(public().get("organizations/crosstab/?format=xlsx"), 400)


def test_cross_table_shows_empty_values_when_asked(many: None) -> None:
    short = ok(root().get("organizations/crosstab/"))
    whole = ok(root().get("organizations/crosstab/?empty=true"))
    assert len(short["results"]) == 2
    assert len(whole["results"]) == 24
    assert len(whole["columns"]["values"]) > len(short["columns"]["values"])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("facet=sectr", "facet"),
        ("facet=", "facet"),
        ("page_size=5", "page_size"),
        ("sectr=robots", "sectr"),
        ("sector=robts", "sector"),
        ("format=csv", "format"),
        ("rows=kind", "rows"),
    ],
)
def test_facets_refuse_what_they_do_not_know(many: None, query: str, parameter: str) -> None:
    assert pointers(problem(root().get(f"organizations/facets/?{query}"), 400)) == {parameter}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("rows=towns", "rows"),
        ("rows=kind&rows=zone", "rows"),
        ("columns=registered_capital", "columns"),
        ("empty=1", "empty"),
        ("facet=kind", "facet"),
    ],
)
def test_cross_table_refuses_what_it_does_not_know(many: None, query: str, parameter: str) -> None:
    assert pointers(problem(root().get(f"organizations/crosstab/?{query}"), 400)) == {parameter}


@pytest.mark.parametrize(("path", "most"), [("organizations/facets/", 15), ("organizations/crosstab/", 13)])
def test_counts_need_the_same_queries_for_one_row_and_two(many: None, path: str, most: int) -> None:
    client = root()
    ok(client.get(path))  # notes that the token is used, and reads the reference data
    numbers = []
    for status, count in (("suspended", 1), ("active", 2)):
        with CaptureQueriesContext(connection) as queries:
            assert ok(client.get(f"{path}?registration_status={status}"))["count"] == count
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= most
