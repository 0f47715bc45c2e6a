"""The page 删除个人信息: search, choose, preview, confirm by typing."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Contact, Erasure, Organization
from tests import factories
from tests.registry.erasure.planting import NAME, OTHER_PHONE, PHONE, Planted, plant

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/admin/registry/erasure/erase/"


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def planted(reference: None) -> Planted:
    return plant()


@pytest.fixture
def administrator(reference: None) -> Client:
    client = Client()
    client.force_login(factories.with_role("系统管理员"))
    return client


def keys(answer: Any, *places: int) -> list[str]:
    return [answer.context["persons"][place]["person"].key for place in places]


def shown(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_person_is_searched_chosen_shown_and_erased(planted: Planted, administrator: Client) -> None:
    assert "一、查找" in shown(administrator.get(URL))
    asked: dict[str, Any] = {"name": NAME, "number": ""}
    found: Any = administrator.post(URL, asked | {"step": "find"})
    assert [row["person"].model.__name__ for row in found.context["persons"]] == [
        "Contact",
        "Contact",
        "Representative",
        "OfficeHolder",
        "User",
    ]
    text = shown(found)
    assert "139****4821" in text
    assert PHONE not in text
    asked["person"] = keys(found, 0, 2, 3, 4)
    preview: Any = administrator.post(URL, asked | {"step": "plan"})
    text = shown(preview)
    assert "名单.xlsx”将被删除" in text
    assert f"{NAME}介绍的。" in text
    assert PHONE not in text
    also = [key for key, _label in preview.context["uncertain"]]
    asked |= {"step": "erase", "seen": preview.context["plan"].digest, "also": also, "ground": "request"}
    wrong: Any = administrator.post(URL, asked | {"typed": "欧阳"})
    assert (wrong.status_code, Erasure.objects.count()) == (400, 0)
    assert "请照上面填写的姓名或号码原样输入" in shown(wrong)
    done = administrator.post(URL, asked | {"typed": NAME}, follow=True)
    text = shown(done)
    assert "已删除，记录中不留姓名" in text
    assert NAME not in text
    assert list(Contact.objects.values_list("phone", flat=True)) == [OTHER_PHONE]
    record = Erasure.objects.get()
    assert (record.user, record.ground, record.channel) == (done.wsgi_request.user, "request", "page")
    assert Organization.objects.get(pk=planted.remarked.pk).remarks == "■■■介绍的。"


def test_nothing_is_erased_that_the_preview_has_not_shown(planted: Planted, administrator: Client) -> None:
    asked: dict[str, Any] = {"name": NAME, "number": "", "ground": "request", "typed": NAME}
    found: Any = administrator.post(URL, asked | {"step": "find"})
    asked["person"] = keys(found, 0)
    preview: Any = administrator.post(URL, asked | {"step": "plan"})
    Organization.objects.filter(pk=planted.elsewhere.pk).update(remarks=f"又是{NAME}")
    answer: Any = administrator.post(URL, asked | {"step": "erase", "seen": preview.context["plan"].digest})
    assert "未删除：页面显示之后，查到的内容有变化" in shown(answer)
    assert Contact.objects.filter(pk=planted.contact).exists()


def test_page_says_what_is_missing(planted: Planted, administrator: Client) -> None:
    empty = administrator.post(URL, {"name": " ", "number": "", "step": "find"})
    assert "请填写至少两个字的姓名" in shown(empty)
    nobody = administrator.post(URL, {"name": "没有此人", "number": "", "step": "find"})
    assert "没有查到此姓名或号码" in shown(nobody)
    unchosen = administrator.post(URL, {"name": NAME, "number": "", "step": "plan"})
    assert (unchosen.status_code, "请勾选所指的人" in shown(unchosen)) == (400, True)


def test_the_name_stands_in_no_address_and_no_cache(planted: Planted, administrator: Client) -> None:
    page = shown(administrator.get(URL)).partition('id="content-main"')[2]
    assert ('<form method="post"' in page, '<form method="get"' in page) == (True, False)
    assert administrator.get(URL + "?name=" + NAME).context["form"].is_bound is False
    assert "no-store" in administrator.post(URL, {"name": NAME, "step": "find"})["Cache-Control"]


def test_list_of_erasures_and_of_personal_data_for_the_auditor(planted: Planted) -> None:
    factories.erasure(tables={"registry.Contact": 1, "registry.ContactEvent": 3})
    client = Client()
    client.force_login(factories.with_role("审计员"))
    text = shown(client.get("/admin/registry/erasure/"))
    assert "联系人 1；联系人（变更记录） 3" in text
    assert "erasure/erase/" not in text
    text = shown(client.get("/admin/registry/erasure/processing/"))
    for said in (
        "单位的法定代表人、联络员和其他联系人",
        "第十三条",
        "REGISTRY_LOG_KEEP_DAYS",
        "365 天",
        "联系电话（部分隐藏）",
    ):
        assert said in text


def test_pages_ask_a_bounded_number_of_queries(planted: Planted, administrator: Client) -> None:
    administrator.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as few:
        administrator.post(URL, {"name": NAME, "number": "", "step": "find"})
    for _number in range(5):
        factories.contact(factories.enterprise(), name="别人")
    with CaptureQueriesContext(connection) as many:
        administrator.post(URL, {"name": NAME, "number": "", "step": "find"})
    assert len(few) == len(many)
