"""Candidates: names cut into parts, slips that are still found, and what speaks against a record."""

import pytest

from registry.matching.candidates import HOLD_SCORE, Asked, Candidate, find
from registry.matching.gloss import gloss
from registry.matching.names import parse_name, shares_brand
from registry.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db
NAME = "中山市虚泰精密机械有限公司"


def candidates(name: str, **asked: str) -> list[Candidate]:
    return find([Asked(name, **asked)])[0]


def codes(candidate: Candidate) -> set[str]:
    return {part.code for part in candidate.parts}


@pytest.mark.parametrize(
    ("name", "place", "brand", "trade", "form", "branch"),
    [
        ("中山市虚泰精密机械有限公司", "中山", "虚泰", "精密机械", "有限公司", ""),
        ("虚泰电子（中山）有限公司", "中山", "虚泰", "电子", "有限公司", ""),
        ("广东省佛山市虚泰五金厂", "佛山", "虚泰", "五金", "厂", ""),
        ("中山市小榄镇虚泰五金厂", "中山小榄镇", "虚泰", "五金", "厂", ""),
        ("中山市虚泰电器有限公司石岐分公司", "中山", "虚泰", "电器", "有限公司", "石岐分公司"),
        ("虚泰银行股份有限公司中山虚构支行", "", "虚泰", "银行", "股份有限公司", "中山虚构支行"),
        ("中山虚泰企业管理有限公司（有限合伙）", "中山", "虚泰", "企业管理", "有限合伙", ""),
        ("中山", "", "中山", "", "", ""),
        ("中山大学", "中山", "大学", "", "", ""),
        ("Zhongshan Xutai Electronics Co., Ltd.", "", "xutai", "electronics", "co ltd", ""),
    ],
)
def test_name_is_cut_into_its_parts(name: str, place: str, brand: str, trade: str, form: str, branch: str) -> None:
    parts = parse_name(name)
    assert (parts.city + parts.town, parts.brand, parts.trade, parts.legal_form, parts.branch) == (
        place,
        brand,
        trade,
        form,
        branch,
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (NAME, "中山市虚泰智能装备有限公司", True),
        (NAME, "广东虚泰科技股份有限公司", True),
        (NAME, "中山市墟泰精密机械有限公司", True),
        (NAME, "中山市实泰精密机械有限公司", False),
        ("中山市有限公司", "广州市有限公司", False),
    ],
)
def test_brand_is_shared_by_characters_or_sound(one: str, other: str, same: bool) -> None:
    assert shares_brand(one, other) is same


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("中山市墟泰精密机械有限公司", "brand_sound"),
        ("中山市虚太精密机械有限公司", "brand_sound"),
        ("中山市虚泰精密机谢有限公司", "trade_sound"),
        ("中山市虚泰精密札械有限公司", "trade_edit"),
        ("中山市虚泰精密机有限公司", "trade_part"),
        ("中山市泰虚精密机械有限公司", "swapped"),
        ("中山市虚泰密精机械有限公司", "swapped"),
        ("中山市虚泰机械有限公司", "trade_part"),
        ("虚泰公司", "trade_missing"),
        ("虚泰精密机械", "coarse_name"),
        ("中山市虛泰精密機械有限公司", "coarse_name"),
        ("广东省中山市虚泰精密机械有限责任公司", "coarse_name"),
        ("Zhongshan Xutai Jingmi Jixie Co., Ltd.", "pinyin"),
        ("Zhōngshān Xūtài Jīngmì Jīxiè", "pinyin"),
    ],
)
def test_name_with_a_slip_finds_its_record_first(written: str, reason: str) -> None:
    for n, other in enumerate(("中山市虚构精密机械有限公司", "中山市实泰贸易有限公司", "中山市泰和机械有限公司")):
        factories.enterprise(name_zh=other, uscc=factories.valid_uscc(n + 1))
    meant = factories.enterprise(name_zh=NAME, uscc=None)
    first = candidates(written)[0]
    assert first.pk == meant.pk
    assert reason in codes(first)
    assert first.score >= HOLD_SCORE


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (f"{NAME}小榄分公司", "branch"),
        ("佛山市虚泰精密机械有限公司", "other_city"),
        ("中山市虚泰餐饮管理有限公司", "trade_other"),
        ("中山市墟苔精密机械有限公司", "brand_sounds"),
        ("中山市虚构精密机械有限公司", "brand_edit"),
    ],
)
def test_what_makes_it_another_body_is_told_and_keeps_the_score_low(written: str, reason: str) -> None:
    factories.enterprise(name_zh=NAME, uscc=None)
    first = candidates(written)[0]
    assert reason in codes(first)
    assert first.score < HOLD_SCORE


def test_sister_firms_that_a_number_parts_are_others() -> None:
    factories.enterprise(name_zh="中山市虚泰一号机械有限公司", uscc=None)
    first = candidates("中山市虚泰二号机械有限公司")[0]
    assert "brand_other" in codes(first)
    assert first.score < HOLD_SCORE


def test_another_town_in_the_name_speaks_against_a_record() -> None:
    factories.enterprise(name_zh="中山市小榄镇资产经营有限公司", uscc=None)
    first = candidates("中山市三角镇资产经营有限公司")[0]
    assert "other_town_in_name" in codes(first)
    assert first.score < HOLD_SCORE


def test_mistyped_town_is_no_reason_to_miss_the_record() -> None:
    meant = factories.enterprise(name_zh="中山市小榄镇虚泰五金厂", uscc=None)
    assert candidates("中山市榄小镇虚泰五金厂")[0].pk == meant.pk
    assert candidates("中山市肖榄镇虚泰五金厂")[0].pk == meant.pk


def test_name_finds_records_by_all_their_kinds_of_names() -> None:
    record = factories.institute(
        name_zh="中山虚构智能研究院", name_en="Zhongshan Fictional Research Institute", uscc=None
    )
    factories.name(record, "中山虚构机器研究所")
    factories.name(record, "Fictional Robotics Lab", kind="alias")
    Organization.objects.filter(pk=record.pk).update(short_name="虚研智")
    for written, reason in [
        ("中山虚构机器研究所", "former_name"),
        ("中山虚构机械研究所", "trade_edit"),
        ("Fictional Robotics Lab", "alias"),
        ("Fictional Robotics Laboratory", "words"),
        ("Fictional Research Institute of Zhongshan", "words"),
        ("虚研智", "short_name"),
    ]:
        first = candidates(written)[0]
        assert (first.pk, reason in codes(first)) == (record.pk, True), (written, first.parts)


def test_initials_find_an_institute_and_decide_nothing() -> None:
    record = factories.institute(name_zh="", name_en="Xinjiang University of Fictional Studies", uscc=None)
    for written in ("XJUFS", "XUFS"):
        first = candidates(written)[0]
        assert (first.pk, codes(first)) == (record.pk, {"initials"})
        assert first.score < HOLD_SCORE


def test_chinese_name_finds_the_institute_that_has_only_an_english_one() -> None:
    factories.institute(name_zh="", name_en="Chongqing Medical University", uscc=None)
    meant = factories.institute(name_zh="", name_en="Chongqing Jiaotong University", uscc=None)
    assert gloss(parse_name("重庆交通大学")) == "chongqing jiaotong university"
    assert gloss(parse_name(NAME)) == ""
    assert candidates("重庆交通大学")[0].pk == meant.pk


def test_code_brings_its_record_and_names_stay_candidates() -> None:
    coded = factories.enterprise(name_zh="中山市别名实业有限公司", uscc=factories.valid_uscc(1))
    named = factories.enterprise(name_zh=NAME, uscc=factories.valid_uscc(2))
    first, second = candidates(NAME, uscc=factories.valid_uscc(1))
    assert (first.pk, "uscc" in codes(first)) == (coded.pk, True)
    assert (second.pk, codes(second)) == (named.pk, {"name", "other_code"})
    [mistyped] = candidates(NAME, uscc="91442000XXXXXXXXX0")
    assert codes(mistyped) == {"name", "wrong_code"}
    assert find([Asked(NAME, factories.valid_uscc(3))], codes_apart=True) == [[]]


def test_key_that_many_records_share_does_not_hide_the_one_that_is_meant() -> None:
    Organization.objects.bulk_create(
        Organization(kind="enterprise", name_zh=f"中山市虚泰{chr(0x4E00 + n)}{chr(0x5E00 + n)}有限公司")
        for n in range(150)
    )
    meant = factories.enterprise(name_zh=NAME, uscc=None)
    assert candidates("中山市虚泰精密札械有限公司")[0].pk == meant.pk


def test_keys_follow_every_change_of_a_name() -> None:
    record = factories.enterprise(name_zh=NAME, uscc=None)
    Organization.objects.filter(pk=record.pk).update(name_zh="中山市改称贸易有限公司", pinyin="")
    assert candidates("中山市虚泰精密札械有限公司") == []
    assert candidates("中山市改称贸昜有限公司")[0].pk == record.pk
    factories.name(record, NAME)
    assert candidates("中山市虚泰精密札械有限公司")[0].pk == record.pk
    record.names.all().delete()
    assert candidates("中山市虚泰精密札械有限公司") == []


def test_many_names_find_what_each_finds_alone() -> None:
    for n in range(12):
        factories.enterprise(
            name_zh=f"中山市虚{chr(0x6CF0 + n)}精密机械有限公司", uscc=factories.valid_uscc(n + 1) if n % 2 else None
        )
    names = [
        f"中山市虚{chr(0x6CF0 + n)}精密{rest}有限公司" for n in range(12) for rest in ("机诫", "机", "械机", "机械厂")
    ] * 5
    for uscc in ("", factories.valid_uscc(99)):
        asked = [Asked(name, uscc) for name in names]
        together = find(asked, codes_apart=True)
        alone = [find([one], codes_apart=True)[0] for one in asked[:48]]
        assert [[one.pk for one in some] for some in together[:48]] == [[one.pk for one in some] for some in alone]
        assert any(together)
