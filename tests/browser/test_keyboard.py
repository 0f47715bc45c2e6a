"""The staff's pages without a mouse: every control is reached by the Tab key, and can be seen when it is."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from registry.models import Organization
from tests.browser.keyboard import walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "alliance/application/8/change/",
    "alliance/application/decide/",
    "alliance/meeting/5/sign-in/",
    "alliance/alliance/1/rules/",
    "alliance/member/compare/?alliance=zsra",
    "alliance/due/draw-up/",
    "falling-due/",
    "second-factor/set-up/",
    "registry/erasure/erase/",
    "registry/securityevent/",
)


def test_every_control_of_the_staff_is_reached_and_seen(reference: None, staff_page: Page) -> None:
    call_command("load_demo", verbosity=0)
    record = f"registry/enterprise/{Organization.objects.get(registry_no='ZSAI-000002').pk}/"
    staff_page.set_viewport_size({"width": 390, "height": 844})
    wrong = {}
    for path in (*PAGES, record, f"{record}?as_of=2020-01-01"):
        staff_page.goto(f"/admin/{path}")
        if fault := walk(staff_page):
            wrong[path] = fault
    assert wrong == {}
