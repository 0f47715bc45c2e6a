"""Sectors proposed from words: what counts, what does not, and what is said for evidence."""

import pytest

from registry.models import Plan, Sector
from registry.suggestions.engine import Suggester
from tests import factories


@pytest.fixture
def suggester(reference):
    return Suggester.of_plan(Plan.objects.get(current=True))


def codes(suggester, scope="", **texts):
    sectors = dict(Sector.objects.values_list("pk", "code"))
    return [sectors[one.sector] for one in suggester.suggest({"scope": scope, **texts})]


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("研发：机器视觉系统、视觉检测设备", ["core-technology.machine-vision"]),
        ("工业机器人制造", ["robots.industrial"]),
        ("机器人的研发与应用", ["robots"]),
        ("智能机器人研发", ["robots.intelligent"]),
        ("工业机器人集成", ["robots.industrial", "applications.equipment-manufacturing"]),
        ("销售：五金制品、塑料制品", []),
        ("", []),
    ],
)
def test_the_words_of_a_plan_propose_its_sectors(suggester, scope, found):
    assert codes(suggester, scope) == found


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("生产、销售：减速机、传感器、吸盘", []),
        ("机器人用减速机", ["robots", "robot-components.precision-reducers"]),
        ("智能、减速机", []),
        ("智能设备；减速机", []),
        ("智能减速机", ["robot-components.precision-reducers"]),
        ("电子信息咨询服务", []),
        ("人工智能电子信息咨询", ["applications.electronic-information"]),
        ("物联网传感器", ["ai-services.sensors"]),
        ("自动化PLC控制柜", ["robot-components.controllers"]),
        ("PLC控制柜", []),
    ],
)
def test_generic_words_count_only_beside_an_ai_word_of_the_same_clause(suggester, scope, found):
    assert codes(suggester, scope) == found


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("MEMS器件", ["core-hardware.mems"]),
        ("ＭＥＭＳ器件", ["core-hardware.mems"]),
        ("MEMSX", []),
        ("XFPGA", []),
        ("FPGA", ["ai-services.chips"]),
        ("design of industrial robots", ["robots.industrial"]),
        ("industrial robotsx", []),
        ("Machine vision", ["core-technology.machine-vision"]),
        ("iris, controller and sensor", []),
        ("A smart controller. And sensors", ["robot-components.controllers"]),
        ("AI控制，RV减速", ["robot-components.precision-reducers"]),
    ],
)
def test_latin_words_match_whole(suggester, scope, found):
    assert codes(suggester, scope) == found


@pytest.mark.parametrize(
    "scope",
    [
        "（依法须经批准的项目，经相关部门批准后方可开展机器视觉经营活动）",
        "依法须经批准的项目，含人脸识别，经批准",
        "涉及行政审批的货物和智能机器人除外",
        "家用电器（不含智能机器人）",
        "家用电器，不含智能机器人",
        "国家禁止的自动驾驶项目除外",
        "销售：办公自动化设备",
        "电子商务服务",
        "6840临床检验分析仪器，6828医用磁共振设备",
        "医用光学器具、仪器及内窥镜设备，临床检验分析仪器，体外循环及血液处理设备",
    ],
)
def test_boilerplate_of_licences_is_left_out(suggester, scope):
    assert codes(suggester, scope) == []


def test_what_stands_beside_boilerplate_still_counts(suggester):
    assert codes(suggester, "语音识别（依法须经批准的项目，经相关部门批准后方可开展经营活动）；自动驾驶") == [
        "core-technology.speech-recognition",
        "core-technology.autonomous-decision",
    ]


def test_places_and_legal_forms_in_names_do_not_count(suggester):
    factories.township("442000999", name_zh="智能家电镇")
    other = Suggester.of_plan(Plan.objects.get(current=True))
    assert codes(other, name_zh="中山市智能家电镇虚构五金有限公司") == []
    assert codes(other, name_zh="中山市虚构智能家电有限公司") == ["applications.smart-home-appliances"]
    assert codes(other, scope="智能家电") == ["applications.smart-home-appliances"]


def test_evidence_says_which_words_of_which_text(suggester):
    (vision,) = suggester.suggest(
        {"name_zh": "中山市虚构机器视觉有限公司", "scope": "机器视觉、视觉检测；机器视觉", "main_products": "机器视觉"}
    )
    assert vision.evidence() == "关键词：机器视觉（单位名称）；机器视觉（主导产品）；机器视觉、视觉检测（经营范围）"


def test_evidence_fits_its_field(suggester):
    (vision,) = suggester.suggest(
        {"scope": "；".join("机器视觉".center(4 + n, "甲") for n in range(9)) + "视觉检测" * 90}
    )
    assert len(vision.evidence()) <= 500


def test_matches_keep_their_places_in_the_text(suggester):
    text = "（依法须经批准的项目）Ａ、ＭＥＭＳ器件"
    (mems,) = suggester.suggest({"scope": text})
    (match,) = mems.matches
    assert text[match.start : match.end] == match.word == "ＭＥＭＳ"


def test_more_words_come_first(suggester):
    assert codes(suggester, "数控机床，语音识别，语音合成")[0] == "core-technology.speech-recognition"


def test_a_branch_is_left_out_where_its_sector_is_proposed(suggester):
    assert codes(suggester, "机器人、护理机器人") == ["robots.nursing"]


def test_disabled_sectors_are_not_proposed(reference):
    Sector.objects.filter(code="robots.industrial").update(disabled_on="2020-01-01")
    assert codes(Suggester.of_plan(Plan.objects.get(current=True)), "工业机器人") == ["robots"]


def test_a_plan_without_words_proposes_nothing(db):
    assert Suggester.of_plan(factories.plan()).suggest({"scope": "机器视觉"}) == []
