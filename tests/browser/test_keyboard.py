"""The staff's pages without a mouse: every control is reached by the Tab key, and can be seen when it is."""

from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page

from alliance.models import Alliance, Application, Meeting
from registry.models import Organization
from tests.browser.keyboard import walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pages() -> list[str]:
    """Return the addresses of pages with many controls, of the demonstration data where they show a record."""
    alliance = Alliance.objects.get(slug="zsra")
    meeting = Meeting.objects.filter(alliance=alliance).latest("held_on")
    application = Application.objects.filter(alliance=alliance).earliest("pk")
    record = reverse("admin:registry_enterprise_page", args=[Organization.objects.get(registry_no="ZSAI-000002").pk])
    return [
        reverse("admin:alliance_application_change", args=[application.pk]),
        reverse("admin:alliance_application_decide"),
        reverse("admin:alliance_meeting_sign_in", args=[meeting.pk]),
        reverse("admin:alliance_alliance_rules", args=[alliance.pk]),
        f"{reverse('admin:alliance_member_compare')}?alliance=zsra",
        reverse("admin:alliance_due_draw_up"),
        reverse("admin:falling_due"),
        reverse("admin:second_factor_set_up"),
        reverse("admin:registry_erasure_erase"),
        reverse("admin:registry_securityevent_changelist"),
        record,
        f"{record}?as_of=2020-01-01",
    ]


def test_every_control_of_the_staff_is_reached_and_seen(reference: None, staff_page: Page) -> None:
    call_command("load_demo", verbosity=0)
    staff_page.set_viewport_size({"width": 390, "height": 844})
    wrong = {}
    for path in pages():
        answer = staff_page.goto(path)
        assert answer
        assert (answer.status, urlsplit(answer.url).path) == (200, urlsplit(path).path)
        if fault := walk(staff_page):
            wrong[path] = fault
    assert wrong == {}
