"""Growth by year and tier: figures that fit together, rates, and a picture of them."""

import datetime
import io
import random
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from alliance.members.operations import actions
from alliance.models import Alliance, Membership
from alliance.papers.growth import growth
from alliance.papers.growth_chart import chart
from tests import factories
from tests.alliance.papers.test_comparison import happen
from tests.api import api, ok, problem, root

pytestmark = pytest.mark.django_db
D = datetime.date
TODAY = D(2022, 6, 30)
PATH = "alliances/test/statistics/growth/"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """2020: four admitted. 2021: one rises, one leaves on 31 December, one on 1 January 2022. 2022: one comes back."""
    made = factories.alliance("test", founded_on=None)
    plain = factories.tier(made, "member", name_zh="会员单位", rank=4)
    council = factories.tier(made, "council", name_zh="理事单位", rank=3)
    members = [actions.admit(factories.enterprise(), made, plain, D(2020, 3, 1)).member for _n in range(4)]
    actions.change_tier(members[0], council, D(2021, 3, 1))
    actions.end(members[1], D(2021, 12, 31), "lapse")
    actions.end(members[2], D(2022, 1, 1), "withdrawal")
    actions.admit(members[1].organization, made, council, D(2022, 5, 1))
    actions.end(members[3], D(2023, 1, 1), "other")
    return made


def test_figures_of_each_year(alliance: Alliance) -> None:
    with time_machine.travel(datetime.datetime(2022, 6, 30, 4, tzinfo=datetime.UTC), tick=False):
        answer = ok(root().get(PATH, {"lang": "zh"}))
    names = ("year", "until", "start", "admitted", "ended", "net", "end", "renewal", "attrition")
    assert [tuple(year[name] for name in names) for year in answer["results"]] == [
        (2020, "2020-12-31", 0, 4, 0, 4, 4, None, None),
        (2021, "2021-12-31", 4, 0, 1, -1, 3, 75, 25),
        (2022, "2022-06-30", 3, 1, 1, 0, 3, 66.7, 33.3),
    ]
    of_2021 = {tier["tier"]["name"]: tier for tier in answer["results"][1]["tiers"]}
    assert of_2021["理事单位"] | {"tier": 0} == {
        "tier": 0,
        "start": 0,
        "admitted": 0,
        "changed_in": 1,
        "ended": 0,
        "changed_out": 0,
        "net": 1,
        "end": 1,
    }
    assert (of_2021["会员单位"]["changed_out"], of_2021["会员单位"]["ended"]) == (1, 1)


@pytest.mark.parametrize("seed", range(4))
def test_figures_fit_together_and_to_the_lists(reference: None, seed: int) -> None:
    happen(random.Random(seed))
    alliance = Alliance.objects.get(slug="random")
    found = growth(alliance, D(2021, 6, 1))
    before = 0
    for year in found.years:
        total = year.total
        assert total.start == before
        assert total.end == total.start + total.admitted - total.ended
        assert total.end == Membership.objects.filter(alliance=alliance).as_of(year.until).count()
        for tier in found.tiers:
            if flow := year.tiers.get(tier.pk):
                came, went = flow.admitted + flow.changed_in, flow.ended + flow.changed_out
                assert flow.end == flow.start + came - went
                assert flow.end == Membership.objects.filter(tier=tier).as_of(year.until).count()
        assert sum(flow.end for flow in year.tiers.values()) == total.end
        before = total.end
    assert before


def test_growth_is_two_queries_and_needs_its_permissions(alliance: Alliance) -> None:
    with CaptureQueriesContext(connection) as queries:
        growth(alliance, TODAY)
    assert len(queries) == 2
    problem(api("alliance.view_alliance", "alliance.view_member").get(PATH), 403)
    problem(root().get(f"{PATH}?year=2020"), 400)


def test_file_has_a_row_for_each_year_and_tier(alliance: Alliance) -> None:
    content = b"".join(root().get(PATH, {"format": "xlsx", "lang": "zh"}).streaming_content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    (of_2021,) = [row for row in rows if row[0] == 2021 and row[2] == "合计"]
    assert of_2021[3:] == [4, 0, 0, 1, 0, -1, 3, 75, 25]


@pytest.mark.parametrize("width", [960, 350])
def test_chart_has_the_figures_and_nothing_the_policy_blocks(alliance: Alliance, width: int) -> None:
    svg = ElementTree.fromstring(str(chart(growth(alliance, TODAY), width)))
    assert all("style" not in element.attrib for element in svg.iter())
    assert {"style", "script"}.isdisjoint(element.tag.partition("}")[2] for element in svg.iter())
    texts = [element.text for element in svg.iter() if element.tag.endswith("text")]
    assert {"2020", "2021", "2022", "+4", "−1", "75", "66.7"} <= {*texts}
    assert "2021 年：会员 3 家，新入会 0 家，退会 1 家" in [e.text for e in svg.iter() if e.tag.endswith("title")]


def test_page_shows_chart_and_table(alliance: Alliance, client: Client) -> None:
    client.force_login(factories.superuser())
    page = client.get("/admin/alliance/member/growth/").content.decode()
    assert page.count('role="img" aria-label') == 2
    assert "截至今天" in page
    factories.alliance("second")
    assert "请选择联盟" in client.get("/admin/alliance/member/growth/").content.decode()
