"""Tokens, log-ins and the permissions of roles: nobody gets more than they have, and a key is seen once."""

import json
import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from registry.api.access.tokens import key_hash
from registry.models import ApiToken
from tests import factories

ISSUE = "/admin/registry/apitoken/add/"


def session(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator(reference):
    user = factories.user(username="sysadmin")
    user.groups.add(Group.objects.get(name="系统管理员"))
    return user


def test_a_token_is_issued_and_its_key_shown_once(administrator, caplog):
    caplog.set_level("DEBUG")
    program = factories.user(username="program")
    client = session(factories.superuser())
    answer = client.post(ISSUE, {"user": program.pk, "label": "统计平台", "scope": "read", "days": 30})
    key = answer.context["key"]
    assert key in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    token = ApiToken.objects.get()
    assert (token.key_hash, token.user, token.scope, token.label) == (key_hash(key), program, "read", "统计平台")
    for path in ("", f"{token.pk}/change/", f"{token.pk}/history/"):
        html = client.get(f"/admin/registry/apitoken/{path}").content.decode()
        assert key not in html
        assert token.key_hash not in html
        assert key[:9] in html or path.endswith("history/")
    events = ApiToken.pgh_event_model.objects.values()
    assert key not in json.dumps(list(events), default=str)
    assert token.key_hash not in json.dumps(list(events), default=str)
    assert key not in caplog.text
    assert all(key not in str(s.get_decoded()) for s in Session.objects.all())


def test_a_token_is_revoked_by_the_action(administrator):
    token, _key = factories.token()
    client = session(administrator)
    client.post("/admin/registry/apitoken/", {"action": "revoke", "_selected_action": [token.pk], "index": "0"})
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert not any(token.is_usable() for token in ApiToken.objects.all())
    assert token.revoked_at <= timezone.now()


def test_a_token_cannot_be_changed_into_another(administrator):
    token, _key = factories.token()
    before = ApiToken.objects.values().get()
    session(administrator).post(
        f"/admin/registry/apitoken/{token.pk}/change/", {"scope": "write", "expires_at_0": "2099-01-01", "user": 1}
    )
    assert ApiToken.objects.values().get() == before


def test_a_token_of_another_account_is_issued_by_superusers_only(administrator):
    """The key acts as the account: who could issue the auditor's would read what the auditor reads."""
    auditor = factories.user(username="auditor")
    auditor.groups.add(Group.objects.get(name="审计员"))
    values = {"label": "x", "scope": "write", "days": 1}
    for account in (auditor, factories.superuser(), factories.user()):
        answer = session(administrator).post(ISSUE, {"user": account.pk, **values})
        assert answer.context["token"].user == administrator, "the field counts for nobody else"
        assert "user" not in answer.context["form"].fields
    assert set(ApiToken.objects.values_list("user__username", flat=True)) == {"sysadmin"}


def test_everybody_issues_sees_and_revokes_their_own_tokens(reference):
    clerk, (other, _key) = factories.user(username="clerk"), factories.token()
    client = session(clerk)
    assert client.post(ISSUE, {"label": "Excel", "scope": "read", "days": 1}).context["key"]
    own = ApiToken.objects.get(user=clerk)
    page = client.get("/admin/registry/apitoken/")
    assert list(page.context["cl"].result_list) == [own]
    assert client.get(f"/admin/registry/apitoken/{other.pk}/change/").status_code == 302
    both = {"action": "revoke", "_selected_action": [own.pk, other.pk], "index": "0"}
    client.post("/admin/registry/apitoken/", both)
    assert list(ApiToken.objects.filter(revoked_at=None)) == [other]
    auditor = factories.user("registry.view_apitoken")
    session(auditor).post("/admin/registry/apitoken/", both)
    assert list(ApiToken.objects.filter(revoked_at=None)) == [other], "who sees all may not end those of others"


def test_locked_logins_are_unlocked_by_those_who_may(administrator):
    for _ in range(6):
        Client().post("/admin/login/", {"username": "guessed", "password": "wrong"})
    client = session(administrator)
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/admin/axes/accessattempt/")
    assert "登录失败与锁定" in page.content.decode()
    (row,) = page.context["cl"].result_list
    client.post("/admin/axes/accessattempt/", {"action": "unlock", "_selected_action": [row.pk], "index": "0"})
    assert not type(row).objects.exists()


def test_permissions_of_a_role_are_named_in_the_readers_language_and_kept(administrator):
    role = Group.objects.get(name="审核员")
    before = set(role.permissions.all())
    client = session(factories.superuser())
    client.cookies["django_language"] = "zh-hans"
    page = client.get(f"/admin/auth/group/{role.pk}/change/")
    html = page.content.decode()
    rows = {row[0]: row[1] for row in re.findall(r"<fieldset><legend>([^<]+)</legend>(.*?)</fieldset>", html, re.S)}
    assert "可公开和取消公开单位" in rows["单位"]
    assert re.findall(r"\w+(?=</label>)", rows["联系人"]) == ["增加", "修改", "删除", "查看完整电话和邮箱", "查看"]
    for english in ("Can add", "Access", "TOTP", "Context", "Events"):
        assert english not in html
    data = {"name": role.name, "permissions": [p.pk for p in page.context["adminform"].form.initial["permissions"]]}
    assert client.post(f"/admin/auth/group/{role.pk}/change/", data).status_code == 302
    assert set(role.permissions.all()) == before
