import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT, RE_HANS
from pypinyin.style import convert

from registry.models import Organization
from registry.pinyin import HANS, pinyin_key
from registry.search import SYLLABLES
from tests import factories
from tests.config.conftest import ROOT
from tests.registry.live import environment

PIECES = [
    "中山",
    "中国",
    "银行",
    "行动",
    "重庆",
    "重",
    "长",
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


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF))).map("".join)
)
def test_pinyin_key_reads_as_pypinyin_does(name):
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
