"""Strangers are denied at every address, and the public part only reads; what answers may tell is compared in the
test of the alliance, which knows all lists."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver

from tests import factories

pytestmark = pytest.mark.django_db


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
