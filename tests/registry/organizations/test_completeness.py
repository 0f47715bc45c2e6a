"""What a record should have and lacks: by its kind, in columns, filters, facets and for every viewer."""

import pytest

from registry.models import Kind, Organization
from registry.organizations.completeness import EXPECTED, FIELDS
from tests import factories
from tests.api import api, ok, problem

pytestmark = pytest.mark.django_db
LIST = "/api/v1/organizations/"
WHOLE = {
    "registered_address": "中山市虚构路1号",
    "registered_capital": 5_000_000,
    "capital_currency": "CNY",
    "category": "startup",
    "industry": "C3491",
    "main_products": "六轴机器人",
}


@pytest.fixture
def whole(reference) -> Organization:
    made = factories.enterprise(name_zh="中山市虚构齐全有限公司", township=factories.township(), **WHOLE)
    factories.tag(made, is_primary=True)
    return made


def state(organization: Organization) -> tuple[int, list[str]]:
    """Percent, and the codes of what is missing, as a viewer sees them."""
    client = api("registry.view_organization")
    row = next(
        row
        for row in ok(client.get(f"{LIST}?fields=registry_no,completeness,missing"))["results"]
        if row["registry_no"] == organization.registry_no
    )
    return row["completeness"], [one["code"] for one in row["missing"]]


def test_every_kind_expects_known_fields():
    assert set(EXPECTED) == set(Kind)
    assert {name for names in EXPECTED.values() for name in names} == set(FIELDS)


def test_an_enterprise_with_everything_is_complete(whole):
    assert state(whole) == (100, [])


@pytest.mark.parametrize(
    ("fields", "lack"),
    [
        ({"uscc": None}, "uscc"),
        ({"township": None}, "township"),
        ({"registered_address": ""}, "address"),
        ({"founded_on": None}, "founded_on"),
        ({"registered_capital": None}, "registered_capital"),
        ({"category": ""}, "category"),
        ({"industry": ""}, "industry"),
        ({"main_products": ""}, "products"),
    ],
)
def test_each_field_is_missed(whole, fields, lack):
    Organization.objects.filter(pk=whole.pk).update(**fields)
    assert state(whole) == (88, [lack])


def test_one_of_two_fields_will_do(whole):
    Organization.objects.filter(pk=whole.pk).update(
        registered_address="", business_address="中山市虚构路2号", main_products="", scope="研发"
    )
    assert state(whole) == (100, [])


def test_a_sector_of_another_plan_does_not_count(whole):
    whole.sector_tags.all().delete()
    other = factories.plan("other-plan", name_zh="另一虚构计划", current=False)
    factories.tag(whole, factories.sector("robots.industrial", other))
    assert state(whole) == (88, ["sectors"])


def test_kind_place_and_category_decide_what_is_expected(whole):
    department = factories.organization(kind="government", name_zh="虚构局")
    assert state(department) == (0, ["township", "address"])
    abroad = factories.organization(
        kind="research", name_zh="海外虚构研究院", country="SG", website="https://a.example"
    )
    assert state(abroad) == (20, ["address", "category", "sectors", "introduction"])
    laboratory = factories.organization(kind="research", category="laboratory", name_zh="虚构实验室")
    assert "uscc" not in state(laboratory)[1]


@pytest.mark.parametrize("of", ["", "sector=robots&", "search=虚构&"])
def test_lists_are_chosen_by_what_is_missing(whole, of):
    lacking = factories.enterprise(name_zh="中山市虚构缺项有限公司", **WHOLE | {"industry": ""})
    factories.tag(lacking, is_primary=True)
    client = api("registry.view_organization")

    def names(query: str) -> set[str]:
        return {row["name_zh"] for row in ok(client.get(f"{LIST}?{of}{query}"))["results"]}

    assert names("missing=township") == names("missing=website,industry") == {lacking.name_zh}
    assert names("missing=uscc") == set()
    assert names("complete=true") == {whole.name_zh}
    assert names("complete=false") == {lacking.name_zh}
    problem(client.get(f"{LIST}?missing=remarks"), 400, "invalid_parameter")


def test_facets_and_cross_tables_count_what_is_missing(whole):
    lacking = factories.enterprise(name_zh="中山市虚构缺项有限公司", **WHOLE | {"industry": ""})
    client = api("registry.view_organization")
    facets = ok(client.get(f"{LIST}facets/?facet=missing"))["facets"]["missing"]
    assert {one["code"]: one["count"] for one in facets} == {"township": 1, "industry": 1, "sectors": 1}
    table = ok(client.get(f"{LIST}crosstab/?rows=kind&columns=missing"))
    assert (table["count"], table["results"][0]["count"], table["results"][0]["counts"]) == (2, 2, [1, 1, 1])
    searched = ok(client.get(f"{LIST}facets/?facet=missing&search={lacking.name_zh}"))
    assert len(searched["facets"]["missing"]) == 3


def test_a_file_names_what_is_missing(whole):
    factories.enterprise(name_zh="中山市虚构缺项有限公司", **WHOLE)
    client = api("registry.view_organization")
    text = client.get(f"{LIST}?format=csv&lang=zh&fields=name_zh,completeness,missing").getvalue().decode()
    assert "名称,完整度（%）,缺项" in text
    assert '中山市虚构缺项有限公司,77,"镇街;领域"' in text
