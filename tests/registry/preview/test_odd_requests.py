"""The preview for accounts with a second factor, and for addresses that nobody made."""

from urllib.parse import quote

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from registry.second_factor.state import PASSED
from tests import factories

pytestmark = pytest.mark.django_db
VIEWER = "/admin/preview/viewer"


def test_an_account_with_a_second_factor_can_look_as_a_viewer(reference: None) -> None:
    user, of = factories.superuser(), factories.enterprise(name_zh="某某公司")
    device = TOTPDevice.objects.create(user=user, name="app", key=default_key(), confirmed=True)
    one = Client()
    one.force_login(user)
    address = f"{VIEWER}/admin/registry/enterprise/{of.pk}/"
    assert one.get(address).status_code == 302  # the factor is still to be passed
    session = one.session
    session[PASSED] = device.pk
    session.save()
    answer = one.get(address)
    assert answer.status_code == 200
    assert "某某公司" in answer.content.decode()
    assert one.get(f"{VIEWER}/admin/second-factor/").status_code == 404  # it is about the account itself


@pytest.mark.parametrize(
    "page",
    [
        "/admin/registry/organization/abc/change/",
        "/admin/registry/organization/99999999999999999999999/change/",
        "/admin/registry/organization/?sector=%00",
        "/admin/registry/organization/\0/change/",
        "//evil.example/",
        "http://[",
    ],
)
def test_pages_that_nobody_made_have_no_public_place(reference: None, page: str) -> None:
    one = Client()
    one.force_login(factories.superuser())
    answer = one.get(f"/admin/preview/?page={quote(page)}")
    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/admin/preview/public/")
