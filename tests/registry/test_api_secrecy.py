"""What a caller may not see must not show through any parameter: answers are compared with and without the secret."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from alliance.filtersets import MembershipFilterSet, OrganizationInAllianceFilterSet
from registry.models import AnnualFigures, Contact
from tests import factories

pytestmark = pytest.mark.django_db

SECRET_PHONE, SECRET_NAME, SECRET_MAIL = "0760-00009876", "虚构秘密人", "secret@hidden.example"
PROBES = ("true", "micro", "2020-01-01", "1", SECRET_PHONE, SECRET_NAME, SECRET_MAIL, "robots", "legal_representative")
GUESSES = (
    "contacts__phone",
    "contact_phone",
    "phone",
    "legal_representative",
    "annual_figures__revenue__gt",
    "revenue",
    "employees",
    "size_class",
    "representatives__name",
    "dues",
)
LISTS = (
    "/api/v1/organizations/",
    "/api/v1/enterprises/",
    "/api/v1/institutes/",
    "/api/v1/memberships/",
    "/api/v1/alliances/test/members/",
    "/public/v1/organizations/",
    "/public/v1/enterprises/",
    "/public/v1/alliances/test/members/",
)


@pytest.fixture
def ask(reference: None) -> Callable[[str, str, str], tuple[int, str]]:
    """Of a viewer: organizations and memberships, nothing personal and no figures."""
    rights = ("registry.view_organization", "alliance.view_alliance", "alliance.view_membership")
    _token, key = factories.token(factories.user(*rights))

    def ask(path: str, name: str, value: str) -> tuple[int, str]:
        headers = {"Host": "localhost"} | ({} if path.startswith("/public") else {"Authorization": f"Bearer {key}"})
        answer = Client().get(path, {name: value}, headers=headers)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        body = text.decode()
        try:
            said = json.loads(body)
            said.pop("request_id", None)
            body = json.dumps(said, sort_keys=True)
        except ValueError:
            pass
        return answer.status_code, body

    return ask


def questions() -> Iterator[tuple[str, str, str]]:
    names = {*OrganizationInAllianceFilterSet.parameters(), *MembershipFilterSet.parameters(), "ordering", "fields"}
    for path in LISTS:
        for name in sorted(names | set(GUESSES)):
            for value in PROBES:
                yield path, name, value
        yield path, "search", SECRET_NAME


def test_no_parameter_tells_anything_of_contacts_or_figures(ask: Any) -> None:
    organization = factories.enterprise(name_zh="某公司", published=True, industry="I65")
    alliance = factories.alliance(published=True)
    member = factories.member(alliance, organization)
    factories.membership(member)
    before = {question: ask(*question) for question in questions()}
    factories.contact(
        organization, role="legal_representative", name=SECRET_NAME, phone=SECRET_PHONE, email=SECRET_MAIL
    )
    factories.figures(organization, employees=5, revenue=400_000)
    factories.representative(member, name=SECRET_NAME, phone=SECRET_PHONE)
    after = {question: ask(*question) for question in questions()}
    assert {question for question in before if before[question] != after[question]} == set()
    assert {status for status, _body in after.values()} <= {200, 400}
    told = [
        question for question, (_status, body) in after.items() if SECRET_PHONE in body and question[2] != SECRET_PHONE
    ]
    assert told == []
    assert Contact.objects.count() == AnnualFigures.objects.count() == 1


def test_every_address_below_the_api_denies_strangers_and_the_public_part_only_reads(db: None) -> None:
    """A new address is met here by itself: it is taken from the routes."""
    organization = factories.enterprise()
    factories.alliance()
    known = sorted(addresses(organization.registry_no))
    assert {"/api/v1/organizations/", "/public/v1/organizations/", "/api/v1/alliances/test/members/"} <= set(known)
    for path in known:
        for method in ("get", "post", "patch", "put", "delete"):
            answer = getattr(Client(), method)(path, headers={"Host": "localhost"})
            if path.startswith("/api/"):
                assert answer.status_code in (401, 404, 405), (method, path, answer.status_code)
            elif method != "get":
                assert answer.status_code in (404, 405), (method, path, answer.status_code)


def addresses(registry_no: str) -> Iterator[str]:
    values = {"registry_no": registry_no, "slug": "test", "code": "robots", "id": "1", "pk": "1", "year": "2020"}
    for prefix in ("api/v1/", "public/v1/"):
        namespace = get_resolver().namespace_dict[prefix.split("/")[0]][1]
        for name in {key for key in namespace.reverse_dict if isinstance(key, str)}:
            for options in namespace.reverse_dict.getlist(name):
                for template, parameters in options[0]:
                    if set(parameters) <= set(values):
                        yield f"/{prefix}{template % {key: values[key] for key in parameters}}"
