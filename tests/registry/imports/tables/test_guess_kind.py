"""The kind of a row: from the columns, the USCC, the legal form, the title; no combination ends in an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.imports.tables.guesses import kind_of_name, kind_of_title, settle_kind
from registry.models import Category, Kind, Organization
from tests import factories
from tests.registry.imports.importing import imported, told

WANTING = "A new record needs a kind: add the column 单位类型, or the USCC, which shows the kind."


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("中山市香山机器人有限公司", "enterprise"),
        ("中山市香山投资中心（有限合伙）", "enterprise"),
        ("中山市香山管理咨询合伙企业", "enterprise"),
        ("香山集团有限公司小榄分公司", "enterprise"),
        ("中山香山研究院有限公司", "enterprise"),
        ("中山香山研究院（筹）", "research"),
        ("香山大学中山学院", "research"),
        ("中山市香山人工智能研究所", "research"),
        ("中山市人工智能行业协会", "social"),
        ("中山市香山慈善基金会", "social"),
        ("香山银行股份有限公司中山分行", "financial"),
        ("中山市工业和信息化局", "government"),
        ("中山市香山医院", "other"),
        ("中山示例孵化中心", ""),
        ("香山", ""),
        ("Xiangshan Robot Co., Ltd.", "enterprise"),
        ("Xiangshan University of Technology", "research"),
        ("Bank", "financial"),
        ("", ""),
    ],
)
def test_legal_form_at_the_end_of_a_name_tells_the_kind(name, kind):
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("中山市人工智能企业名单（2024年）", "enterprise"),
        ("科研院所情况表", "research"),
        ("企业和科研院所名单", ""),
        ("会员名录", ""),
        ("中山市企业联合会会员名录", ""),
        ("Sheet1", ""),
    ],
)
def test_title_of_a_list_tells_the_kind_of_its_rows(title, kind):
    assert kind_of_title(title) == kind


def test_columns_go_before_the_code_the_code_before_the_form_and_that_before_the_title():
    values = {"nature": "高校", "uscc": factories.valid_uscc(start="91"), "name_zh": "香山协会"}
    order = []
    for gone in ("nature", "uscc", "name_zh", None):
        row = dict(values)
        settle_kind(row, "", "financial")
        order.append(row.get("kind") or row["kind_guess"])
        values.pop(gone, None)
    assert order == ["research", "enterprise", "social", "financial"]


NATURES = [
    "孵化器",
    "高校",
    "民营企业",
    "education|funder",
    "有限责任公司",
    "医院",
    "企业；高校",
    "、",
    "|",
    "其他",
    "机关/协会",
]


@settings(max_examples=400, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(Kind.values),
            "category": st.sampled_from(Category.values),
            "nature": st.one_of(st.sampled_from(NATURES), st.text(max_size=8)),
            "uscc": st.sampled_from(["91", "11", "12", "52", "N2", ""]).map(
                lambda start: start and f"{start}442000W0002200X"
            ),
            "name_zh": st.one_of(st.sampled_from(["香山孵化中心", "香山有限公司", "香山大学"]), st.text(max_size=12)),
            "name_en": st.text(max_size=12),
        },
    ),
    st.sampled_from(["", "enterprise"]),
    st.sampled_from(["", "research"]),
)
def test_no_row_of_any_columns_ends_in_an_exception(values, label, title):
    given_kind = values.get("kind")
    settle_kind(values, label, title)
    assert "nature" not in values
    assert values.get("kind") in (None, *Kind.values)
    assert given_kind in (None, values.get("kind"))
    assert values.get("kind_guess") in (None, *Kind.values)
    assert values.get("category") in (None, *Category.values)


@pytest.mark.django_db
@pytest.mark.parametrize("nature", NATURES)
@pytest.mark.parametrize("extra", [[], ["单位类型"], ["主体类别"], ["统一社会信用代码"]])
def test_rows_of_every_nature_are_taken_or_refused_with_one_message(tmp_path, nature, extra):
    cells = {"单位类型": "企业", "主体类别": "孵化器", "统一社会信用代码": factories.valid_uscc(start="52")}
    rows = [["单位名称", "单位性质", *extra], ["香山示例中心", nature, *(cells[label] for label in extra)]]
    report = imported(tmp_path, rows)
    assert report.new + report.refused == 1
    assert len(report.problems) == report.refused, told(report)


@pytest.mark.django_db
def test_category_of_any_kind_alone_is_refused_because_the_kind_is_wanting(tmp_path):
    report = imported(tmp_path, [["单位名称", "单位性质"], ["中山示例乙孵化中心", "孵化器"]])
    assert told(report) == [(2, "单位性质", WANTING)]
    report = imported(tmp_path, [["单位名称", "单位性质"], ["中山示例乙孵化器有限公司", "孵化器"]])
    assert report.new == 1
    record = Organization.objects.get()
    assert (record.kind, record.category) == ("enterprise", "incubator")


@pytest.mark.django_db
def test_wrong_code_gives_one_message(tmp_path):
    code = factories.valid_uscc()
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    report = imported(tmp_path, [["单位名称", "统一社会信用代码"], ["香山示例中心", wrong]])
    assert [words for _row, _column, words in told(report)] == [
        f"The check character of “{wrong}” does not fit: probably one character is mistyped."
    ]


@pytest.mark.django_db
def test_title_gives_the_kind_and_says_so(tmp_path):
    rows = [["中山市人工智能企业名单", ""], ["单位名称", "简称"], ["香山示例中心", "示例"]]
    report = imported(tmp_path, rows)
    assert Organization.objects.get().kind == "enterprise"
    assert any(notice.params == {"count": 1} for notice in report.notices)
