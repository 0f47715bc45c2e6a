"""Certificates on paper: what stands on one, what it says after a rename, and 300 in one file."""

import datetime
from typing import Any

import pytest
from django.test import Client

from alliance.certificates import ending
from alliance.certificates.issuing import issue
from alliance.members.operations import actions
from alliance.members.operations.renaming import rename
from alliance.models import Alliance, Certificate
from registry.disclosure.models import Receipt
from registry.models import Organization
from tests import factories
from tests.alliance.papers.test_pdf import PRIVATE_USE, content, logged_in, needs_pdftotext, text_of

pytestmark = [pytest.mark.django_db, needs_pdftotext]
D = datetime.date
ADDRESS = "/api/v1/alliances/test/certificates/"


@pytest.fixture
def boss(reference: None) -> Client:
    return logged_in(factories.superuser())


@pytest.fixture
def of() -> Alliance:
    alliance = factories.alliance(name_zh="虚构市人工智能联盟", name_en="Fictional AI Alliance")
    tier = factories.tier(alliance, "council", rank=1, name_en="Council unit")
    for name, english in (("甲机器人有限公司", "First Robots Ltd."), ("乙#strong[视觉]_*$有限公司", "")):
        who = factories.enterprise(name_zh=name, name_en=english)
        factories.membership(factories.member(alliance, who), "2020-01-01", tier=tier)
    return alliance


def issued(of: Alliance, **days: Any) -> list[Certificate]:
    members = of.members.values_list("pk", flat=True)
    return issue(of, members, D(2024, 1, 1), D(2027, 1, 1), D(2024, 1, 5), **days)


def pdf(client: Client, **parameters: Any) -> bytes:
    return content(client.get(ADDRESS, {"format": "pdf", "lang": "zh", **parameters}))


def test_what_stands_on_a_certificate(boss, of):
    first, second = sorted(issued(of), key=lambda one: one.organization_name, reverse=True)
    text = text_of(pdf(boss, number=first.number))
    assert f"证书编号：{first.number}" in text
    for said in (
        "会员证书",
        "兹证明甲机器人有限公司FirstRobotsLtd.",
        f"为虚构市人工智能联盟理事单位（会员编号：{first.member_number}），特发此证。",
        "isherebycertifiedasamember(Councilunit)oftheFictionalAIAlliance.",
        "有效期：2024年1月1日至2026年12月31日",
        "（盖章）",
        "2024年1月5日",
    ):
        assert said in text, said
    assert second.organization_name not in text
    other = text_of(pdf(boss, number=second.number))
    assert "乙#strong[视觉]_*$有限公司" in other
    assert "isherebycertified" not in other, "without an English name there is no English sentence"


def test_a_reprint_after_renames_and_a_change_of_tier_says_what_it_said(boss, of):
    made = next(one for one in issued(of) if one.organization_name.startswith("甲"))
    before = text_of(pdf(boss, number=made.number))
    Organization.objects.filter(pk=made.member.organization_id).update(name_zh="甲新名有限公司", name_en="New Ltd.")
    rename(of, name_zh="虚构市数字经济联盟", name_en="", on=D(2025, 1, 1))
    actions.change_tier(made.member, factories.tier(of, "vice", rank=2, name_zh="副理事长单位"), D(2025, 1, 1))
    rename(factories.tier(of, "council"), name_zh="理事会员", name_en="", on=D(2025, 1, 1))
    after = text_of(pdf(boss, number=made.number))
    assert after == before
    assert "甲机器人有限公司" in after
    assert not any(name in after for name in ("甲新名", "数字经济", "副理事长", "理事会员"))
    new = issue(of, [made.member_id], D(2025, 6, 1), None, D(2025, 6, 1))[0]
    text = text_of(pdf(boss, number=new.number))
    assert "甲新名有限公司" in text
    assert "虚构市数字经济联盟副理事长单位" in text
    assert "自2025年6月1日起有效" in text
    old = text_of(pdf(boss, number=made.number))
    assert f"存档件：本证书自2025-06-01起失效（换发，换发后证书编号{new.number}）。" in old
    assert "甲机器人有限公司" in old


def test_what_no_font_has_is_told_with_its_number(boss, of):
    Organization.objects.filter(name_zh__startswith="甲").update(name_zh=f"甲{PRIVATE_USE}有限公司")
    issued(of)
    text = text_of(pdf(boss))
    assert "甲〔U+E000〕有限公司" in text
    assert "U+E000" in text.rpartition("特发此证")[2], "a list of what was not printed ends the file"


def test_three_hundred_in_one_file_with_a_receipt(boss, of):
    for _number in range(298):
        factories.membership(factories.member(of), "2020-01-01", tier=factories.tier(of, "council"))
    made = issued(of)
    assert [made[0].number, made[-1].number] == ["2024-0001", "2024-0300"]
    answer = boss.get(ADDRESS, {"format": "pdf", "first": "2024-0001", "last": "2024-0300"})
    data = content(answer)
    assert text_of(data).count("特发此证") == 300
    assert b"pdfaid" in data
    receipt = Receipt.objects.get()
    assert (receipt.rows, receipt.format, receipt.size) == (300, "pdf", len(data))
    assert answer["X-Receipt"] == receipt.number
    some = pdf(boss, first="2024-0010", last="2024-0012")
    assert text_of(some).count("特发此证") == 3


@pytest.mark.parametrize(
    ("parameters", "zh", "en"),
    [
        ({"number": "2024-9999"}, "2024-9999", "2024-9999"),
        ({"state": "expired"}, "没有选中任何证书", "No certificate is chosen"),
        ({"first": "2024-9999"}, "没有选中任何证书", "No certificate is chosen"),
    ],
)
def test_nothing_to_print_is_said_in_both_languages(boss, of, parameters, zh, en):
    issued(of)
    for language, told in (("zh", zh), ("en", en)):
        answer = boss.get(ADDRESS, {"format": "pdf", "lang": language, **parameters})
        assert answer.status_code == 400
        assert told in answer.content.decode()
    assert not Receipt.objects.exists()


def test_a_lost_one_is_printed_for_the_files_only(boss, of):
    made = issued(of)[0]
    ending.end(made, "lost", D(2025, 1, 1), "遗失")
    assert "存档件：本证书自2025-01-01起失效（遗失）。" in text_of(pdf(boss, number=made.number))


def test_of_a_member_that_left_one_is_printed_for_the_files_only(boss, of):
    gone, stays = issued(of)
    actions.end(gone.member, D(2025, 3, 1), "withdrawal")
    assert "存档件：本证书自2025-03-01起失效（会籍已终止）。" in text_of(pdf(boss, number=gone.number))
    assert "存档件" not in text_of(pdf(boss, number=stays.number))
    actions.admit(gone.member.organization, of, gone.member.memberships.get().tier, D(2025, 4, 1))
    assert "存档件" not in text_of(pdf(boss, number=gone.number)), "it holds again, as its check says"
