"""The commonest tasks, from the start page to the end: what they cost by hand stays below the goal.

A person needs a time for each click and each key; it is the same on every machine. What the pages take depends on the
machine: a second is left for them. With REGISTRY_TIMED_TASKS=1 the times are printed, those of the pages too.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from registry.models import Enterprise
from tests import factories
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = 1.0
"""Seconds that are left for the pages of a task."""
TELEPHONE, ONE_VALUE, FIND, FULL_ENTERPRISE = 6.0, 6.0, 3.0, 120.0
PHONE = "0760-00001234"
NAME, FORMER = "中山市灵境视觉机器人有限公司", "中山市灵境科技有限公司"


@pytest.fixture
def person(staff_page: Page, reference: None, request: pytest.FixtureRequest) -> Iterator[Person]:
    factories.enterprise(name_zh="中山市灵霄机器人有限公司")
    staff_page.goto("/admin/")
    person = Person(staff_page)
    yield person
    if os.environ.get("REGISTRY_TIMED_TASKS"):
        print("\n" + person.tell(request.node.name))


@pytest.fixture
def robot(reference: None) -> Enterprise:
    made = factories.enterprise(name_zh="中山市灵犀视觉科技有限公司", short_name="旧简称")
    factories.contact(made, phone=PHONE)
    return made


def find(person: Person, organization: Enterprise) -> None:
    """Find an organization from the start page, whose box has the focus."""
    person.type("#find-text", "lxsj", then="")
    person.sees("#find-list [aria-selected=true]", organization.name_zh)
    person.press("Enter")
    person.sees("#record-head h1", organization.name_zh)


def test_an_organization_is_found(robot: Enterprise, person: Person) -> None:
    find(person, robot)
    assert person.by_hand <= FIND - PAGES


def test_the_telephone_of_a_liaison_is_read(robot: Enterprise, person: Person) -> None:
    find(person, robot)
    expect(person.page.locator("#card-contacts")).not_to_contain_text(PHONE)
    person.click(person.page.locator(".reveal").get_by_role("button", name="核实"))
    person.sees("#card-contacts", PHONE)
    assert person.by_hand <= TELEPHONE - PAGES


def test_one_value_is_corrected(robot: Enterprise, person: Person) -> None:
    find(person, robot)
    person.click("[data-field=short_name]")
    person.type("#id_short_name", "灵犀", keys=5)
    person.sees("[data-field=short_name]", "灵犀")
    robot.refresh_from_db()
    assert robot.short_name == "灵犀"
    assert person.by_hand <= ONE_VALUE - PAGES


def test_a_full_enterprise_is_entered(person: Person) -> None:
    """Keys are those of an input method that knows usual words by their first letters, such as yxgs."""
    code = factories.valid_uscc()
    person.click(person.page.get_by_role("link", name="录入企业").first)
    person.type("#begin", f"{code} {NAME}", keys=len(code) + 30)
    enter_what_is_open(person)
    enter_what_is_folded(person)
    person.press("Control+s")
    person.sees(".messagelist", "已新增企业")
    made = Enterprise.objects.get(name_zh=NAME)
    assert stored(made) == {
        "uscc": code,
        "name_en": "Lingjing Vision Robots Ltd.",
        "short_name": "灵境",
        "category": "startup",
        "registration_type": "有限责任公司",
        "founded_on": "2019-09-01",
        "township": "442000001",
        "zone": "torch",
        "registered_address": "中山市石岐街道博爱路1号",
        "website": "https://lj.example.com",
        "registered_capital": "5000000.00",
        "industry": "C3491",
        "main_products": "视觉检测设备",
        "sectors": [("core-hardware.smart-sensors", True), ("robots.industrial", False)],
        "contact": ("liaison", "张晓明", "经理", "13800000000", "zxm@lj.example.com"),
        "qualification": ("2024-01-01", "2027-01-01", "GR2024440001"),
        "figures": (2025, 86, "12000000.00", "9000000.00"),
        "former": [FORMER],
    }
    assert person.by_hand <= FULL_ENTERPRISE - PAGES


def enter(person: Person, selector: str, text: str, keys: int | None = None) -> None:
    person.go_on_to(selector)
    person.type(selector, text, keys)


def enter_what_is_open(person: Person) -> None:
    enter(person, "#id_name_en", "Lingjing Vision Robots Ltd.")
    enter(person, "#id_short_name", "灵境", keys=9)
    person.go_on_to("#id_category")
    for _each in range(3):
        person.press("ArrowDown")
    person.choose("#id_sector_tags-0-sector", "　智能传感器")
    person.click("#id_sector_tags-0-is_primary")
    person.click("button[data-adds=sector_tags]")
    person.choose("#id_sector_tags-1-sector", "　工业机器人")
    person.go_on_to("#id_contacts-0-name", "Tab")
    person.type("#id_contacts-0-name", "张晓明", keys=14)
    person.type("#id_contacts-0-title", "经理", keys=7)
    person.type("#id_contacts-0-phone", "13800000000")
    person.type("#id_contacts-0-email", "zxm@lj.example.com")
    enter(person, "#id_registration_type", "有限责任公司", keys=9)
    enter(person, "#id_founded_on", "20190901")
    person.choose("#id_township", "石岐街道")
    person.choose("#id_zone", "火炬开发区")
    enter(person, "#id_registered_address", "中山市石岐街道博爱路1号", keys=28)
    enter(person, "#id_website", "https://lj.example.com")


def enter_what_is_folded(person: Person) -> None:
    person.click("#card-business summary")
    person.go_on_to("#id_registered_capital", "Tab")
    person.type("#id_registered_capital", "500")
    enter(person, "#id_industry", "3491")
    person.type("#id_main_products", "视觉检测设备", keys=18, then="")
    person.click("#card-qualifications summary")
    person.choose("#id_qualifications-0-grading", "高新技术企业")
    person.go_on_to("#id_qualifications-0-certificate_no", "Tab")
    person.type("#id_qualifications-0-certificate_no", "GR2024440001")
    person.type("#id_qualifications-0-granted_on", "20240101")
    person.type("#id_qualifications-0-valid_to", "20261231")
    person.click("#card-figures summary")
    person.go_on_to("#id_annual_figures-0-year", "Tab")
    person.type("#id_annual_figures-0-year", "2025")
    person.type("#id_annual_figures-0-employees", "86")
    enter(person, "#id_annual_figures-0-revenue", "1200")
    person.type("#id_annual_figures-0-ai_revenue", "900")
    person.click("#card-identifiers summary")
    person.go_on_to("#id_names-0-name", "Tab")
    person.type("#id_names-0-name", FORMER, keys=21, then="")


def stored(made: Enterprise) -> dict[str, object]:
    contact, qualification = made.contacts.get(), made.qualifications.get()
    figures = made.annual_figures.get()
    plain = ("uscc", "name_en", "short_name", "category", "registration_type", "founded_on", "registered_address")
    more = ("website", "registered_capital", "industry", "main_products")
    assert made.township
    assert made.zone
    return {
        **{name: str(getattr(made, name)) for name in (*plain, *more)},
        "township": made.township.code,
        "zone": made.zone.code,
        "sectors": sorted(made.sector_tags.values_list("sector__code", "is_primary")),
        "contact": (contact.role, contact.name, contact.title, contact.phone, contact.email),
        "qualification": (
            *(str(qualification.granted_on), str(qualification.valid_to)),
            qualification.certificate_no,
        ),
        "figures": (figures.year, figures.employees, str(figures.revenue), str(figures.ai_revenue)),
        "former": list(made.names.values_list("name", flat=True)),
    }
