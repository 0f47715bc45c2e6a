"""Whatever is asked of the directory, its work has an end: loops over facets, texts without end."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Organization, Proposal
from tests import factories
from tests.registry.directory.crawling import crawl

pytestmark = pytest.mark.django_db
ENDLESS = "机" * 10**6


@pytest.fixture
def shown(reference: None) -> list[Organization]:
    """Organizations of two kinds in two sectors and two townships."""
    made = []
    for number in range(8):
        make = factories.enterprise if number % 2 else factories.institute
        town = factories.township("442000118" if number < 4 else "442000001")
        made.append(make(published=True, township=town))
        factories.tag(made[-1], "robots.industrial" if number % 4 < 2 else "core-technology.machine-vision")
    return made


def allowed(url: str) -> bool:
    """Whether robots.txt lets a crawler ask for the address."""
    rules = re.findall(r"^Disallow: (.+)$", Client().get("/robots.txt").content.decode(), re.MULTILINE)
    return not any(re.match(re.escape(rule).replace(r"\*", ".*"), url) for rule in rules)


def test_a_crawler_that_obeys_meets_each_page_once(shown: list[Organization]) -> None:
    found = crawl("/", follows=allowed)
    assert {f"/o/{one.registry_no}/" for one in shown} <= found.keys()
    assert {"/en/", "/list/", "/statistics/", "/landscape/"} <= found.keys()
    assert not [url for url in found if "?" in url or url.endswith("/correct/")]


def test_loops_over_facets_end_for_who_does_not_obey(shown: list[Organization]) -> None:
    found = crawl("/list/", follows=lambda url: url.startswith("/list/"))
    combined = [url for url in found if "?" in url]
    assert any("sector=" in url and "township=" in url and "kind=" in url for url in combined)
    # None or one of 4 sectors and branches, 2 townships and 2 kinds, in one order.
    assert len(combined) <= 5 * 3 * 3
    for url in combined:
        names = [pair.partition("=")[0] for pair in url.partition("?")[2].split("&")]
        assert len(names) == len(set(names)), url


@pytest.mark.parametrize("url", ["/list/", "/s/robots/", "/t/442000118/", "/alliances/", "/landscape/"])
def test_a_text_without_end_is_refused_without_work(shown: list[Organization], url: str) -> None:
    Client().get("/")
    with CaptureQueriesContext(connection) as queries:
        response = Client().get(url, {"search": ENDLESS})
    assert response.status_code == 400
    assert len(response.content) < 60_000
    assert 'href="/list/"' in response.content.decode()
    assert len(queries) <= 4


def test_a_correction_without_end_is_not_shown_again(shown: list[Organization]) -> None:
    url = f"/o/{shown[0].registry_no}/correct/"
    waiting = Proposal.objects.count()
    response = Client().post(url, {"wish": "correct", "field": "scope", "new": ENDLESS, "origin": "public"})
    assert response.status_code == 400
    assert "内容过长" in response.content.decode()
    assert len(response.content) < 60_000
    assert Proposal.objects.count() == waiting
