"""What was issued or ended is taken back from its message, with all that it replaced."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from alliance.models import Certificate
from tests import factories
from tests.alliance.certificates.test_pages import ISSUE, LIST, form

pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> list[dict[str, Any]]:
    return list(Certificate.objects.order_by("pk").values())


def take_back(client: Client, answer: Any) -> Any:
    (change,) = re.findall(r'name="change" value="([^"]+)"', answer.content.decode())
    return client.post("/admin/undo/", {"change": change}, follow=True)


def test_an_issue_and_an_end_are_taken_back(reference: None) -> None:
    client = Client()
    client.force_login(factories.with_role("秘书处"))
    alliance = factories.alliance("test")
    held = [factories.membership(factories.member(alliance), "2020-01-01") for _number in range(2)]
    factories.certificate(held[0], "old-1")
    before = stored()
    answer = client.post(ISSUE, form(members=[one.member_id for one in held]), follow=True)
    assert Certificate.objects.count() == 3
    assert Certificate.objects.get(number="old-1").replaced_by.issued_on == localdate()
    assert take_back(client, answer).status_code == 200
    assert stored() == before
    pk = before[0]["id"]
    answer = client.post(f"{LIST}{pk}/end/", {"kind": "lost", "on": "2021-01-01", "reason": "x"}, follow=True)
    assert stored() != before
    take_back(client, answer)
    assert stored() == before
