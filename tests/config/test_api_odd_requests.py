"""Every operation of the OpenAPI file is asked what nobody would: refusals are problem documents and tell nothing.

The odd values are drawn with a fixed seed; ODD_REQUESTS asks each operation more often than CI does.
"""

import os
import random
import re
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from registry.api.lists import examples
from tests import factories
from tests.api import problem
from tests.description import DESCRIPTION, query_parameters

pytestmark = pytest.mark.django_db
TIMES = int(os.environ.get("ODD_REQUESTS", "3"))
OPERATIONS = [
    (method, path, told)
    for path, methods in DESCRIPTION["paths"].items()
    for method, told in methods.items()
    if method in ("get", "post", "patch", "delete")
]
ODD = (
    *("", " ", "0", "-1", "1e999", "9" * 400, "null", "true", "\x00", "\x7f", "ÿ", "中文", "％", "a,b,,c", "💥" * 60),
    *("' OR 1=1 --", "%s", "%(x)s", "{0}", "../../etc", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59-23:59"),
    *("robots", "enterprise", "ZSAI-000001", "zs-ai-2019", "all", "now", "name", "-name", "json", "csv"),
)
BODIES = (None, True, 0, -1, 10**29, 1.5, [], {}, [[]], [None], {"": ""}, "x", [{"name_zh": 7}], {"sectors": [None]})
TELLTALE = re.compile(
    r"SELECT |INSERT |UPDATE |psycopg|django|Traceback|/site-packages|\.py\b|PostgreSQL|Python/", re.I
)


@pytest.fixture
def world(reference: None) -> dict[str, str]:
    of = factories.enterprise(published=True)
    membership = factories.membership(factories.member(factories.alliance("test"), of))
    for part in (factories.contact, factories.figures, factories.qualification):
        part(of)
    known = {"registry_no": of.registry_no, "slug": "test", "id": str(membership.pk), "year": "2023", "number": "1"}
    nothing = "00000000-0000-4000-8000-000000000000"  # names no attachment and no change
    return known | {"key": nothing, "change": nothing}


def ask(client: Client, draw: random.Random, method: str, path: str, told: dict[str, Any], known: Any) -> Any:
    def value(name: str) -> str:
        good = known.get(name) or {"plans": "zs-ai-2019", "sectors": "robots"}.get(path.split("/")[3], "torch")
        return quote(good if draw.random() < 0.7 else draw.choice(ODD).strip("/") or "x", safe="")

    url = re.sub(r"{(\w+)}", lambda found: value(found[1]), path)
    names = [one["name"] for one in query_parameters(told)]
    chosen = draw.sample(names, min(len(names), draw.randint(0, 3))) + (["odd"] if draw.random() < 0.1 else [])
    query = "&".join(f"{name}={quote(draw.choice(ODD))}" for name in chosen)
    body = examples.body(method.upper(), path)
    if isinstance(body, dict) and draw.random() < 0.6:
        body = {**body, draw.choice([*body, "odd"]): draw.choice((*BODIES, *ODD))}
    elif draw.random() < 0.7:
        body = draw.choice(BODIES)
    headers = {"accept-language": "en"} | ({"if-match": "*"} if draw.random() < 0.8 else {})
    options: dict[str, Any] = {} if method == "get" else {"data": body, "content_type": "application/json"}
    with transaction.atomic():  # a statement that the database refuses spoils no other request
        return getattr(client, method)(f"{url}?{query}", headers=headers, **options), f"{method} {url}?{query} {body!r}"


@pytest.mark.parametrize("base", ["/api/", "/public/"])
def test_odd_requests_are_refused_without_a_failure(world: dict[str, str], base: str) -> None:
    key = factories.token(factories.superuser(), "write")[1]
    client = Client(headers={"authorization": f"Bearer {key}"}, raise_request_exception=False)
    draw = random.Random(20260131)
    asked = 0
    for method, path, told in OPERATIONS:
        for _turn in range(TIMES if path.startswith(base) and "/docs/" not in path else 0):
            answer, question = ask(client, draw, method, path, told, world)
            asked += 1
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code < 500, (question, text[:300])
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json", question
                assert not TELLTALE.search(answer.json()["detail"]), (question, answer.json())
    assert asked > 50


IN_GBK = "%D6%D0%C9%BD"  # 中山


@pytest.mark.parametrize(
    "address",
    [
        f"/public/v1/organizations/?search={IN_GBK}",
        f"/public/v1/organizations/?search=x&lang={IN_GBK}",
        f"/public/v1/organizations/?{IN_GBK}=1",
        f"/public/v1/alliances/{IN_GBK}/",
        f"/api/v1/enterprises/?sector=robots&search={IN_GBK}",
        f"/api/v1/organizations/{IN_GBK}/",
        f"/api/{IN_GBK}",
    ],
)
def test_address_that_is_not_utf8_is_refused_with_words(reference: None, address: str) -> None:
    key = factories.token(factories.superuser(), "read")[1]
    client = Client(headers={"authorization": f"Bearer {key}", "accept-language": "en"})
    told = problem(client.get(address), 400, "invalid_request")
    assert told["detail"] == "The address is not UTF-8, so it cannot be read for sure."
    chinese = problem(client.get(address, headers={"accept-language": "zh"}), 400, "invalid_request")
    assert chinese["detail"].startswith("网址不是 UTF-8")


@pytest.mark.parametrize("address", [f"/admin/registry/organization/?q={IN_GBK}", f"/admin/{IN_GBK}/"])
def test_page_whose_address_is_not_utf8_is_refused(reference: None, address: str) -> None:
    client = Client()
    client.force_login(factories.superuser())
    assert client.get(address).status_code == 400


def test_options_are_answered_with_the_methods(world: dict[str, str]) -> None:
    key = factories.token(factories.superuser(), "read")[1]
    client = Client(headers={"authorization": f"Bearer {key}"})
    methods: dict[str, set[str]] = {}
    for method, path, _told in OPERATIONS:
        known = {"plans": "zs-ai-2019", "sectors": "robots", "changes": str(uuid.UUID(int=1))}.get(
            path.split("/")[3], "torch"
        )
        address = re.sub(r"{(\w+)}", lambda found, code=known: world.get(found[1], code), path)
        methods.setdefault(address, set()).add(method)
    for path, those in methods.items():
        answer = client.options(path)
        assert (answer.status_code, answer.content) == (200, b""), (path, answer.content)
        assert {name.lower() for name in answer["Allow"].split(", ")} - {"head", "options"} == those, path
