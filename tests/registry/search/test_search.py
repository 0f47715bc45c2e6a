"""What search finds, in which order, and that what it looks through is true after every kind of write."""

import io
import tempfile
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.api.lists.rows import KeyRange
from registry.database.paths import Path
from registry.models import Identifier, Name, Organization
from registry.search.conditions import find
from registry.search.index_table import SEARCH_INDEX, TokenMatch, WordMatch
from registry.search.organization_rows import OrganizationRows
from registry.search.text import SearchText, fold, words_of
from registry.values.pinyin import pinyin_key
from registry.values.variants import SIMPLIFIED, TRADITIONAL
from tests import factories
from tests.api import ok, problem, public, root

pytestmark = pytest.mark.django_db
in_one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
COLUMNS = "organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials"


def asked(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


@pytest.fixture
def some(db) -> dict[str, Organization]:
    made = {
        "wisdom": factories.organization(
            name_zh="中山市智慧机器人有限公司", name_en="Fictional Wisdom Robot Co., Ltd."
        ),
        "vision": factories.organization(name_zh="中山市虚构视觉ABC科技有限公司", uscc=factories.valid_uscc(7)),
        "county": factories.organization(name_zh="单县虚构研究院", kind="research"),
        "foreign": factories.organization(name_zh="", name_en="Müller-Fictional Automation GmbH"),
        "short": factories.organization(name_zh="中山市虚构控股集团（总部）", short_name="虚控"),
    }
    factories.name(made["vision"], "中山市旧日光电厂")
    factories.name(made["vision"], "Bygone Optics", kind="alias")
    factories.identifier(made["county"], "organization_code", "12345678-8")
    return made


def found(text: str) -> set[str]:
    return {one.name_zh or one.name_en for one in find(Organization.objects.all(), text)}


WISDOM, VISION, COUNTY = "中山市智慧机器人有限公司", "中山市虚构视觉ABC科技有限公司", "单县虚构研究院"
FOREIGN, SHORT = "Müller-Fictional Automation GmbH", "中山市虚构控股集团（总部）"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("慧", {WISDOM}),
        ("司", {WISDOM, VISION}),
        ("院", {COUNTY}),
        ("智慧", {WISDOM}),
        ("慧机器", {WISDOM}),
        ("智机器", set()),
        ("機器人", {WISDOM}),
        ("智慧 有限", {WISDOM}),
        ("有限　智慧", {WISDOM}),
        ("智慧 视觉", set()),
        ("zhihuijiqiren", {WISDOM}),
        ("zhihui jiqiren", {WISDOM}),
        ("ＺＨＩＨＵＩ", {WISDOM}),
        ("zhi'hui", {WISDOM}),
        ("zhihuijiqir", {WISDOM}),
        ("huiji", {WISDOM}),
        ("uijiqiren", set()),
        ("zhjqr", {WISDOM}),
        ("zsszh", {WISDOM}),
        ("jq", {WISDOM}),
        ("robot", {WISDOM}),
        ("rob", {WISDOM}),
        ("obot", set()),
        ("Fictional", {WISDOM, FOREIGN}),
        ("fictional robot", {WISDOM}),
        ("co., ltd", {WISDOM}),
        ("müller-fic", {FOREIGN}),
        ("MÜLLER", {FOREIGN}),
        ("abc", {VISION}),
        ("视觉abc", {VISION}),
        ("视觉ＡＢＣ科技", {VISION}),
        ("bc科技", {VISION}),
        ("旧日", {VISION}),
        ("jiuriguangdian", {VISION}),
        ("bygone", {VISION}),
        ("optics 视觉", {VISION}),
        ("虚控", {SHORT}),
        ("xukong", {SHORT}),
        ("集团(总部)", {SHORT}),
        ("集团（总部）", {SHORT}),
        ("shanxian", set()),
        ("%", set()),
        ("_", set()),
        ("'", set()),
        ("智慧 &", {WISDOM}),
        ("\\", set()),
        ("智慧' | !'x", set()),
    ],
)
def test_search_finds(some, text, names):
    assert found(text) == names


def test_search_finds_beginnings_of_codes(some):
    vision = some["vision"]
    vision.refresh_from_db()
    for text in (vision.registry_no, vision.registry_no.lower(), vision.uscc, vision.uscc[:12].lower()):
        assert VISION in found(text)
    assert found(vision.uscc) == found(vision.registry_no) == {VISION}
    assert found(vision.uscc[2:]) == {VISION}
    assert found(vision.uscc[2:12]) == set()


def test_search_finds_a_corrected_pinyin(some):
    county = some["county"]
    assert county.pinyin == "dan xian xu gou yan jiu yuan"
    assert found("danxian") == {COUNTY}
    county.pinyin = "Shan Xian xu gou yan jiu yuan"
    county.save()
    assert found("shanxian") == {COUNTY}
    assert found("danxian") == set()
    assert found("sxxg") == {COUNTY}


ODD = [
    "xi'an",
    "a:1",
    "b\\c",
    "'",
    " ",
    "\u3000",
    "a\tb\nc",
    "zhong" * 240,
    "é" * 1200,
    "𝐚" * 1200,
    "lv\r\x0b",
    "<->&|!*(a)",
]


@pytest.mark.parametrize("pinyin", ODD)
def test_any_pinyin_can_be_stored(some, pinyin):
    Organization.objects.filter(pk=some["county"].pk).update(pinyin=pinyin)
    assert found("单县") == {COUNTY}
    asked("SELECT registry_search_tokens(names, words, pinyin, initials) FROM registry_searchentry")


def test_signs_in_a_corrected_pinyin_part_syllables(some):
    Organization.objects.filter(pk=some["county"].pk).update(pinyin="Shan'Xian:xu-gou")
    for text in ("shanxian", "xianxugou", "shan'xian", "sxx"):
        assert found(text) == {COUNTY}


# --- What is stored


def assert_entries_are_true() -> None:
    stored = asked(f"SELECT {COLUMNS} FROM registry_searchentry ORDER BY 1")
    assert len(stored) == Organization.objects.count()
    assert stored == asked(f"SELECT {COLUMNS} FROM registry_search_source ORDER BY 1")
    for one in Organization.objects.exclude(pinyin__contains="given"):
        assert one.pinyin == pinyin_key(one.name_zh)


def raw(sql: str) -> Callable[[dict[str, Organization]], None]:
    def write(some: dict[str, Organization]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return write


def by_admin(some: dict[str, Organization]) -> None:
    from django.test import Client

    client = Client()
    client.force_login(factories.superuser())
    response = client.post(
        "/admin/registry/organization/", {"action": "publish", "_selected_action": [some["wisdom"].pk], "post": "yes"}
    )
    assert response.status_code in (200, 302)


def by_api(some: dict[str, Organization]) -> None:
    wisdom = some["wisdom"]
    wisdom.refresh_from_db()
    changed = {"name_zh": "中山市大智慧有限公司", "former_names": [WISDOM]}
    ok(
        root().patch(
            f"organizations/{wisdom.registry_no}/", {"name_zh": changed["name_zh"], "name_change": "correction"}
        )
    )
    assert found("大智慧") == {"中山市大智慧有限公司"}


def by_import(some: dict[str, Organization]) -> None:
    some["vision"].refresh_from_db()
    text = (
        "名录编号,单位名称,单位类型,曾用名\n,中山市虚构丁机器人有限公司,企业,中山市重阳厂\n"
        f"{some['vision'].registry_no},中山市虚构戊有限公司,,中山银行\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        said = io.StringIO()
        call_command("import_organizations", file.name, "--apply", "--renames", "accept", stdout=said, stderr=said)
    assert "new 1, changed 1, unchanged 0, refused 0" in said.getvalue()
    assert found("chongyang") == {"中山市虚构丁机器人有限公司"}
    assert found("yinhang") == {"中山市虚构戊有限公司"}


WRITES: dict[str, Callable[[dict[str, Organization]], object]] = {
    "nothing": lambda some: None,
    "save": lambda some: setattr(some["wisdom"], "name_zh", "重庆虚构") or some["wisdom"].save(),
    "no Chinese name any more": lambda some: setattr(some["wisdom"], "name_zh", "") or some["wisdom"].save(),
    "admin": by_admin,
    "api": by_api,
    "import": by_import,
    "bulk update of names": lambda some: Organization.objects.update(name_zh="中国银行行动有限公司", short_name="長城"),
    "bulk update of state": lambda some: Organization.objects.update(published=True, kind="other", township=None),
    "merge": lambda some: Organization.objects.filter(pk=some["short"].pk).update(
        registration_status="merged", successor=some["wisdom"]
    ),
    "bulk create": lambda some: Organization.objects.bulk_create(
        [Organization(kind="other", name_zh=f"長沙銀行虚构{n}") for n in range(3)]
    ),
    "names created": lambda some: Name.objects.bulk_create(
        Name(organization=one, name="重陽 Old Name") for one in some.values()
    ),
    "names moved": lambda some: Name.objects.update(organization=some["wisdom"]),
    "names changed": lambda some: Name.objects.filter(kind="alias").update(name="行长"),
    "identifiers created": lambda some: Identifier.objects.bulk_create(
        Identifier(organization=one, scheme=scheme, value=f"{value}{one.pk}")
        for one in some.values()
        for scheme, value in (("registration_no", "4420000000"), ("stock_code", "60.SH"), ("grid", "grid.1."))
    ),
    "identifiers moved": lambda some: Identifier.objects.update(organization=some["wisdom"]),
    "identifiers changed": lambda some: Identifier.objects.update(value="12345679-9"),
    "identifiers deleted": lambda some: Identifier.objects.all().delete(),
    "words with signs": lambda some: Organization.objects.filter(pk=some["short"].pk).update(
        name_en="C++ & C#-Basic, 5G+AI .NET Co., Ltd. a..b +1"
    ),
    "names deleted": lambda some: Name.objects.all().delete(),
    "organization deleted": lambda some: some["vision"].delete(),
    "raw insert": raw("INSERT INTO registry_organization (kind, name_zh, name_en, category, uscc_override_reason, "
        "short_name, pinyin, registration_status, registration_type, registered_address, business_address, country, "
        "website, industry, capital_currency, capital_text, scope, introduction, main_products, published, source, "
        "verified_from, remarks) VALUES ('other', '中國銀行重慶分行（A股）', '', '', '', '重行', '', "
        "'active', '', '', '', 'CN', '', '', '', '', '', '', '', false, '', '', '')"),
    "raw update": raw("UPDATE registry_organization SET name_zh = '重庆' || name_zh, uscc = NULL"),
    "raw pinyin": raw("UPDATE registry_organization SET pinyin = 'given by hand'"),
    "raw delete": raw("DELETE FROM registry_name"),
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_search_entries_equal_a_rebuild_after(some, write):
    write(some)
    assert_entries_are_true()


PIECES = "中国银行重庆长沙市镇省视山大王协会珠海参理事行动厦门单县乐清会计朝阳〇龘㐂都江堰 A股（）·-ab1é\ue000藏曾"


@in_one_database
@given(st.lists(st.text(alphabet=PIECES, max_size=14), min_size=1, max_size=30))
def test_pinyin_of_the_database_is_that_of_the_program(db, names):
    said = asked("SELECT registry_pinyin(name) FROM unnest(%s::text[]) WITH ORDINALITY u(name, n) ORDER BY n", names)
    assert [pinyin for (pinyin,) in said] == [pinyin_key(name) for name in names]


def test_traditional_characters_are_folded_alike():
    assert len(set(TRADITIONAL)) == len(TRADITIONAL) == len(SIMPLIFIED) > 3000
    assert not set(TRADITIONAL) & set(SIMPLIFIED)
    assert asked("SELECT registry_simplify(%s)", TRADITIONAL) == [(SIMPLIFIED,)]
    assert fold("中國機器人（臺灣）著裏乾") == "中国机器人(台湾)着里干"


# --- The index


@in_one_database
@given(data=st.data())
def test_index_finds_all_that_the_conditions_find(db, data):
    """Any part of a name that the conditions accept passes the tokens: the index never hides a row."""
    name = data.draw(
        st.text(alphabet="中山智慧机器人单县公司AbcＤ12 -+#.（）銀", min_size=1, max_size=16).filter(str.strip)
    )
    one = factories.organization(name_zh=name, uscc=factories.valid_uscc())
    one.refresh_from_db()
    texts = [name, one.pinyin, one.pinyin.replace(" ", ""), "".join(s[0] for s in one.pinyin.split()), one.uscc or ""]
    text = data.draw(st.sampled_from(texts))
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    words = words_of(text[start : start + data.draw(st.integers(1, 12))])
    if not words:
        return
    accepted = Organization.objects.filter(WordMatch(words, SEARCH_INDEX.joined_path), pk=one.pk)
    tokens = TokenMatch(words, SEARCH_INDEX.joined_path)
    assert accepted.filter(tokens).exists() == accepted.exists()
    assert all(word.among([one.search_index]) for word in words) == accepted.exists()


ALIKE = (
    "虚构|智慧|视觉|单县|有限|中|山|智|_|%|'|\\|x2 0 text\x02|\x020 text\x02虚|\x020 tokens\x02|0 latin|zhihui|"
    "xugou|shanxian|danxian|zhjqr|xg|zs|zhi|100%|100%_|百分之100%|之100_|杠\\引|杠_引|a_b|a%b|axb|o'neil|o\\neil|neil\\co|'100':*|"
    "& sons|co sons|虚构 智慧|中山 单县|中山 xugou|虚构 a_b|公司 a%b|公司 o'neil|公司 oxneil"
)


@pytest.mark.parametrize("given", [{}, {"ordering": "relevance"}, {"ordering": "-registry_no"}, {"kind": "enterprise"}])
def test_pages_of_each_text_are_its_own_whatever_signs_it_has(some, given):
    factories.enterprise(name_zh="中山百分之100%_反斜杠\\引号'公司", name_en="100% a_b O'Neil\\Co & Sons", uscc=None)
    listed = Organization.objects.unmerged().filter(**{"kind": given["kind"]} if "kind" in given else {})
    found = {}
    for text in [*ALIKE.split("|"), *reversed(ALIKE.split("|"))]:
        read = ok(root().get("organizations/", {"search": text, **given}))
        rows = [row["registry_no"] for row in read["results"]]
        assert sorted(rows) == sorted(find(listed, text).values_list("registry_no", flat=True)), text
        assert read["count"] == len(rows)
        assert found.setdefault(text, rows) == rows
    assert [len(found[text]) for text in ("a_b", "100%", "o'neil", "杠\\引", "公司 o'neil")] == [1] * 5
    assert [len(found[text]) for text in ("axb", "杠_引", "公司 oxneil", "之100_")] == [0] * 4


def matching(searched: SearchText) -> Callable[[Path], Q]:
    return lambda path: Q(WordMatch(searched.words, path))


def test_search_reads_no_organization_to_find_its_keys(some):
    for text in ("虚构", "xugou"):
        searched = SearchText(text)
        rows = OrganizationRows(Organization.objects.all(), matching(searched), SEARCH_INDEX, searched)
        wanted = KeyRange(("sort_key", "id"), 2)
        assert "registry_organization" not in str(rows.key_queries(wanted, rows.key_conditions(wanted))[0].query)
        keys, _count = rows.read(wanted)
        listed = find(Organization.objects.all(), text).order_by("sort_key", "id")
        assert keys == list(listed.values_list("sort_key", "id")[:2])


def test_search_with_sector_and_other_parameters(some, reference):
    factories.tag(some["wisdom"], "robots.industrial")
    rows = root().rows("organizations/", search="有限", sector="robots", kind="enterprise")
    assert [row["name_zh"] for row in rows] == [WISDOM]
    assert root().rows("institutes/", search="有限") == []
    assert [row["name_zh"] for row in root().rows("institutes/", search="虚构")] == [COUNTY]


# --- Order


def test_relevance_puts_exact_names_first_and_former_ones_last(db):
    factories.organization(name_zh="安徽未来智能有限公司")
    factories.name(factories.organization(name_zh="阿里虚构"), "未来智能")
    factories.organization(name_zh="未来智能研究院")
    factories.organization(name_zh="未来智能")
    factories.organization(name_zh="中山未来智能所")
    best = ["未来智能", "未来智能研究院", "中山未来智能所", "安徽未来智能有限公司", "阿里虚构"]
    api = root()
    rows = api.rows("organizations/", search="未来智能", ordering="relevance")
    assert [row["name_zh"] for row in rows] == best
    page = ok(api.get("organizations/?search=未来智能&ordering=relevance&page_size=2"))
    after = ok(api.get(page["next"]))
    assert [row["name_zh"] for row in after["results"]] == best[2:4]
    assert [row["name_zh"] for row in ok(api.get(after["previous"]))["results"]] == best[:2]


def test_relevance_asks_for_a_search(reference):
    said = problem(root().get("organizations/", {"ordering": "relevance"}), 400)
    assert said["errors"][0]["parameter"] == "ordering"


# --- When nothing is found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("智惠", ["智慧"]),
        ("智慧机戏人", ["智慧机器人"]),
        ("旧日广电", ["旧日光电"]),
        ("旧月光电", ["旧日光电"]),
        ("roboot", ["robot"]),
        ("wisdmo", ["wisdom"]),
        ("zhihuijiqirne", ["zhihuijiqiren"]),
        ("zihuijiqiren", ["zhihuijiqiren"]),
        ("zhongshna", ["zhongshan"]),
        ("zhongsan", ["zhongshan"]),
        ("zhongshna robot", ["zhongshan robot"]),
        ("智慧 roboot 有限", ["智慧 robot 有限"]),
        ("shanxian", ["单县"]),
        ("shan'xian", ["单县"]),
        ("shanxianxugou", ["单县虚构"]),
        ("智惠 有限", ["智慧 有限"]),
        ("zzzzzzzzzz", []),
        ("龘龘龘", []),
    ],
)
def test_misspelt_names_have_suggestions(some, text, meant):
    answer = ok(root().get("organizations/", {"search": text}))
    assert answer["results"] == []
    assert answer.get("did_you_mean", []) == meant


def test_suggestions_tell_the_public_nothing_unpublished(some):
    for text in ("智惠", "roboot", "旧日广电"):
        assert "did_you_mean" not in ok(public().get("organizations/", {"search": text}))
    Organization.objects.filter(pk=some["wisdom"].pk).update(published=True)
    assert ok(public().get("organizations/", {"search": "智惠"}))["did_you_mean"] == ["智慧"]


def test_found_names_have_no_suggestions(some):
    assert "did_you_mean" not in ok(root().get("organizations/", {"search": "智慧"}))


@pytest.mark.parametrize("text", ["\U00057321\U000f4aef8Ê㪤", "㪤\U00057321\U00057321", "㪤·-", "·㪤·"])
def test_signs_that_are_in_no_word_are_no_failure(some, text):
    for count in ("exact", "capped"):
        answer = ok(public().get("organizations/", {"search": text, "count": count}))
        assert (answer["count"], answer.get("did_you_mean")) == (0, None)
