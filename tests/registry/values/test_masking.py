"""Telephone numbers and e-mail addresses with their middle hidden."""

import pytest

from registry.spreadsheet import parse_email, parse_phone
from registry.values.contacts import find_contact, hide_contacts
from registry.values.masking import mask_email, mask_phone
from registry.values.validators import is_masked

PHONES = {
    "13800001234": "138****1234",
    "138 0000 1234": "138****1234",
    "+86 138-0000-1234": "+86 138****1234",
    "0760-88801234": "0760-****1234",
    "(0760)88801234": "0760-****1234",
    "076088801234": "0760****1234",
    "010-88801234": "010-****1234",
    "0760-8880123": "0760-***0123",
    "88801234": "****1234",
    "12345": "1***5",
    "400-800-1234": "400***1234",
    "0760-88801234转8001": "0760-****1234转**",
    "13800001234；0760-88801234": "138****1234；0760-****1234",
    "+852 1234 5678": "852****5678",
    "138****1234": "138****1234",
    "": "",
}


@pytest.mark.parametrize(("full", "masked"), PHONES.items())
def test_middle_of_a_telephone_number_is_hidden(full: str, masked: str) -> None:
    assert mask_phone(full) == masked
    assert mask_phone(masked) == masked
    if masked:
        assert is_masked(masked), "an import must see that it is not full"
        assert parse_phone(masked) is not None, "a file with it can be imported again"


@pytest.mark.parametrize(
    ("full", "masked"),
    [
        ("zhang@example.com", "z***@example.com"),
        ("z@example.com", "z***@example.com"),
        ("z***@example.com", "z***@example.com"),
        ("", ""),
    ],
)
def test_name_in_an_address_is_hidden(full: str, masked: str) -> None:
    assert mask_email(full) == masked
    if masked:
        assert is_masked(masked)
        assert parse_email(masked) == masked


def test_numbers_within_a_text_are_hidden() -> None:
    text = hide_contacts("找王经理 138-0000-1234 或 zhang@example.com，楼层 13800")
    assert text == "找王经理 138****1234 或 z***@example.com,楼层 13800"
    assert not find_contact(text)
