"""Rules on single values. All codes are invented; their check characters are computed."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registry.values import validators
from registry.values.validators import (
    USCC_ALPHABET,
    clean_line,
    describe_uscc,
    fold_name,
    is_masked,
    normalise_uscc,
    uscc_check_character,
    uscc_check_character_ok,
    validate_email,
    validate_phone,
    validate_uscc_check_character,
    validate_uscc_format,
    validate_website,
)


def code_from(first17: str) -> str:
    return first17 + uscc_check_character(first17)


def test_uscc_check_character_agrees_with_the_standards_example():
    # GB 32100-2015 annex: 91350100M000100Y43
    assert uscc_check_character("91350100M000100Y4") == "3"
    assert uscc_check_character_ok("91350100M000100Y43")
    assert not uscc_check_character_ok("91350100M000100Y44")


@pytest.mark.parametrize("start", ["91", "12", "52", "A1", "A9", "N1", "N2", "N3", "Y1"])
def test_uscc_check_character_serves_every_kind_of_body(start):
    code = code_from(f"{start}442000MA0000001")
    assert uscc_check_character_ok(code)
    validate_uscc_format(code)
    assert describe_uscc(code).region_code == "442000"


@given(st.text(alphabet=USCC_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(USCC_ALPHABET))
def test_uscc_check_character_finds_every_single_wrong_character(first17, position, other):
    code = code_from(first17)
    assert uscc_check_character_ok(code)
    changed = code[:position] + other + code[position + 1 :]
    assert uscc_check_character_ok(changed) == (changed == code)


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        (" 913501 00M000 100Y43 ", "91350100M000100Y43"),
        ("'91350100m000100y43", "91350100M000100Y43"),
        ("91350100-M000100Y4-3", "91350100M000100Y43"),
        ("\ufeff91350100M000100Y43\u200b\u3000", "91350100M000100Y43"),
        ("9135\ufe0f0100M000\U000e0100100Y43\u202c", "91350100M000100Y43"),
    ],
)
def test_uscc_normalisation_undoes_sloppy_typing(given_text, stored):
    assert normalise_uscc(given_text) == stored


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91350100M000100Y4", "uscc_length"),
        ("", "uscc_length"),
        ("91350100M000100Y433", "uscc_length"),
        ("91350100MO00100Y43", "uscc_characters"),
        ("91350100m000100Y43", "uscc_characters"),
        ("91350100M000100Y4\n", "uscc_characters"),
    ],
)
def test_uscc_format_refuses_with_the_reason(code, reason):
    with pytest.raises(ValidationError) as caught:
        validate_uscc_format(code)
    assert caught.value.code == reason


def test_uscc_check_character_is_a_rule_of_its_own():
    validate_uscc_format("91350100M000100Y44")
    with pytest.raises(ValidationError) as caught:
        validate_uscc_check_character("91350100M000100Y44")
    assert caught.value.code == "uscc_check_character"


def test_uscc_description_hints_at_the_kind():
    assert describe_uscc("91442000MA0000001X").kind == "enterprise"
    assert describe_uscc("52442000MA0000001X").kind == "social"
    assert describe_uscc("11442000MA0000001X").kind == "government"
    assert describe_uscc("12442000MA0000001X").kind is None
    unknown = describe_uscc("CC992000MA0000001X")
    assert (unknown.region_code, unknown.province, unknown.kind) == ("992000", None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("香山（集团）有限公司", "香山(集团)有限公司"),
        ("香山〔集团〕有限公司", "香山【集团】有限公司"),
        ("香山 机器人\n有限公司 ", "香山机器人有限公司"),
        ("ＡＢＣ科技", "abc 科技"),
        ("Acme  Robotics\tLtd.", "ACME ROBOTICS LTD."),
        ("香山\u200b科技", "香山科技"),
        ("香\ufe00山\U000e0101科\u2066技", "香山科技"),
        ("\ue000 科技", "\ue000科技"),
    ],
)
def test_fold_name_levels_writings_of_one_name(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("香山科技有限公司", "中山市香山科技有限公司"),
        ("香山科技有限公司", "香山科技有限责任公司"),
        ("Acme Robotics", "AcmeRobotics"),
        ("香山科技", "香山科抟"),
    ],
)
def test_fold_name_keeps_different_names_apart(one, other):
    assert fold_name(one) != fold_name(other)


@given(st.text())
def test_fold_name_folds_its_own_result_to_itself(text):
    assert fold_name(fold_name(text)) == fold_name(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("香山智\n能有限公司", "香山智能有限公司"),
        (" 香山智能有限公司\u3000", "香山智能有限公司"),
        ("香山 智能", "香山 智能"),
        ("Acme\r\nRobotics  Ltd.", "Acme Robotics Ltd."),
        ("香山\n（中国）", "香山（中国）"),
        ("①号㈱", "①号㈱"),
        ("香山\ufe0f智\U000e0100能", "香山智能"),
        ("\ue000\U00020000", "\ue000\U00020000"),
    ],
)
def test_clean_line_puts_a_name_on_one_line_and_keeps_its_characters(text, stored):
    assert clean_line(text) == stored


@given(st.text())
def test_clean_line_changes_nothing_the_second_time(text):
    assert clean_line(clean_line(text)) == clean_line(text)


@given(st.text())
def test_clean_line_keeps_the_folded_name(text):
    assert fold_name(clean_line(text)) == fold_name(text)


@pytest.mark.parametrize("text", ["黄**", "黄*明", "138****1234", "138xxxx1234", "a***@example.com", "李某某"])
def test_is_masked_sees_hidden_characters(text):
    assert is_masked(text)


@pytest.mark.parametrize("text", ["黄河", "13800000000", "*ST香山", "A*STAR", "0760-88880000*12", "Max x Moritz", ""])
def test_is_masked_leaves_full_values(text):
    assert not is_masked(text)


@pytest.mark.parametrize("url", ["https://www.example.com", "http://example.cn:8080/a?b=c#d", "https://香山.中国/"])
def test_website_accepts_web_addresses(url):
    validate_website(url)
    assert validators.urlsplit(url).scheme in {"http", "https"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " https://example.com",
        "https://example.com\n",
        "ftp://example.com",
        "//example.com",
        "www.example.com",
        "https://user:secret@example.com",
        "https://exa mple.com",
        "data:text/html,x",
        "http://",
        "https://[::1",
    ],
)
def test_website_refuses_everything_else(url):
    with pytest.raises(ValidationError):
        validate_website(url)


@pytest.mark.parametrize(
    "text",
    [
        "0760-00000000",
        "+86 760 0000 0000",
        "(0760)0000000转801",
        "10000000000",
        "0760-0000000/0760-0000001",
        "400-000-0000",
    ],
)
def test_phone_accepts_usual_writings(text):
    assert validate_phone(text) is None


@pytest.mark.parametrize("text", ["黄先生", "1234", "=1+1", "0760-0000000000000000", "", "请来电"])
def test_phone_refuses_what_is_no_number(text):
    with pytest.raises(ValidationError):
        validate_phone(text)


def test_email_is_checked():
    validate_email("office@example.com")
    with pytest.raises(ValidationError):
        validate_email("office@@example.com")
