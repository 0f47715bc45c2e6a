import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from registry.pinyin import pinyin_key

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
