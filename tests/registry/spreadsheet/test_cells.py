"""What cells say: every way in which staff lists write dates, numbers, codes and choices."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registry import spreadsheet
from registry.spreadsheet import Context, Unit, Vocabulary
from registry.values.validators import clean_line, uscc_check_character

DAY = datetime.date(2019, 9, 1)
WAN_YUAN = Context(unit=Unit(Decimal(10_000), "money"))
_COLOURS = Vocabulary("colour", lambda: [("red", ["红"])])
PARSERS = [
    spreadsheet.parse_line, spreadsheet.parse_text, spreadsheet.parse_date, spreadsheet.parse_decimal,
    spreadsheet.parse_integer, spreadsheet.parse_money, spreadsheet.parse_capital, spreadsheet.parse_year,
    spreadsheet.parse_uscc, spreadsheet.parse_boolean, spreadsheet.parse_website, spreadsheet.parse_phone,
    spreadsheet.parse_email, spreadsheet.parse_identifiers, spreadsheet.choice_parser(_COLOURS),
    spreadsheet.list_parser(_COLOURS), spreadsheet.signed_list_parser(_COLOURS),
]  # fmt: skip


def refusal(parse, cell, context=spreadsheet.PLAIN) -> str:
    with pytest.raises(ValidationError) as caught:
        parse(cell, context)
    assert len(caught.value.messages[0]) > 5
    return caught.value.error_list[0].code


# --- Blanks and text


@pytest.mark.parametrize(
    "cell", [None, "", "  \u3000", "N/A", "n/a", "--", "——", "无", "/", "／", "－", "NULL", " 无 "]
)
def test_blank_signs_say_nothing(cell):
    assert spreadsheet.is_blank(cell)
    for parse in (
        spreadsheet.parse_line,
        spreadsheet.parse_date,
        spreadsheet.parse_capital,
        spreadsheet.parse_uscc,
        spreadsheet.parse_boolean,
    ):
        assert parse(cell) is None


@pytest.mark.parametrize("cell", ["无线电厂", "A/B", "0", 0, False, "NA", "无锡", "C--"])
def test_blank_signs_count_only_as_the_whole_cell(cell):
    assert not spreadsheet.is_blank(cell)
    assert spreadsheet.parse_line(cell) is not None


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("同上", "ditto"),
        ("〃", "ditto"),
        ("#N/A", "excel_error"),
        ("  #getting_data ", "excel_error"),
        ("Err:508", "excel_error"),
        ("#########", "too_narrow"),
        (spreadsheet.MissingValue("#FOO!"), "excel_error"),
        (spreadsheet.MissingValue(""), "no_result"),
    ],
)
@pytest.mark.parametrize("parse", PARSERS)
def test_cells_that_hold_no_value_of_their_own_are_refused(cell, code, parse):
    assert refusal(parse, cell) == code


@pytest.mark.parametrize("text", ["3# 厂房", "#1 号楼", "C#", "园区 #A", "#"])
def test_texts_with_a_number_sign_are_read(text):
    assert spreadsheet.parse_line(text) == text
    assert spreadsheet.parse_text(text) == text


def test_text_of_an_excel_cells_full_length_is_refused_as_cut_off():
    assert spreadsheet.parse_text("字" * 32_766) == "字" * 32_766
    assert refusal(spreadsheet.parse_text, "字" * 32_767) == "cut_off"


@pytest.mark.parametrize(
    ("cell", "text"),
    [(13800000000.0, "13800000000"), (3, "3"), (2.5, "2.5"), (0.1 + 0.2, "0.3"), (DAY, "2019-09-01"), (True, "TRUE")],
)
def test_typed_cells_read_as_text(cell, text):
    assert spreadsheet.parse_line(cell) == text


def test_number_of_more_than_15_digits_is_refused_as_text():
    assert spreadsheet.parse_line(999_999_999_999_999.0) == "999999999999999"
    assert refusal(spreadsheet.parse_line, 1_234_567_890_123_456.0) == "digits_lost"


def test_text_of_several_lines_keeps_its_lines():
    assert spreadsheet.parse_text(" 一\r\n二\r三\x01四 ") == "一\n二\n三 四"
    assert spreadsheet.parse_line(" 一\r\n二 ") == "一二"


# --- Credit codes

CODE = "91350100M000100Y43"  # the standard's own example


@pytest.mark.parametrize(
    "cell", [CODE, CODE.lower(), f"'{CODE}", "９１３５０１００Ｍ０００１００Ｙ４３", "913501 00M000 100Y43"]
)
def test_uscc_reads_sloppy_writings(cell):
    assert spreadsheet.parse_uscc(cell) == CODE


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (914420001234567890.0, "digits_lost"),
        (914420001234567890, "digits_lost"),
        ("9.1442E+17", "digits_lost"),
        ("914420001234567000", "digits_lost"),
        ("91350100M000100Y44", "uscc_check_character"),
        ("91350100MO00100Y43", "uscc_characters"),
        ("442000000012345", "uscc_length"),
        (442000000012345, "uscc_length"),
    ],
)
def test_uscc_is_refused_with_the_reason_and_never_repaired(cell, code):
    assert refusal(spreadsheet.parse_uscc, cell) == code


def test_uscc_of_digits_that_ends_in_zeros_is_read_when_its_check_character_fits():
    codes = (f"91442000{number:09d}" for number in range(100, 10**6, 100))
    code = next(code for code in codes if uscc_check_character(code) == "0") + "0"
    assert code.endswith("000")
    assert spreadsheet.parse_uscc(code) == code


# --- Dates


@pytest.mark.parametrize(
    "cell",
    [
        "2019-09-01", "2019-9-1", "2019/9/1", "2019.9.1", "2019.09.01", "20190901", 20190901, 20190901.0, 43709,
        43709.0,
        "43709", "2019年9月1日", "2019 年 9 月 1 日", "２０１９年９月１日", "二〇一九年九月一日",
        "二零一九年九月一号", "2019-09-01 00:00:00",
        "2019/9/1 8:30", "2019-09-01T08:30:00", "2019-08-31T20:00:00Z", "1 September 2019", "Sept. 1, 2019",
        "Sep 1st, 2019",
        DAY, datetime.datetime(2019, 9, 1, 23, 59),  # noqa: DTZ001 - spreadsheets know no zone
    ],
)  # fmt: skip
def test_date_reads_every_usual_form(cell):
    assert spreadsheet.parse_date(cell) == DAY


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("一九九八年七月十五日", (1998, 7, 15)),
        ("一九九八年十二月三十一日", (1998, 12, 31)),
        ("二〇二一年正月廿一日", (2021, 1, 21)),
        ("一九八六年元月二十日", (1986, 1, 20)),
        ("2020.2.29", (2020, 2, 29)),
        (32602.0, (1989, 4, 4)),
    ],
)
def test_date_reads_chinese_numerals_and_serials(cell, day):
    assert spreadsheet.parse_date(cell) == datetime.date(*day)


def test_date_serial_counts_in_the_workbooks_system():
    assert spreadsheet.parse_date(43709 - 1462, Context(date_1904=True)) == DAY


@pytest.mark.parametrize(
    "cell",
    ["2019年9月", "2019年", "2019", 2019, "201909", 201909, "2019.9", "2019-09", "一九九八年七月", "1998年7月份"],
)
def test_date_without_its_day_is_refused(cell):
    assert refusal(spreadsheet.parse_date, cell) == "date_without_day"


@pytest.mark.parametrize("cell", ["2019-02-30", "20191301", "2019年9月31日", "2019.13.1"])
def test_date_that_the_calendar_lacks_is_refused(cell):
    assert refusal(spreadsheet.parse_date, cell) == "no_such_day"


@pytest.mark.parametrize(
    "cell", ["19.9.1", "01/09/2019", "去年", "0001-01-01", "9999-12-31", True, 12, -5, 1e12, "2019-09-01至2020"]
)
def test_date_refuses_what_could_be_read_two_ways(cell):
    assert refusal(spreadsheet.parse_date, cell) == "not_a_date"


@pytest.mark.parametrize("cell", ["至今", "长期"])
def test_date_of_an_open_end_is_blank(cell):
    assert spreadsheet.parse_date(cell) is None


@given(st.dates(datetime.date(1000, 1, 1), datetime.date(2200, 12, 31)))
def test_date_reads_what_is_written(day):
    assert spreadsheet.parse_date(spreadsheet.date_text(day)) == day
    assert spreadsheet.parse_date(f"{day.year}年{day.month}月{day.day}日") == day
    assert spreadsheet.parse_date(f"{day:%Y%m%d}") == day


# --- Numbers and money


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,200", "1200"),
        ("１２００", "1200"),
        (1200.0, "1200"),
        ("1.2万人", "12000"),
        ("120人", "120"),
        ("1，234.5", "1234.5"),
        ("-3", "-3"),
    ],
)
def test_decimal_reads_separators_widths_and_units(cell, number):
    assert spreadsheet.parse_decimal(cell) == Decimal(number)


@pytest.mark.parametrize(
    "cell", ["约120", "100-200", "1,2", "1,0000", "200 300", "(200)", "200(300)", "十二", "", "12kg", True]
)
def test_decimal_refuses_what_is_not_one_number(cell):
    if cell == "":
        assert spreadsheet.parse_decimal(cell) is None
    else:
        assert refusal(spreadsheet.parse_decimal, cell) in ("not_a_number", "about")


def test_integer_is_whole_and_not_negative():
    assert spreadsheet.parse_integer("1,200人") == 1200
    assert refusal(spreadsheet.parse_integer, "1.5") == "not_whole"
    assert refusal(spreadsheet.parse_integer, -1) == "negative"


@pytest.mark.parametrize(
    ("text", "factor", "kind", "currency"),
    [
        ("万元", 10_000, "money", None), ("（万元人民币）", 10_000, "money", "CNY"),
        ("单位：亿元", 10**8, "money", None),
        ("万美元", 10_000, "money", "USD"), ("万人民币元", 10_000, "money", "CNY"),
        ("人民币万元", 10_000, "money", "CNY"),
        ("万", 10_000, "", None), ("人", 1, "count", None), ("万人", 10_000, "count", None), ("元", 1, "money", None),
        ("USD million", 10**6, "money", "USD"), ("$", 1, "money", "USD"), ("元人民币", 1, "money", "CNY"),
        ("CNY", 1, "money", "CNY"), ("10,000 yuan", 10_000, "money", None),
    ],
)  # fmt: skip
def test_unit_is_told_from_its_text(text, factor, kind, currency):
    assert spreadsheet.parse_unit(text) == Unit(Decimal(factor), kind, currency)


@pytest.mark.parametrize("text", ["", "公斤", "名录", "征求意见稿"])
def test_unit_is_none_for_other_texts(text):
    assert spreadsheet.parse_unit(text) is None


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("200(万元人民币)", 2_000_000, "CNY"), ("200(万美元)", 2_000_000, "USD"),
        ("4,600(万香港元)", 46_000_000, "HKD"),
        ("9.6万人民币", 96_000, "CNY"), ("9,500(万人民币元)", 95_000_000, "CNY"),
        ("11800万元人民币", 118_000_000, "CNY"),
        ("33,000(万日元)", 330_000_000, "JPY"), ("460.39万港元", 4_603_900, "HKD"), ("30(万)", 300_000, None),
        ("591万美元", 5_910_000, "USD"), ("42(万欧元)", 420_000, "EUR"), ("53.4000(万元人民币)", 534_000, "CNY"),
        ("人民币200万元整", 2_000_000, "CNY"), ("1693.83亿", 169_383_000_000, None),
        ("USD 3 million", 3_000_000, "USD"),
        ("￥500,000", 500_000, "CNY"), ("500000元", 500_000, None),
    ],
)  # fmt: skip
def test_capital_reads_every_form(cell, amount, currency):
    assert spreadsheet.parse_capital(cell) == spreadsheet.Capital(Decimal(amount), currency, cell)


def test_capital_takes_the_headers_unit_only_where_the_cell_has_none():
    assert spreadsheet.parse_capital("200", WAN_YUAN) == spreadsheet.Capital(Decimal(2_000_000), None, "200")
    assert spreadsheet.parse_capital(200.0, WAN_YUAN).amount == 2_000_000
    assert spreadsheet.parse_capital("5亿元", WAN_YUAN).amount == 500_000_000
    assert spreadsheet.parse_capital("200万美元", WAN_YUAN).currency == "USD"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("200", "unit_missing"),
        (200.0, "unit_missing"),
        ("200人", "unknown_unit"),
        ("200万瓦", "unknown_unit"),
        ("-200万元", "negative"),
    ],
)
def test_capital_without_a_known_unit_is_refused(cell, code):
    assert refusal(spreadsheet.parse_capital, cell) == code


def test_money_is_yuan_to_the_fen():
    assert spreadsheet.parse_money("1693.83亿") == Decimal("169383000000.00")
    assert spreadsheet.parse_money("0.0000015", WAN_YUAN) == Decimal("0.02")
    assert refusal(spreadsheet.parse_money, "200万美元") == "not_yuan"
    assert refusal(spreadsheet.parse_money, "200") == "unit_missing"


@given(st.decimals(0, 10**15, places=2))
def test_money_reads_what_is_written(amount):
    assert spreadsheet.parse_money(spreadsheet.wan_text(amount), WAN_YUAN) == amount


# --- Choices, lists, identifiers, yes and no

TOWN_NAMES = {
    1: ["石岐街道", "Shiqi Subdistrict", "石岐区"],
    2: ["小榄镇"],
    3: ["港口镇", "港口"],
    4: ["甲、乙"],
    5: ["港口"],
}
TOWNS: Vocabulary[int] = Vocabulary("town", TOWN_NAMES.items)


@pytest.mark.parametrize("text", ["石岐街道", "石岐区", " 石岐 街道", "SHIQI  subdistrict", "ｓｈｉｑｉ Subdistrict"])
def test_vocabulary_finds_by_any_name(text):
    assert spreadsheet.choice_parser(TOWNS)(text, spreadsheet.PLAIN) == 1


def test_vocabulary_suggests_the_nearest_names():
    with pytest.raises(ValidationError) as caught:
        TOWNS.find("石歧街道")
    assert "石岐街道" in caught.value.messages[0]
    assert caught.value.code == "unknown"


def test_vocabulary_refuses_a_name_of_two_values():
    with pytest.raises(ValidationError) as caught:
        TOWNS.find("港口")
    assert caught.value.code == "ambiguous"
    assert TOWNS.find("港口镇") == 3


def test_choice_labels_are_found_in_both_languages():
    vocabulary = spreadsheet.choice_vocabulary("kind", [("enterprise", "Enterprise")], {"enterprise": ["公司"]})
    assert {vocabulary.find(text) for text in ("enterprise", "ENTERPRISE", "公司")} == {"enterprise"}


def test_list_tells_all_unknown_values_at_once():
    parse = spreadsheet.list_parser(TOWNS)
    assert parse("石岐街道；小榄镇、石岐区", spreadsheet.PLAIN) == [1, 2]
    assert parse("甲、乙;小榄镇", spreadsheet.PLAIN) == [4, 2]
    assert parse(" ; ", spreadsheet.PLAIN) is None
    with pytest.raises(ValidationError) as caught:
        parse("天河;小榄镇;越秀", spreadsheet.PLAIN)
    assert len(caught.value.messages) == 2


@given(st.lists(st.text().map(clean_line).filter(bool), unique=True, min_size=2))
def test_list_reads_what_is_written(values):
    assert spreadsheet.split_list(spreadsheet.join_list(values)) == values


@pytest.mark.parametrize("text", ['"a', '""', '"a"b;c', ";;；", '"a";', 'a"b', '"a" ; "b"'])
def test_list_survives_odd_quotes(text):
    assert all(spreadsheet.split_list(text)) is True


def test_identifiers_are_scheme_and_value():
    assert spreadsheet.parse_identifiers("ROR:https://ror.org/000; lei：ABC") == [
        ("ror", "https://ror.org/000"),
        ("lei", "ABC"),
    ]
    assert refusal(spreadsheet.parse_identifiers, "440000000012345") == "identifier"


def test_boolean_reads_both_languages_and_ticks():
    assert [spreadsheet.parse_boolean(cell) for cell in ("是", "Yes", "√", True, 1)] == [True] * 5
    assert [spreadsheet.parse_boolean(cell) for cell in ("否", "no", "×", False, 0)] == [False] * 5
    assert refusal(spreadsheet.parse_boolean, "也许") == "not_boolean"


# --- Contact data and web addresses


def test_website_without_scheme_is_taken_as_http():
    assert spreadsheet.parse_website("www.example.com") == "https://www.example.com"
    assert spreadsheet.parse_website("example.com:8080") == "https://example.com:8080"
    assert refusal(spreadsheet.parse_website, "javascript:alert(1)") == "website"
    assert refusal(spreadsheet.parse_website, "暂未建设") == "website"


def test_masked_contact_data_pass_the_form_check():
    assert spreadsheet.parse_phone("138****1234") == "138****1234"
    assert spreadsheet.parse_email("a***@example.com") == "a***@example.com"
    assert refusal(spreadsheet.parse_phone, "=cmd") == "phone"


# --- Writing

dangerous = st.builds(
    str.__add__,
    st.text(alphabet="' \t\r\n\x01\u3000"),
    st.sampled_from(["=1+1", "+1", "-a", "@x", "\t", "\r", "＝1", "x", "'"]),
)


@given(st.one_of(st.text(), dangerous))
def test_csv_text_is_harmless_and_reads_back(text):
    written = spreadsheet.csv_text(text)
    assert spreadsheet.read_text(written) == text
    first = written.lstrip(" \t\r\n\x01\u3000\xa0")[:1]
    assert first not in set("=+-@＝") or written.lstrip("-").replace(".", "").isdigit()
    assert not written.startswith(("\t", "\r"))


@given(
    st.one_of(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"])), dangerous.filter(str.isprintable))
)
def test_xlsx_text_reads_back(text):
    written, changed = spreadsheet.xlsx_text(text)
    assert not changed
    assert spreadsheet.read_text(written) == text


def test_xlsx_text_replaces_what_xml_cannot_hold():
    assert spreadsheet.xlsx_text("a\x00b\x1fc\ufffe\nd\t") == ("a b c \nd\t", True)
    assert spreadsheet.xlsx_text("字" * 40_000) == ("字" * 32_767, True)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_csv_cells_survive_the_csv_module(text):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([spreadsheet.csv_text(text), "x"])
    read = next(csv.reader(io.StringIO(buffer.getvalue(), newline="")))
    assert spreadsheet.read_text(read[0]) == text


def test_decimal_text_has_no_exponent():
    assert spreadsheet.decimal_text(Decimal("1E+3")) == "1000"
    assert spreadsheet.decimal_text(Decimal("2.500")) == "2.5"
    assert spreadsheet.wan_text(Decimal("2000000.00")) == "200"
    assert spreadsheet.wan_text(None) == spreadsheet.decimal_text(None) == spreadsheet.date_text(None) == ""


# --- Signs of direction, and numbers that are none


@pytest.mark.parametrize("sign", "\u061c\u200e\u200f\u202a\u202e\u2066\u2069")
def test_line_with_a_sign_of_direction_is_refused(sign):
    cell = f"中山{sign}示例机器人有限公司"
    for parse in (spreadsheet.parse_line, spreadsheet.split_list):
        with pytest.raises(ValidationError) as caught:
            parse(cell)
        assert (caught.value.code, caught.value.params) == ("direction", {"position": 3, "sign": f"U+{ord(sign):04X}"})
    assert refusal(spreadsheet.parse_website, f"https://{sign}www.example.com")
    assert spreadsheet.parse_text(cell) == cell
    assert spreadsheet.parse_uscc(f"{sign}91442000W00000000{uscc_check_character('91442000W00000000')}")


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), float("-inf"), "Infinity", "-inf"])
def test_number_that_is_none_is_refused(cell):
    for parse in (spreadsheet.parse_decimal, spreadsheet.parse_integer, spreadsheet.parse_money):
        assert refusal(parse, cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (914420008981027712.0, "9.1442E+17"),
        (1e15, "1E+15"),
        (500.0, "500"),
        (123456789012, "123456789012"),
        (0.5, "0.5"),
    ],
)
def test_numbers_are_shown_as_the_spreadsheet_program_shows_them(cell, text):
    assert spreadsheet.base.shown(cell) == text
