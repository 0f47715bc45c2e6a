"""Lists of members for whom nobody is representative."""

import pytest
from django.test import Client
from django.utils import timezone

from alliance.models import Alliance
from tests import factories
from tests.api import api, ok, problem

pytestmark = pytest.mark.django_db
RIGHTS = ("registry.view_organization", "alliance.view_member", "alliance.view_membership", "alliance.view_alliance")
PEOPLE = "alliance.view_representative"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """Members with a representative, with one who has gone, with a liaison only, and a former member with nobody."""
    found = factories.alliance("test")
    made = {
        name: factories.member(found, factories.enterprise(name_zh=name)) for name in ("有人", "已去", "联络", "前会员")
    }
    for name, one in made.items():
        ended = {"ended_on": "2021-01-01"} if name == "前会员" else {}
        factories.membership(one, **ended)
    factories.representative(made["有人"])
    factories.representative(made["已去"], valid_to=timezone.localdate())
    factories.representative(made["联络"], role="liaison")
    return found


@pytest.mark.parametrize(("value", "found"), [("true", {"已去", "联络"}), ("false", {"有人"})])
def test_the_api_chooses_by_it(alliance: Alliance, value: str, found: set[str]) -> None:
    rows = ok(api(*RIGHTS, PEOPLE).get(f"/api/v1/alliances/test/members/?unrepresented={value}"))["results"]
    assert {row["name_zh"] for row in rows} == found


def test_who_may_not_see_representatives_may_not_ask(alliance: Alliance) -> None:
    problem(api(*RIGHTS).get("/api/v1/alliances/test/members/?unrepresented=true"), 400, "invalid_parameter")
    client = Client()
    client.force_login(factories.user(*RIGHTS))
    assert "unrepresented" not in client.get("/admin/alliance/member/").content.decode()
    problem(Client().get("/public/v1/alliances/test/members/?unrepresented=true"), 400, "invalid_parameter")


def test_the_list_of_the_staff_and_its_file_have_the_same_rows(alliance: Alliance) -> None:
    client = Client()
    client.force_login(factories.user(*RIGHTS, PEOPLE))
    page = client.get("/admin/alliance/member/", {"unrepresented": "true"})
    assert {row.organization.name_zh for row in page.context["cl"].result_list} == {"已去", "联络"}
    text = client.get(dict(page.context["exports"])["导出 CSV"]).getvalue().decode()
    assert ("已去" in text, "联络" in text, "有人" in text) == (True, True, False)
