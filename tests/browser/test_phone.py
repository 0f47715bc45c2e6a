"""Pages on a telephone, 390 px wide: nothing beside the screen, no empty space, a menu, rows in view."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from registry.models import Organization
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH, HEIGHT = 390, 844


@pytest.fixture
def phone(staff_page: Page) -> Page:
    staff_page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return staff_page


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    """With a long name and a row of everything."""
    call_command("load_reference", verbosity=0)
    made = factories.enterprise(
        name_zh="中山市非常虚构的人工智能与智能制造装备研究开发及技术服务有限公司",
        name_en="Zhongshan Quite Fictional Artificial Intelligence and Intelligent Equipment Company Limited",
        website="https://www.example.org/a-rather-long-address-without-any-space-in-it/index.html",
    )
    factories.tag(made)
    factories.name(made)
    factories.identifier(made)
    factories.qualification(made)
    factories.figures(made)
    factories.contact(made)
    factories.relation(made, factories.enterprise())
    return made


def paths(organization: Organization) -> Iterator[str]:
    member = factories.membership(factories.member(who=organization)).member
    factories.representative(member)
    page = f"/admin/registry/enterprise/{organization.pk}"
    batch = factories.import_batch()
    factories.import_row(batch)
    factories.enterprise(name_zh="中山市虚构的工业机器人制造有限公司", main_products="工业机器人")
    yield from (
        "/admin/",
        "/admin/changes/",
        "/admin/find/?q=13800138000",
        "/admin/registry/organization/",
        "/admin/registry/enterprise/add/",
        f"{page}/",
        f"{page}/business/edit/",
        f"{page}/change/",
        "/admin/registry/enterprise/enter/",
        f"{page}/history/",
        "/admin/registry/organization/suggestions/",
        "/admin/registry/organization/crosstab/",
        "/admin/alliance/member/",
        "/admin/alliance/member/admit/",
        f"/admin/alliance/member/{member.pk}/change/",
        f"/admin/alliance/member/{member.pk}/end/",
        f"/admin/alliance/alliance/{member.alliance_id}/change/",
        "/admin/registry/importbatch/",
        "/admin/registry/importbatch/start/",
        f"/admin/registry/importbatch/{batch.pk}/",
        "/admin/registry/collectionround/",
        "/admin/registry/collectionround/add/",
        "/admin/registry/sector/",
        "/admin/registry/apitoken/add/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/password_change/",
    )


def width(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


def test_no_page_is_wider_than_the_screen(phone: Page, organization: Organization) -> None:
    found = {}
    for path in paths(organization):
        answer = phone.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        phone.evaluate("document.fonts.ready")
        found[path] = width(phone)
    assert {path: wide for path, wide in found.items() if wide > WIDTH} == {}


def test_the_log_in_page_is_not_wider_than_the_screen(page: Page, transactional_db: None) -> None:
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto("/admin/login/")
    expect(page.locator("#id_username")).to_be_visible()
    assert width(page) <= WIDTH


def test_the_years_stand_above_their_figures(phone: Page, organization: Organization) -> None:
    for year in (2021, 2022):
        factories.figures(organization, year, employees=year)
    phone.goto(f"/admin/registry/enterprise/{organization.pk}/")
    rights = """rows => rows.slice(0, 2).map(row => [...row.cells].filter(cell => /^20(21|22)$/.test(cell.innerText))
        .map(cell => [cell.innerText, cell.getBoundingClientRect().right]))"""
    head, employees = phone.locator(".years").first.locator("tr").evaluate_all(rights)
    assert [year for year, _right in head] == ["2021", "2022"]
    assert head == employees


def test_the_form_of_a_new_enterprise_has_no_empty_space(phone: Page, organization: Organization) -> None:
    phone.goto("/admin/registry/enterprise/add/")
    assert phone.evaluate("document.documentElement.scrollHeight") < 4_600
    beside = phone.evaluate(
        f"""() => [...document.querySelectorAll("#content input, #content select, #content textarea")]
            .filter((field) => field.checkVisibility() && field.getBoundingClientRect().right > {WIDTH})
            .map((field) => field.id)"""
    )
    assert beside == []
    bar = phone.locator(".submit-row")
    expect(bar.get_by_role("button")).to_have_text(["保存", "更多"])
    assert bar.bounding_box()["height"] < 70  # type: ignore[index]
    bar.get_by_role("button", name="更多").click()
    expect(bar.get_by_role("button", name="保存并继续新增")).to_be_visible()


def test_a_list_shows_its_first_row_a_menu_and_its_filters_behind_a_button(
    phone: Page, organization: Organization
) -> None:
    phone.goto("/admin/registry/organization/?sector=robots&kind=enterprise")
    row = phone.locator("#result_list tbody tr").first.bounding_box()
    assert row is not None
    assert row["y"] + row["height"] < HEIGHT
    expect(phone.locator("#filter-sector")).not_to_be_visible()
    phone.get_by_role("button", name="筛选（2）").click()
    phone.locator("#filter-sector").select_option("")
    expect(phone).to_have_url(f"{phone.url.split('?')[0]}?kind=enterprise")
    phone.get_by_role("button", name="菜单").click()
    phone.locator("#nav-sidebar").get_by_role("link", name="会员", exact=True).click()
    expect(phone.locator("h1")).to_have_text("会员")
