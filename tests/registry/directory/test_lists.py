"""The front door and the lists of the public directory."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.directory import lists
from registry.models import Organization, Sector, Township
from tests import factories
from tests.api import public

pytestmark = pytest.mark.django_db


@pytest.fixture
def robots(reference: None) -> list[Organization]:
    made: list[Organization] = []
    for number in range(35):
        one = factories.enterprise(
            name_zh=f"中山市虚构机器人{number:02d}有限公司", published=True, township=factories.township()
        )
        factories.tag(one, "robots.industrial")
        made.append(one)
    return made


def page(url: str, **parameters: str) -> str:
    response = Client().get(url, parameters)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def test_the_front_door_counts_what_the_lists_and_the_api_count(robots: list[Organization]) -> None:
    institute = factories.institute(published=True)
    factories.tag(institute, "core-technology.machine-vision")
    home = page("/")
    for name, number, url in (
        ("机器人产品", 35, "/s/robots/"),
        ("工业机器人", 35, "/s/robots.industrial/"),
        ("机器视觉", 1, "/s/core-technology.machine-vision/"),
        ("手术机器人", 0, "/s/robots.surgical/"),
        ("小榄镇", 35, "/t/442000118/"),
    ):
        assert url in home
        assert f"{name} <b>{number}</b>" in home
        assert f"<b>{number}</b> 家" in page(url)
    sectors = public().rows("sectors/", page_size="200")
    assert all(f'href="/s/{one["code"]}/"' in home for one in sectors)
    assert str(institute) in page("/institutes/")


def test_pages_lead_through_a_list(robots: list[Organization]) -> None:
    first = page("/s/robots/")
    assert first.count('class="name"') == 30
    following = first.split('" rel="next"')[0].rpartition('href="')[2]
    second = Client().get(following.replace("&amp;", "&"))
    assert second.content.decode().count('class="name"') == 5
    shown = {one.registry_no for one in robots if one.registry_no in first + second.content.decode()}
    assert len(shown) == 35
    assert 'content="noindex"' in second.content.decode()
    other = Client().get(following.replace("&amp;", "&").replace("/s/robots/", "/institutes/"))
    assert other.status_code == 400


def test_a_search_finds_by_pinyin_and_offers_what_was_meant(robots: list[Organization]) -> None:
    assert page("/list/", search="虚构机器人03").count('class="name"') == 1
    assert page("/list/", search="xugou jiqiren").count('class="name"') == 30
    none = page("/list/", search="虚构机械人03")
    assert "这里没有公开的单位" in none
    assert "/list/?search=" in none


def test_a_search_that_finds_very_many_stands_by_name_on_all_its_pages(
    robots: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_SORTED", 34)
    first = page("/list/", search="公司")
    assert "按名称排列" in first
    assert first.count('class="name"') == 30
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link
    second = page(html.unescape(link[1]))
    assert "按名称排列" in second
    assert second.count('class="name"') == 5
    assert "按名称排列" not in page("/list/", search=robots[0].name_zh)
    assert Client().get("/list/", {"search": "公司", "order": "size"}).status_code == 400


def test_facets_narrow_down_and_lead_back(robots: list[Organization]) -> None:
    factories.tag(robots[0], "robots.service")
    narrowed = page("/list/", sector="robots", township="442000118")
    assert "<b>35</b> 家" in narrowed
    assert 'href="/list/?sector=robots.service&amp;township=442000118"' in narrowed
    assert 'href="/t/442000118/"' in narrowed, "the list without the sector"
    assert Client().get("/list/", {"sector": "robots"})["Location"] == "/s/robots/"


def test_a_sector_page_has_its_definition_and_says_whose_words_it_is(robots: list[Organization]) -> None:
    by_editors = "编者说明，非行动计划原文"
    assert by_editors in page("/s/robots.industrial/")
    Sector.objects.filter(code="robots.industrial").update(
        definition="用于工业的机器人。", definition_en="Robots for industry.", definition_source="plan"
    )
    shown = page("/s/robots.industrial/")
    assert "用于工业的机器人。" in shown
    assert "Robots for industry." in page("/en/s/robots.industrial/")
    assert by_editors not in shown
    assert 'href="/s/robots/"' in shown
    assert 'href="/s/robots.industrial/"' in page("/s/robots/")


def test_a_township_that_has_ended_leads_to_its_successor(robots: list[Organization]) -> None:
    ended = Township.objects.filter(valid_to__isnull=False, successor__isnull=False).first()
    assert ended
    response = Client().get(f"/t/{ended.code}/")
    assert response.status_code == 301
    assert page(response["Location"])


def test_english_pages_are_below_en(robots: list[Organization]) -> None:
    chinese, english = page("/s/robots/"), page("/en/s/robots/")
    for shown in (chinese, english):
        assert '<link rel="alternate" hreflang="en" href="http://testserver/en/s/robots/">' in shown
        assert '<link rel="alternate" hreflang="zh-Hans" href="http://testserver/s/robots/">' in shown
    assert '<link rel="canonical" href="http://testserver/en/s/robots/">' in english
    assert '<html lang="en">' in english
    assert "Industrial robots" in english
    assert f'href="/en/o/{robots[0].registry_no}/"' in english


@pytest.mark.parametrize(
    ("url", "parameters", "status"),
    [
        ("/s/nonsense/", {}, 404),
        ("/s/robots/", {"sector": "robots"}, 400),
        ("/t/000000000/", {}, 404),
        ("/list/", {"sector": "nonsense"}, 400),
        ("/list/", {"sector": "non/sense"}, 400),
        ("/list/", {"township": "/"}, 400),
        ("/list/", {"sector": "robots,ai-services"}, 400),
        ("/list/", {"kind": "enterprise", "size_class": "large"}, 400),
        ("/list/", {"search": "长" * 101}, 400),
        ("/list/", {"search": "长" * 1_000_000}, 400),
        ("/list/", {"search": "\x00"}, 400),
        ("/list/", {"cursor": "wrong"}, 400),
        ("/list/", {"sector": ["robots", "ai-services"]}, 400),
        ("/", {"x": "1"}, 400),
        ("/o/ZSAI-1/", {}, 404),
        ("/o/ZSAI-000001/", {"x": "1"}, 400),
        ("/alliances/nonsense/", {}, 404),
        ("/sitemap-99.xml", {}, 404),
        ("/nothing/at/all", {}, 404),
    ],
)
def test_bad_addresses_are_answered_in_chinese_with_a_way_on(
    robots: list[Organization], url: str, parameters: dict[str, Any], status: int
) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = Client().get(url, parameters)
    said = response.content.decode()
    assert response.status_code == status
    assert len(queries) <= 10
    assert 'lang="zh-Hans"' in said
    assert 'href="/"' in said
    assert 'role="search"' in said
    assert response["Cache-Control"] == "no-store"
    assert len(response.content) < 10_000


def test_pages_can_be_kept_by_caches_and_set_no_cookie(robots: list[Organization]) -> None:
    for url in ("/", "/list/", "/s/robots/", f"/o/{robots[0].registry_no}/", "/alliances/", "/privacy/"):
        response = Client().get(url, headers={"accept-language": "en"})
        assert response["Cache-Control"] == "public, max-age=60"
        assert response["Content-Language"] == "zh-hans"
        assert not {"Cookie", "Accept-Language"} & {one.strip() for one in response.get("Vary", "").split(",")}
        again = Client().get(url, headers={"if-none-match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        signed_in = Client()
        signed_in.force_login(factories.superuser())
        assert signed_in.get(url).content == response.content


def test_pages_are_small_and_ask_a_fixed_number_of_queries(robots: list[Organization]) -> None:
    numbers = {
        "/": 7,
        "/list/": 5,
        "/s/robots/": 8,
        "/t/442000118/": 5,
        "/institutes/": 4,
        f"/o/{robots[0].registry_no}/": 5,
    }
    found = {}
    for url in numbers:
        Client().get(url)
        with CaptureQueriesContext(connection) as queries:
            response = Client().get(url)
        found[url] = len(queries)
        assert len(response.content) < 60_000
    assert found == numbers


def test_the_limit_of_the_public_api_holds_for_pages(robots: list[Organization], settings: Any) -> None:
    settings.PUBLIC_REQUESTS_PER_MINUTE = 10
    statuses = [Client().get("/").status_code for _time in range(12)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    response = Client().get("/")
    assert response["Retry-After"]
    assert "请求过多" in response.content.decode() or "过于频繁" in response.content.decode()


def test_a_foreign_host_and_an_unreadable_address_are_refused(robots: list[Organization]) -> None:
    for response in (
        Client(headers={"host": "evil.example"}).get("/"),
        Client().get("/list/?search=%ff"),
        Client().get("/%ff/"),
    ):
        assert response.status_code == 400
        assert 'href="/list/"' in response.content.decode()
        assert "evil" not in response.content.decode()
