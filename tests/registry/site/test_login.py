"""Guessing of passwords is limited, nobody can keep another out, and sessions end."""

import datetime
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
PASSWORD = "a-right-Passw0rd"


@pytest.fixture
def user() -> User:
    account = factories.user("registry.view_organization")
    account.set_password(PASSWORD)
    account.save()
    return account


def log_in(client: Client, username: str, password: str = PASSWORD, address: str = "192.0.2.1") -> Any:
    return client.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=address)


def fail(username: str, times: int, address: str = "192.0.2.1", client: Client | None = None) -> Any:
    client = client or Client()
    return [log_in(client, username, "wrong", address) for _time in range(times)][-1]


def test_lock_tells_in_chinese_until_when_and_who_can_help(user: User):
    with time_machine.travel("2026-11-28T09:17:00+08:00", tick=False):
        page = fail(user.username, 5)
        assert page.status_code == 429
        assert "登录已关闭至 09:32" in page.content.decode()
        assert "系统管理员" in page.content.decode()
        assert log_in(Client(), user.username).status_code == 429
    with time_machine.travel("2026-11-28T09:33:00+08:00", tick=False):
        assert log_in(Client(), user.username).status_code == 302


def test_last_attempts_are_announced(user: User):
    said = [fail(user.username, 1).content.decode() for _time in range(4)]
    assert ["再错" in page for page in said] == [False, False, True, True]
    assert "再错 1 次，登录将关闭 15 分钟" in said[3]


def test_further_guesses_do_not_make_the_lock_longer(user: User):
    start = datetime.datetime(2026, 11, 28, 1, 0, tzinfo=datetime.UTC)
    for minute in range(15):
        with time_machine.travel(start + datetime.timedelta(minutes=minute), tick=False):
            fail(user.username, 5)
    with time_machine.travel(start + datetime.timedelta(minutes=15, seconds=1), tick=False):
        assert log_in(Client(), user.username).status_code == 302


def test_one_address_cannot_spray_over_many_accounts(user: User, settings):
    for number in range(settings.LOGIN_FAILURES_OF_ADDRESS):
        fail(f"name{number}", 1, "203.0.113.9")
    assert log_in(Client(), user.username, address="203.0.113.9").status_code == 429
    assert log_in(Client(), user.username, address="203.0.113.10").status_code == 302


def test_addresses_of_one_ipv6_network_count_as_one(user: User, settings):
    for number in range(5):
        fail(user.username, 1, f"2001:db8::{number + 1}")
    assert log_in(Client(), user.username, address="2001:db8::ffff").status_code == 429


def test_many_addresses_cannot_guess_one_account(user: User, settings):
    for number in range(settings.LOGIN_FAILURES_OF_ACCOUNT):
        fail(user.username, 1, f"198.51.100.{number}")
    assert log_in(Client(), user.username, address="192.0.2.77").status_code == 429


def test_nobody_can_lock_an_account_out_of_a_browser_that_it_has_used(user: User, settings):
    known = Client()
    assert log_in(known, user.username).status_code == 302
    known.post("/admin/logout/")
    fail(user.username, 5)  # from the same address: a colleague
    for number in range(settings.LOGIN_FAILURES_OF_ACCOUNT):
        fail(user.username, 1, f"198.51.100.{number}")
    assert log_in(Client(), user.username, address="192.0.2.78").status_code == 429
    assert log_in(known, user.username).status_code == 302


def test_known_browser_may_not_guess_more_than_others(user: User):
    known = Client()
    log_in(known, user.username)
    known.post("/admin/logout/")
    assert fail(user.username, 5, client=known).status_code == 429
    assert log_in(known, user.username).status_code == 429


def test_cookie_of_a_known_browser_is_for_its_accounts_only(user: User):
    other = factories.user()
    known = Client()
    log_in(known, user.username)
    known.post("/admin/logout/")
    assert user.username not in known.cookies["known_browser"].value
    fail(other.username, 5, client=known)
    assert not AccessAttempt.objects.filter(username=other.username, user_agent__startswith="known browser").exists()


@pytest.mark.parametrize("agent", ["known browser x", "known browser known browser x", "known browser "])
def test_browser_that_calls_itself_known_is_counted_as_any_other(agent: str, user: User):
    stranger = Client(headers={"user-agent": agent})
    assert fail(user.username, 5, client=stranger).status_code == 429
    assert log_in(Client(), user.username).status_code == 429


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_hostile_next_ends_on_the_start_page(address: str, user: User):
    for data in ({"next": address}, {}):
        answer = Client().post(f"{LOGIN}?next={address}", {"username": user.username, "password": PASSWORD, **data})
        assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_endless_user_name_is_refused_like_a_wrong_one(user: User):
    page = log_in(Client(), "名" * 300)
    assert page.status_code == 200
    assert "用户名或密码不正确" in page.content.decode()


def test_account_without_role_is_told_so_and_not_that_its_password_is_wrong(user: User):
    User.objects.update(is_staff=False)
    assert "还没有角色" in log_in(Client(), user.username).content.decode()
    assert "用户名或密码不正确" in fail(user.username, 1).content.decode()


def open_pages(client: Client, start: datetime.datetime, minutes: list[int]) -> list[int]:
    """The status of the start page so many minutes after the log-in."""
    statuses = []
    for minute in minutes:
        with time_machine.travel(start + datetime.timedelta(minutes=minute), tick=False):
            statuses.append(client.get("/admin/").status_code)
    return statuses


def test_idle_session_ends_and_is_told(user: User, settings):
    start = datetime.datetime(2026, 11, 28, 1, 0, tzinfo=datetime.UTC)
    client = Client()
    with time_machine.travel(start, tick=False):
        log_in(client, user.username)
    assert open_pages(client, start, [29, 58, 87]) == [200, 200, 200]
    with time_machine.travel(start + datetime.timedelta(minutes=118), tick=False):
        page = client.get("/admin/", follow=True)
    assert page.redirect_chain == [("/admin/login/?next=/admin/", 302)]
    assert "长时间未操作" in page.content.decode()
    assert client.get("/api/v1/organizations/").status_code == 401


def test_session_in_use_ends_with_the_absolute_limit(user: User):
    start = datetime.datetime(2026, 11, 28, 1, 0, tzinfo=datetime.UTC)
    client = Client()
    with time_machine.travel(start, tick=False):
        log_in(client, user.username)
    assert set(open_pages(client, start, [*range(20, 12 * 60, 20)])) == {200}
    assert open_pages(client, start, [12 * 60]) == [302]


def test_reading_writes_the_session_once_a_minute_at_most(user: User, django_assert_num_queries):
    client = Client()
    with time_machine.travel("2026-11-28T09:17:00+08:00", tick=False):
        log_in(client, user.username)
        client.get("/admin/password_change/")
    from django.contrib.sessions.models import Session

    before = Session.objects.get().session_data
    with time_machine.travel("2026-11-28T09:17:50+08:00", tick=False):
        client.get("/admin/password_change/")
        assert Session.objects.get().session_data == before
    with time_machine.travel("2026-11-28T09:18:10+08:00", tick=False):
        client.get("/admin/password_change/")
        assert Session.objects.get().session_data != before
