"""Two records of one body: found from the start page, compared, merged and undone, on a screen and on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from registry.models import Organization
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two() -> tuple[Organization, Organization]:
    town = factories.township()
    kept = factories.organization(name_zh="中山市宏图机器人有限公司", township=town, scope="短")
    gone = factories.organization(name_zh="中山宏图机器人有限公司", township=town, scope="工业机器人的研发与销售")
    for number, one in enumerate((kept, gone)):
        factories.figures(one, 2023, employees=80 + number)
        factories.contact(one, role="liaison", name=f"联络{number}")
    return kept, gone


def test_a_clerk_merges_two_records_and_undoes_it(staff_page: Page, two: tuple[Organization, Organization]) -> None:
    page, (kept, gone) = staff_page, two
    page.goto("/admin/")
    page.get_by_role("link", name="查找可能重复").click()
    page.get_by_role("link", name="对照").click()
    expect(page.get_by_role("radio", name="工业机器人的研发与销售")).to_be_checked()
    page.get_by_role("radio", name="短", exact=True).check()
    page.get_by_role("radio", name="2023：从业人员 81").check()
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.get_by_text("已将中山宏图机器人有限公司")).to_be_visible()
    kept.refresh_from_db()
    assert (kept.scope, kept.annual_figures.get().employees) == ("短", 81)
    page.get_by_role("link", name="撤销", exact=True).click()
    page.get_by_role("button", name="撤销合并").click()
    expect(page.get_by_text("恢复为独立记录")).to_be_visible()
    gone.refresh_from_db()
    assert (gone.registration_status, gone.annual_figures.get().employees) == ("active", 81)


def test_pages_fit_a_telephone(staff_page: Page, two: tuple[Organization, Organization]) -> None:
    page, (kept, gone) = staff_page, two
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("", f"{kept.pk}/{gone.pk}/", "done/", "?said=different", f"?organization={kept.pk}"):
        page.goto(f"/admin/registry/merger/{address}")
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, address
