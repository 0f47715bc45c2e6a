"""The rule of a decision as minutes and spreadsheets write it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from alliance.meetings.rule_cells import NONE, parse_majority, parse_quorum, write_majority, write_quorum


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("2/3以上", ">=2/3"),
        ("２／３", ">=2/3"),
        ("三分之二以上", ">=2/3"),
        ("到会理事三分之二以上同意", ">=2/3"),
        ("至少 2/3", ">=2/3"),
        ("大于等于2/3", ">=2/3"),
        ("≥2/3", ">=2/3"),
        (">=2/3", ">=2/3"),
        ("at least 2/3 of those present", ">=2/3"),
        ("超过1/2", ">1/2"),
        ("过半数", ">1/2"),
        ("超过半数", ">1/2"),
        ("> 1/2", ">1/2"),
        ("半数以上", ">=1/2"),
        ("More than 1/2", ">1/2"),
        ("不要求", NONE),
        ("赞成票多于反对票", NONE),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_majority_is_read_as_it_is_written(cell, rule):
    assert parse_majority(cell) == rule


@pytest.mark.parametrize("value", ["2/3", "1/1", "9999/9999", NONE])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_written_is_read_again(value, language):
    with translation.override(language):
        assert parse_quorum(write_quorum(value)) == value
        for sign in ("",) if value == NONE else (">", ">="):
            assert parse_majority(write_majority(f"{sign}{value}")) == f"{sign}{value}"


@pytest.mark.parametrize(
    "cell", ["2/3以下", "不足2/3", "少于2/3", "3/2", "0/3", "2月3日", "多数", "0.67", 0.67, 2, "二/三"]
)
def test_anything_else_is_refused(cell):
    for parse in (parse_quorum, parse_majority):
        with pytest.raises(ValidationError):
            parse(cell)
    with pytest.raises(ValidationError):
        parse_majority(datetime.date(2026, 2, 3))


@pytest.mark.parametrize("cell", ["超过1/2", "过半数", ">2/3"])
def test_quorum_that_must_be_exceeded_is_refused_as_none_is_kept_so(cell):
    with pytest.raises(ValidationError, match="2/3以上"):
        parse_quorum(cell)
