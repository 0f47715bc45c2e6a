"""Identifiers of other registers: one way of writing each, and check digits that are verified."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registry.models import Identifier
from registry.values.identifiers import FORMS, code_in_groups, normalise_identifier, organization_code_check_digit
from tests import factories
from tests.api import problem, root
from tests.registry.imports.importing import imported, told

CODE = "91442000W00022122H"


@pytest.mark.parametrize(
    ("scheme", "given_text", "stored"),
    [
        ("organization_code", "12345678-8", "12345678-8"),
        ("organization_code", "123456788", "12345678-8"),
        ("organization_code", " ＷＹＸ０００１２－Ｘ ", "WYX00012-X"),
        ("organization_code", "12345678—8", "12345678-8"),
        ("organization_code", "1234 5678 8", "12345678-8"),
        ("organization_code", "'1234\ufe0f56788", "12345678-8"),
        ("lei", "5299 00t8 bm49 aurs do55", "529900T8BM49AURSDO55"),
        ("lei", "https://search.gleif.org/#/record/529900T8BM49AURSDO55", "529900T8BM49AURSDO55"),
        ("isni", "0000 0001 2103 2683", "0000000121032683"),
        ("isni", "https://isni.org/isni/0000000121032683/", "0000000121032683"),
        ("ror", "https://ror.org/05DXPS055", "05dxps055"),
        ("registration_no", "4420 0000 0012 345", "442000000012345"),
        ("registration_no", "4420001234567", "4420001234567"),
        ("stock_code", " 600519.SH", "600519.SH"),
        ("wikidata", "https://www.wikidata.org/wiki/q42", "Q42"),
    ],
)
def test_identifier_has_one_way_of_writing(scheme, given_text, stored):
    assert normalise_identifier(scheme, given_text) == stored
    assert normalise_identifier(scheme, stored) == stored


@pytest.mark.parametrize("scheme", FORMS)
def test_examples_of_identifiers_are_right(scheme):
    assert normalise_identifier(scheme, FORMS[scheme].example) == FORMS[scheme].example


@pytest.mark.parametrize(
    ("scheme", "value", "reason", "told"),
    [
        ("organization_code", "12345678-9", "identifier_check", ("8", "9")),
        ("organization_code", "12345687-8", "identifier_check", ("8",)),
        ("organization_code", "1234567-8", "identifier_length", ("8", "9")),
        ("organization_code", "1234?678-8", "identifier_characters", ("?",)),
        ("lei", "529900T8BM49AURSDO54", "identifier_check", ("55", "54")),
        ("lei", "529900T8BM49AURSDO5", "identifier_length", ("19", "20")),
        ("isni", "0000000121032684", "identifier_check", ("3", "4")),
        ("ror", "05dxps056", "identifier_check", ("55", "56")),
        ("ror", "05dxls055", "identifier_characters", ("l",)),
        ("registration_no", "44200000001234", "identifier_length", ("13/15", "14")),
        ("wikidata", "42", "identifier", ("Q42",)),
    ],
)
def test_wrong_identifier_is_refused_and_the_character_named(scheme, value, reason, told):
    with pytest.raises(ValidationError) as caught:
        normalise_identifier(scheme, value)
    assert caught.value.code == reason
    assert all(part in caught.value.messages[0] for part in (*told, value))


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), st.integers(0, 7))
def test_organization_code_check_digit_finds_a_character_one_too_high(body, position):
    code = f"{body}-{organization_code_check_digit(body)}"
    assert normalise_identifier("organization_code", code) == code
    other = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0"
    wrong = code[:position] + other[other.index(code[position]) + 1] + code[position + 1 :]
    if body[position] != "Z":  # from Z to 0 is a step of 35, which is 2 modulo 11
        with pytest.raises(ValidationError):
            normalise_identifier("organization_code", wrong)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("9144 2000 W000 2212 2H", CODE),
        ("91442000-W00022122-H", CODE),
        ("９１４４ 2000　w000 2212 2h", CODE),
        ("9144 2000 W000", "91442000W000"),
        ("9144 2000", "91442000"),
        ("2019 2020", ""),
        ("12345678-8", "123456788"),
        ("12345678-9", "123456789"),
        ("1234 5678 8", "123456788"),
        ("5299 00T8 BM49 AURS DO55", "529900T8BM49AURSDO55"),
        ("4420 0000 0012 345", "442000000012345"),
        ("https://ror.org/05dxps055", "05dxps055"),
        (CODE, ""),
        ("robot 2020", ""),
        ("2020 2021 2022", ""),
        ("0760 8888 8888", ""),
        ("AI 2025 2030", ""),
        ("", ""),
    ],
)
def test_code_in_groups_is_recognised(text, code):
    assert code_in_groups(text) == code.lower()


@pytest.mark.django_db
def test_organization_code_is_one_identifier_with_and_without_hyphen(reference):
    factories.identifier(factories.enterprise(), "organization_code", "12345678-8")
    other = factories.enterprise()
    other.refresh_from_db()
    said = problem(
        root().patch(
            f"enterprises/{other.registry_no}/",
            {"identifiers": [{"scheme": "organization_code", "value": "123456788"}]},
        ),
        409,
    )
    assert (said["errors"][0]["pointer"], said["errors"][0]["code"]) == ("/identifiers/0", "identifier_names_one")
    assert Identifier.objects.count() == 1


@pytest.mark.django_db
def test_import_reads_an_organization_code_without_hyphen_and_refuses_a_wrong_one(reference, tmp_path):
    known = factories.enterprise(name_zh="中山市虚构甲公司", uscc=None)
    factories.identifier(known, "organization_code", "12345678-8")
    rows = [
        ["企业名称", "组织机构代码", "LEI"],
        ["中山市虚构甲公司", "123456788", ""],
        ["中山市虚构乙公司", "12345678-9", ""],
        ["中山市虚构丙公司", "", "529900T8BM49AURSDO54"],
    ]
    report = imported(tmp_path, rows)
    assert (report.new, report.unchanged, report.refused) == (0, 1, 2)
    words = told(report)
    assert [row for row, _column, _words in words] == [3, 4]
    assert all("one character is mistyped" in message for _row, _column, message in words)
    assert Identifier.objects.count() == 1
