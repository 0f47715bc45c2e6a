"""Industries by GB/T 4754-2017: what names one."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from registry.values.industries import find_industry, industries


def test_table_is_complete_and_every_code_has_the_one_above_it():
    assert Counter(map(len, industries())) == {1: 20, 3: 97, 4: 473, 5: 1381}
    above = {code[:-1] if len(code) > 3 else code[:1] for code in industries()}
    assert above <= set(industries())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I6513", "I6513"),
        ("i65", "I65"),
        ("Ｉ65", "I65"),
        ("3911", "C3911"),
        ("65", "I65"),
        ("C", "C"),
        ("软件和信息技术服务业", "I65"),
        ("I65 软件和信息技术服务业", "I65"),
        ("65软件和信息技术服务业", "I65"),
        ("C3911计算机整机制造", "C3911"),
        ("C-制造业", "C"),
        ("铁矿采选", "B081"),
        ("飞机制造", "C3741"),
    ],
)
def test_industry_is_found_by_code_digits_or_name(text, code):
    assert find_industry(text) == code


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("I3911", "C3911 计算机整机制造"),
        ("C3910", "C391 计算机制造"),
        ("计算机整机制造业", "C3911 计算机整机制造"),
        ("9999", "such as I6513"),
        ("A股", "such as I6513"),
        ("65寸电视", "I65"),
    ],
)
def test_unknown_industry_is_refused_with_the_nearest(text, near):
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        find_industry(text)
    with translation.override("en"):
        assert near in caught.value.messages[0]
