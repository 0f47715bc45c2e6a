"""The staff's site as a whole: every page opens, for each role, in both languages, with few queries."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import Contact, Organization
from tests import factories

MODELS = list(admin.site._registry)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def client(client, db):
    client.force_login(factories.superuser())
    return client


def in_role(role: str) -> Client:
    user = factories.user()
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def furnished(**fields):
    """An enterprise with something of everything."""
    made = factories.enterprise(
        township=factories.township(), registered_capital=12_345_600, capital_currency="CNY", **fields
    )
    factories.tag(made, "robots.industrial", is_primary=True)
    factories.name(made)
    factories.identifier(made)
    factories.qualification(made)
    factories.figures(made, revenue=43_210_000)
    factories.contact(made, name="虚构联系")
    factories.relation(made, factories.organization())
    return made


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.model_name)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_list_and_form_opens(client, reference, model, language):
    client.cookies["django_language"] = language
    answer = client.get(address(model, "changelist"))
    assert answer.status_code == 200
    if admin.site._registry[model].has_add_permission(answer.wsgi_request):
        assert client.get(address(model, "add"), follow=True).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_of_record_opens_with_its_history(client, reference, language):
    client.cookies["django_language"] = language
    organization = furnished()
    factories.institute()
    factories.membership(factories.member(who=organization))
    factories.token()
    opened = 0
    for model in MODELS:
        for obj in model._default_manager.all()[:1]:
            assert client.get(address(model, "change", obj.pk)).status_code == 200, model
            assert client.get(address(model, "history", obj.pk)).status_code == 200, model
            opened += 1
    assert opened >= 15


def test_start_page_offers_the_daily_tasks_in_chinese(client, reference):
    page = client.get("/admin/", headers={"accept-language": "zh-CN"}).content.decode()
    for words in (
        "中山市人工智能产业单位名录",
        "录入企业",
        "录入科研机构",
        "入会登记",
        "查找单位",
        "机器人产品",
        "English",
    ):
        assert words in page


def test_start_page_offers_a_viewer_nothing_to_enter(reference):
    page = in_role("查询员").get("/admin/").content.decode()
    assert "录入企业" not in page
    assert "全部单位" in page


def test_language_is_switched_by_the_button(client):
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/admin/"}, follow=True)
    assert "Daily tasks" in answer.content.decode()


def test_pages_need_no_inline_script_or_style(client, reference):
    organization = furnished()
    pages = [address(Organization, "changelist"), address(Organization, "change", organization.pk), "/admin/"]
    pages += ["/admin/alliance/member/", "/admin/alliance/member/admit/", "/admin/registry/apitoken/add/"]
    for page in pages:
        html = client.get(page).content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son\w+=", html), page
        assert "http://" not in html.replace("http://www.w3.org", "").replace("http://testserver", ""), page


@pytest.mark.parametrize(
    "path", ["/admin/registry/organization/", "/admin/registry/enterprise/", "/admin/alliance/member/"]
)
def test_lists_take_as_many_queries_for_three_rows_as_for_one(client, reference, path):
    factories.membership(factories.member(who=furnished()))
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(path)
    for _ in range(2):
        factories.membership(factories.member(who=furnished()))
    with CaptureQueriesContext(connection) as three:
        answer = client.get(path)
    assert len(answer.context["cl"].result_list) >= 3
    assert len(three) == len(one)
    assert len(one) <= 17, "\n".join(q["sql"] for q in one)


@pytest.mark.parametrize(
    "lookup",
    [
        "contacts__phone__startswith",
        "annual_figures__revenue__gt",
        "alliance_members__representatives__name",
        "uscc__gt",
        "id__gt",
        "remarks__contains",
    ],
)
def test_lists_cannot_be_filtered_on_columns_by_address(client, lookup):
    factories.enterprise()
    answer = client.get("/admin/registry/organization/", {lookup: "1"})
    assert answer.status_code == 400 or (answer.status_code == 302 and "e=1" in answer.url)


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("查询员", set()),
        ("录入员", {"contacts", "figures"}),
        ("审核员", {"contacts", "figures"}),
        ("秘书处", set()),
        ("审计员", {"contacts", "figures"}),
        ("系统管理员", set()),
    ],
)
def test_roles_see_contacts_and_figures_only_with_the_permission(reference, role, sees):
    organization = furnished()
    client = in_role(role)
    for page in ("change", "history"):
        html = client.get(address(Organization, page, organization.pk)).content.decode()
        assert ("虚构联系" in html) == ("contacts" in sees), page
        assert ("4321" in html) == ("figures" in sees), page
        if page == "change":
            assert ("规模类型" in html) == ("figures" in sees)
        assert "1234.56" in html, "capital is public, and in 10,000 yuan"


@pytest.mark.parametrize("role", ["查询员", "录入员", "审核员", "秘书处", "审计员", "系统管理员"])
def test_every_role_opens_what_its_menu_offers(reference, role):
    factories.membership(factories.member(who=furnished()))
    client = in_role(role)
    menu = client.get("/admin/").context["available_apps"]
    assert menu
    for group in menu:
        for entry in group["models"]:
            assert client.get(entry["admin_url"]).status_code == 200, entry
            if entry["add_url"]:
                assert client.get(entry["add_url"], follow=True).status_code == 200, entry


def test_a_viewer_changes_nothing(reference):
    organization = furnished()
    client = in_role("查询员")
    for model in ("organization", "enterprise"):
        assert client.get(f"/admin/registry/{model}/{organization.pk}/change/").status_code == 200
        assert client.post(f"/admin/registry/{model}/{organization.pk}/change/", {"name_zh": "x"}).status_code == 403
        assert client.get(f"/admin/registry/{model}/add/").status_code == 403
    assert client.get("/admin/alliance/member/admit/").status_code == 403
    assert "导出 Excel" in client.get("/admin/registry/enterprise/").content.decode()


def test_nobody_deletes_organizations_or_members(client, reference):
    member = factories.member(who=furnished())
    for path in (f"registry/organization/{member.organization_id}", f"alliance/member/{member.pk}"):
        assert client.post(f"/admin/{path}/delete/", {"post": "yes"}).status_code == 403
    answer = client.post(
        "/admin/registry/organization/", {"action": "delete_selected", "_selected_action": [member.organization_id]}
    )
    assert Organization.objects.filter(pk=member.organization_id).exists(), answer


def test_anonymous_visitors_are_sent_to_the_login(db):
    organization = factories.organization()
    for path in (
        "/admin/",
        "/admin/registry/organization/check/",
        f"/admin/registry/organization/{organization.pk}/history/",
    ):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert "/admin/login/" in answer.url


def test_autocomplete_tells_like_names_apart_and_leaves_out_what_ended(client, reference):
    factories.organization(name_zh="中山市同名测试有限公司")
    factories.organization(name_zh="中山市同名测试有限公司", registration_status="merged")
    query = {"app_label": "registry", "model_name": "relation", "field_name": "related", "term": "同名测试"}
    found = client.get("/admin/autocomplete/", query).json()["results"]
    assert [re.fullmatch(r"中山市同名测试有限公司（ZSAI-\d{6}）", choice["text"]) is not None for choice in found] == [
        True
    ]

    def townships(term):
        query = {"app_label": "registry", "model_name": "organization", "field_name": "township", "term": term}
        return [choice["text"] for choice in client.get("/admin/autocomplete/", query).json()["results"]]

    assert townships("东升") == ["小榄镇"], "the successor of a township that is no more"
    query = {"app_label": "registry", "model_name": "sectortag", "field_name": "sector", "term": "工业机器人"}
    assert client.get("/admin/autocomplete/", query).json()["results"][0]["text"] == "机器人产品 › 工业机器人"


def test_contacts_have_no_page_or_autocomplete_of_their_own(client):
    assert Contact not in admin.site._registry
    query = {"app_label": "registry", "model_name": "contactevent", "field_name": "pgh_obj", "term": "1"}
    assert client.get("/admin/autocomplete/", query).status_code == 403


@pytest.mark.parametrize("value", ["abc", "9" * 30, "9" * 5000, "a\0b"])
@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("registry_enterprise_add", "township"),
        ("registry_sector_add", "parent"),
        ("registry_township_add", "successor"),
        ("registry_apitoken_add", "user"),
        ("alliance_member_admit", "organization"),
    ],
)
def test_chosen_value_that_names_no_row_is_an_error_of_the_form(client, page: str, field: str, value: str):
    url = reverse(f"admin:{page}")
    assert client.get(url, {field: value}).status_code == 200
    answer = client.post(url, {field: value})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()


def test_second_current_plan_is_refused_beside_the_field(client):
    factories.plan(current=True)
    data = {"code": "P2", "name_zh": "另一规划", "adopted_on": "2026-01-01", "current": "on"}
    answer = client.post(reverse("admin:registry_plan_add"), data)
    assert answer.status_code == 200
    assert "current" in answer.context["adminform"].form.errors
