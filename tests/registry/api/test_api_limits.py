"""The public API as caches see it, and how many requests a client may send."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from registry.api.access.clients import client_address, counted_address
from registry.models import KeptAnswer, RequestCount
from tests import factories
from tests.api import api, ok, problem, public

pytestmark = pytest.mark.django_db


def test_public_answer_is_cacheable_and_given_again_as_304(reference: None) -> None:
    factories.enterprise(published=True)
    for path in ("organizations/", "organizations/facets/", "sectors/", ""):
        answer = public().get(path)
        assert answer["Cache-Control"] == "public, max-age=60"
        assert {part.strip() for part in answer["Vary"].split(",")} == {"Accept", "Accept-Language"}
        assert "Set-Cookie" not in answer
        again = public().get(path, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == answer["ETag"]
        assert again["Cache-Control"] == "public, max-age=60"


def test_etag_of_a_public_list_changes_with_a_row(reference: None) -> None:
    one = factories.enterprise(published=True)
    before = public().get("organizations/")["ETag"]
    one.short_name = "新简称"
    one.save()
    assert public().get("organizations/", headers={"If-None-Match": before}).status_code == 200


def test_page_with_a_cursor_keeps_its_etag_while_time_passes(reference: None) -> None:
    with time_machine.travel("2026-01-31T08:00:00Z", tick=False):
        answer = public().get("sectors/?page_size=10")
        assert answer.json()["next"]
    with time_machine.travel("2026-01-31T08:05:00Z", tick=False):
        again = public().get("sectors/?page_size=10", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_answers_of_staff_and_errors_are_kept_by_no_cache(reference: None) -> None:
    assert api("registry.view_organization").get("organizations/")["Cache-Control"] == "private, no-store"
    assert public().get("organizations/?x=1")["Cache-Control"] == "no-store"
    assert public().get("organizations/ZSAI-999999/")["Cache-Control"] == "no-store"


@pytest.fixture
def narrow(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_REQUESTS_PER_MINUTE = settings.TOKEN_REQUESTS_PER_MINUTE = 3
    monkeypatch.setattr("time.time", lambda: 1_800_000_042.0)


def test_address_that_asks_too_often_is_told_when_to_come_again(reference: None, narrow: None) -> None:
    for _number in range(3):
        ok(public().get("organizations/"))
    answer = public().get("organizations/?format=csv")
    problem(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer["Cache-Control"] == "no-store"
    ok(public().get("organizations/", REMOTE_ADDR="192.0.2.7"))


def test_next_minute_counts_anew(reference: None, narrow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(4):
        last = public().get("organizations/")
    assert last.status_code == 429
    monkeypatch.setattr("time.time", lambda: 1_800_000_042.0 + int(last["Retry-After"]))
    ok(public().get("organizations/"))


def test_each_token_has_its_own_count(reference: None, narrow: None) -> None:
    first, second = api("registry.view_organization"), api("registry.view_organization")
    for _number in range(3):
        ok(first.get("organizations/"))
    problem(first.get("organizations/"), 429)
    ok(second.get("organizations/"))


def test_forwarded_address_of_a_stranger_changes_nothing(reference: None, narrow: None) -> None:
    for number in range(3):
        ok(public().get("organizations/", headers={"X-Forwarded-For": f"192.0.2.{number}"}))
    problem(public().get("organizations/", headers={"X-Forwarded-For": "192.0.2.9"}), 429)


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("198.51.100.1", "192.0.2.1", "198.51.100.1"),
        ("10.0.0.2", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.2", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.2", "192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("10.0.0.2", "192.0.2.1, rubbish", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "::ffff:192.0.2.1", "192.0.2.1"),
        ("", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_client_address_is_what_trusted_proxies_say(settings: Any, remote: str, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.2", "10.1.0.0/16", "unix"]
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address


def test_ipv6_is_counted_by_the_network_of_a_subscriber() -> None:
    seen = {
        counted_address(RequestFactory().get("/", REMOTE_ADDR=address))
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    }
    assert seen == {"2001:db8:1:2::/64", "2001:db8:1:3::/64"}


def test_login_lock_goes_by_the_same_address(settings: Any) -> None:
    from axes.helpers import get_client_ip_address

    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="192.0.2.55")
    assert get_client_ip_address(request) == "192.0.2.55"


@pytest.mark.django_db(transaction=True)
def test_workers_share_one_exact_count(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_REQUESTS_PER_MINUTE = 99  # no hundredths of it
    monkeypatch.setattr("time.time", lambda: 1_800_000_042.0)

    def ask(_number: int) -> int:
        try:
            return public().get("organizations/").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(40))) == {200}
    assert RequestCount.objects.get().requests == 40
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'registry_requestcount'")
        assert cursor.fetchone()[0] in ("u", b"u")


def test_kept_answer_once_is_a_constraint() -> None:
    KeptAnswer.objects.create(client="token:1", key="a", request_hash="0" * 64)
    with pytest.raises(IntegrityError, match="kept_answer_once"), transaction.atomic():
        KeptAnswer.objects.create(client="token:1", key="a", request_hash="1" * 64)


def test_workers_add_hundredths_of_the_limit_to_the_common_count(
    reference: None, settings: Any, monkeypatch: Any
) -> None:
    settings.PUBLIC_REQUESTS_PER_MINUTE = 600
    monkeypatch.setattr("time.time", lambda: 1_800_000_642.0)
    for _number in range(6):
        ok(public().get("organizations/?page_size=1"))
    assert RequestCount.objects.get().requests == 1
    ok(public().get("organizations/?page_size=1"))
    assert RequestCount.objects.get().requests == 7
    RequestCount.objects.update(requests=598)  # by other workers
    answers = [public().get("organizations/?page_size=1").status_code for _number in range(7)]
    assert answers == [200] * 5 + [429] * 2
