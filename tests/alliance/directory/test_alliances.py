"""The pages of alliances in the public directory."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from alliance.models import Alliance
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alliance(reference: None) -> Alliance:
    made = factories.alliance(
        "open", admission="填写入会申请书。", charter="第一条", organs="理事会", office_phone=factories.PHONE
    )
    council, tier = factories.tier(made, "council"), factories.tier(made, "member")
    for name, published, of, ended in (
        ("甲公司", True, council, None),
        ("乙公司", True, tier, None),
        ("丙公司", False, tier, None),
        ("丁公司", True, tier, "2021-01-01"),
    ):
        one = factories.enterprise(name_zh=name, published=published)
        factories.membership(factories.member(made, one), tier=of, ended_on=ended)
    return made


def test_it_tells_how_to_join_and_who_is_a_member(alliance: Alliance) -> None:
    page = Client().get("/alliances/open/").content.decode()
    for text in ("填写入会申请书。", "第一条", "理事会", factories.PHONE, "甲公司", "乙公司", "理事单位"):
        assert text in page
    assert "公开 <b>2</b> 家，全部 <b>3</b> 家" in page
    assert "丙公司" not in page
    assert "丁公司" not in page
    assert page.index("甲公司") < page.index("乙公司"), "the highest tier first"
    assert "公开 2 家，全部 3 家" in Client().get("/alliances/").content.decode()


def test_members_are_those_of_a_day(alliance: Alliance) -> None:
    page = Client().get("/alliances/open/?as_of=2020-06-30").content.decode()
    assert "丁公司" in page
    assert "公开 <b>3</b> 家，全部 <b>4</b> 家" in page
    assert 'content="noindex"' in page
    assert "公开 <b>0</b> 家" in Client().get("/alliances/open/?as_of=2019-12-31").content.decode()


@pytest.mark.parametrize(
    "day", ["2020-02-30", "all", "x" * 1000, (timezone.localdate() + datetime.timedelta(2)).isoformat()]
)
def test_other_days_are_refused(alliance: Alliance, day: str) -> None:
    response = Client().get("/alliances/open/", {"as_of": day})
    assert response.status_code == 400
    assert 'href="/alliances/"' in response.content.decode()


def test_an_alliance_that_is_not_published_has_no_page(alliance: Alliance) -> None:
    Alliance.objects.update(published=False)
    assert Client().get("/alliances/open/").status_code == 404
    assert "open" not in Client().get("/alliances/").content.decode()
