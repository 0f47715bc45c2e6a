"""How cells of organizations are read: several names in one."""

import pytest

from registry.organizations.parsers import join_names, parse_names
from registry.spreadsheet import parse_capital, parse_unit
from registry.spreadsheet.base import Context

ONE, OTHER = "中山市虚构甲有限公司", "中山市虚构乙厂"


@pytest.mark.parametrize("separator", ["、", "，", ",", "\n", "\r\n", ";", "； ", ",\n"])
def test_names_are_parted_by_whatever_stands_between_them(separator):
    assert parse_names(f"{ONE}{separator}{OTHER}") == [ONE, OTHER]
    assert parse_names(f"A Robotics Co., Ltd.{separator}B Inc.") == ["A Robotics Co., Ltd.", "B Inc."]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("X Robotics Co., Ltd.", ["X Robotics Co., Ltd."]),
        ("A, Inc.", ["A, Inc."]),
        ("A, Inc., B Co.,Ltd", ["A, Inc.", "B Co., Ltd"]),
        ("University of California, Berkeley", ["University of California, Berkeley"]),
        ("Institute of Robots, Fictional University", ["Institute of Robots, Fictional University"]),
        ("Fictional University\nFictional Institute", ["Fictional University", "Fictional Institute"]),
        ("X Robotics\nCo., Ltd.", ["X Robotics Co., Ltd."]),
        ("中山市虚构\n机器人有限公司", ["中山市虚构机器人有限公司"]),
        ("中山机械、电子研究所", ["中山机械、电子研究所"]),
        ("虚构甲厂（中山）、虚构合伙企业（有限合伙）", ["虚构甲厂（中山）", "虚构合伙企业（有限合伙）"]),
        (f'"{ONE}、{OTHER}";{ONE}', [f"{ONE}、{OTHER}", ONE]),
    ],
)
def test_name_that_holds_a_separator_stays_whole(cell, names):
    assert parse_names(cell) == names


def test_names_are_read_as_they_are_written():
    names = [ONE, f"{ONE}、{OTHER}", "X Robotics Co., Ltd.", "A Ltd., B Ltd.", "A;B"]
    assert parse_names(join_names(names)) == names


def test_capital_keeps_the_text_that_the_cell_shows():
    unit = Context(parse_unit("万元"))
    assert [parse_capital(cell, unit).text for cell in (500, 500.0, 0.1 + 0.2, " 500 ")] == ["500", "500", "0.3", "500"]
