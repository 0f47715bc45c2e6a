"""Errors of the staff's pages: in Chinese, in the site's dress, with a way on."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory

from registry.site import error_pages
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(client: Client) -> Client:
    user = factories.user("registry.view_organization")
    user.groups.add(Group.objects.create(name="查询员"))
    client.force_login(user)
    return client


def text(response) -> str:
    page = response.content.decode()
    assert '<div id="site-name">' in page
    assert "registry/admin" in page
    assert "返回首页" in page
    return page


def test_page_without_permission_names_the_roles_that_may(viewer: Client):
    clerks = Group.objects.create(name="录入员")
    clerks.permissions.add(Permission.objects.get(codename="add_organization"))
    response = viewer.get("/admin/registry/organization/add/")
    assert response.status_code == 403
    page = text(response)
    assert "没有权限" in page
    assert "您的角色：查询员" in page
    assert "可办理的角色：录入员" in page


def test_unknown_page_offers_the_search_to_those_who_may(viewer: Client):
    response = viewer.get("/admin/nowhere/")
    assert response.status_code == 404
    assert "找不到页面" in text(response)
    assert 'name="q"' in text(response)
    stranger = Client().get("/nowhere")
    assert stranger.status_code == 404
    assert 'name="q"' not in stranger.content.decode()


def test_unknown_parameter_of_a_list_is_named_with_those_it_has(viewer: Client):
    response = viewer.get("/admin/registry/organization/?contacts__phone__startswith=138")
    assert response.status_code == 400
    assert "没有筛选条件“contacts__phone__startswith”" in text(response)
    assert "township" in text(response)
    assert 'href="/admin/registry/organization/"' in text(response)


def test_unknown_value_of_a_filter_is_said_on_the_list(viewer: Client):
    page = viewer.get("/admin/registry/organization/?township=abc").content.decode()
    assert "“abc”不是可选的“镇街”，列表未按它筛选。" in page


def test_form_of_another_session_is_told_to_be_opened_again(viewer: Client):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.superuser())
    strict.get("/admin/password_change/")
    response = strict.post("/admin/password_change/", {"csrfmiddlewaretoken": "x" * 32})
    assert response.status_code == 403
    assert "页面已失效" in text(response)
    assert 'href="/admin/password_change/"' in text(response)
    assert "Cookie" in Client(enforce_csrf_checks=True).post("/admin/login/", {}).content.decode()


def test_server_error_asks_no_database_and_gives_the_number_of_the_log(rf: RequestFactory, django_assert_num_queries):
    request = rf.get("/admin/")
    request.META["REQUEST_ID"] = "f00dcafe"
    with django_assert_num_queries(0):
        response = error_pages.server_error(request)
    assert response.status_code == 500
    assert "系统错误" in text(response)
    assert "f00dcafe" in text(response)


def test_errors_below_the_api_stay_problem_documents(client: Client):
    for address in ("/api/v1/nowhere/", "/public/v1/nowhere/"):
        assert client.get(address)["Content-Type"].startswith("application/problem+json")
