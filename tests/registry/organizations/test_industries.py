"""Industries of GB/T 4754-2017: what stands for a code, and what is refused rather than guessed."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from registry.organizations.parsers import parse_industry
from registry.values.industries import MOST_FOUND, industries, search_industries


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("C3911", "C3911"),
        ("3911", "C3911"),
        (3911.0, "C3911"),
        (111.0, None),
        ("C3911计算机整机制造", "C3911"),
        ("计算机整机制造", "C3911"),
        ("软件和信息技术服务业", "I65"),
        ("农林牧渔业", "A"),
    ],
)
def test_industry_is_read_by_code_or_name(cell, code):
    if code is None:
        with pytest.raises(ValidationError, match=r"B111 .* A0111"):
            parse_industry(cell)
    else:
        assert parse_industry(cell) == code


@pytest.mark.parametrize("text", ["I6591 数字内容服务", "C3911 软件开发"])
def test_code_beside_the_name_of_another_industry_is_refused(text):
    """Codes of an older edition stand beside names that have another code now."""
    with translation.override("en"), pytest.raises(ValidationError, match="two industries"):
        parse_industry(text)


def test_unknown_code_is_refused_with_the_nearest():
    with translation.override("en"), pytest.raises(ValidationError, match=r"Did you mean C39"):
        parse_industry("C3999")


def test_table_has_all_levels_of_the_standard():
    by_length = [sum(len(code) == length for code in industries()) for length in (1, 3, 4, 5)]
    assert by_length == [20, 97, 473, 1381]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("软件开发", "I6513 应用软件开发"),
        ("6513", "I6513 应用软件开发"),
        ("i651", "I6511 基础软件开发"),
        ("机床", "C3425"),
    ],
)
def test_industries_are_offered_by_a_part_of_code_or_name(words, first):
    offered = [f"{code} {name}" for code, name in search_industries(words)]
    assert any(one.startswith(first) for one in offered)
    assert len(offered) <= MOST_FOUND


def test_what_is_offered_is_read_as_its_code():
    for code, name in industries().items():
        assert parse_industry(f"{code} {name}") == code
