"""Every field of a page has a name for those who hear it."""

import pytest
from playwright.sync_api import Page

from registry.organizations.page.cards import CARDS
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMELESS = """() => [...document.querySelectorAll(
    "#content :is(input:not([type=hidden], [type=submit]), select, textarea, .select2-selection)")]
    .filter((field) => field.checkVisibility() && !field.matches(".select2-hidden-accessible"))
    .filter((field) => !field.labels?.length && !field.ariaLabel)
    .map((field) => field.name || field.className)"""


def test_every_field_has_a_name(staff_page: Page, transactional_db: None) -> None:
    organization = factories.enterprise(township=factories.township())
    factories.tag(organization)
    factories.qualification(organization)
    factories.contact(organization)
    factories.figures(organization)
    member = factories.membership(factories.member(who=organization)).member
    factories.representative(member)
    for path in (
        f"/admin/registry/enterprise/{organization.pk}/change/",
        *(f"/admin/registry/enterprise/{organization.pk}/{card}/edit/" for card in CARDS),
        f"/admin/alliance/member/{member.pk}/change/",
        f"/admin/alliance/alliance/{member.alliance_id}/change/",
        "/admin/alliance/member/admit/",
        "/admin/alliance/member/",
        "/admin/registry/enterprise/add/",
        "/admin/registry/importbatch/start/",
        "/admin/registry/collectionround/add/",
    ):
        staff_page.goto(path)
        assert staff_page.evaluate(NAMELESS) == [], path
