"""Admission over HTTP, also when several do it at once."""

import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from alliance.models import Membership
from tests import factories

RIGHTS = (
    "registry.view_organization",
    "alliance.view_alliance",
    "alliance.view_membership",
    "alliance.add_member",
    "alliance.add_membership",
)


def post(server: str, key: str, body: dict[str, Any]) -> tuple[int, Any]:
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/api/v1/alliances/test/members/", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_eight_requests_at_once_admit_an_organization_once(live_server: LiveServer) -> None:
    alliance = factories.alliance()
    factories.tier(alliance, "member")
    _token, key = factories.token(factories.user(*RIGHTS), scope="write")
    with ThreadPoolExecutor(8) as pool:
        for _round in range(40):
            organization = factories.organization()
            body = {"organization": organization.registry_no, "tier": "member", "admitted_on": "2020-01-01"}
            answers = list(pool.map(lambda _n, said=body: post(live_server.url, key, said), range(8)))
            assert Counter(status for status, _answer in answers) == {201: 1, 409: 7}
            refused = next(answer for status, answer in answers if status == 409)
            assert refused["code"] == "conflict"
    assert Membership.objects.count() == 40
    connections.close_all()


@pytest.fixture
def admit(db: None) -> Any:
    factories.tier(factories.alliance(), "member")
    factories.tier(factories.alliance("other"), "council")

    def admit(rights: Any = RIGHTS, scope: str = "write", **body: Any) -> tuple[int, Any]:
        _token, key = factories.token(factories.user(*rights), scope=scope)
        answer = Client().post(
            "/api/v1/alliances/test/members/",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Host": "localhost"},
        )
        return answer.status_code, answer.json()

    return admit


def test_admission_gives_a_member_number_and_the_period(admit: Any) -> None:
    organization = factories.organization()
    status, made = admit(organization=organization.registry_no, tier="member", admitted_on="2020-01-01")
    assert status == 201
    assert (made["member_no"], made["admitted_on"], made["joined_on"]) == ("M0001", "2020-01-01", "2020-01-01")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"tier": "council"}, "/tier"),
        ({"organization": "ZSAI-999999"}, "/organization"),
        ({"admitted_on": "2020-13-01"}, "/admitted_on"),
        ({"admittedon": "2020-01-01"}, "/admittedon"),
    ],
)
def test_admission_that_cannot_be_is_refused_at_its_place(admit: Any, change: dict[str, str], pointer: str) -> None:
    body = {"organization": factories.organization().registry_no, "tier": "member", "admitted_on": "2020-01-01"}
    status, problem = admit(**body | change)
    assert status == 400
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert not Membership.objects.exists()


def test_admission_needs_the_right_and_a_token_that_may_write(admit: Any) -> None:
    body = {"organization": factories.organization().registry_no, "tier": "member", "admitted_on": "2020-01-01"}
    assert admit(rights=RIGHTS[:3], **body)[0] == 403
    assert admit(scope="read", **body)[0] == 403
    assert not Membership.objects.exists()
