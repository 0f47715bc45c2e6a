"""The log of security events: each act once, whoever does it and whichever way it comes; nobody changes an entry."""

import json
import logging
import re
from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import ApiToken, Receipt, SecurityEvent
from registry.security.events import lines, record
from registry.security.models import EventKind
from tests import factories
from tests.api import api

pytestmark = pytest.mark.django_db

LOGIN, PAGE = "/admin/login/", "/admin/registry/securityevent/"
PASSWORD = "correct horse battery"


@pytest.fixture
def auditor(reference: None) -> Client:
    client = Client()
    client.force_login(factories.with_role("审计员", username="auditor"))
    client.cookies["django_language"] = "zh-hans"
    return client


def told() -> list[tuple[str, str, str]]:
    """Return the events, without those of the accounts that the test has made by itself."""
    events = SecurityEvent.objects.exclude(details__has_key="database_role").order_by("pk")
    return [(one.kind, one.username, one.subject) for one in events]


def test_log_in_log_out_and_failures_are_each_told_once(reference: None) -> None:
    user, browser = factories.with_role("录入员", username="clerk"), Client()
    browser.post(LOGIN, {"username": "clerk", "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
    browser.post(LOGIN, {"username": "clerk", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    new = {"old_password": PASSWORD, "new_password1": "Another-1-Passw0rd", "new_password2": "Another-1-Passw0rd"}
    browser.post("/admin/password_change/", new | {"new_password2": "x"})
    browser.post("/admin/password_change/", new)
    answer = browser.post("/admin/logout/")
    assert told() == [
        (EventKind.LOGIN_FAILED, "clerk", ""),
        (EventKind.LOGIN, "clerk", ""),
        (EventKind.PASSWORD_CHANGED, "clerk", user.username),
        (EventKind.LOGOUT, "clerk", ""),
    ]
    first, *_others, last = SecurityEvent.objects.exclude(channel="command").order_by("pk")
    assert (first.address, first.channel) == ("192.0.2.7", "page")
    assert last.request_id == answer["X-Request-ID"]


def test_lock_and_unlock(reference: None) -> None:
    factories.with_role("录入员", username="clerk")
    for _time in range(6):
        Client().post(LOGIN, {"username": "clerk", "password": "wrong"})
    administrator, keeper = factories.with_role("系统管理员", username="keeper"), Client()
    keeper.force_login(administrator)
    row = AccessAttempt.objects.get()
    keeper.post("/admin/axes/accessattempt/", {"action": "unlock", "_selected_action": [row.pk], "index": "0"})
    assert [kind for kind, _who, _whom in told()] == [
        *[EventKind.LOGIN_FAILED] * 5,
        EventKind.LOCKOUT,
        EventKind.LOGIN_FAILED,
        EventKind.LOGIN,
        EventKind.UNLOCK,
    ]
    assert told()[-1] == (EventKind.UNLOCK, "keeper", "clerk")
    assert SecurityEvent.objects.filter(details__ignored=True).count() == 1


def test_accounts_and_roles_are_told_with_what_their_own_log_says(auditor: Client) -> None:
    boss, keeper = factories.superuser("boss"), Client()
    keeper.force_login(boss)
    role = Group.objects.get(name="查询员")
    keeper.post("/admin/auth/user/add/", {"username": "new", "full_name": "", "email": "", "roles": [role.pk]})
    new = User.objects.get(username="new")
    form = keeper.get(f"/admin/auth/user/{new.pk}/change/").context["adminform"].form
    data = {"username": "new", "full_name": "", "email": "", "roles": [role.pk], "_version": form.current_version}
    keeper.post(f"/admin/auth/user/{new.pk}/change/", data)  # unticked: closed
    mine = [row for row in told() if row[1] == "boss" and row[0] != EventKind.LOGIN]
    assert [kind for kind, _who, _whom in mine] == [
        EventKind.ACCOUNT_OPENED,
        EventKind.PASSWORD_RESET,
        EventKind.ACCOUNT_CLOSED,
    ]
    assert {whom for _kind, _who, whom in mine} == {"new"}
    page = auditor.get(PAGE).content.decode()
    assert "新建账号" in page or "新账号" in page
    assert "停用账号" in page


def test_tokens_files_and_looks_are_told_once_with_the_receipt(auditor: Client) -> None:
    of = factories.enterprise()
    factories.contact(of)
    reviewer = factories.with_role("审核员", username="reviewer")
    client = api(user=reviewer)
    started = len(told())
    assert b"".join(client.get("organizations/", {"format": "csv"}).streaming_content)
    assert client.get(f"organizations/{of.registry_no}/contacts/", {"reveal": "verify"}).status_code == 200
    export, reveal = SecurityEvent.objects.exclude(details__has_key="database_role").order_by("pk")[started:]
    receipt = Receipt.objects.get()
    assert (export.kind, export.username, export.receipt, export.channel) == (
        EventKind.EXPORT,
        "reviewer",
        receipt,
        "api",
    )
    assert export.request_id == receipt.request_id
    assert (reveal.kind, reveal.subject) == (EventKind.REVEAL, of.registry_no)
    assert reveal.details == {"what": "contacts", "records": 1, "reason": "verify"}
    assert f"/admin/registry/receipt/{receipt.pk}/change/" in auditor.get(PAGE).content.decode()


def test_token_made_and_revoked(auditor: Client) -> None:
    auditor.post("/admin/registry/apitoken/add/", {"label": "report", "scope": "read", "days": "30"})
    token = ApiToken.objects.get()
    revoke = {"action": "revoke", "_selected_action": [token.pk], "index": "0"}
    for _time in range(2):
        auditor.post("/admin/registry/apitoken/", revoke)
    call_command("issue_token", "auditor")
    made, revoked, by_command = SecurityEvent.objects.filter(kind__startswith="token").order_by("pk")
    assert made.details == {"key": token.key_start, "scope": "read", "days": 30, "label": "report"}
    assert (revoked.kind, revoked.subject) == (EventKind.TOKEN_REVOKED, "auditor")
    assert (by_command.username, by_command.channel) == ("", "command")


def test_nobody_changes_or_deletes_an_event() -> None:
    event = record(EventKind.ERASE, "ZSAI-000001", reason="requested")
    for act in (event.delete, lambda: SecurityEvent.objects.update(username="nobody")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert SecurityEvent.objects.get().username == ""


def test_what_is_undone_is_not_told(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        record(EventKind.ERASE, "x")
        transaction.set_rollback(True)
    assert not SecurityEvent.objects.exists()
    assert callbacks == []


@pytest.mark.parametrize("typed", ["a\nb", "a\r\nEVENT forged", "a\u2028b", 'a"b', "\x1b[31m", "名\x00字", "x" * 5000])
def test_line_is_one_line_whatever_was_typed(typed: str, django_capture_on_commit_callbacks: Any) -> None:
    written = StringIO()
    handler = logging.StreamHandler(written)
    lines.addHandler(handler)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            record(EventKind.LOGIN_FAILED, username=typed, reason=typed)
    finally:
        lines.removeHandler(handler)
    (line,) = written.getvalue().splitlines()
    assert line.isascii()
    assert line.isprintable()
    told = json.loads(line)
    assert told["event"] == "login_failed"
    assert len(told["user"]) <= 150
    assert SecurityEvent.objects.get().username.isprintable()


def test_page_filters_searches_and_exports(auditor: Client, django_assert_max_num_queries: Any) -> None:
    earlier = SecurityEvent.objects.count()
    for number in range(30):
        record(EventKind.LOGIN_FAILED, username=f"guess{number}")
    record(EventKind.ERASE, "ZSAI-000777", username="auditor", reason="requested")
    with django_assert_max_num_queries(11):
        page = auditor.get(PAGE)
    assert page.context["cl"].result_count == earlier + 31
    assert auditor.get(f"{PAGE}?kind=erase").context["cl"].result_count == 1
    assert auditor.get(f"{PAGE}?person=auditor").context["cl"].result_count == 2
    assert auditor.get(f"{PAGE}?q=000777").context["cl"].result_count == 1
    assert auditor.get(f"{PAGE}?since=2999-01-01").context["cl"].result_count == 0
    (link,) = set(re.findall(r'href="(/api/v1/security-events/\?[^"]*format=csv[^"]*)"', page.content.decode()))
    rows = b"".join(auditor.get(link.replace("&amp;", "&")).streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + earlier + 31 + 1, "the export is an event itself"
    assert "删除个人信息" in "".join(rows)


def test_query_count_does_not_grow_with_the_list(auditor: Client, django_assert_num_queries: Any) -> None:
    user = factories.user()
    counts = []
    auditor.get(PAGE)
    for more in (1, 20):
        for _number in range(more):
            factories.receipt(user)
            record(EventKind.EXPORT, "x", receipt=factories.receipt(user))
        with CaptureQueriesContext(connection) as asked:
            auditor.get(PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_api_tells_the_same(auditor: Client) -> None:
    record(EventKind.RESTORE, taken_at="2026-11-01", version="0.14.0")
    row = auditor.get("/api/v1/security-events/?kind=restore").json()["results"][0]
    assert row["kind"] == "restore"
    assert row["details"] == {"taken_at": "2026-11-01", "version": "0.14.0"}
    assert row["channel"] == "command"


def test_permissions_of_a_role_are_told_in_words_and_folded(auditor):
    html = auditor.get(PAGE).content.decode()
    assert "registry.view_organization" not in html
    assert re.search(r"<details><summary>[^<]{1,120}</summary>[^<]*单位｜[^<、]*查看[^<]*</details>", html)


def test_a_failed_login_names_the_browser_without_marks(auditor):
    Client(headers={"user-agent": "Firefox/130"}).post(LOGIN, {"username": "guessed", "password": "wrong"})
    html = auditor.get("/admin/axes/accessattempt/").content.decode()
    assert ">Firefox/130<" in html
    assert "browser Firefox" not in html
