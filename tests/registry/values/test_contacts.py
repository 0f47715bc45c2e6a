"""Mobile numbers and e-mail addresses in texts. All numbers and addresses are made up."""

import pytest

from registry.values.contacts import find_contact, may_have_contact


@pytest.mark.parametrize(
    "text",
    [
        "13800000000",
        "电话13800000000",
        "王经理：138-0000-0000",
        "138 0000 0000",
        "1380-000-0000",
        "138 00000000 转",
        "＋86 138 0000 0000",
        "+8613800000000",
        "008613800000000",
        "(86)13800000000",
        "86-13800000000",
        "１３８００００００００",
        "138\u200b0000\u200b0000",
        "tel13800000000",
        "Tel: 13800000000",
        "13800000000 13900000000",
        "地址（13800000000）",
        "https://13800000000.example.com",
        "邮箱：zhang.san+x@mail.example.com.cn",
        "x＠example.com",
        "foo @ example.com",
        "mailto:info@example.com",
    ],
)
def test_contact_is_found_in_a_text(text):
    assert find_contact(text)
    assert may_have_contact(text)


@pytest.mark.parametrize(
    "text",
    [
        "0760-88880000",
        "电话：0760 8888 0000",
        "91442000138000000001",
        "914420001380000000",
        "91442000MA13800000000",
        "688138",
        "13800000000元",
        "注册资本13800000000万元",
        "13800000000.00",
        "13,800,000,000",
        "¥13800000000",
        "6222 1380 0000 000",
        "138-0000-0000-0000",
        "138000000000",
        "622202138000000000",
        "138号0000室0000",
        "2013-2021",
        "2021-13-80 0000000",
        "15 2021-11-30 5",
        "GB/T 13800000000A",
        "12800000000",
        "138****0000",
        "@某某",
        "https://example.com/@foo.bar/x",
        "a@b",
    ],
)
def test_other_digits_and_signs_are_no_contact(text):
    assert not find_contact(text)
