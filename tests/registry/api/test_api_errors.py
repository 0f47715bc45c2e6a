"""Problem documents: their shape, and what becomes of each kind of failure."""

import json

import pytest
from django.test import Client

pytestmark = [pytest.mark.urls("tests.registry.api.probe"), pytest.mark.django_db]


@pytest.fixture
def client():
    return Client(raise_request_exception=False, headers={"accept-language": "en"})


def problem(response, status, code):
    """The document, after what holds for every problem: its shape, and that it tells nothing of the machine."""
    assert response["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert (response.status_code, document["status"], document["code"]) == (status, status, code)
    assert document["type"] == f"urn:problem-type:registry:{code}"
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == response["X-Request-ID"]
    assert response["Cache-Control"] == "private, no-store"
    for secret in ("SELECT", "secret", "passwd", "registry_", "psycopg", "Django", ".py"):
        assert secret not in response.content.decode()
    return document


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("crash", 500, "error"),
        ("duplicate", 409, "conflict"),
        ("check", 409, "conflict"),
        ("foreign", 409, "conflict"),
        ("slow", 503, "unavailable"),
        ("suspicious", 400, "invalid_request"),
        ("data", 400, "invalid_request"),
    ],
)
def test_failure_of_a_view_becomes_a_problem_in_the_language_of_the_request(client, how, status, code):
    english = problem(client.get(f"/api/fail/{how}/"), status, code)
    chinese = problem(client.get(f"/api/fail/{how}/?lang=zh"), status, code)
    assert english["title"].isascii()
    assert not chinese["title"].isascii()


def test_broken_constraint_speaks_its_own_message_in_the_language_of_the_request(client):
    assert problem(client.get("/api/fail/check/"), 409, "conflict")["detail"].startswith("Give a Chinese or an English")
    chinese = problem(client.get("/api/fail/check/?lang=zh"), 409, "conflict")["detail"]
    assert "名称" in chinese


def test_timeout_says_when_to_come_again(client):
    assert client.get("/api/fail/slow/")["Retry-After"] == "10"


def test_failure_outside_the_views_becomes_a_problem(client):
    problem(client.get("/api/raising/"), 500, "error")
    problem(client.get("/api/suspicious/"), 400, "invalid_request")
    problem(client.get("/api/none/"), 404, "not_found")
    problem(client.get("/api/echo/", headers={"host": "elsewhere.example"}), 400, "invalid_request")
    assert client.get("/page/suspicious/")["Content-Type"].startswith("text/html")


def test_method_and_media_type_that_are_not_there_become_problems(client):
    refused = client.delete("/api/echo/")
    problem(refused, 405, "method_not_allowed")
    assert refused["Allow"] == "GET, POST, HEAD, OPTIONS"
    problem(client.post("/api/echo/", "a=1", content_type="text/plain"), 415, "unsupported_media_type")
    problem(client.post("/api/echo/", {"a": 1}), 415, "unsupported_media_type")


def test_body_that_is_no_json_is_refused_with_a_pointer(client):
    answer = client.post("/api/echo/", '{"a": {"b": "\\u0000"}}', content_type="application/json")
    assert problem(answer, 400, "invalid_body")["errors"] == [
        {"pointer": "/a/b", "detail": "The character U+0000 cannot be stored.", "code": "invalid_body"}
    ]


def test_body_over_the_limit_is_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert client.post("/api/echo/", '"12345678"', content_type="application/json").json() == "12345678"
    refused = client.post("/api/echo/", '"123456789"', content_type="application/json")
    assert "errors" not in problem(refused, 413, "body_too_large")


def test_message_with_half_a_surrogate_pair_is_still_a_document(client):
    answer = client.post("/api/echo/?format=%ED%A0%80", "1", content_type="application/json")
    problem(answer, 400, "invalid_request")


# --- Format and language


def test_unknown_format_is_400_and_names_the_valid_ones(client):
    document = problem(client.get("/api/echo/?format=exe"), 400, "invalid_parameter")
    assert document["errors"][0]["parameter"] == "format"
    assert "json" in document["detail"]
    problem(client.get("/api/echo/?format=json&format=csv"), 400, "invalid_parameter")


def test_accept_header_chooses_the_format(client):
    for accept in ("application/json", "*/*", "text/html, */*;q=0.1", "application/*"):
        assert client.get("/api/echo/", headers={"accept": accept}).status_code == 200
    problem(client.get("/api/echo/", headers={"accept": "text/html"}), 406, "not_acceptable")
    assert client.get("/api/echo/?format=json", headers={"accept": "text/html"}).status_code == 200


def test_language_comes_from_the_parameter_then_the_header_and_never_from_the_cookie(client):
    client.cookies["django_language"] = "zh-hans"
    assert problem(client.get("/api/fail/crash/"), 500, "error")["title"] == "Something went wrong"
    assert problem(client.get("/api/fail/crash/?lang=zh"), 500, "error")["title"] == "出错了"
    assert problem(Client().get("/api/none/"), 404, "not_found")["title"] == "此地址没有内容"
    assert problem(client.get("/api/echo/?lang=fr"), 400, "invalid_parameter")["errors"][0]["parameter"] == "lang"
