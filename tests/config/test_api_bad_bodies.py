"""Bodies that no program should send, to every operation that reads one: refused with a pointer, nothing is stored."""

import json
import re
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.test import Client

from alliance.models import Membership
from registry.api.lists import examples
from registry.models import Organization
from tests import factories
from tests.description import DESCRIPTION

pytestmark = pytest.mark.django_db
PATHS: dict[str, Any] = DESCRIPTION["paths"]
BODIES_OF = {
    (method, path): set(told[method]["requestBody"]["content"])
    for path, told in PATHS.items()
    for method in told
    if "requestBody" in told[method]
}
WRITES = [one for one, forms in BODIES_OF.items() if forms == {"application/json"}]
UPLOADS = [path for (method, path), forms in BODIES_OF.items() if forms == {"multipart/form-data"}]


def beginning(members: bytes) -> Callable[[Any], bytes]:
    """The example, whose first object has these members before its own, as text."""

    def make(example: Any) -> bytes:
        before, brace, after = json.dumps(example).encode().partition(b"{")
        return before + brace + members + (b"" if after == b"}" else b", ") + after

    return make


def body_with(value: bytes) -> Callable[[Any], bytes]:
    return beginning(b'"odd": ' + value)


BODIES: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "NUL": (body_with(b'"a\\u0000b"'), "/odd"),
    "half a surrogate pair": (body_with(b'"\\ud800"'), "/odd"),
    "100,000 levels": (body_with(b"[" * 100_000 + b"]" * 100_000), "/odd/0/0"),
    "5,000 digits": (body_with(b"9" * 5_000), "/odd"),
    "NaN": (body_with(b"NaN"), ""),
    "a key twice": (beginning(b'"name": "a", "name": "b"'), "/name"),
    "a field that nobody knows": (body_with(b"1"), "/odd"),
    "no UTF-8": (lambda example: b"\xff" + json.dumps(example).encode(), ""),
    "half of it": (lambda example: json.dumps(example).encode()[:-1], ""),
    "something else": (lambda example: b"17", ""),
}


@pytest.fixture
def world(reference: None) -> dict[str, str]:
    of, other = factories.enterprise(), factories.institute()
    membership = factories.membership(factories.member(factories.alliance("test"), of))
    return {
        "registry_no": of.registry_no,
        "registry_no of institutes": other.registry_no,
        "slug": "test",
        "year": str(factories.figures(of).year),
        "id of contacts": str(factories.contact(of).pk),
        "id of qualifications": str(factories.qualification(of).pk),
        "id of relations": str(factories.relation(of, other).pk),
        "id of proposals": str(factories.proposal(of).pk),
        "id of memberships": str(membership.pk),
        "code of plans": "zs-ai-2019",
        "code of sectors": "robots",
        "code of townships": "442000118",
        "code of zones": "torch",
        "code of gradings": "high-tech",
        "code of tiers": membership.tier.code,
        "number of terms": str(factories.term(membership.alliance).number),
        "id of groups": str(factories.group(membership.alliance).pk),
        "id of seats": str(factories.seat(membership).pk),
        "id of certificates": str(factories.certificate(membership).pk),
        "id of applications": str(factories.application(membership.alliance).pk),
        **of_decisions_and_dues(membership),
        "change of changes": changed(of),
        "id of office-holders": str(factories.office_holder(membership.alliance).pk),
    }


def changed(of: Organization) -> str:
    with pghistory.context() as change:
        Organization.objects.filter(pk=of.pk).update(short_name="简称")
    return str(change.id)


def of_decisions_and_dues(membership: Membership) -> dict[str, str]:
    of = membership.alliance
    meeting = factories.meeting(of, body="assembly")
    due = factories.due(membership.member, dues_class=factories.dues_class(factories.dues_standard(of, decision=None)))
    rows = {
        "attendance": factories.attendance(meeting),
        "decisions": factories.decision(meeting),
        "dues": due,
        "dues-classes": due.dues_class,
        "dues-standards": due.dues_class.standard,
        "meetings": factories.meeting(of),
        "payments": factories.payment(due),
        "rules": factories.alliance_rules(of),
        "voting-rules": factories.voting_rule(of),
    }
    return {f"id of {name}": str(row.pk) for name, row in rows.items()}


def address(path: str, world: dict[str, str]) -> str:
    def filled(step: re.Match[str]) -> str:
        return f"{step[1]}/{world.get(f'{step[2]} of {step[1]}') or world[step[2]]}"

    return re.sub(r"([\w-]+)/{(\w+)}", filled, path)


def stored() -> dict[str, int]:
    models = [model for app in ("registry", "alliance") for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: model._base_manager.count() for model in models if not model._meta.proxy}


@pytest.fixture
def client(world: dict[str, str]) -> Client:
    key = factories.token(factories.superuser(), "write")[1]
    return Client(headers={"authorization": f"Bearer {key}", "if-match": "*"}, raise_request_exception=False)


@pytest.mark.parametrize("what", BODIES)
def test_bad_body_is_refused_with_a_pointer_and_nothing_is_stored(
    world: dict[str, str], client: Client, what: str
) -> None:
    make, pointer = BODIES[what]
    before = stored()
    for method, path in WRITES:
        raw = make(examples.body(method.upper(), path))
        answer = client.generic(method.upper(), address(path, world), raw, "application/json")
        where = f"{what}: {method} {path}: {answer.content.decode()[:300]}"
        assert answer.status_code == 400, where
        pointers = [one["pointer"] for one in answer.json()["errors"]]
        # Of many, the record is looked for first.
        assert any(pointer in one or one == "/0/registry_no" for one in pointers), where
    assert stored() == before


UPLOADED: dict[str, tuple[bytes, str, int]] = {
    "JSON": (b"{}", "application/json", 415),
    "nothing": (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
    "no boundary": (b"--x--\r\n", "multipart/form-data", 400),
    "a field that nobody knows": (
        b'--x\r\nContent-Disposition: form-data; name="odd"\r\n\r\n1\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        400,
    ),
    "a file that is text": (
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n%PDF-1.4\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        400,
    ),
    "half of it": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.4',
        "multipart/form-data; boundary=x",
        400,
    ),
}


@pytest.mark.parametrize("what", UPLOADED)
def test_bad_upload_is_refused_and_nothing_is_stored(world: dict[str, str], client: Client, what: str) -> None:
    raw, kind, status = UPLOADED[what]
    assert {*BODIES_OF} == {*WRITES} | {("post", path) for path in UPLOADS}
    assert len(UPLOADS) == 2
    before = stored()
    for path in UPLOADS:
        answer = client.generic("POST", address(path, world), raw, kind)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), path
    assert stored() == before


def test_numbers_and_truths_are_not_taken_for_text_nor_text_for_them(world: dict[str, str], client: Client) -> None:
    new = {"name_zh": 7, "uscc": 91442000, "published": "true", "registered_capital": "12"}
    answer = client.post("/api/v1/enterprises/", new, content_type="application/json")
    assert {one["pointer"] for one in answer.json()["errors"]} == {f"/{name}" for name in new}
    below = f"/api/v1/organizations/{world['registry_no']}/figures/"
    answer = client.post(below, {"year": "2020"}, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/year")


@pytest.mark.parametrize(
    ("kind", "headers", "status"),
    [
        ("text/plain", {}, 415),
        ("application/x-www-form-urlencoded", {}, 415),
        ("application/json; charset=utf-16", {}, 400),
        ("application/json", {"Accept": "text/html"}, 406),
    ],
)
def test_other_forms_of_body_and_answer_are_refused(
    client: Client, kind: str, headers: dict[str, str], status: int
) -> None:
    raw = '{"name_zh": "虚构新有限公司"}'.encode("utf-16" if "utf-16" in kind else "utf-8")
    before = stored()
    answer = client.generic("POST", "/api/v1/enterprises/", raw, kind, headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert stored() == before


def test_no_header_makes_another_method_of_a_request(world: dict[str, str], client: Client) -> None:
    before = stored()
    one = f"/api/v1/organizations/{world['registry_no']}/contacts/{world['id of contacts']}/"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert client.get(one, headers={name: "DELETE"}).status_code == 200
        assert client.post(f"{one}?_method=DELETE", headers={name: "DELETE"}).status_code == 405
    assert client.get("/api/v1/organizations/", headers={"Range": "bytes=0-10"}).status_code == 200
    assert stored() == before


def test_text_is_measured_before_it_is_cleaned(client: Client) -> None:
    new = {"code": "x", "name_zh": "\u0085" * 200 + "名", "name_en": ""}
    answer = client.post("/api/v1/gradings/", new, content_type="application/json")
    assert answer.status_code == 400, answer.json()
    assert answer.json()["errors"][0]["code"] == "max_length"
