"""Every address in every format as every role: no full number is seen unless it was asked for, and that is logged."""

import hashlib
import io
import re
import shutil
import subprocess
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.test import Client
from pghistory.models import Context

from alliance.models import Member
from registry.models import Contact, Disclosure, ImportBatch, Organization, Receipt
from tests import factories
from tests.api import Api
from tests.config.test_site_access import NOBODY, ROLES, addresses, declared  # noqa: F401 - a fixture
from tests.description import DESCRIPTION, query_parameters

pytestmark = pytest.mark.django_db

PHONE, EARLIER, EMAIL = "13900007531", "0760-22997531", "canaryvogel@example.com"
CANARIES = (PHONE, "22997531", "canaryvogel")
FORMATS = ("", "csv", "xlsx")
EDITIONS = ("public", "full", "internal")
PEOPLE = {"contacts": "rtwx", "representatives": "sgx"}
PATHS = [path for path, methods in DESCRIPTION["paths"].items() if path.startswith("/api/") and "get" in methods]


@pytest.fixture
def planted(addresses: dict[str, str]) -> dict[str, str]:  # noqa: F811 - the fixture
    """The addresses, with numbers in every place that can hold one, now and earlier; all in one township."""
    Organization.objects.update(township=factories.township())
    for of in Organization.objects.all():
        contact = factories.contact(of, phone=EARLIER, email=EMAIL)
        with pghistory.context(url="/admin/"):
            Contact.objects.filter(pk=contact.pk).update(phone=PHONE)
        for member in of.alliance_members.all():
            person = factories.representative(member, role="liaison", phone=EARLIER, email=EMAIL)
            type(person).objects.filter(pk=person.pk).update(phone=PHONE)
    batch = ImportBatch.objects.get()
    change = {"column": "contact_phone", "old": "139****7531", "new": PHONE}
    told = {"column": "contact_phone", "value": PHONE, "message": [f"“{PHONE}”？", f"“{PHONE}”?"]}
    factories.import_row(batch, changes=[change], problems=[told], notes=[told | {"column": "备注"}])
    return addresses


def content(answer: Any) -> bytes:
    """All texts of an answer, unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if receipt := answer.get("X-Receipt"):
        stored = Receipt.objects.get(pk=int(receipt.removeprefix("R")))
        assert (stored.state, stored.sha256) == ("complete", hashlib.sha256(body).hexdigest())
    return _unpacked(body)


def _unpacked(body: bytes) -> bytes:
    if body.startswith(b"%PDF"):
        done = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True)
        return done.stdout
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return b"".join(_unpacked(book.read(name)) for name in book.namelist())


def seen(answer: Any) -> bool:
    text = content(answer).decode("utf-8", "replace")
    return any(canary in text for canary in CANARIES)


def api_address(path: str) -> str:
    member = Member.objects.filter(alliance__slug="test", organization__contacts__isnull=False).order_by("pk")[0]
    of = member.organization
    known: dict[str, Any] = {"registry_no": of.registry_no, "slug": "test", "year": "2023", "id": "1", "code": "robots"}
    known["number"] = "1"
    known["key"] = str(uuid.uuid4())
    known["member_no"] = member.member_no
    known["change"] = Context.objects.latest("created_at").pk  # of a telephone number
    if "/contacts/" in path:
        known["id"] = of.contacts.order_by("pk")[0].pk
    return re.sub(r"{(\w+)}", lambda step: str(known[step[1]]), path)


def account(role: str) -> User:
    """An account with the role, of the township of all organizations if the role is limited to townships."""
    if role == "x":
        return factories.superuser()
    return factories.of_township(*([factories.township()] if role == "t" else []), roles=(ROLES[role],))


def session(role: str) -> Client:
    found = Client(raise_request_exception=False)
    if role != NOBODY:
        found.force_login(account(role))
    return found


def program(user: User) -> Api:
    return Api(factories.token(user, "read")[1])


def without_receipt(answer: Any) -> bool:
    return (
        answer.status_code == 200
        and "attachment" in answer.get("Content-Disposition", "")
        and not answer.get("X-Receipt")
    )


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_a_full_number(planted: dict[str, str], role: str) -> None:
    one = session(role)
    leaks, unlogged = [], []
    for pattern in declared():
        if pattern == "admin/logout/":
            continue
        answer = one.get(planted[pattern])
        blank = "template" in pattern or "application" in pattern
        if pattern.startswith("admin/") and without_receipt(answer) and not blank:
            unlogged.append(planted[pattern])
        if seen(answer):
            leaks.append(planted[pattern])
    assert (leaks, unlogged) == ([], [])
    assert Disclosure.objects.count() == 1, "that of the addresses"


@pytest.mark.parametrize("role", sorted({*ROLES} - {"-"}))
def test_no_answer_or_file_of_the_api_has_a_full_number_that_was_not_asked_for(
    planted: dict[str, str], role: str
) -> None:
    one = program(account(role))
    leaks, unlogged = [], []
    for path in PATHS:
        parameters = {parameter["name"] for parameter in query_parameters(DESCRIPTION["paths"][path]["get"])}
        url = api_address(path)
        for kind in FORMATS:
            queries = [{"format": kind} if kind else {}]
            queries += [queries[0] | {"fields": "contact_phone,contact_email"}] if "fields" in parameters else []
            if "layout" in parameters and kind == "xlsx":
                asked = [queries[0] | {"layout": "roster", "edition": edition} for edition in EDITIONS]
                queries += asked + ([one | {"format": "pdf"} for one in asked] if shutil.which("pdftotext") else [])
            for query in queries:
                answer = one.get(url, query)
                unlogged += [(path, query)] if without_receipt(answer) else []
                leaks += [(path, query)] if seen(answer) else []
    assert (leaks, unlogged) == ([], [])
    assert Disclosure.objects.count() == 1, "that of the addresses"


def asking() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every address of the API that can show full numbers, with the parameters that ask for them."""
    for path in PATHS:
        parameters = {parameter["name"] for parameter in query_parameters(DESCRIPTION["paths"][path]["get"])}
        if "reveal" in parameters:
            has_fields = "fields" in parameters and "contacts/" not in path
            yield path, {"reveal": "verify"} | ({"fields": "contact_phone"} if has_fields else {})
        if "recipient" in parameters:
            roster = {"layout": "roster", "edition": "internal"} if "layout" in parameters else {}
            yield path, {"purpose": "verify", "recipient": "虚构科", "format": "xlsx"} | roster


@pytest.mark.parametrize("role", sorted({*ROLES} - {"-"}))
def test_what_is_asked_for_is_shown_to_who_may_and_logged(planted: dict[str, str], role: str) -> None:
    one = program(account(role))
    shown = set()
    for path, query in asking():
        looks = Disclosure.objects.count()
        if seen(one.get(api_address(path), query)):
            shown.add("representatives" if "layout" in query else "contacts")
            assert Disclosure.objects.count() > looks, (path, query)
        else:
            assert Disclosure.objects.count() == looks, (path, query)
    for page, what in (
        ("admin/registry/organization/<int:pk>/reveal/", "contacts"),
        ("admin/alliance/member/<int:pk>/reveal/", "representatives"),
    ):
        looks = Disclosure.objects.count()
        if seen(session(role).post(planted[page], {"reason": "verify"}, follow=True)):
            shown.add(what)
            assert Disclosure.objects.count() == looks + 1
    assert shown == {what for what, roles in PEOPLE.items() if role in roles}


def test_an_account_of_another_township_is_shown_no_number_that_it_asks_for(planted: dict[str, str]) -> None:
    user = factories.of_township(factories.township("442000103"))
    one = program(user)
    assert [(path, query) for path, query in asking() if seen(one.get(api_address(path), query))] == []
    assert Disclosure.objects.filter(user=user, receipt=None).count() == 0
    # A file is logged before its rows are read: as one with full numbers, even if it turns out to have none.
    assert Disclosure.objects.filter(user=user).count() == Receipt.objects.filter(user=user, full_numbers=True).count()
