"""The pages of statistics: of the staff by their permissions, of releases, and of everybody."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.directory.asking import Counts
from registry.models import AnnualFigures, FiguresRelease, Organization, Receipt
from tests import factories
from tests.api import ok, public, root

pytestmark = pytest.mark.django_db
PAGE, ADD = "/admin/registry/organization/statistics/", "/admin/registry/figuresrelease/add/"
CANARY = 777_110_000


@pytest.fixture
def some(reference: None) -> list[Organization]:
    """Four of one sector with figures, one of another, and one that is not published and has the canary's figure."""
    rows = [
        factories.enterprise(name_zh=f"虚构{number}号公司", published=True, township=factories.township("442000118"))
        for number in range(5)
    ]
    for number, row in enumerate(rows):
        factories.tag(row, "robots.industrial" if number < 4 else "robots.surgical")
        factories.figures(row, 2023, revenue=10_000_000 + 1_000_000 * number)
    hidden = factories.enterprise(name_zh="未公开公司", township=factories.township("442000118"))
    factories.tag(hidden, "robots.industrial")
    factories.figures(hidden, 2023, revenue=CANARY)
    return [*rows, hidden]


def logged_in(role: str = "") -> Client:
    client = Client()
    client.force_login(factories.with_role(role) if role else factories.superuser())
    return client


def text_of(page: Any) -> str:
    assert page.status_code == 200, page.status_code
    return str(page.content.decode())


def test_page_has_the_numbers_of_the_api_and_leads_to_lists(some: list[Organization]) -> None:
    page = text_of(logged_in().get(f"{PAGE}?by=sector&kind=enterprise"))
    for one in ok(root().get("statistics/counts/?by=sector&kind=enterprise&lang=zh"))["results"][0]["values"]:
        if one["code"]:
            address = f"/admin/registry/organization/?kind=enterprise&amp;sector={one['code']}"
            assert re.search(rf'href="{re.escape(address)}">{one["name"]}</a></th><td>{one["count"]}</td>', page), one
    assert "类型：企业" in page
    assert "<style" not in page


def test_figures_are_on_the_page_for_who_may_see_them(some: list[Organization]) -> None:
    for role in ("录入员", "审核员", "审计员"):
        page = text_of(logged_in(role).get(PAGE))
        assert "2023年度数据（内部）" in page
        assert "82,311" in page  # the sector's four and the one that is not published, in 万元
        assert "不宜外传" in page
    for role in ("查询员", "秘书处", "系统管理员"):
        page = text_of(logged_in(role).get(PAGE))
        assert "年度数据（内部）" not in page
        assert "82,311" not in page
        assert "尚未发布年度数据" in page


def test_account_of_townships_sees_sums_of_its_own(some: list[Organization]) -> None:
    client = Client()
    client.force_login(factories.of_township(factories.township("442000111")))
    page = text_of(client.get(PAGE))
    assert "77,711" not in page
    assert "82,311" not in page


def test_wrong_parameter_leads_to_the_page_without(some: list[Organization]) -> None:
    client = logged_in()
    for given in ("by=nonsense", "sector=nonsense", "zzz=1"):
        answer = client.get(f"{PAGE}?{given}")
        assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert text_of(client.get(f"{PAGE}?year=1950&figure=profit")).count("<h2>") >= 3


def test_every_dimension_has_a_page(some: list[Organization]) -> None:
    client = logged_in()
    choices = [name for name, _label in client.get(PAGE).context["choices"]]
    assert {"sector", "branch", "layer", "township", "kind", "tier", "grading", "founded", "size_class"} <= {*choices}
    for name in choices:
        assert client.get(f"{PAGE}?by={name}").status_code == 200, name
    assert "size_class" not in dict(logged_in("查询员").get(PAGE).context["choices"])


def test_files_of_the_page_have_receipts(some: list[Organization]) -> None:
    client = logged_in("录入员")
    links = re.findall(r'class="export" href="([^"]+)"', text_of(client.get(PAGE)))
    assert len(links) == 8
    for number, link in enumerate(links, 1):
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        assert b"".join(answer.streaming_content)
        assert Receipt.objects.count() == number


def test_number_of_queries_of_the_page(some: list[Organization]) -> None:
    client = logged_in()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            text_of(client.get(PAGE))
        return len(found)

    queries()
    before = queries()
    for _number in range(4):
        row = factories.enterprise()
        factories.tag(row, "robots.service")
        factories.figures(row, 2023, revenue=5)
    assert queries() == before <= 30


# --- Releases


def test_release_is_looked_at_first_and_made_once(some: list[Organization]) -> None:
    client = logged_in("审核员")
    page = text_of(client.get(ADD))
    assert 'href="?year=2023"' in page
    looked_at = text_of(client.get(f"{ADD}?year=2023"))
    assert "6,000" in looked_at
    assert "1,400" not in looked_at  # the only one of robots.surgical
    assert "4,600" not in looked_at  # robots.industrial, which would tell it
    assert "77,711" not in looked_at
    assert not FiguresRelease.objects.exists()
    answer = client.post(ADD, {"year": "2023"})
    assert answer.status_code == 302
    release = FiguresRelease.objects.get()
    assert release.released_by is not None
    assert str(CANARY) not in str(release.tables)
    assert 'href="?year=2023"' not in text_of(client.get(ADD))
    assert client.post(ADD, {"year": "2023"}).status_code == 200  # the form again: there is no such choice
    assert FiguresRelease.objects.count() == 1


def test_release_does_not_change_but_may_be_withdrawn(some: list[Organization]) -> None:
    client = logged_in("审核员")
    client.post(ADD, {"year": "2023"})
    release = FiguresRelease.objects.get()
    change = f"/admin/registry/figuresrelease/{release.pk}/change/"
    version = re.search(r'name="_version" value="([^"]*)"', text_of(client.get(change)))
    given = {"_version": version.group(1)} if version else {}
    assert client.post(change, given | {"withdrawn_on": "2026-01-02"}).status_code == 200
    answer = client.post(
        change, given | {"withdrawn_on": "2026-01-02", "withdrawal_reason": "口径有误", "year": "2024"}
    )
    assert answer.status_code == 302
    withdrawn = FiguresRelease.objects.get()
    assert (withdrawn.year, str(withdrawn.withdrawn_on), withdrawn.tables) == (2023, "2026-01-02", release.tables)
    assert ok(public().get("statistics/releases/"))["years"] == []
    assert 'href="?year=2023"' not in text_of(client.get(ADD))
    client.post(change, {"withdrawn_on": "", "withdrawal_reason": ""})
    assert FiguresRelease.objects.get().withdrawn_on is not None


def test_everybody_of_the_staff_sees_releases_and_only_the_reviewer_makes_them(some: list[Organization]) -> None:
    release = factories.figures_release()
    for role in ("查询员", "录入员", "秘书处"):
        client = logged_in(role)
        page = text_of(client.get(f"/admin/registry/figuresrelease/{release.pk}/change/"))
        assert "6,000" in page
        assert "1,400" not in page
        assert "4,600" not in page
        assert client.get(ADD).status_code == 403
        assert "2023年度发布数据" in text_of(client.get(PAGE))


# --- Everybody


def test_directory_has_the_numbers_of_the_public_api(some: list[Organization]) -> None:
    factories.figures_release()
    for address, lang in (("/statistics/", "zh"), ("/en/statistics/", "en")):
        page = text_of(Client().get(address))
        for name in ("sector", "township", "kind", "layer", "founded"):
            answer = ok(public().get(f"statistics/counts/?by={name}&lang={lang}"))
            for one in answer["results"][0]["values"]:
                label = re.escape(one["name"].replace("&", "&amp;").replace("'", "&#x27;"))
                assert re.search(rf'{label}(</a>)?</th><td class="number">{one["count"]}</td>', page), one
        assert "6,000" in page
        assert "1,400" not in page
        assert "4,600" not in page
        assert "77,711" not in page
        assert len(page.encode()) < 60_000
    assert Client().get("/statistics/?by=sector").status_code == 400


def test_private_change_changes_no_byte_of_the_page(some: list[Organization]) -> None:
    factories.figures_release()
    before = Client().get("/statistics/").content
    AnnualFigures.objects.filter(organization=some[0]).update(revenue=99_000_000)
    factories.figures(some[1], 2024, revenue=1)
    Organization.objects.filter(pk=some[5].pk).update(founded_on="2001-01-01")
    factories.tag(some[5], "robots.service")
    factories.contact(some[0], name="虚构联系人")
    Counts.cache_clear()
    assert Client().get("/statistics/").content == before
