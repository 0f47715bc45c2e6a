"""The main job in a real browser: an enterprise is entered, tagged, admitted, found over the API and exported."""

import json
import re
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from python_calamine import CalamineWorkbook

from alliance.models import Membership
from registry.models import Enterprise
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reference(transactional_db):
    call_command("load_reference", verbosity=0)


def test_an_enterprise_is_entered_tagged_admitted_and_found(
    staff_page: Page, reference: None, live_server: LiveServer
) -> None:
    alliance = factories.alliance(name_zh="中山市虚构人工智能联盟", short_name="虚构联盟")
    factories.tier(alliance, "member")
    page, code = staff_page, factories.valid_uscc()

    page.goto("/admin/")
    page.get_by_role("link", name="录入企业").first.click()
    page.locator("#begin").fill(f"{code.lower()} 中山市小榄镇浏览器机器人有限公司")
    page.keyboard.press("Enter")
    expect(page.locator("#id_uscc")).to_have_value(code)
    expect(page.locator("#id_township")).to_have_value(str(factories.township().pk))
    page.locator("#id_name_zh").fill("中山市浏览器机器人有限公司")
    page.locator("#id_uscc").fill("")
    page.locator("#id_uscc").press_sequentially(code.lower())
    expect(page.locator("#id_uscc_check")).to_contain_text("校验码正确")
    expect(page.locator("#id_uscc_check")).to_contain_text("企业")
    expect(page.locator("#id_uscc_check")).to_contain_text("广东")
    page.locator("#id_founded_on").fill("2019.9.1")
    page.locator("#card-business summary").click()
    page.locator("#id_registered_capital").fill("500")
    page.locator("#id_sector_tags-0-sector").select_option(label="工业机器人")
    page.locator("#id_sector_tags-0-is_primary").check()
    page.locator("button[data-adds=sector_tags]").click()
    page.locator("#id_sector_tags-1-sector").select_option(label="服务机器人")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("已新增企业")

    made = Enterprise.objects.get()
    assert (made.uscc, made.registered_capital, str(made.founded_on)) == (code, 5_000_000, "2019-09-01")
    assert set(made.sector_tags.values_list("sector__code", "is_primary")) == {
        ("robots.industrial", True),
        ("robots.service", False),
    }

    page.get_by_role("link", name="入会", exact=True).click()
    page.locator("#id_tier").select_option(label="会员单位")
    page.locator("#id_on").fill("2020年1月1日")
    page.get_by_role("button", name="确认入会").click()
    expect(page.locator(".messagelist")).to_contain_text("已登记")
    expect(page.locator(".periods").first).to_contain_text("2020-01-01")
    assert Membership.objects.get().member.organization_id == made.pk

    page.locator("#nav-sidebar").get_by_role("link", name="会员", exact=True).click()
    expect(page.locator("#result_list")).to_contain_text("中山市浏览器机器人有限公司")
    check_programs_find_it(live_server.url, made)
    check_the_public_finds_it_once_published(page, live_server.url, made)
    check_member_list_is_exported(page, made)


def get(address: str, key: str = "") -> Any:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"} if key else {})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def check_programs_find_it(address: str, made: Enterprise) -> None:
    reader = factories.user("registry.view_organization")
    _token, key = factories.token(reader)
    found = get(f"{address}/api/v1/enterprises/?sector=robots", key)
    assert [row["registry_no"] for row in found["results"]] == [made.registry_no]
    assert [sector["code"] for sector in found["results"][0]["sectors"]] == ["robots.industrial", "robots.service"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{address}/api/v1/enterprises/?sector=robots")
    assert refused.value.code == 401
    refused.value.close()


def check_the_public_finds_it_once_published(page: Page, address: str, made: Enterprise) -> None:
    public = f"{address}/public/v1/enterprises/?sector=robots"
    assert get(public)["count"] == 0
    page.goto(f"/admin/registry/enterprise/{made.pk}/")
    page.locator("#card-care a.edit").click()
    page.locator("#id_published").check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert [row["name_zh"] for row in get(public)["results"]] == [made.name_zh]


def check_member_list_is_exported(page: Page, made: Enterprise) -> None:
    page.goto("/admin/alliance/member/")
    with page.expect_download() as excel:
        page.get_by_role("link", name="导出 Excel").click()
    head, row = CalamineWorkbook.from_path(str(excel.value.path())).get_sheet_by_index(0).to_python()
    cells = dict(zip(head, row, strict=True))
    assert (cells["单位名称"], cells["会员级别"], cells["起始日期"]) == (made.name_zh, "会员单位", date(2020, 1, 1))
    page.get_by_text("更多").click()
    with page.expect_download() as text:
        page.get_by_role("link", name="导出 CSV").click()
    assert made.name_zh in Path(text.value.path()).read_text("utf-8-sig")


def test_a_duplicate_is_offered_while_it_is_typed(staff_page: Page, reference: None) -> None:
    existing = factories.enterprise(name_zh="中山市（已有）机器人有限公司")
    page = staff_page
    page.goto("/admin/registry/enterprise/add/")
    page.locator("#id_name_zh").fill("中山市(已有)机器人有限公司")
    offered = page.locator("#id_name_zh_check a")
    expect(offered).to_contain_text(existing.registry_no)
    page.locator("#id_uscc").fill(existing.uscc)
    expect(page.locator("#id_uscc_check a")).to_contain_text(existing.registry_no)
    page.locator("#id_uscc").fill(existing.uscc[:17] + ("0" if existing.uscc[17] != "0" else "1"))
    expect(page.locator("#id_uscc_check")).to_have_class(re.compile("wrong"))
    offered.click()
    expect(page).to_have_url(re.compile(rf"/admin/registry/enterprise/{existing.pk}/$"))


def test_a_list_is_filtered_by_choosing_and_rows_are_changed_after_a_count(staff_page: Page, reference: None) -> None:
    for number in "一二三":
        factories.tag(factories.enterprise(name_zh=f"中山市第{number}有限公司"), "robots.industrial")
    factories.institute()
    page = staff_page
    page.goto("/admin/registry/organization/")
    page.locator("#filter-sector").select_option("robots")
    expect(page).to_have_url(re.compile(r"\?sector=robots$"))
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("publish")
    page.locator(".actions button[name=index]").click()
    expect(page.locator(".outcome")).to_contain_text("将修改 3 个单位")
    page.get_by_role("button", name="确认修改 3 个单位").click()
    expect(page.locator(".messagelist")).to_contain_text("已修改 3 个单位")
    assert Enterprise.objects.published().count() == 3
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Organizations")


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_no_page_of_the_staff_breaks_the_content_policy(staff_page: Page, reference: None, language: str) -> None:
    """The fixture fails where the console complains."""
    organization = factories.enterprise(township=factories.township())
    factories.tag(organization)
    factories.qualification(organization)
    factories.membership(factories.member(who=organization))
    staff_page.set_extra_http_headers({"Accept-Language": language})
    for path in (
        "/admin/",
        "/admin/registry/organization/",
        f"/admin/registry/enterprise/{organization.pk}/",
        f"/admin/registry/enterprise/{organization.pk}/sectors/edit/",
        f"/admin/registry/enterprise/{organization.pk}/change/",
        "/admin/registry/enterprise/enter/",
        "/admin/registry/enterprise/add/",
        f"/admin/registry/enterprise/{organization.pk}/history/",
        "/admin/registry/sector/",
        "/admin/registry/grading/add/",
        "/admin/registry/apitoken/add/",
        "/admin/alliance/alliance/add/",
        "/admin/alliance/member/",
        "/admin/alliance/member/admit/",
        "/admin/auth/user/add/",
        "/admin/password_change/",
    ):
        staff_page.goto(path)
        expect(staff_page.locator("#content")).to_be_visible()
