import re
import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT, RE_HANS
from pypinyin.style import convert

from registry.models import Organization
from registry.search.text import SYLLABLES
from registry.values.pinyin import HANS, OVER_PLACE_ENDS, OWN_READINGS, PLACES, pinyin_key
from tests import factories
from tests.config.conftest import ROOT
from tests.registry.api.live import environment

PIECES = [
    "中山",
    "中国",
    "银行",
    "行动",
    "重庆",
    "重",
    "长沙",
    "有限公司",
    "科技",
    "人工智能",
    "（",
    "A股",
    " ",
    "厦门",
    "单",
    "〇",
    "\ue000",
]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("中山市香山机器人有限公司", "zhong shan shi xiang shan ji qi ren you xian gong si"),
        ("重庆银行", "chong qing yin hang"),
        ("香山（中国）AI 科技", "xiang shan zhong guo ai ke ji"),
        ("Acme Robotics", "acme robotics"),
        ("", ""),
    ],
)
def test_pinyin_key_reads_phrases_and_keeps_latin(name, key):
    assert pinyin_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("中山市长虹电子有限公司", "zhong shan shi chang hong dian zi you xian gong si"),
        ("中山市长盈五金厂", "zhong shan shi chang ying wu jin chang"),
        ("昆山市长兴电子", "kun shan shi chang xing dian zi"),
        ("小榄镇长盈五金厂", "xiao lan zhen chang ying wu jin chang"),
        ("古镇镇长虹灯饰", "gu zhen zhen chang hong deng shi"),
        ("古镇长虹灯饰", "gu zhen chang hong deng shi"),
        ("广东省长运集团", "guang dong sheng chang yun ji tuan"),
        ("广东省视觉智能", "guang dong sheng shi jue zhi neng"),
        ("中山市三乡镇长江路", "zhong shan shi san xiang zhen chang jiang lu"),
        ("中山市重力科技", "zhong shan shi zhong li ke ji"),
        ("中山市重阳科技", "zhong shan shi chong yang ke ji"),
        ("中山市行健科技", "zhong shan shi xing jian ke ji"),
        ("石岐街道行健科技", "shi qi jie dao xing jian ke ji"),
        ("中山大王椰子", "zhong shan da wang ye zi"),
        ("珠海参数科技", "zhu hai can shu ke ji"),
        ("江门市新会长城", "jiang men shi xin hui chang cheng"),
        # Where the mayor, or a word of its own, is meant
        ("中山市市长热线", "zhong shan shi shi zhang re xian"),
        ("中国市长协会", "zhong guo shi zhang xie hui"),
        ("中山市长者服务中心", "zhong shan shi zhang zhe fu wu zhong xin"),
        ("中山市成长教育", "zhong shan shi cheng zhang jiao yu"),
        ("中山市院长联谊会", "zhong shan shi yuan zhang lian yi hui"),
        ("理事长单位", "li shi zhang dan wei"),
        ("高新会计师", "gao xin kuai ji shi"),
        ("珠海市海参养殖", "zhu hai shi hai shen yang zhi"),
    ],
)
def test_pinyin_key_reads_a_place_and_what_follows_apart(name, key):
    assert pinyin_key(name) == key


def test_names_of_places_have_one_syllable_for_each_character():
    assert [place for place in PLACES | OWN_READINGS.keys() if len(pinyin_key(place).split()) != len(place)] == []


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF))).map("".join)
)
def test_pinyin_key_reads_as_pypinyin_does(name):
    assume(not any(own in name for own in OWN_READINGS.keys() | OVER_PLACE_ENDS))
    syllables = ("".join(c for c in text if c.isalnum() or c == " ") for text in lazy_pinyin(name, style=Style.NORMAL))
    assert pinyin_key(name) == " ".join(" ".join(syllables).lower().split())


def test_what_is_written_down_of_pypinyin_is_what_it_says():
    assert f"^(?:[{HANS}])+$" == RE_HANS.pattern
    readings = {reading for given in PINYIN_DICT.values() for reading in given.split(",")}
    plain = {convert(reading, Style.NORMAL, strict=True) for reading in readings}
    assert {one for one in plain if re.fullmatch("[a-z]*[aeiouv][a-z]*", one)} == SYLLABLES


WEB = """
import sys
from django.test import Client
import config.wsgi

def asked(**query):
    answer = Client(SERVER_NAME="127.0.0.1").get("/public/v1/organizations/", query)
    text = b"".join(answer).decode()
    assert answer.status_code == 200, text
    return text

assert all("AI-" in asked(search=text) for text in ("zhihui jiqiren", "智慧"))
assert "AI-" in asked() and "AI-" in asked(format="csv")
assert all("did_you_mean" in asked(search=text) for text in ("智惠", "zhihuijiqirne", "shanxian"))

from registry.models import Organization
Organization(kind="other", name_zh="中山虚构").save()
assert "pypinyin" not in sys.modules
"""


@pytest.mark.django_db(transaction=True)
def test_web_process_loads_no_dictionaries(tmp_path):
    for name in ("中山市智慧机器人有限公司", "单县虚构研究院"):
        factories.organization(name_zh=name, published=True)
    command = [sys.executable, "-c", WEB]
    result = subprocess.run(command, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert Organization.objects.get(name_zh="中山虚构").pinyin == "zhong shan xu gou"
