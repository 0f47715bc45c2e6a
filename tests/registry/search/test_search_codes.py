"""Search by codes, by words with signs, and by names with another legal form."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.models import Organization
from registry.search.conditions import find
from registry.search.text import Word, fold
from tests import factories
from tests.api import ok, public, root

pytestmark = pytest.mark.django_db
in_one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
CPP, SHARP, NET, PLUS = "中山市C++虚构软件有限公司", "中山市C#虚构学院", "中山市.NET虚构工作室", "中山市5G+AI虚构中心"
CODE = "91442000W00022122H"


@pytest.fixture
def some(db) -> dict[str, Organization]:
    made = {
        name: factories.organization(name_zh=name, uscc=None)
        for name in (
            CPP,
            SHARP,
            NET,
            PLUS,
            "成长虚构",
            "中山市虚构车床厂",
            "中山市Cloud虚构",
            "中山市5G虚构",
            "单县虚构",
        )
    }
    made["english"] = factories.organization(name_zh="", name_en="Node.js & C/C++ Tools Co., Ltd.")
    return made


def found(text: str) -> set[str]:
    by_conditions = {one.name_zh or one.name_en for one in find(Organization.objects.all(), text)}
    listed = root().rows("organizations/", search=text)
    assert {row["name_zh"] or row["name_en"] for row in listed} == by_conditions
    return by_conditions


ENGLISH = "Node.js & C/C++ Tools Co., Ltd."


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("C++", {CPP, ENGLISH}),
        ("c＋＋", {CPP, ENGLISH}),
        ("C+", {CPP, ENGLISH}),
        ("C++虚构", {CPP}),
        ("C++ 软件", {CPP}),
        ("C#", {SHARP}),
        ("Ｃ＃", {SHARP}),
        ("c/c++", {ENGLISH}),
        (".NET", {NET}),
        (".ne", {NET}),
        ("NET", {NET}),
        ("5G+", {PLUS}),
        ("5G", {PLUS, "中山市5G虚构"}),
        ("5G+AI", {PLUS}),
        ("AI", {PLUS}),
        ("ai 5g", {PLUS}),
        ("node.js", {ENGLISH}),
        ("js", {ENGLISH}),
        (".js", set()),
        ("+", set()),
        ("++", set()),
        (".", set()),
        ("#", set()),
    ],
)
def test_signs_of_a_latin_word_belong_to_it(some, text, names):
    assert found(text) == names


def test_word_with_a_sign_is_first_among_many(some):
    """Case 44: C++ was the letter C, with which many names and readings begin."""
    for n in range(30):
        factories.organization(name_zh=f"中山市虚构车床{n}厂", uscc=None)
    some["english"].delete()
    Organization.objects.update(published=True)
    assert len(found("C")) > 30
    for api in (root(), public()):
        answer = ok(api.get("organizations/", {"search": "C++"}))
        assert [row["name_zh"] for row in answer["results"]] == [CPP]
        assert answer["count"] == 1


@in_one_database
@given(
    st.lists(st.text(alphabet="abcC5+#.&- _/中＋１", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5)
)
def test_database_cuts_words_as_queries_are_cut(db, names):
    made = [factories.organization(name_zh="虚构", name_en=f"x {name}") for name in names]
    for one, name in zip(made, names, strict=True):
        one.refresh_from_db()
        lines = one.search_index.words.split("\n")
        assert lines[2].split() == Word(fold(f"x {name}")).runs


# --- Codes


@pytest.fixture
def coded(db) -> Organization:
    factories.organization(name_zh="中山市虚构其他有限公司", uscc=factories.valid_uscc(9))
    one = factories.organization(name_zh="中山市虚构编码有限公司", uscc=CODE)
    factories.identifier(one, "registration_no", "442000000012345")
    factories.identifier(one, "organization_code", "12345678-8")
    factories.identifier(one, "lei", "529900T8BM49AURSDO55")
    factories.identifier(one, "ror", "05dxps055")
    factories.identifier(one, "stock_code", "600519.SH")
    factories.identifier(one, "customs_code", "4420960001")
    return one


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        "91442000 W000 22122H",
        "9144 2000 W000 2212 2H",
        "9144-2000-W000-2212-2H",
        "９１４４２０００Ｗ０００２２１２２Ｈ",
        "9144 2000 W000 2212",
        "编码 9144 2000 W000 2212 2H",
        "122H",
        "2122h",
        CODE[3:],
        "W00022122",
        "W0002212-2",
        "W000221",
        "442000000012345",
        "4420 0000 0012 345",
        "44200000001",
        "12345",
        "12345678-8",
        "123456788",
        "1234567",
        "56788",
        "529900T8BM49AURSDO55",
        "5299 00T8 BM49 AURS DO55",
        "SDO55",
        "05dxps055",
        "https://ror.org/05dxps055",
        "600519",
        "600519.SH",
        "4420960001",
        "0001 编码",
    ],
)
def test_search_finds_codes_and_their_beginnings_and_ends(coded, text):
    assert found(text) == {coded.name_zh}


@pytest.mark.parametrize("text", ["0W00022", "2000W000", "22H", "12346", "~2122h", "h2212", "9144 2000 X000"])
def test_search_finds_no_part_from_the_middle_of_a_code(coded, text):
    assert coded.name_zh not in found(text)


def test_search_forgets_an_identifier_that_is_gone(coded):
    assert found("442000000012345") == {coded.name_zh}
    coded.identifiers.filter(scheme="registration_no").update(value="442000000054321")
    assert found("442000000012345") == set()
    assert found("54321") == {coded.name_zh}
    coded.identifiers.all().delete()
    assert found("54321") == set()


# --- Legal forms

LIMITED, STOCK, INSTITUTE = "中山市虚构智慧有限公司", "中山市虚构智慧科技股份有限公司", "中山市虚构智慧研究院"
PARTNERS, LATIN = "虚构远见咨询(有限合伙)", "中山ABC有限公司"


@pytest.fixture
def formed(db) -> None:
    for name in (LIMITED, STOCK, INSTITUTE, PARTNERS, LATIN, "虚构远见"):
        factories.organization(name_zh=name, uscc=None)
    factories.organization(name_zh="", name_en="Fictional Robot Company Limited")
    factories.organization(name_zh="", name_en="Fictional Robot Institute")
    factories.name(Organization.objects.get(name_zh=STOCK), "中山市旧虚构有限公司")


ROBOTS = "Fictional Robot Company Limited"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("中山市虚构智慧有限责任公司", {LIMITED}),
        ("虚构智慧有限责任公司", {LIMITED}),
        ("虚构智慧股份有限公司", {LIMITED}),
        ("虚构智慧公司", {LIMITED}),
        ("虚构智慧有限公司", {LIMITED}),
        ("虚构智慧科技有限公司", {STOCK}),
        ("中山市 虚构智慧有限责任公司", {LIMITED}),
        ("虚构智慧 有限责任公司", {LIMITED, STOCK}),
        ("旧虚构股份有限公司", {STOCK}),
        ("虚构远见咨询有限公司", {PARTNERS}),
        ("虚构远见咨询（普通合伙）", {PARTNERS}),
        ("虚构远见有限公司", {"虚构远见"}),
        ("ABC有限责任公司", {LATIN}),
        ("智慧有限", {LIMITED}),
        ("有限责任公司", set()),
        ("股份有限公司", {STOCK}),
        ("虚构智慧有限责任公司 研究院", set()),
        ("虚构智慧%有限公司", set()),
        ("虚构_慧有限责任公司", set()),
        ("Fictional Robot Co., Ltd.", {ROBOTS, "Fictional Robot Institute"}),
        ("fictional company", {ROBOTS, "Fictional Robot Institute"}),
        ("limited", {ROBOTS}),
    ],
)
def test_legal_form_at_the_end_excludes_no_name_that_is_equal_without_it(formed, text, names):
    assert found(text) == names


def test_legal_form_behind_one_character_stands_for_other_forms_only(db):
    names = ["啊虚构传感有限公司", "啊虚构传感股份有限公司", "啊虚构传感（有限合伙）", "啊虚构传感"]
    for name in names:
        factories.organization(name_zh=name, uscc=None)
    assert found("感有限公司") == set(names[:3])
    assert found("传感有限公司") == set(names)


def test_name_that_differs_in_its_legal_form_alone_ranks_before_parts(formed):
    factories.organization(name_zh="啊虚构远见咨询有限公司", uscc=None)
    rows = root().rows("organizations/", search="虚构远见咨询有限公司", ordering="relevance")
    assert [row["name_zh"] for row in rows] == [PARTNERS, "啊虚构远见咨询有限公司"]
