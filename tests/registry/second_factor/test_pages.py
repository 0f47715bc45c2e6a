"""The second factor from the first code to the lost phone, and that nothing leads around it."""

import base64
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator
from django.core.management import call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry.models import RecoveryCode, SecurityEvent
from registry.second_factor.rules import NEEDED, NOT_NEEDED, set_rule
from registry.security.models import EventKind
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "a-right-Passw0rd"
LOGIN, FACTOR, SET_UP = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/"
CODES = "/admin/second-factor/codes/"
NOON = 1_795_000_000
RECOVERY_CODE = re.compile(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</code>")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(reference: None) -> User:
    account = factories.with_role("审核员")
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR = "private"


def code(user: User, later: int = 0) -> str:
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(bytes.fromhex(device.key), drift=later):06}"


def with_password(user: User, to: str = "/admin/") -> Client:
    """A browser in which the password was given, and nothing more."""
    browser = Client()
    answer = browser.post(f"{LOGIN}?next={to}", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def set_up(browser: Client, password: str = PASSWORD) -> Any:
    page = browser.get(SET_UP)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.content.decode())
    assert secret
    key = base64.b32decode(secret[1].replace(" ", ""))
    return browser.post(SET_UP, {"code": f"{totp(key):06}", "password": password})


def kinds(user: User) -> list[str]:
    return [event.kind for event in SecurityEvent.objects.filter(username=user.username).order_by("pk")]


def test_account_that_needs_a_factor_is_led_to_set_it_up_and_then_to_its_page(user: User, required: None) -> None:
    browser = with_password(user)
    answer = browser.get("/admin/registry/organization/?q=x")
    assert answer["Location"] == "/admin/second-factor/?next=%2Fadmin%2Fregistry%2Forganization%2F%3Fq%3Dx"
    assert browser.get(answer["Location"])["Location"].startswith(SET_UP)
    page = browser.get(SET_UP).content.decode()
    assert "必须使用二次验证" in page
    assert '<svg width="' in page
    assert "style=" not in page.partition("<svg")[2].partition("</svg>")[0]
    codes = RECOVERY_CODE.findall(set_up(browser).content.decode())
    assert len(set(codes)) == 10
    assert browser.get("/admin/").status_code == 200
    assert browser.get("/api/v1/organizations/").status_code == 200
    assert kinds(user) == [EventKind.FACTOR_SET_UP, EventKind.LOGIN, EventKind.CODES_MADE]
    stored = RecoveryCode.objects.values_list("code_hash", flat=True)
    assert not {text.replace("-", "") for text in codes} & set(stored)


def test_log_in_asks_for_the_code_and_takes_each_once(user: User, clock: time_machine.Traveller) -> None:
    set_up(with_password(user))
    browser = with_password(user)
    assert browser.get("/admin/")["Location"].startswith(FACTOR)
    assert "不正确或已使用过" in browser.post(FACTOR, {"code": code(user)}).content.decode(), "used at set-up"
    clock.shift(31)
    typed = code(user)
    answer = browser.post(f"{FACTOR}?next=/admin/changes/", {"code": f" {typed[:3]} {typed[3:]} "})
    assert answer["Location"] == "/admin/changes/"
    assert browser.get("/admin/").status_code == 200
    again = with_password(user)
    assert again.post(FACTOR, {"code": typed}).status_code == 200
    assert again.get("/admin/").status_code == 302


def test_clock_may_go_half_a_minute_wrong_and_no_more(user: User, clock: time_machine.Traveller) -> None:
    set_up(with_password(user))
    clock.shift(300)
    assert with_password(user).post(FACTOR, {"code": code(user, 1)}).status_code == 302
    clock.shift(300)
    assert with_password(user).post(FACTOR, {"code": code(user, 1 + 2)}).status_code == 200, "two steps ahead"


def test_elsewhere_is_not_led_to(user: User, clock: time_machine.Traveller) -> None:
    set_up(with_password(user))
    clock.shift(31)
    answer = with_password(user).post(f"{FACTOR}?next=https://elsewhere.example/", {"code": code(user)})
    assert answer["Location"] == "/admin/"


def test_recovery_code_opens_once(user: User, clock: time_machine.Traveller) -> None:
    first, *_others = RECOVERY_CODE.findall(set_up(with_password(user)).content.decode())
    browser = with_password(user)
    page = browser.post(FACTOR, {"code": first.lower().replace("-", " ")}, follow=True).content.decode()
    assert "备用码登录" in page
    assert "还剩 9 个备用码" in page
    assert with_password(user).post(FACTOR, {"code": first}).status_code == 200
    used = SecurityEvent.objects.get(kind=EventKind.CODE_USED)
    assert (used.username, used.details) == (user.username, {"left": 9})
    assert SecurityEvent.objects.filter(kind=EventKind.LOGIN).latest("pk").details == {"factor": "recovery"}


def test_new_codes_end_the_old_ones_and_ask_for_the_password(user: User) -> None:
    browser = with_password(user)
    old = RECOVERY_CODE.findall(set_up(browser).content.decode())
    assert "密码不正确" in browser.post(CODES, {"password": "wrong"}).content.decode()
    new = RECOVERY_CODE.findall(browser.post(CODES, {"password": PASSWORD}).content.decode())
    assert len(new) == 10
    assert with_password(user).post(FACTOR, {"code": old[0]}).status_code == 200


def test_guessing_waits_longer_each_time_and_then_closes_the_log_in(user: User, clock: time_machine.Traveller) -> None:
    set_up(with_password(user))
    browser = with_password(user)
    browser.post(FACTOR, {"code": "000000"})
    assert "之后再试" in browser.post(FACTOR, {"code": "000001"}).content.decode(), "not even looked at"
    for number in range(1, 5):
        clock.shift(2**number)
        # Giving the password anew does not make the failures forgotten.
        browser = with_password(user)
        answer = browser.post(FACTOR, {"code": f"{number:06}"})
    assert answer.status_code == 429
    clock.shift(60)
    assert Client().post(LOGIN, {"username": user.username, "password": PASSWORD}).status_code == 429
    assert AccessAttempt.objects.get().failures_since_start == 5
    assert "000001" not in AccessAttempt.objects.get().post_data
    assert kinds(user).count(EventKind.LOGIN_FAILED) == 6
    lock = SecurityEvent.objects.get(kind=EventKind.LOCKOUT)
    assert (lock.subject, lock.username) == (user.username, "")


def test_replacing_ends_what_the_old_factor_had_let_in(user: User, clock: time_machine.Traveller) -> None:
    browser, other = with_password(user), with_password(user)
    set_up(browser)
    clock.shift(31)
    other.post(FACTOR, {"code": code(user)})
    old = code(user)
    clock.shift(31)
    assert "密码不正确" in set_up(browser, "wrong").content.decode()
    assert len(RECOVERY_CODE.findall(set_up(browser).content.decode())) == 10
    assert browser.get("/admin/").status_code == 200
    assert other.get("/admin/")["Location"].startswith(FACTOR)
    clock.shift(31)
    assert other.post(FACTOR, {"code": old}).status_code == 200
    assert SecurityEvent.objects.filter(kind=EventKind.FACTOR_SET_UP).latest("pk").details == {"replaced": True}
    assert TOTPDevice.objects.count() == 1


def test_pending_session_cannot_replace_the_factor(user: User) -> None:
    set_up(with_password(user))
    browser = with_password(user)
    assert browser.get(SET_UP)["Location"] == FACTOR
    assert browser.post(SET_UP, {"code": "000000", "password": PASSWORD})["Location"] == FACTOR
    assert browser.post(CODES, {"password": PASSWORD})["Location"] == FACTOR


def test_administrator_resets_for_a_reason_and_the_log_says_so(user: User, required: None) -> None:
    browser = with_password(user)
    set_up(browser)
    administrator = factories.with_role("系统管理员")
    keeper = Client()
    keeper.force_login(administrator)
    session = keeper.session
    session["second_factor"] = factories.second_factor(administrator).pk
    session.save()
    page = f"/admin/auth/user/{user.pk}/reset-factor/"
    assert "重置二次验证" in keeper.get(f"/admin/auth/user/{user.pk}/change/").content.decode()
    assert keeper.post(page, {"reason": ""}).status_code == 200
    assert TOTPDevice.objects.filter(user=user).exists()
    assert keeper.post(page, {"reason": "本人持证到办公室"}).status_code == 302
    assert not TOTPDevice.objects.filter(user=user).exists()
    assert not RecoveryCode.objects.filter(user=user).exists()
    assert browser.get("/admin/")["Location"].startswith(FACTOR), "what was open needs a new factor"
    event = SecurityEvent.objects.get(kind=EventKind.FACTOR_RESET)
    assert (event.username, event.subject) == (administrator.username, user.username)
    history = keeper.get(f"/admin/auth/user/{user.pk}/history/").content.decode()
    assert "已重置二次验证；原因：本人持证到办公室" in history


def test_administrator_resets_no_superuser_and_not_themselves(user: User) -> None:
    administrator = factories.with_role("系统管理员")
    keeper = Client()
    keeper.force_login(administrator)
    boss = factories.superuser()
    factories.second_factor(boss)
    assert keeper.post(f"/admin/auth/user/{boss.pk}/reset-factor/", {"reason": "x"}).status_code == 403
    assert keeper.post(f"/admin/auth/user/{administrator.pk}/reset-factor/", {"reason": "x"})["Location"] == FACTOR
    assert TOTPDevice.objects.count() == 1


def test_operator_of_the_server_resets_by_command(user: User) -> None:
    set_up(with_password(user))
    call_command("reset_second_factor", user.username, "--reason", "the only administrator")
    assert not TOTPDevice.objects.exists()
    event = SecurityEvent.objects.get(kind=EventKind.FACTOR_RESET)
    assert (event.subject, event.channel, event.details) == (
        user.username,
        "command",
        {"reason": "the only administrator"},
    )


def test_link_for_a_new_password_does_not_lead_around_the_factor(user: User) -> None:
    set_up(with_password(user))
    user.refresh_from_db()
    link = f"/admin/new-password/?account={user.pk}&code={default_token_generator.make_token(user)}"
    new = {"new_password1": "another-Passw0rd", "new_password2": "another-Passw0rd"}
    browser = Client()
    assert browser.post(link, new)["Location"] == LOGIN
    browser.post(LOGIN, {"username": user.username, "password": "another-Passw0rd"})
    assert browser.get("/admin/")["Location"].startswith(FACTOR)
    assert browser.get("/api/v1/").status_code == 403


def test_browser_in_which_the_factor_was_passed_is_asked_again(user: User, clock: time_machine.Traveller) -> None:
    browser = with_password(user)
    set_up(browser)
    browser.post("/admin/logout/")
    browser.post(LOGIN, {"username": user.username, "password": PASSWORD})
    assert browser.get("/admin/")["Location"].startswith(FACTOR)


def test_token_is_made_after_the_factor_only(user: User, required: None) -> None:
    browser = with_password(user)
    form = {"label": "x", "scope": "read", "days": "30"}
    assert browser.post("/admin/registry/apitoken/add/", form).status_code == 302
    set_up(browser)
    page = browser.post("/admin/registry/apitoken/add/", form)
    assert Client().get("/api/v1/", headers={"authorization": f"Bearer {page.context['key']}"}).status_code == 200
    old = factories.token(user)[0]
    assert "未经账号现在所需的二次验证" in browser.get(f"/admin/registry/apitoken/?q={user.username}").content.decode()
    assert old.with_factor is False


@pytest.mark.parametrize(
    ("start", "role", "needed"),
    [
        ("none", "审核员", False),
        ("private", "查询员", False),
        ("private", "审核员", True),
        ("private", "秘书处", True),
        ("private", "审计员", True),
        ("private", "系统管理员", True),
        ("all", "查询员", True),
    ],
)
def test_start_value_says_which_roles_need_it(
    reference: None, settings: Any, start: str, role: str, needed: bool
) -> None:
    settings.SECOND_FACTOR = start
    browser = Client()
    browser.force_login(factories.with_role(role))
    assert browser.get("/admin/").status_code == (302 if needed else 200)


def test_rule_of_a_role_counts_before_the_start_value_and_from_the_next_click_on(user: User, settings: Any) -> None:
    role, boss = Group.objects.get(name="审核员"), factories.superuser()
    browser, keeper = Client(), Client()
    browser.force_login(user)
    keeper.force_login(boss)
    page = f"/admin/auth/group/{role.pk}/change/"
    permissions = [one.pk for one in role.permissions.all()]
    form = {"name": role.name, "permissions": permissions, "second_factor": NEEDED}
    assert keeper.post(page, form).status_code == 302
    assert browser.get("/admin/").status_code == 302
    assert keeper.get("/admin/").status_code == 302, "who may do all that the role may"
    assert SecurityEvent.objects.get(kind=EventKind.FACTOR_RULE).username == boss.username
    settings.SECOND_FACTOR = "all"
    set_rule(role, NOT_NEEDED)
    assert browser.get("/admin/").status_code == 200


def test_single_permission_to_see_private_data_is_enough(settings: Any) -> None:
    settings.SECOND_FACTOR = "private"
    for permission, status in (("registry.view_organization", 200), ("registry.view_contact", 302)):
        browser = Client()
        browser.force_login(factories.user(permission))
        assert browser.get("/admin/").status_code == status


def test_request_asks_for_account_and_factor_at_once(user: User, django_assert_num_queries: Any) -> None:
    browser = with_password(user)
    set_up(browser)
    browser.get(FACTOR)
    with django_assert_num_queries(2):  # session, account
        browser.get("/admin/jsi18n/")


def test_secrets_stand_nowhere_but_in_their_own_table(user: User) -> None:
    browser = with_password(user)
    set_up(browser)
    key = TOTPDevice.objects.get().key
    assert key not in str(list(SecurityEvent.objects.values()))
    assert key not in str(dict(browser.session.items()))
    assert time.time() == NOON
    keeper = Client()
    keeper.force_login(factories.superuser())
    assert keeper.get("/admin/otp_totp/totpdevice/").status_code == 404
