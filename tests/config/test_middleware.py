import logging

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.middleware import HistoryMiddleware
from registry.security.current import CurrentRequestMiddleware, RequestIdFilter
from tests import factories


@pytest.mark.parametrize(
    "given", ["trace-0123.4567_89", "", "short", "with space in it", "x" * 65, "line\nbreak-in-it", "中文中文中文中文"]
)
def test_request_id_is_ours_whatever_the_client_sends(given: str, client: Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert answer != given
    assert len(answer) == 32


def test_request_id_stands_on_errors_too(client: Client) -> None:
    assert len(client.get("/no-such-page").headers["X-Request-ID"]) == 32


def test_request_id_stands_in_log_lines(rf: RequestFactory) -> None:
    record = logging.makeLogRecord({})

    def view(request: HttpRequest) -> HttpResponse:
        RequestIdFilter().filter(record)
        return HttpResponse()

    answer = CurrentRequestMiddleware(view)(rf.get("/", headers={"X-Request-ID": "trace-01234567"}))
    assert record.request_id == answer["X-Request-ID"] != "trace-01234567"
    assert record.client_request_id == "trace-01234567"
    CurrentRequestMiddleware(view)(rf.get("/", headers={"X-Request-ID": "no id\n"}))
    assert record.client_request_id == "-"
    RequestIdFilter().filter(record)
    assert record.request_id == "-"


@pytest.mark.django_db
def test_history_tells_user_address_and_request(rf: RequestFactory) -> None:
    user = factories.user()

    def view(request: HttpRequest) -> HttpResponse:
        factories.organization()
        return HttpResponse()

    request = rf.post("/somewhere/", headers={"X-Request-ID": "trace-01234567"})
    request.user = user
    answer = CurrentRequestMiddleware(HistoryMiddleware(view))(request)
    event = apps.get_model("registry", "OrganizationEvent").objects.get()
    assert event.pgh_context.metadata == {"user": user.pk, "url": "/somewhere/", "request_id": answer["X-Request-ID"]}
    assert answer["X-Request-ID"] != "trace-01234567"


def test_answers_forbid_foreign_content_and_framing(client: Client) -> None:
    headers = client.get("/admin/login/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_answers_in_json_have_the_policy_of_pages(client: Client) -> None:
    policies = [client.get(address).headers["Content-Security-Policy"] for address in ("/admin/login/", "/public/v1/")]
    assert client.get("/public/v1/").headers["Content-Type"] == "application/json"
    page, answer = ({*policy.split("; ")} for policy in policies)
    assert page == answer
