"""Who is let in: tokens over their life, sessions, and views that declare nothing."""

import datetime

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client, RequestFactory
from django.utils import timezone
from rest_framework.request import Request

from registry.api.access.authentication import BearerAuthentication
from registry.models import ApiToken
from tests import factories

pytestmark = [pytest.mark.urls("tests.registry.api.probe"), pytest.mark.django_db]
URL = "/api/organizations/"


def bearer(key):
    return Client(headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def reader():
    return factories.user("registry.view_organization")


@pytest.fixture
def issued(reader):
    return factories.token(reader)


def test_token_lets_in(issued):
    assert bearer(issued[1]).get(URL).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Bearer 中", "Basic YTpi", "Token x"])
def test_no_or_wrong_credentials_are_401_with_a_challenge(header):
    client = Client(headers={"authorization": header.encode().decode("latin-1")} if header else {})
    answer = client.get(URL)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def refused(key):
    return bearer(key).get(URL).status_code == 401


def test_token_dies_by_expiry(issued):
    ApiToken.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert refused(issued[1])


def test_token_dies_by_revocation(issued):
    ApiToken.objects.update(revoked_at=timezone.now())
    assert refused(issued[1])


def test_token_dies_with_the_password(issued, reader):
    reader.set_password("another password")
    reader.save()
    assert refused(issued[1])


def test_token_dies_with_the_account(issued, reader):
    reader.is_active = False
    reader.save()
    assert refused(issued[1])


def test_token_is_stored_as_a_hash(issued):
    token, key = issued
    assert key not in str(ApiToken.objects.values().get())
    assert bearer(token.key_hash).get(URL).status_code == 401


def test_read_token_may_not_write(reader):
    user = factories.user("registry.view_organization", "registry.add_organization")
    read, write = (factories.token(user, scope)[1] for scope in ("read", "write"))
    answer = bearer(read).post(URL)
    assert answer.status_code == 403
    assert "write" in answer.json()["detail"]
    assert bearer(write).post(URL).status_code == 200
    assert bearer(write).put(URL).status_code == 403


def test_use_is_recorded_at_most_hourly(issued, django_assert_num_queries):
    _token, key = issued
    bearer(key).get(URL)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):  # the token with its account and permissions
        bearer(key).get(URL)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - datetime.timedelta(minutes=61))
    with django_assert_num_queries(2):
        bearer(key).get(URL)
    assert ApiToken.objects.get().last_used_at > first


def test_permissions_are_those_of_the_account_and_its_groups(issued):
    token, key = issued
    group = Group.objects.create(name="虚构")
    token.user.groups.add(group)
    group.permissions.add(Permission.objects.get(codename="view_tier"))
    token.user.user_permissions.add(Permission.objects.get(codename="view_zone"))
    request = RequestFactory().get(URL, headers={"authorization": f"Bearer {key}"})
    user, _token = BearerAuthentication().authenticate(Request(request))
    assert user.get_all_permissions() == User.objects.get(pk=user.pk).get_all_permissions()
    assert user.has_perms(["alliance.view_tier", "registry.view_zone"])
    assert not user.has_perm("registry.delete_zone")


def test_session_reads_and_writes_with_the_csrf_token():
    user = factories.user("registry.view_organization", "registry.add_organization")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get(URL).status_code == 200
    answer = client.post(URL, "{", content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    client.cookies["csrftoken"] = "a" * 32
    assert client.post(URL, headers={"x-csrftoken": "a" * 32}).status_code == 200


def test_permission_of_each_method_is_needed():
    everything = {"view", "add", "change", "delete"}
    for method, needed in {
        "get": ["view"],
        "post": ["add"],
        "put": ["view", "change"],
        "delete": ["view", "delete"],
    }.items():
        allowed = factories.user(*(f"registry.{verb}_organization" for verb in needed))
        others = factories.user(*(f"registry.{verb}_organization" for verb in everything - {needed[-1]}))
        for user, status in ((allowed, 200), (others, 403)):
            client = bearer(factories.token(user, "write")[1])
            assert getattr(client, method)(URL).status_code == status


def test_view_that_declares_nothing_is_closed():
    assert bearer(factories.token(factories.superuser())[1]).get("/api/closed/").status_code == 403
