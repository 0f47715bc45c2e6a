"""Accounts by page: an administrator gives what they hold themselves, and prepares the rest for somebody else."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from registry.models import AccountRequest, ApiToken, Disclosure
from registry.second_factor.rules import AccountBackend
from tests import factories
from tests.pages import form_data

PASSWORD = "correct horse battery"
NEW = "kestrel-orchard-4417"
ADD = "/admin/auth/user/add/"
REQUESTS = "/admin/registry/accountrequest/"


def session(user):
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.fixture
def administrator(reference):
    return factories.with_role("系统管理员", username="sysadmin", first_name="赵管理")


@pytest.fixture
def auditor(reference):
    return factories.with_role("审计员", username="auditor", first_name="钱审计")


def role(name):
    return Group.objects.get(name=name)


def roles(account):
    return set(account.groups.values_list("name", flat=True))


def page_of(account):
    return f"/admin/auth/user/{account.pk}/change/"


def edit(client, account, **values):
    """Open the page of an account, change what is given, save."""
    data = form_data(client.get(page_of(account))) | values
    data = {key: value for key, value in data.items() if value is not None}
    return client.post(page_of(account), data)


def give(client, account, *names):
    return edit(client, account, roles=[role(name).pk for name in names])


def waiting(account):
    return AccountRequest.objects.get(account=account, outcome="waiting")


def decide(client, request, what="confirm"):
    return client.post(f"{REQUESTS}{request.pk}/decide/", {what: "1"})


def link_in(answer):
    found = re.search(r'id="token-key">([^<]+)<', answer.content.decode())
    return found[1].replace("&amp;", "&").replace("http://testserver", "") if found else ""


def use(link, password=NEW):
    return Client().post(link, {"new_password1": password, "new_password2": password})


def can_log_in(username, password=NEW):
    answer = Client().post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})
    return answer.status_code == 302


def said(client):
    return client.get("/admin/").content.decode()


# --- The three ways of the administrator


def test_an_administrator_cannot_give_themselves_a_role_that_sees_more(administrator):
    client = session(administrator)
    for name in ("录入员", "审核员", "秘书处"):
        give(client, administrator, "系统管理员", name)
        assert roles(administrator) == {"系统管理员"}
        one = waiting(administrator)
        assert one.roles == [name]
        assert decide(client, one).status_code in (302, 403)
        assert roles(administrator) == {"系统管理员"}
    assert client.get("/api/v1/organizations/").status_code == 200
    assert not User.objects.get(pk=administrator.pk).has_perm("registry.view_contact")


def test_an_administrator_gets_no_token_of_the_auditor(administrator, auditor):
    values = {"user": auditor.pk, "label": "x", "scope": "read", "days": 1}
    session(administrator).post("/admin/registry/apitoken/add/", values)
    assert not ApiToken.objects.filter(user=auditor).exists()


def test_an_administrator_gets_no_password_of_the_auditor(administrator, auditor):
    client = session(administrator)
    old = auditor.password
    path = f"/admin/auth/user/{auditor.pk}/password/"
    typed = {"password1": NEW, "password2": NEW, "usable_password": "true", "password": NEW}
    answer = client.post(path, typed)
    assert link_in(answer) == ""
    assert User.objects.get(pk=auditor.pk).password == old
    one = waiting(auditor)
    assert one.new_password
    assert decide(client, one).status_code == 403
    assert User.objects.get(pk=auditor.pk).password == old
    # nor by taking the roles away, making the link then, and having the roles given back
    give(client, auditor)
    link = link_in(client.post(path))
    assert use(link).status_code == 302
    give(client, auditor, "审计员")
    second = factories.with_role("审计员")
    handed = link_in(decide(session(second), waiting(auditor)))
    assert roles(auditor) == {"审计员"}
    assert not can_log_in("auditor"), "what the administrator has set has ended"
    assert use(handed, "another-orchard-9921").status_code == 302
    assert can_log_in("auditor", "another-orchard-9921")


# --- Confirming


def test_a_new_account_is_prepared_confirmed_and_opened_by_its_owner(administrator, caplog):
    caplog.set_level("DEBUG")
    client = session(administrator)
    answer = client.post(ADD, {"username": "lin", "full_name": "林录入", "roles": [role("录入员").pk]})
    assert answer.status_code == 302
    account = User.objects.get(username="lin")
    assert (account.has_usable_password(), account.is_staff, roles(account)) == (False, False, set())
    colleague = factories.with_role("录入员", first_name="孙录入")
    other = session(colleague)
    assert [card.number.value for card in other.get("/admin/").context["cards"] if card.name == "account-requests"] == [
        1
    ]
    page = other.get(REQUESTS).content.decode()
    assert all(text in page for text in ("赵管理", "lin 林录入", "录入员", "确认", "退回"))
    handed = decide(other, waiting(account))
    link = link_in(handed)
    assert "no-store" in handed["Cache-Control"]
    account.refresh_from_db()
    assert (account.is_staff, roles(account)) == (True, {"录入员"})
    opened = Client(headers={"accept-language": "zh-hans"}).get(link)
    assert "设置密码" in opened.content.decode()
    assert opened["Referrer-Policy"] == "strict-origin"
    assert use(link, "12345678").status_code == 200, "the rules of passwords hold"
    assert use(link).status_code == 302
    assert can_log_in("lin")
    assert use(link, "another-orchard-9921").status_code == 400, "it works once"
    code = link.rpartition("=")[2]
    kept = str([s.get_decoded() for s in Session.objects.all()])
    kept += str(list(LogEntry.objects.values())) + str(list(AccountRequest.pgh_event_model.objects.values()))
    assert code not in kept
    assert code not in caplog.text


def test_who_lacks_a_right_of_the_account_does_not_confirm_it(administrator, auditor):
    target = factories.user(username="lin")
    give(session(administrator), target, "秘书处")
    one = waiting(target)
    for person in (auditor, factories.with_role("录入员"), factories.with_role("系统管理员"), factories.user()):
        assert decide(session(person), one).status_code == 403
    assert roles(target) == set()
    secretary = factories.with_role("秘书处")
    # The link of an account that may do more than who confirms would be worth more than the role.
    mighty = factories.with_role("系统管理员")
    give(session(administrator), mighty, "系统管理员", "秘书处")
    assert decide(session(secretary), waiting(mighty)).status_code == 403
    decide(session(secretary), one)
    assert roles(target) == {"秘书处"}


def test_nobody_confirms_what_they_prepared_unless_a_superuser(administrator):
    target = factories.user(username="lin")
    give(session(administrator), target, "录入员")
    one = waiting(target)
    administrator.groups.add(role("录入员"))
    assert decide(session(administrator), one).status_code == 403
    User.objects.filter(pk=administrator.pk).update(is_superuser=True)
    decide(session(User.objects.get(pk=administrator.pk)), one)
    assert roles(target) == {"录入员"}


def test_a_request_is_decided_once(administrator):
    target = factories.user(username="lin")
    give(session(administrator), target, "录入员")
    one = waiting(target)
    first, second = (session(factories.with_role("录入员")) for _ in range(2))
    assert decide(first, one, "return").status_code == 302
    decide(second, one)
    assert "已退回" in said(second)
    assert roles(target) == set()
    assert AccountRequest.objects.get(pk=one.pk).outcome == "returned"


def test_who_prepared_it_withdraws_it(administrator):
    target = factories.user(username="lin")
    give(session(administrator), target, "录入员")
    decide(session(administrator), waiting(target), "return")
    assert not AccountRequest.objects.filter(outcome="waiting").exists()


def test_a_request_whose_account_changed_meanwhile_is_refused_in_words(administrator):
    target = factories.user(username="lin")
    give(session(administrator), target, "录入员")
    one = waiting(target)
    User.objects.filter(pk=target.pk).update(username="somebody-else")
    clerk = session(factories.with_role("录入员"))
    decide(clerk, one)
    assert "该账号又有变动" in said(clerk)
    assert roles(target) == set()
    assert AccountRequest.objects.get(pk=one.pk).outcome == "outdated"


def test_saving_the_page_again_renews_what_waits_and_unticking_withdraws_it(administrator):
    target = factories.user(username="lin")
    client = session(administrator)
    give(client, target, "录入员")
    first = waiting(target)
    edit(client, target)
    assert waiting(target) == first, "nothing has changed"
    edit(client, target, email="lin@example.com")
    assert waiting(target) != first
    assert waiting(target).roles == ["录入员"]
    give(client, target)
    assert not AccountRequest.objects.filter(outcome="waiting").exists()


def test_saving_a_page_on_which_something_waits_does_not_confirm_it(administrator):
    target = factories.with_role("录入员", username="lin", is_active=False)
    edit(session(administrator), target, active="on", roles=[role("录入员").pk, role("秘书处").pk])
    edit(session(factories.superuser()), target, email="lin@example.com")
    target.refresh_from_db()
    assert (target.is_active, roles(target)) == (False, {"录入员"})
    assert (waiting(target).roles, waiting(target).reopen) == (["秘书处"], True)


def test_roles_that_reveal_nothing_take_effect_at_once(administrator):
    client = session(administrator)
    answer = client.post(ADD, {"username": "wen", "full_name": "温查询", "roles": [role("查询员").pk]})
    account = User.objects.get(username="wen")
    assert (account.is_staff, roles(account)) == (True, {"查询员"})
    assert use(link_in(answer)).status_code == 302
    assert can_log_in("wen")
    clerk = factories.with_role("录入员", "查询员")
    give(client, clerk, "查询员")
    assert roles(clerk) == {"查询员"}
    assert not AccountRequest.objects.exists()


def test_opening_a_closed_account_that_sees_more_is_confirmed(administrator):
    clerk = factories.with_role("录入员", username="lin")
    client = session(administrator)
    edit(client, clerk, active=None)
    clerk.refresh_from_db()
    assert not clerk.is_active
    edit(client, clerk, active="on")
    clerk.refresh_from_db()
    assert not clerk.is_active
    decide(session(factories.with_role("录入员")), waiting(clerk))
    clerk.refresh_from_db()
    assert clerk.is_active
    viewer = factories.with_role("查询员", is_active=False)
    edit(client, viewer, active="on")
    viewer.refresh_from_db()
    assert viewer.is_active


def test_an_account_that_comes_to_see_more_gets_a_new_password(administrator):
    """The administrator may know the one that it has."""
    viewer = factories.with_role("查询员", username="wen")
    _token, key = factories.token(viewer)
    logged_in = session(viewer)
    give(session(administrator), viewer, "查询员", "录入员")
    link = link_in(decide(session(factories.with_role("录入员")), waiting(viewer)))
    assert not can_log_in("wen", PASSWORD)
    assert logged_in.get("/admin/").status_code == 302
    assert Client(headers={"authorization": f"Bearer {key}"}).get("/api/v1/organizations/").status_code == 401
    assert use(link).status_code == 302
    # what another role adds to an account out of the administrator's reach ends nothing
    decide_by = factories.with_role("录入员", "秘书处")
    give(session(administrator), viewer, "查询员", "录入员", "秘书处")
    assert link_in(decide(session(decide_by), waiting(viewer))) == ""
    assert can_log_in("wen")


def test_an_unused_link_ends_when_the_account_comes_to_see_more(administrator):
    answer = session(administrator).post(ADD, {"username": "wen", "roles": [role("查询员").pk]})
    early, viewer = link_in(answer), User.objects.get(username="wen")
    give(session(administrator), viewer, "录入员")
    late = link_in(decide(session(factories.with_role("录入员")), waiting(viewer)))
    assert use(early).status_code == 400
    assert use(late).status_code == 302


# --- Superusers, and the two roles that stay apart


def test_a_superuser_does_both_steps_and_the_log_says_so(reference):
    client = session(factories.superuser("chief"))
    answer = client.post(ADD, {"username": "lin", "full_name": "林录入", "roles": [role("录入员").pk]})
    assert roles(User.objects.get(username="lin")) == {"录入员"}
    assert use(link_in(answer)).status_code == 302
    html = client.get("/admin/admin/logentry/").content.decode()
    assert "由超级管理员一人办理，未经他人确认" in html
    assert "增加角色：录入员" in html


def test_superusers_are_out_of_reach(administrator):
    superuser, client = factories.superuser(), session(administrator)
    for path in ("change", "password"):
        answer = client.post(f"/admin/auth/user/{superuser.pk}/{path}/", {"username": "taken"})
        assert answer.status_code == 403
    clerk = factories.user(username="clerk")
    page = client.get(page_of(clerk))
    assert {"is_superuser", "user_permissions", "is_staff", "password"}.isdisjoint(
        page.context["adminform"].form.fields
    )
    raw = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "groups": [role("录入员").pk]}
    edit(client, clerk, **raw)
    clerk.refresh_from_db()
    assert (clerk.is_superuser, roles(clerk), clerk.user_permissions.count()) == (False, set(), 0)


def test_administrator_and_auditor_are_never_one_account(administrator, auditor):
    for person in (administrator, factories.superuser()):
        answer = give(session(person), auditor, "审计员", "系统管理员")
        assert "不能既是系统管理员又是审计员" in answer.content.decode()
        assert roles(auditor) == {"审计员"}
    forged = factories.account_request(auditor, "系统管理员", by=administrator)
    client = session(factories.superuser())
    decide(client, forged)
    assert "不能既是系统管理员又是审计员" in said(client)
    assert roles(auditor) == {"审计员"}


def test_the_database_refuses_an_administrator_who_is_auditor(administrator):
    with pytest.raises(IntegrityError, match="administrator and auditor"), transaction.atomic():
        administrator.groups.add(role("审计员"))
    User.objects.filter(pk=administrator.pk).update(is_superuser=True)
    administrator.groups.add(role("审计员"))


# --- Other doors


def test_an_administrator_adds_no_permission_to_a_role(administrator):
    client, viewer = session(administrator), role("查询员")
    before = set(viewer.permissions.all())
    page = client.get(f"/admin/auth/group/{viewer.pk}/change/")
    assert page.status_code == 200
    assert "单位｜查看" in page.content.decode()
    everything = {"name": "查询员", "permissions": [str(p.pk) for p in role("审计员").permissions.all()]}
    assert client.post(f"/admin/auth/group/{viewer.pk}/change/", everything).status_code == 403
    assert client.post("/admin/auth/group/add/", everything | {"name": "x"}).status_code == 403
    administrator.user_permissions.add(*role("审计员").permissions.model.objects.filter(codename="change_group"))
    assert session(administrator).post(f"/admin/auth/group/{viewer.pk}/change/", everything).status_code == 403
    assert set(viewer.permissions.all()) == before


def test_another_name_of_an_account_opens_nothing(administrator, auditor):
    client = session(administrator)
    old = auditor.password
    edit(client, auditor, username="wei", email="sysadmin@example.com", full_name="魏某")
    auditor.refresh_from_db()
    assert (auditor.username, auditor.password) == ("wei", old)
    assert Client().get("/admin/password_reset/").status_code in (302, 404), "no mail leads to a password"
    assert client.post(ADD, {"username": "WEI"}).status_code == 200, "names differ in more than capitals"


def test_the_list_of_accounts_has_no_action_and_autocomplete_gives_names_only(administrator, auditor):
    client = session(administrator)
    assert client.get("/admin/auth/user/").context["action_form"] is None
    field = {"app_label": "registry", "model_name": "apitoken", "field_name": "user", "term": "auditor"}
    found = client.get("/admin/autocomplete/", field).json()["results"]
    assert found == [{"id": str(auditor.pk), "text": "auditor 钱审计"}]


def test_unlocking_a_login_gives_no_password(administrator, auditor):
    for _ in range(6):
        Client().post("/admin/login/", {"username": "auditor", "password": "wrong"})
    client = session(administrator)
    (row,) = client.get("/admin/axes/accessattempt/").context["cl"].result_list
    old = auditor.password
    client.post("/admin/axes/accessattempt/", {"action": "unlock", "_selected_action": [row.pk], "index": "0"})
    auditor.refresh_from_db()
    assert auditor.password == old


def test_ones_own_password_changes_with_the_old_one_only(administrator):
    client = session(administrator)
    answer = client.post(f"/admin/auth/user/{administrator.pk}/password/")
    assert answer["Location"] == "/admin/password_change/"
    new = {"new_password1": NEW, "new_password2": NEW}
    client.post("/admin/password_change/", new | {"old_password": "wrong"})
    assert not can_log_in("sysadmin")
    client.post("/admin/password_change/", new | {"old_password": PASSWORD})
    assert can_log_in("sysadmin")


def test_links_are_refused_for_closed_accounts_and_strange_ones(administrator):
    viewer = factories.with_role("查询员", username="wen")
    link = link_in(session(administrator).post(f"/admin/auth/user/{viewer.pk}/password/"))
    for wrong in (
        link[:-1],
        link.replace(f"account={viewer.pk}", f"account={administrator.pk}"),
        "/admin/new-password/",
    ):
        assert use(wrong).status_code == 400
    for account in ("x", "-1", "9" * 40, "%00", "１"):
        assert Client().get(f"/admin/new-password/?account={account}&code=x").status_code == 400
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert use(link).status_code == 400


def test_who_is_logged_in_is_let_out_when_the_account_is_closed(reference):
    viewer = factories.with_role("查询员")
    client, backend = session(viewer), AccountBackend()
    assert (client.get("/admin/").status_code, backend.get_user(viewer.pk)) == (200, viewer)
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert (client.get("/admin/").status_code, backend.get_user(viewer.pk)) == (302, None)
    User.objects.filter(pk=viewer.pk).delete()
    assert (client.get("/admin/").status_code, backend.get_user(viewer.pk)) == (302, None)


# --- The pages say what is so


def test_the_log_names_the_roles_given_and_taken(administrator, auditor):
    target = factories.with_role("查询员", username="lin", first_name="林录入")
    give(session(administrator), target, "录入员")
    decide(session(factories.with_role("录入员", username="sun")), waiting(target))
    for reader in (administrator, auditor):
        client = session(reader)
        html = client.get(f"/admin/admin/logentry/?account={target.pk}").content.decode()
        for text in (
            "取消角色：查询员",
            "拟增加角色：录入员",
            "增加角色：录入员",
            "赵管理",
            "lin 林录入",
            "sysadmin 赵管理 准备",
        ):
            assert text in html
        assert "Get change message" not in html
        page = client.get("/admin/admin/logentry/?person=0&q=nobody").content.decode()
        # The Chinese name, because "lin" may also stand in the random token of the form.
        assert "林录入" not in page.split('id="changelist-form"')[1]
        client.cookies["django_language"] = "en"
        english = client.get(f"/admin/admin/logentry/?account={target.pk}").content.decode()
        assert "Roles given: Registrar" in english
        assert "Roles taken: Viewer" in english
        assert "Roles given: Registrar" in client.get(f"/admin/auth/user/{target.pk}/history/").content.decode()


def test_the_log_names_permissions_given_to_a_role(reference):
    client = session(factories.superuser())
    viewer = role("查询员")
    data = form_data(client.get(f"/admin/auth/group/{viewer.pk}/change/"))
    contact = role("审计员").permissions.get(codename="view_contact")
    data["permissions"] = [*[getattr(one, "pk", one) for one in data["permissions"]], contact.pk]
    assert client.post(f"/admin/auth/group/{viewer.pk}/change/", data).status_code == 302
    assert "增加权限：联系人｜查看" in client.get("/admin/admin/logentry/").content.decode()


def test_the_page_of_an_account_is_plain(administrator):
    clerk = factories.with_role("录入员", username="lin", first_name="小林", last_name="张")
    client = session(administrator)
    html = client.get(page_of(clerk)).content.decode()
    assert "张小林" in html
    without_token = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)
    for text in ("md5", "pbkdf2", "salt", "Access attempt", "Context｜", "工作人员状态"):
        assert text not in without_token
    assert "同录入员，并可公开单位" in html
    for path in (ADD, "/admin/auth/user/"):
        assert "After you" not in client.get(path).content.decode()
    edit(client, clerk, full_name="张大林")
    clerk.refresh_from_db()
    assert (clerk.first_name, clerk.last_name) == ("张大林", "")


def test_a_page_opened_before_somebody_elses_change_is_not_saved(administrator):
    clerk = factories.with_role("录入员", username="lin")
    client = session(administrator)
    data = form_data(client.get(page_of(clerk)))
    clerk.groups.clear()
    answer = client.post(page_of(clerk), data)
    assert "该账号已被他人修改" in answer.content.decode()
    assert not AccountRequest.objects.exists()


def test_an_account_without_a_role_is_told_so_and_not_that_its_password_is_wrong(reference):
    factories.user(username="lin", is_staff=False)
    client = Client(headers={"accept-language": "zh-hans"})
    answers = [
        client.post("/admin/login/", {"username": "lin", "password": text}).content.decode() for text in (PASSWORD, "x")
    ]
    assert ["该账号还没有角色" in html for html in answers] == [True, False]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_auditor_reads_the_pages_of_accounts_and_changes_nothing(administrator, auditor, language):
    waits = factories.with_role("查询员", username="lin")
    give(session(administrator), waits, "查询员", "录入员")
    client = session(auditor)
    client.cookies["django_language"] = language
    html = client.get(page_of(waits)).content.decode()
    assert {"zh-hans": "拟增加角色：录入员", "en": "Roles to give: Registrar"}[language] in html
    assert "_save" not in html
    assert client.post(page_of(waits), {"username": "x"}).status_code == 403
    requests = client.get(REQUESTS).content.decode()
    assert "lin" in requests
    assert 'name="confirm"' not in requests


# --- Telephone


def test_the_telephone_of_an_account_is_masked_like_those_of_contacts(administrator, auditor):
    target = factories.with_role("查询员", username="lin")
    edit(session(administrator), target, phone="0760-12345678")
    assert target.telephone.phone == "0760-12345678"
    for who in (administrator, auditor, factories.superuser()):
        page = session(who).get(page_of(target)).content.decode()
        assert "0760-****5678" in page
        assert "0760-12345678" not in page
    history = session(auditor).get(f"/admin/auth/user/{target.pk}/history/").content.decode()
    assert "电话" in history
    assert "12345678" not in history
    # Saved as it is shown, it stays; emptied, it goes.
    edit(session(administrator), target, email="lin@example.com")
    assert type(target.telephone).objects.get(user=target).phone == "0760-12345678"
    edit(session(administrator), target, phone="")
    assert not type(target.telephone).objects.filter(user=target).exists()


def test_a_telephone_is_shown_in_full_for_a_reason_that_is_logged(administrator):
    target = factories.account_telephone(factories.user(username="lin"), phone="0760-12345678").user
    reveal = f"/admin/auth/user/{target.pk}/reveal/"
    assert session(administrator).post(reveal, {"reason": "other"}).status_code == 403
    root = session(factories.superuser())
    assert "显示完整号码" in root.get(page_of(target)).content.decode()
    assert "0760-12345678" in root.post(reveal, {"reason": "other"}, follow=True).content.decode()
    look = Disclosure.objects.get()
    assert (look.what, look.name, look.reason) == ("accounts", "lin", "other")
    assert "0760-12345678" not in root.get(page_of(target)).content.decode()


def test_what_is_no_telephone_number_is_refused(administrator):
    target = factories.with_role("查询员", username="lin")
    answer = edit(session(administrator), target, phone="无")
    assert answer.status_code == 200
    assert "phone" in answer.context["adminform"].form.errors


def test_roles_are_not_called_groups(reference: None) -> None:
    client = Client()
    client.force_login(factories.superuser())
    client.cookies["django_language"] = "en"
    page = client.get(f"/admin/auth/group/{Group.objects.get(name='录入员').pk}/change/").content.decode()
    crumbs = page.partition('<div class="breadcrumbs">')[2].partition("</div>")[0]
    assert ("Roles" in crumbs, "Groups" in crumbs) == (True, False)
