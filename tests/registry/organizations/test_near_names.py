"""What pages find of a name or code that nobody typed quite right."""

import pytest
from django.test import Client

from registry.models import Organization
from tests import factories
from tests.api import ok, root

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/enterprise/"
VISION = "中山市槐安视觉科技有限公司"


@pytest.fixture
def client(reference: None) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(factories.superuser())
    return client


def listed(client: Client, text: str) -> str:
    return client.get(LIST, {"q": text}).content.decode()


def in_groups(code: str, sign: str) -> str:
    return sign.join([code[:4], code[4:8], code[8:12], code[12:]])


@pytest.mark.parametrize("sign", [" ", "\u3000", "-", "\uff0d", "\t"])
def test_uscc_in_groups_is_found_on_pages_and_by_the_api(client: Client, sign: str) -> None:
    one = factories.enterprise(name_zh=VISION, uscc=factories.valid_uscc(3))
    factories.enterprise(uscc=factories.valid_uscc(4))
    wide = in_groups(one.uscc or "", sign).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for text in (in_groups(one.uscc or "", sign), wide):
        assert [row["registry_no"] for row in root().rows("enterprises/", search=text)] == [one.registry_no]
        page = client.get(LIST, {"q": text})
        assert [row.pk for row in page.context_data["cl"].result_list] == [one.pk]


@pytest.mark.parametrize("text", ["中山槐安视觉科技", "槐安科技", "中山市怀安视觉科技有限公司"])
def test_search_without_hits_offers_like_names_with_links(client: Client, text: str) -> None:
    one = factories.enterprise(name_zh=VISION)
    factories.enterprise(name_zh="广东岐江电子有限公司")
    page = listed(client, text)
    assert "没有完全匹配，名称相近的有：" in page
    assert f'<a href="/admin/registry/enterprise/{one.pk}/">{VISION}（{one.registry_no}）</a>' in page
    assert "岐江电子" not in page
    assert f"录入“{text}”为新单位" in page


def test_search_without_hits_offers_the_form_with_what_was_typed(client: Client) -> None:
    code = factories.valid_uscc(8)
    for text, field, value in (("全新无双公司", "name_zh", "全新无双公司"), (in_groups(code, " "), "uscc", code)):
        page = client.get(LIST, {"q": text})
        assert page.context_data["nothing_found"]["near"] == []
        opened = client.get(page.context_data["nothing_found"]["add_url"], follow=True)
        form = opened.context_data["adminform"].form
        assert form.initial[field] == value


def test_search_without_hits_offers_no_new_record_to_readers_and_no_bulk_action(reference: None) -> None:
    factories.enterprise(name_zh=VISION)
    reader = Client()
    reader.force_login(factories.user("registry.view_organization", is_staff=True))
    page = listed(reader, "全新无双公司")
    assert "_add" not in page
    assert "nothing-found" in page
    assert "/add/?" not in page


def test_empty_list_has_no_bulk_actions(client: Client) -> None:
    assert 'name="action"' not in listed(client, "全新无双公司")
    factories.enterprise(name_zh=VISION)
    assert 'name="action"' in listed(client, "槐安")


def test_name_check_tells_what_an_import_would_hold_back(client: Client) -> None:
    one = factories.enterprise(name_zh=VISION)
    told = client.get("/admin/registry/organization/check/", {"name_zh": "中山市槐安視覺科技公司"}).json()["name_zh"]
    assert told["level"] == "warning"
    assert [row["url"] for row in told["existing"]] == [f"/admin/registry/enterprise/{one.pk}/"]
    assert VISION in told["existing"][0]["label"]
    assert "：" in told["existing"][0]["label"], "the reason"
    other = client.get("/admin/registry/organization/check/", {"name_zh": "全新无双公司"}).json()["name_zh"]
    assert other["existing"] == []
    assert Organization.objects.count() == 1


@pytest.mark.parametrize("term", ["jiqishijue", "jqsj", "JQSJ", "shijue", "机器视觉"])
def test_sector_picker_knows_pinyin_and_initials(client: Client, term: str) -> None:
    query = {"app_label": "registry", "model_name": "sectortag", "field_name": "sector", "term": term}
    found = [one["text"] for one in client.get("/admin/autocomplete/", query).json()["results"]]
    assert any("机器视觉" in text for text in found)
    assert not any("工业机器人" in text for text in found)


@pytest.mark.parametrize(
    ("field", "term", "name"), [("township", "sqjd", "石岐街道"), ("township", "xiaolan", "小榄镇")]
)
def test_other_pickers_of_reference_data_know_initials(client: Client, field: str, term: str, name: str) -> None:
    query = {"app_label": "registry", "model_name": "organization", "field_name": field, "term": term}
    assert name in [one["text"] for one in client.get("/admin/autocomplete/", query).json()["results"]]


def test_api_tells_like_names_where_a_search_finds_nothing(client: Client) -> None:
    factories.enterprise(name_zh=VISION)
    answer = ok(root().get("enterprises/", {"search": "中山市怀安视觉科技有限公司"}))
    assert answer["results"] == []
    assert VISION in answer["did_you_mean"]
