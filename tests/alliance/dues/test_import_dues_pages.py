"""Standards and dues are brought on the page of imports: template, preview, the write, the way back."""

from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from alliance.models import Due, DuesStandard
from tests import factories
from tests.registry.imports.admin.test_admin_imports import START, bring, confirm, csv, in_role, page, the_batch

pytestmark = pytest.mark.django_db


def test_standards_and_then_dues_are_brought_on_the_page(reference):
    alliance = factories.alliance("registered", legal_person=True)
    factories.tier(alliance, "council", name_zh="理事单位")
    factories.dues_decision(alliance)
    who = factories.enterprise(name_zh="中山市虚构会费有限公司")
    factories.membership(factories.member(alliance, who), "2020-03-01")
    client, _user = in_role("秘书处")
    for table, label in (("dues_standards", "适用会员级别"), ("dues", "减免决议")):
        answer = client.get(f"{START}template/{table}.xlsx", {"alliance": "registered"})
        sheets = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        assert label in str(sheets.get_sheet_by_index(0).to_python()), table
    head = ("会费标准起始日期", "决议", "会费档次", "每年金额（元）", "适用会员级别")
    row = ("2019-02-01", "2019-01-10 关于会费标准的决议", "理事", "5000", "理事单位")
    shown = bring(
        client, csv(head, row), table="dues_standards", **{"dues_standards-alliance": "registered"}
    ).content.decode()
    assert "2019-01-10 关于会费标准的决议" in shown
    assert not DuesStandard.objects.exists()
    confirm(client, the_batch(), take="good_rows")
    standard = DuesStandard.objects.get()
    assert [tier.code for tier in standard.classes.get().tiers.all()] == ["council"]
    list_page = client.get("/admin/alliance/duesstandard/?alliance=registered").content.decode()
    assert "table=dues_standards" in list_page
    assert "dues-classes/?format=xlsx" in list_page.replace("&amp;", "&")
    head = ("单位名称", "会费年度", "会费档次")
    rows = [(str(who), "2024", "理事"), (str(who), "2019", "理事")]
    answer = bring(client, csv(head, *rows), table="dues", **{"dues-alliance": "registered"})
    assert "该单位在 2019 年不是会员。" in answer.content.decode()
    batch = the_batch()
    confirm(client, batch, take="good_rows")
    assert Due.objects.get().amount == Decimal(5000)
    refused = client.get(page(batch, "refused"))
    assert refused.status_code == 200
