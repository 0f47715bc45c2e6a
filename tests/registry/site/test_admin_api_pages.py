"""What leads from the lists to the API: its address, a query for Excel, the cross-table."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests import factories
from tests.api import api, ok

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/enterprise/"


@pytest.fixture
def client(reference: None) -> Client:
    client = Client()
    client.force_login(factories.superuser())
    first = factories.enterprise(township=factories.township(), name_zh='甲"#(公司')
    factories.tag(first, "robots.industrial")
    factories.tag(first, "robots.service")
    factories.enterprise()
    return client


def test_address_of_the_api_gives_the_rows_of_the_list(client: Client) -> None:
    page = client.get(LIST, {"sector": "robots", "township": "442000118"})
    address = page.context["address"]
    answer = ok(api(user=factories.superuser()).get(urlsplit(address.url).path + "?" + urlsplit(address.url).query))
    assert [row["name_zh"] for row in answer["results"]] == ['甲"#(公司']
    assert address.words == "领域：机器人产品；镇街：小榄镇"
    assert 'Query = [sector = "robots", township = "442000118", format = "csv"]' in address.power_query


def test_power_query_escapes_what_its_language_reads_otherwise(client: Client) -> None:
    query = client.get(LIST, {"q": '甲"#('}).context["address"].power_query
    assert 'search = "甲""#(#)("' in query


def test_list_without_filters_says_so(client: Client) -> None:
    assert client.get(LIST).context["address"].words == "未筛选：全部"


def test_cross_table_page_draws_what_the_api_counts(client: Client) -> None:
    page = client.get(client.get(LIST, {"sector": "robots"}).context["pages_of_list"][0][1])
    text = page.content.decode()
    rows = re.findall(r"<tr>\s*<th scope=\"row\"[^>]*>([^<]+)</th>(.*?)</tr>", text, re.DOTALL)
    assert [(name, re.findall(r"<td[^>]*>(\d*)</td>", cells)) for name, cells in rows] == [
        ("小榄镇", ["1", "1"]),
        ("合计", ["1", "1"]),
    ]
    assert "领域：机器人产品" in text
    assert all("sector=robots" in url for _label, url in page.context["files"])


def test_cross_table_page_takes_other_rows_and_columns(client: Client) -> None:
    page = client.get(f"{LIST}crosstab/", {"rows": "sector", "columns": "kind"})
    assert [row["name"] for row in page.context["table"]["results"]] == [
        "机器人产品",
        "工业机器人",
        "服务机器人",
        "未填写",
    ]
    assert page.context["table"]["count"] == 2


def test_cross_table_page_forgets_what_the_api_refuses(client: Client) -> None:
    answer = client.get(f"{LIST}crosstab/", {"rows": "revenue"})
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}crosstab/")


def test_cross_table_page_offers_size_class_only_to_those_who_may_see_figures(client: Client) -> None:
    viewer = Client()
    viewer.force_login(factories.user("registry.view_organization"))
    offered = dict(viewer.get(f"{LIST}crosstab/").context["axes"][0][3])
    assert "township" in offered
    assert not {"size_class", "tier"} & set(offered)
    assert viewer.get(f"{LIST}crosstab/", {"rows": "size_class"}).status_code == 302
    nobody = Client()
    nobody.force_login(factories.user())
    assert nobody.get(f"{LIST}crosstab/").status_code == 403
