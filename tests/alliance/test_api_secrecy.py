"""What a caller may not see shows in no answer: everything that can be asked is asked with and without the secret.

Addresses, parameters and their values are those of the OpenAPI file: a new one is asked too. Answers are compared byte
by byte, with their headers.
"""

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from registry.models import AnnualFigures, Contact, Organization
from registry.organizations.models.reach import LIMITED
from tests import factories
from tests.api import api, ok, public, root
from tests.description import DESCRIPTION, query_parameters

pytestmark = pytest.mark.django_db

NAME, PHONE, EMAIL = "虚构密", "0760-00009999", "secret@example.com"
SECRETS = (NAME, PHONE, EMAIL, "7654")
HIDDEN = (
    *("contact_phone", "contacts__phone__startswith", "annual_figures__revenue__gt", "representatives__name"),
    *("contacts__phone", "phone", "legal_representative", "employees", "revenue", "size_class", "dues"),
)
"""Names that somebody might guess, as parameters and as columns."""
KNOWN = {
    "sector": ["robots"],
    "plan": ["zs-ai-2019"],
    "township": ["442000118"],
    "zone": ["torch"],
    "grading": ["high-tech"],
    "alliance": ["test"],
    "tier": ["member"],
    "organization": ["ZSAI-000001"],
    "search": ["虚构", "xugou", "虚购"],  # the last finds nothing, so that something else is offered
    "country": ["CN"],
    "cursor": ["wrong"],
    "as_of": [timezone.localdate().isoformat()],
}
TABLES = {
    "contacts": {"registry.view_contact"},
    "figures": {"registry.view_annualfigures"},
    "representatives": {"alliance.view_representative", "alliance.export_internal_roster"},
    "applications": {"alliance.view_application"},
    "dues": {f"alliance.view_{name}" for name in ("duesstandard", "duesclass", "due", "payment")},
}
LOGS = ("/api/v1/disclosures/", "/api/v1/receipts/", "/api/v1/security-events/")
"""What these answer changes with every file that is asked for."""
RECEIPT = re.compile("-R[0-9]{6}")
"""The number of a receipt in the name of a file; like the number of the request, it is another one each time."""
MATCHED = [
    *SECRETS,
    "虚构",
    "虚购",
    {"name": NAME, "website": EMAIL, "town": PHONE},
    {"name": "有限公司", "uscc": PHONE},
]
"""What `match/` is asked, which reads although it is a POST."""
Query = dict[str, str] | list[Any]
"""Parameters, or the body of a POST."""
OPERATIONS: dict[str, Any] = DESCRIPTION["paths"]


def questions(base: str, thorough: bool) -> Iterator[tuple[str, Query]]:
    """Addresses with no parameter, with each parameter and each of some values, with names that are none."""
    for path, methods in OPERATIONS.items():
        if not path.startswith(base) or path in LOGS:
            continue
        if path.endswith("/match/"):
            yield path, MATCHED
        if "get" not in methods:
            continue
        yield path, {}
        parameters = query_parameters(methods["get"])
        for one in parameters:
            for value in values(one["name"], one["schema"], thorough):
                yield path, {one["name"]: value}
        names = {one["name"] for one in parameters}
        hidden = HIDDEN if thorough and "fields" in names else HIDDEN[:4]
        if "fields" in names:
            yield from ((path, {name: value}) for name in ("fields", "omit", "ordering") for value in hidden)
        yield from ((path, {name: PHONE}) for name in hidden)
        if "layout" in names:
            for edition in ("public", "internal"):
                yield path, {"layout": "roster", "edition": edition, "format": "xlsx"}


def values(name: str, schema: dict[str, Any], thorough: bool) -> list[str]:
    if not thorough:
        return [SECRETS[0]]
    items = schema.get("items", schema)
    told = [value for part in (items, *items.get("anyOf", ())) for value in part.get("enum", ())]
    told = told if name in ("fields", "ordering", "facet", "rows", "columns", "format") else told[:2]
    by_type = {"boolean": ["true", "false"], "integer": ["1"]}
    days = ["2020-01-01"] if "date" in str(schema) else []
    return [*told, *by_type.get(schema.get("type", ""), []), *days, *KNOWN.get(name, []), *SECRETS[:2]]


@pytest.fixture
def records(reference: None) -> tuple[Organization, ...]:
    """Two organizations that differ in nothing but what will be secret."""
    alliance = factories.alliance("test")
    found = [factories.enterprise(registry_no=f"ZSAI-00000{n}", published=True, industry="I65") for n in (1, 2)]
    for one in found:
        factories.membership(factories.member(alliance, one))
        factories.tag(one)
        factories.qualification(one)
    with psycopg.connect(**connection.get_connection_params()) as other:
        # The feed of changes ends where the latest transaction has ended: ours is within it once another has.
        other.execute("SELECT pg_current_xact_id()")
    return tuple(found)


def keep_secret(of: Organization, tables: set[str]) -> None:
    """Rows of the tables are added, changed and removed."""
    if "contacts" in tables:
        factories.contact(of, name=NAME, phone=PHONE, email=EMAIL, title=NAME)
        legal = factories.contact(of, role=Contact.Role.LEGAL_REPRESENTATIVE, name="虚构旧")
        legal.name = NAME
        legal.save()
        factories.contact(of, role=Contact.Role.OTHER, name=NAME).delete()
    if "figures" in tables:
        figures = factories.figures(of, employees=1, revenue=1, assets=1)
        AnnualFigures.objects.filter(pk=figures.pk).update(employees=7654, revenue=10**10, assets=10**10)
        factories.figures(of, year=2022).delete()
    if "representatives" in tables:
        representative = factories.representative(of.alliance_members.get(), name="虚构旧", phone=PHONE)
        representative.name = NAME
        representative.save()
        factories.representative(of.alliance_members.get(), name=NAME).delete()
    if "applications" in tables:
        applied = factories.application(factories.alliance("test"), of, kind="expulsion", remarks=NAME)
        applied.answer = NAME
        applied.save()
        factories.application(factories.alliance("test"), of, kind="withdrawal", remarks=NAME).delete()
    if "dues" in tables:
        standard = factories.dues_standard(factories.alliance("test"), decision=None, remarks=NAME)
        due = factories.due(of.alliance_members.get(), dues_class=factories.dues_class(standard, NAME, 7654))
        due.remarks = NAME
        due.save()
        factories.payment(due, payer=NAME, text=PHONE)
        factories.payment(due, payer=NAME).delete()


def answers(client: Client, asked: list[tuple[str, Query]], of: Organization) -> dict[str, Any]:
    """What each question is answered: status, headers and content, without what names the request."""
    ids = {
        "qualifications": of.qualifications.get().pk,
        "memberships": of.alliance_members.get().memberships.get().pk,
    }
    codes = {"plans": "zs-ai-2019", "sectors": "robots", "townships": "442000118", "zones": "torch", "tiers": "member"}
    member_no = of.alliance_members.get().member_no
    found = {}
    for path, query in asked:
        resource = path.rstrip("/").split("/")[-2]
        known = {"registry_no": of.registry_no, "slug": "test", "year": "2023", "number": "1"}
        known["key"] = known["change"] = "00000000-0000-4000-8000-000000000000"  # of no attachment or change
        known["member_no"] = member_no
        known |= {"id": str(ids.get(resource, 1)), "code": codes.get(resource, "high-tech")}
        url = re.sub(r"{(\w+)}", lambda step: known[step[1]], path)  # noqa: B023 - called at once
        if isinstance(query, list):
            response = client.post(url, query)
            query = {"matched": ""}
        else:
            response = client.get(url, query)
        headers = {
            name: RECEIPT.sub("", value)
            for name, value in response.items()
            if name not in ("X-Request-ID", "X-Receipt")
        }
        found[f"{url}?{urlencode(query)}"] = response.status_code, headers, content(response)
    return found


def content(response: Any) -> Any:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if "spreadsheet" in response["Content-Type"]:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return {name: book.read(name) for name in book.namelist() if not name.startswith("docProps/")}
    if response["Content-Type"] == "application/pdf":  # its bytes hold the moment and the number of the receipt
        text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=body, capture_output=True, check=True).stdout
        return re.sub(rb"R[0-9]{6}|[0-9]{2}:[0-9]{2}", b"", text)
    return re.sub(rb'"request_id":"[^"]*"', b"", body)


def blind(*tables: str) -> User:
    """Somebody who may do everything but see these tables."""
    user = factories.user()
    hidden = {LIMITED}.union(*(TABLES[name] for name in tables))
    for one in Permission.objects.select_related("content_type"):
        if f"{one.content_type.app_label}.{one.codename}" not in hidden:
            user.user_permissions.add(one)
    return user


def of_another_town() -> User:
    """The organizations that are asked about are in no township."""
    return factories.of_township(factories.township("442000103"))


def viewer() -> User:
    user = factories.user()
    user.groups.add(Group.objects.get(name="查询员"))
    return user


@pytest.mark.parametrize(
    ("who", "tables", "thorough"),
    [
        ("public", {*TABLES}, True),
        ("viewer", {*TABLES}, True),
        ("town", {*TABLES}, True),
        *(("blind", {name}, False) for name in TABLES),
    ],
)
def test_what_is_secret_changes_no_answer_to_those_who_may_not_see_it(
    records: tuple[Organization, ...], who: str, tables: set[str], thorough: bool
) -> None:
    people = {"viewer": viewer, "town": of_another_town, "blind": lambda: blind(*tables)}
    client = public() if who == "public" else api(user=people[who]())
    asked = [*questions("/public/" if who == "public" else "/api/", thorough)]
    with time_machine.travel(timezone.now(), tick=False):  # files say when they were exported, by the minute
        before = answers(client, asked, records[0])
        keep_secret(records[0], tables)
        after = answers(client, asked, records[0])
    assert [url for url in before if before[url] != after[url]] == []
    assert sum(status == 200 for status, _headers, _content in after.values()) > (200 if thorough else 40)
    shown = b"".join(str(said).encode() for status, _headers, said in after.values() if status == 200)
    assert not [secret for secret in SECRETS if secret.encode() in shown]


def test_who_may_see_the_secret_is_answered_otherwise(records: tuple[Organization, ...]) -> None:
    """The comparison tells something: to a superuser many of the same questions are answered otherwise."""
    asked = [one for one in questions("/api/", thorough=False) if "organizations" in one[0] or "members" in one[0]]
    before = answers(root(), asked, records[0])
    keep_secret(records[0], {*TABLES})
    after = answers(root(), asked, records[0])
    changed = {url.partition("?")[2] for url in before if before[url] != after[url]}
    assert {"fields=contact_phone", "layout=roster&edition=internal&format=xlsx", ""} <= changed
    assert "matched=" not in changed  # that a representative has the name makes no candidate of the organization


@pytest.mark.django_db(transaction=True)
def test_secret_moves_neither_the_feed_of_changes_nor_the_moment_of_change() -> None:
    of = factories.enterprise(published=True)
    member = factories.member(factories.alliance("test"), of)
    client = api("registry.view_organization")
    seen = [ok(one.get("organizations/changes/")) for one in (client, public())]
    assert [len(answer["results"]) for answer in seen] == [1, 1]
    moment = seen[0]["results"][0]["organization"]["updated_at"]
    factories.contact(of)
    factories.figures(of).delete()
    factories.representative(member)
    for one, answer in zip((client, public()), seen, strict=True):
        again = ok(one.get("organizations/changes/", {"since": answer["cursor"]}))
        assert (again["results"], again["cursor"]) == ([], answer["cursor"])
        assert ok(one.get("organizations/changes/")) == answer
    assert ok(client.get(f"organizations/{of.registry_no}/"))["updated_at"] == moment
    assert not client.rows("organizations/", updated_since="2100-01-01")
