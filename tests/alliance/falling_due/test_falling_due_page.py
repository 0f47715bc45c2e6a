"""The page of what falls due, its file with receipt, and the number on the start page."""

import datetime
import io
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate
from python_calamine import CalamineWorkbook

from registry.disclosure.models import Receipt
from registry.values.days import months_later
from tests import factories

pytestmark = pytest.mark.django_db
PAGE, FILE = "/admin/falling-due/", "/admin/falling-due/file/"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def due(reference: None) -> None:
    """A term, a certificate and a person that end on the last day of three months."""
    until = months_later(localdate(), 3)
    alliance = factories.alliance("test")
    factories.term(alliance, str(until - 1000 * DAY), ends_on=until + DAY)
    held = factories.membership(factories.member(alliance, factories.enterprise(name_zh="甲厂")), "2020-01-01")
    factories.certificate(held, "甲-1", valid_to=until + DAY)
    factories.representative(held.member, name="虚构钱某", phone="13800001234", valid_to=until + DAY)


def of_role(role: str) -> Client:
    client = Client()
    client.force_login(factories.with_role(role))
    return client


def content(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def read(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def numbers(page: Any) -> dict[str, int]:
    return {one.source.name: one.number.value for one in page.context["sections"]}


def test_n_months_are_chosen_and_each_role_sees_its_sections():
    office = numbers(of_role("秘书处").get(PAGE))
    assert {name: office[name] for name in ("terms", "certificates", "representatives", "dues")} == {
        "terms": 1,
        "certificates": 1,
        "representatives": 1,
        "dues": 0,
    }
    fewer = numbers(of_role("秘书处").get(PAGE, {"months": "2"}))
    assert (fewer["terms"], fewer["certificates"], fewer["representatives"]) == (0, 0, 0)
    page = of_role("查询员").get(PAGE)
    assert {"representatives", "dues"}.isdisjoint(numbers(page))
    assert "虚构钱某" not in page.content.decode()
    assert "13800001234" not in of_role("秘书处").get(PAGE).content.decode()


def test_sections_without_rows_share_one_panel():
    page = of_role("秘书处").get(PAGE)
    html, named = page.content.decode(), numbers(page)
    empty = {section.source.name for section in page.context["empty"]}
    assert empty == {name for name, count in named.items() if not count}
    assert html.count('<section class="panel"') == len(named) - len(empty) + 1
    assert all(html.count(f'id="{name}"') == 1 for name in named), "the links of all sections lead somewhere"


def test_the_file_has_what_the_page_has_and_a_receipt():
    office = of_role("秘书处")
    answer = office.get(FILE, {"section": "terms,certificates,representatives"}, headers={"accept-language": "zh-hans"})
    data = content(answer)
    rows = read(data)
    assert rows[0] == ["事项", "联盟", "单位或联盟", "名录编号", "会员编号", "内容", "日期", "剩余天数"]
    assert [row[0] for row in rows[1:]] == ["理事会届次", "证书到期", "会员代表"]
    until = months_later(localdate(), 3)
    assert {row[6] for row in rows[1:]} == {until}
    assert {row[7] for row in rows[1:]} == {(until - localdate()).days}
    receipt = Receipt.objects.get()
    assert (receipt.rows, receipt.size, receipt.path, receipt.format) == (3, len(data), FILE, "xlsx")
    assert answer["X-Receipt"] == receipt.number
    assert "虚构钱某" not in str(read(content(of_role("查询员").get(FILE))))


@pytest.mark.parametrize(
    "asked", [{"months": "0"}, {"months": "37"}, {"months": "x"}, {"section": "wages"}, {"alliance": "none"}]
)
def test_what_cannot_be_asked_is_told_and_gives_no_file(asked):
    office = of_role("秘书处")
    page = office.get(PAGE, asked)
    assert page.status_code == 200
    assert page.context["sections"] == []
    assert 'role="alert"' in page.content.decode()
    assert office.get(FILE, asked).status_code == 400
    assert not Receipt.objects.exists()


def test_a_section_with_many_rows_says_how_many_more_are_in_the_file(monkeypatch):
    monkeypatch.setattr("alliance.falling_due.page.MOST", 1)
    for number in range(3):
        factories.qualification(factories.enterprise(), certificate_no=str(number), valid_to=localdate() + DAY)
    text = of_role("秘书处").get(PAGE, {"section": "qualifications"}).content.decode()
    assert "另有2项见导出文件" in text


def test_a_script_in_a_name_stays_text():
    held = factories.membership(factories.member(None, factories.enterprise(name_zh="<b>厂</b>")), "2020-01-01")
    factories.certificate(held, "x", valid_to=localdate() + DAY)
    assert "<b>厂" not in of_role("秘书处").get(PAGE).content.decode()
