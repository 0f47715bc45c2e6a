"""The box in the head of every page: what it finds for whom, with how many queries, and what it logs."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Disclosure, Organization
from registry.organizations.admin.uscc import page_url
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/admin/find/"
TOWN, OTHER = "442000118", "442000001"
CODE = factories.valid_uscc(77)
IN_GROUPS = " ".join(CODE[at : at + 4] for at in range(0, 18, 4))
NUMBER, PERSON = "0760-88123456", "虚构联系人甲"


@pytest.fixture
def robot(reference: None) -> Organization:
    found = factories.enterprise(name_zh="中山市灵犀视觉科技有限公司", uscc=CODE, township=factories.township(TOWN))
    factories.contact(found, name=PERSON, phone=NUMBER)
    return found


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of_role(role: str) -> Client:
    return session(factories.with_role(role))


def found(client: Client, text: str, **more: str) -> dict[str, list[Any]]:
    groups = client.get(PAGE, {"q": text, **more}).context["groups"]
    return {group.name: group.hits for group in groups}


@pytest.mark.parametrize("text", ["灵犀", "lxsj", "lingxi", IN_GROUPS, "灵犀 科技"])
def test_organizations_are_found_as_lists_find_them(robot: Organization, text: str) -> None:
    client = of_role("查询员")
    (hit,) = found(client, text)["organizations"]
    assert (hit.label, hit.url) == (str(robot), page_url(robot))
    assert robot.registry_no in hit.details
    assert robot.township.label() in hit.details
    assert client.get("/admin/registry/organization/", {"q": text}).context["cl"].result_count == 1


def test_an_organization_is_found_by_its_number(robot: Organization) -> None:
    assert [hit.label for hit in found(of_role("查询员"), robot.registry_no)["organizations"]] == [str(robot)]


def test_a_merged_record_is_left_out_as_in_lists(robot: Organization) -> None:
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged")
    assert found(of_role("查询员"), "灵犀") == {}


def test_six_are_listed_while_one_types_the_best_first(robot: Organization) -> None:
    for number in range(8):
        factories.enterprise(name_zh=f"中山市灵犀视觉科技有限公司第{number}分公司")
    client = of_role("查询员")
    assert found(client, "中山市灵犀视觉科技有限公司", live="1")["organizations"][0].label == str(robot)
    assert len(found(client, "灵犀", live="1")["organizations"]) == 6
    assert len(found(client, "灵犀")["organizations"]) == 9


@pytest.mark.parametrize("text", ["灵西", "灵犀视角"])
def test_similar_names_are_offered_where_nothing_is_called_so(robot: Organization, text: str) -> None:
    page = of_role("查询员").get(PAGE, {"q": text})
    assert page.context["groups"] == []
    assert ["灵犀" in label for label, _url in page.context["near"]] == [True]


def test_nothing_at_all_is_said(robot: Organization) -> None:
    assert "没有找到" in of_role("查询员").get(PAGE, {"q": "qqqqzzzz"}).content.decode()
    assert of_role("查询员").get(PAGE, {"q": "\0"}).status_code == 200
    assert of_role("查询员").get(PAGE).status_code == 200


# --- Pages


@pytest.mark.parametrize("text", ["导入", "daoru", "dr"])
def test_pages_are_found_by_name_pinyin_and_initials(robot: Organization, text: str) -> None:
    urls = [hit.url for hit in found(of_role("录入员"), text)["pages"]]
    assert "/admin/imports/" in urls
    assert "/admin/imports/" not in [hit.url for hit in found(of_role("查询员"), text).get("pages", [])]


def test_a_page_that_is_called_so_stands_first(robot: Organization) -> None:
    factories.enterprise(name_zh="中山市会员服务有限公司")
    assert next(iter(found(of_role("秘书处"), "会员"))) == "pages"
    assert next(iter(found(of_role("秘书处"), "服务有限"))) == "organizations"


# --- Members


def test_members_are_found_by_number_and_with_their_organization(robot: Organization) -> None:
    alliance = factories.alliance()
    membership = factories.membership(factories.member(alliance, robot))
    client = of_role("秘书处")
    hits = found(client, "灵犀")
    assert [hit.url for hit in hits["members"]] == [f"/admin/alliance/member/{membership.member_id}/change/"]
    tier = f"{membership.tier.label()} {membership.member.member_no}"
    assert tier in hits["organizations"][0].details
    assert [hit.label for hit in found(client, membership.member.member_no)["members"]] == [str(robot)]
    limited = session(factories.user("registry.view_organization"))
    assert list(found(limited, "灵犀")) == ["organizations"]
    assert tier not in found(limited, "灵犀")["organizations"][0].details


# --- Persons


def test_persons_are_found_by_who_may_see_them_with_masked_numbers(robot: Organization) -> None:
    (hit,) = found(of_role("录入员"), PERSON)["contacts"]
    assert hit.url == page_url(robot)
    assert "0760-****3456" in hit.details
    for client in (of_role("查询员"), of_role("系统管理员"), session(factories.of_township(factories.township(OTHER)))):
        assert "contacts" not in found(client, PERSON)
        assert PERSON not in client.get(PAGE, {"q": PERSON[:3]}).content.decode().replace(f"“{PERSON[:3]}", "")
    own = session(factories.of_township(factories.township(TOWN)))
    assert len(found(own, PERSON)["contacts"]) == 1


def test_representatives_are_personal_too(robot: Organization) -> None:
    member = factories.member(factories.alliance(), robot)
    factories.representative(member, name="虚构代表乙", phone=NUMBER)
    (hit,) = found(of_role("秘书处"), "虚构代表乙")["representatives"]
    assert hit.url == f"/admin/alliance/member/{member.pk}/change/"
    assert "representatives" not in found(of_role("录入员"), "虚构代表乙")


def test_a_number_is_searched_only_on_request_for_a_reason_and_logged(robot: Organization) -> None:
    user = factories.with_role("录入员")
    client = session(user)
    for live in ({}, {"live": "1"}):
        page = client.get(PAGE, {"q": NUMBER, **live})
        assert page.context["phone"] == "076088123456"
        assert PERSON not in page.content.decode()
    assert not Disclosure.objects.exists()
    refused = client.post(PAGE, {"q": NUMBER})
    assert (refused.context["groups"], Disclosure.objects.count()) == ([], 0)
    page = client.post(PAGE, {"q": "0760 8812 3456", "reason": "verify"})
    assert [hit.label for group in page.context["groups"] for hit in group.hits] == [PERSON]
    (look,) = Disclosure.objects.all()
    assert (look.user, look.registry_no, look.reason, look.what) == (user, robot.registry_no, "verify", "contacts")
    assert client.post(PAGE, {"q": "0760-88123400", "reason": "verify"}).context["groups"] == []
    assert Disclosure.objects.count() == 1


def test_nobody_else_searches_by_number(robot: Organization) -> None:
    for role in ("查询员", "审计员", "系统管理员"):
        client = of_role(role)
        assert client.get(PAGE, {"q": NUMBER}).context["phone"] == ""
        assert client.post(PAGE, {"q": NUMBER, "reason": "verify"}).status_code == 403
    elsewhere = session(factories.of_township(factories.township(OTHER)))
    assert elsewhere.post(PAGE, {"q": NUMBER, "reason": "verify"}).context["groups"] == []
    assert not Disclosure.objects.exists()


def test_few_digits_are_no_telephone_number(robot: Organization) -> None:
    client = of_role("录入员")
    assert client.get(PAGE, {"q": "880760"}).context["phone"] == ""
    assert client.post(PAGE, {"q": "076088", "reason": "verify"}).context["groups"] == []
    assert not Disclosure.objects.exists()


# --- Bounds


def test_the_number_of_queries_is_that_of_the_groups(robot: Organization) -> None:
    alliance = factories.alliance()
    client = of_role("秘书处")
    client.get(PAGE, {"q": "灵犀", "live": "1"})
    for _turn in range(2):
        for number in range(3):
            another = factories.enterprise(name_zh=f"灵犀{_turn}{number}")
            factories.membership(factories.member(alliance, another))
            factories.contact(another, name="灵犀人")
        client.get(PAGE, {"q": "灵犀", "live": "1"})
        with CaptureQueriesContext(connection) as run:
            client.get(PAGE, {"q": "灵犀", "live": "1"})
        assert len(run) <= 14, "\n".join(query["sql"][:150] for query in run)
