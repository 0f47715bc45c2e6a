"""The sign-in by another system, against a provider on loopback: oidc-provider-mock."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from django.contrib.auth.models import Group, User
from django.test import Client
from oidc_provider_mock import User as Person

from registry.models import SecurityEvent
from registry.security.models import EventKind
from registry.sign_in import provider
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    # The provider's own dependencies.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

BEGIN, LOGIN = "/admin/sign-in/", "/admin/login/"
PEOPLE = (
    Person(sub="1", claims={"preferred_username": "clerk", "groups": ["registry-review"]}),
    Person(sub="2", claims={"preferred_username": "boss", "groups": ["registry-review"]}),
    Person(sub="3", claims={"preferred_username": "stranger"}),
    Person(sub="4", claims={"preferred_username": "clerk", "groups": ["registry-admin", "registry-audit"]}),
    Person(sub="5", claims={}),
)


@pytest.fixture
def issuer(settings: Any) -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE) as server:
        settings.OIDC_ISSUER = f"http://localhost:{server.server_port}"
        settings.OIDC_NAME = "统一身份认证"
        settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "registry", "secret"
        settings.ROOT_URLCONF = "tests.registry.sign_in.urls"
        settings.AUTHENTICATION_BACKENDS = [
            *settings.AUTHENTICATION_BACKENDS,
            "registry.sign_in.backend.OpenIdBackend",
        ]
        provider._kept.clear()
        yield settings.OIDC_ISSUER


@pytest.fixture
def clerk(reference: None) -> User:
    account = factories.with_role("录入员", username="clerk")
    account.set_unusable_password()
    account.save()
    return account


def way_back(browser: Client, sub: str, begin: str = BEGIN) -> str:
    """Go to the provider, identify as a person, and return the address that it sends the browser back to."""
    there = browser.get(begin)
    assert there.status_code == 302
    answer = requests.post(there["Location"], data={"sub": sub}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def sign_in(sub: str, begin: str = BEGIN) -> tuple[Client, Any]:
    browser = Client()
    return browser, browser.get(way_back(browser, sub, begin))


def test_site_without_another_system_has_neither_button_nor_address() -> None:
    assert "sign-in" not in Client().get(LOGIN).content.decode()
    assert Client().get(BEGIN)["Location"].startswith(LOGIN), "an address like any other that is not there"


def test_person_with_an_account_is_let_in_and_led_where_they_wanted(issuer: str, clerk: User) -> None:
    page = Client().get(f"{LOGIN}?next=/admin/changes/").content.decode()
    button = re.search(r'href="(/admin/sign-in/[^"]*)"[^>]*>使用 统一身份认证 登录', page)
    assert button
    browser, answer = sign_in("1", button[1])
    assert answer["Location"] == "/admin/changes/"
    assert browser.get("/admin/").status_code == 200
    assert browser.get("/api/v1/organizations/").status_code == 200
    assert SecurityEvent.objects.get(kind=EventKind.LOGIN).username == "clerk"


def test_second_factor_is_asked_for_as_after_the_password(issuer: str, clerk: User) -> None:
    factories.second_factor(clerk)
    browser, _answer = sign_in("1")
    assert browser.get("/admin/")["Location"].startswith("/admin/second-factor/")
    assert browser.get("/api/v1/organizations/").status_code == 403
    assert not SecurityEvent.objects.filter(kind=EventKind.LOGIN).exists()


@pytest.mark.parametrize("sub", ["3", "5"])
def test_nobody_without_an_account_gets_one(issuer: str, clerk: User, sub: str) -> None:
    browser, answer = sign_in(sub)
    assert answer["Location"] == LOGIN
    page = browser.get(LOGIN).content.decode()
    assert ("stranger" in page) == (sub == "3")
    assert not User.objects.filter(username="stranger").exists()
    failed = SecurityEvent.objects.get(kind=EventKind.LOGIN_FAILED)
    assert failed.details == {"sign_in": True} | ({"claim": "stranger"} if sub == "3" else {})


@pytest.mark.parametrize("how", ["superuser", "administrator", "closed", "no role"])
def test_name_alone_opens_no_account_of_administrators_nor_a_closed_one(issuer: str, reference: None, how: str) -> None:
    if how == "superuser":
        factories.superuser("boss")
    elif how == "administrator":
        factories.with_role("系统管理员", username="boss")
    elif how == "closed":
        factories.with_role("录入员", username="boss", is_active=False)
    else:
        factories.user(username="boss", is_staff=False)
    browser, answer = sign_in("2")
    assert answer["Location"] == LOGIN
    assert browser.get("/admin/").status_code == 302


def test_roles_follow_the_declared_groups_and_no_others(issuer: str, clerk: User, settings: Any) -> None:
    settings.OIDC_ROLES = {"registry-review": "审核员", "registry-entry": "录入员", "registry-admin": "系统管理员"}
    sign_in("1")
    assert [role.name for role in clerk.groups.all()] == ["审核员"]
    event = SecurityEvent.objects.exclude(channel="command").get(kind=EventKind.ROLES)
    assert event.subject == "clerk"
    assert event.entry is not None
    assert "审核员" in event.entry.change_message
    clerk.groups.add(Group.objects.get(name="查询员"))  # by hand; the map does not know it
    browser, answer = sign_in("4")
    assert [role.name for role in clerk.groups.all()] == ["查询员"], "no administrator by a claim"
    assert answer["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_answer_is_taken_once_and_in_its_own_browser(issuer: str, clerk: User) -> None:
    browser = Client()
    back = way_back(browser, "1")
    assert Client().get(back)["Location"] == LOGIN
    assert browser.get(back)["Location"] == "/admin/"
    assert browser.get(back).status_code in (302, 400)
    browser.post("/admin/logout/")
    browser.get(back)
    assert browser.get("/admin/").status_code == 302


def test_identity_for_another_system_is_refused(issuer: str, clerk: User, settings: Any) -> None:
    browser = Client()
    back = way_back(browser, "1")
    settings.OIDC_RP_CLIENT_ID = "another"
    assert browser.get(back)["Location"] == LOGIN
    browser = Client()
    settings.OIDC_RP_CLIENT_ID = "registry"
    back = way_back(browser, "1")
    settings.OIDC_ISSUER = issuer.replace("localhost", "127.0.0.1")
    provider._kept[settings.OIDC_ISSUER] = provider._kept[issuer]
    assert browser.get(back)["Location"] == LOGIN, "from another issuer"
    assert browser.get("/admin/").status_code == 302


def test_log_in_with_a_password_is_not_made_a_sign_in_by_its_address(issuer: str, clerk: User) -> None:
    code = parse_qs(urlsplit(way_back(Client(), "1")).query)["code"][0]
    answer = Client().post(f"{LOGIN}?state=x&code={code}", {"username": "clerk", "password": "wrong"})
    assert answer.status_code == 200


def test_system_that_does_not_answer_is_told_on_the_log_in_page(issuer: str, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://localhost:9"
    browser = Client()
    assert browser.get(BEGIN)["Location"] == LOGIN
    assert "统一身份认证 没有响应" in browser.get(LOGIN).content.decode()
