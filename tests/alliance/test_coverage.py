"""The coverage board, map and growth: with the numbers of the lists, by days in the world, and not for the public."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from registry.models import Organization, SectorMeasures
from tests import factories
from tests.api import api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db


@pytest.fixture
def some(reference: None) -> list[Organization]:
    """Three of one sector in two towns, one of another sector, one without a sector, a town or a day."""
    towns = [factories.township("442000118"), factories.township("442000111")]
    rows = [
        factories.enterprise(township=towns[number % 2], founded_on=f"201{number}-03-01", published=True)
        for number in range(3)
    ]
    for row in rows:
        factories.tag(row, "robots.industrial")
    lab = factories.institute(township=towns[0], founded_on="2012-05-01", closed_on="2015-06-01")
    Organization.objects.filter(pk=lab.pk).update(introduced_on="2013-01-01")
    factories.tag(lab, "robots.service")
    return [*rows, lab, factories.enterprise(township=None, founded_on=None)]


def lines(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["code"]: line for line in answer["results"]}


def test_board_has_the_numbers_of_the_lists_with_gaps_first(some: list[Organization]) -> None:
    client = root()
    for given in ("", "kind=enterprise", "township=442000118"):
        for by in ("kind", "township"):
            answer = ok(client.get(f"organizations/coverage/?{given}&columns={by}"))
            codes = [column["code"] for column in answer["columns"]]
            for code, line in lines(answer).items():
                listed = ok(client.get(f"organizations/?{given}&sector={code}"))["count"]
                assert line["count"] == listed
                for column, count in zip(codes, line["counts"], strict=True):
                    if column:
                        more = f"{given}&{by}={column}" if by not in given else given
                        expected = ok(client.get(f"organizations/?{more}&sector={code}"))["count"]
                        assert count == expected or by in given, (given, by, code, column)
    answer = ok(client.get("organizations/coverage/"))
    assert (answer["gap"], answer["weak"], answer["covered"]) == (len(answer["results"]) - 2, 1, 1)
    assert [line["coverage"] for line in answer["results"]][-2:] == ["weak", "covered"]
    plan = [line["code"] for line in ok(client.get("organizations/coverage/?order=plan"))["results"]]
    assert plan.index("robots.industrial") < plan.index("robots.service")


def test_measures_are_for_who_may_see_them(some: list[Organization]) -> None:
    factories.sector_measures("robots.surgical", targets="虚构手术机器人公司", progress="已接洽")
    answer = ok(root().get("organizations/coverage/"))
    assert lines(answer)["robots.surgical"]["targets"] == "虚构手术机器人公司"
    viewer = api(user=factories.with_role("查询员"))
    assert "虚构手术机器人公司" not in viewer.get("organizations/coverage/").content.decode()
    rows = read(root().get("organizations/coverage/?format=csv&lang=zh"))
    [row] = [row for row in rows if row["领域"] == "手术机器人"]
    assert (row["覆盖情况"], row["责任单位"], row["拟引进/培育对象"], row["进展"], row["合计"]) == (
        "空白",
        "虚构科",
        "虚构手术机器人公司",
        "已接洽",
        "0",
    )
    assert "责任单位" not in read(viewer.get("organizations/coverage/?format=csv&lang=zh"))[0]


def read(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_map_counts_everybody_once(some: list[Organization]) -> None:
    answer = ok(root().get("organizations/townships/"))
    counts = {one["code"]: one["count"] for one in answer["results"]}
    assert (counts["442000118"], counts["442000111"], sum(counts.values())) == (3, 1, 4)
    assert (answer["elsewhere"], answer["count"], len(counts)) == (1, 5, 23)
    picture = b"".join(root().get("organizations/townships/?format=svg&lang=zh").streaming_content).decode()
    assert "示意图，非行政区域界线" in picture
    assert "GeoNames" in picture
    assert "小榄镇：3" in picture


def test_growth_counts_days_in_the_world(some: list[Organization]) -> None:
    answer = ok(root().get("organizations/growth/"))
    years = {year.pop("year"): year for year in answer["results"]}
    assert answer["undated"] == 1
    assert list(years) == list(range(2010, localdate().year + 1))
    assert years[2012] == {"founded": 2, "introduced": 0, "closed": 0, "standing": 4}
    assert years[2013] == {"founded": 0, "introduced": 1, "closed": 0, "standing": 4}
    assert years[2015] == {"founded": 0, "introduced": 0, "closed": 1, "standing": 3}
    assert years[localdate().year]["standing"] == 3
    of_sector = ok(root().get("organizations/growth/?sector=robots.service"))["results"]
    assert (of_sector[0]["year"], of_sector[0]["founded"]) == (2012, 1)


def test_nobody_founded_is_no_error(reference: None) -> None:
    assert ok(root().get("organizations/growth/"))["results"] == []
    assert ok(root().get("organizations/townships/"))["elsewhere"] == 0


@pytest.mark.parametrize("name", ["coverage", "townships", "growth"])
def test_public_has_none_of_it(some: list[Organization], name: str) -> None:
    assert public().get(f"organizations/{name}/").status_code == 404


@pytest.mark.parametrize("given", ["columns=zone", "order=x", "sector=x", "layout=x"])
def test_wrong_parameter_is_told(some: list[Organization], given: str) -> None:
    assert pointers(problem(root().get(f"organizations/coverage/?{given}"), 400)) == {given.partition("=")[0]}


def test_page_leads_to_lists_candidates_and_measures(client: Client, some: list[Organization]) -> None:
    client.force_login(factories.superuser())
    page = client.get("/admin/registry/enterprise/coverage/?township=442000118").content.decode()
    assert 'href="/admin/registry/enterprise/?township=442000118&amp;sector=robots.industrial"' in page
    assert 'href="/admin/registry/organization/candidates/?sector=robots.surgical"' in page
    assert "/admin/registry/sectormeasures/add/?sector=" in page
    assert "小榄镇：2" in page
    measures = factories.sector_measures("robots.surgical", targets="甲<b>\n乙")
    page = client.get("/admin/registry/organization/coverage/").content.decode()
    assert f'href="/admin/registry/sectormeasures/{measures.pk}/change/"' in page
    assert "甲&lt;b&gt;<br>乙" in page
    client.force_login(factories.with_role("查询员"))
    assert "甲&lt;b&gt;" not in client.get("/admin/registry/organization/coverage/").content.decode()


def test_measures_are_written_on_their_page(client: Client, reference: None) -> None:
    client.force_login(factories.with_role("录入员"))
    sector = factories.sector("robots.surgical")
    data = {"sector": sector.pk, "responsible": "虚构科", "targets": "", "progress": ""}
    assert client.post("/admin/registry/sectormeasures/add/", data).status_code == 302
    assert SectorMeasures.objects.get().sector == sector
