"""What the database derives: registry numbers, keys of names, check characters, size classes, times of change."""

import datetime

import pgtrigger
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.database.expressions import RegistryNumber
from registry.imports.pipeline import comparing
from registry.models import Enterprise, Institute, Name, Organization
from registry.values.validators import (
    _INVISIBLE_RE,
    USCC_ALPHABET,
    clean_line,
    fold_name,
    uscc_check_character,
    uscc_check_character_ok,
)
from tests import factories

pytestmark = pytest.mark.django_db
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
in_one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def asked(sql: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


# --- Registry numbers


def test_registry_numbers_rise_and_are_never_given_again():
    numbers = []
    for _ in range(3):
        made = factories.organization()
        made.refresh_from_db()
        numbers.append(made.registry_no)
        made.delete()
    assert len(set(numbers)) == 3
    assert numbers == sorted(numbers)
    assert all(number.startswith("ZSAI-") and len(number) >= 11 for number in numbers)


@pytest.mark.parametrize(
    ("n", "number"),
    [(1, "ZSAI-000001"), (999_999, "ZSAI-999999"), (1_000_000, "ZSAI-1000000"), (12345678, "ZSAI-12345678")],
)
def test_registry_numbers_have_six_digits_or_more(n, number):
    template = RegistryNumber.template.replace("nextval('registry_organization_no_seq')", "%s::bigint")
    assert asked(f"SELECT {template}", n) == [(number,)]


def test_registry_number_is_given_to_rows_of_plain_sql():
    Organization.objects.bulk_create(
        [Organization(kind="other", name_zh="中山市虚构甲"), Organization(kind="other", name_zh="乙")]
    )
    assert len(set(Organization.objects.values_list("registry_no", flat=True))) == 2


def test_checking_an_organization_uses_up_no_registry_numbers():
    for _ in range(3):
        factories.organization()
    last = "SELECT last_value FROM registry_organization_no_seq"
    before = asked(last)
    made = Organization(kind="other", name_zh="中山市虚构丙")
    made.full_clean()
    assert asked(last) == before
    made.save()
    assert asked(last) == [(before[0][0] + 1,)]


# --- Keys of names

NAMES = [
    "中山市虚构机器人有限公司",
    "中山市虚构机器人（集团）有限公司",
    "中山市虚构机器人(集团)有限公司",
    "中山市 虚构 机器人 有限公司",
    "　中山市虚构\u3000机器人有限公司\n",
    "ＡＢＣ科技有限公司",
    "Fictional  Robot\tCo., Ltd.",
    "FICTIONAL ROBOT CO., LTD.",
    "A 股 公司",
    "[虚构]【虚构】〔虚构〕",
    "①号店㈱虚构",
    "ﬁctional Ǆ",
    "虚\u200b构\ufeff公司",
    "虚\ufe00构\ufe0f公司\U000e0100",
    "虚\U000e01ef构\u2064公\u202a司\u034f",
    "A\u061cb\u3164c\u115f\uffa0",
    "\u00a0虚构\u2003公司\u2028",
    "𠮷野虚构有限公司",
    "\ue000虚构",
    "ﾌｨｸｼｮﾝ株式会社",
    "café CAFÉ cafe\u0301",
    "½虚构Ⅳ",
    "",
    " ",
    "·虚构•公司—–-",
]


@pytest.mark.parametrize("name", NAMES)
def test_fold_name_is_the_same_in_the_database(name):
    assert asked("SELECT registry_fold_name(%s)", name) == [(fold_name(name),)]


# Letters whose case folding is more than a lower case (ß, İ, ...) stand in no Chinese or English name.
SIGNS = (
    "中山市机器人〇甲A aZz09()（）[]【】〔〕〖〗{}　\u00a0\u2009\t\n\r-—·.,&'＆ＡＺａ０９㈱①Ⅳé\u0301\ue000"
    "\u200b\ufeff\ufe0e\U000e0101\u2066\u3164"
)


@in_one_database
@given(st.lists(st.text(alphabet=SIGNS, max_size=25), min_size=1, max_size=40))
def test_fold_name_is_the_same_in_the_database_for_any_writing(db, names):
    folded = asked(
        "SELECT registry_fold_name(name) FROM unnest(%s::text[]) WITH ORDINALITY u(name, n) ORDER BY n", names
    )
    assert [key for (key,) in folded] == [fold_name(name) for name in names]


def test_invisible_characters_are_the_same_in_the_database():
    signs = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000 and _INVISIBLE_RE.match(chr(code))]
    assert len(signs) > 4000
    assert {"\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef", "\u200b", "\u00ad", "\ufeff"} <= set(signs)
    text = "".join(f"{sign}虚" for sign in signs)
    assert asked("SELECT registry_fold_name(%s)", text) == [("虚" * len(signs),)]
    assert fold_name(text) == "虚" * len(signs) == clean_line(text)
    assert asked(f"SELECT {comparing.clean_line('%s')}", text) == [("虚" * len(signs),)]


def test_name_keys_are_kept_for_every_path_of_writing():
    organization = factories.organization(name_zh="中山市（虚构） 机器人", name_en="Fictional  ROBOT")
    Name.objects.bulk_create([Name(organization=organization, name="旧 名（甲）")])
    Organization.objects.filter(pk=organization.pk).update(name_en="ＯＴＨＥＲ")
    organization.refresh_from_db()
    assert (organization.name_zh_key, organization.name_en_key) == ("中山市(虚构)机器人", "other")
    assert organization.names.get().name_key == "旧名(甲)"


def test_sort_key_is_pinyin_or_else_the_english_name():
    for name_zh, name_en in (("珠海虚构", ""), ("中山虚构", "Zzz"), ("", "Quite Fictional"), ("", "ＡＢＣ")):
        factories.organization(name_zh=name_zh, name_en=name_en)
    assert list(Organization.objects.order_by("sort_key").values_list("sort_key", flat=True)) == [
        "abc",
        "quite fictional",
        "zhong shan xu gou",
        "zhu hai xu gou",
    ]


def test_pinyin_follows_the_name_until_it_is_corrected():
    organization = factories.organization(name_zh="单县虚构")
    organization.name_zh = "中山虚构"
    organization.save()
    assert organization.pinyin == "zhong shan xu gou"
    organization.pinyin = "zhong shan xu jiu"
    organization.save()
    stored = Organization.objects.get()
    stored.remarks = "X"
    stored.save()
    assert stored.pinyin == "zhong shan xu jiu"
    Organization.objects.update(name_zh="珠海银行")
    stored.refresh_from_db()
    assert (stored.pinyin, stored.sort_key) == ("zhu hai yin hang", "zhu hai yin hang")


# --- USCC

codes = st.text(alphabet=USCC_ALPHABET, min_size=17, max_size=17)


@in_one_database
@given(st.lists(st.tuples(codes, st.sampled_from(USCC_ALPHABET)), min_size=1, max_size=40))
def test_uscc_check_is_the_same_in_the_database(db, parts):
    given_codes = [code + uscc_check_character(code) for code, _ in parts] + [code + last for code, last in parts]
    told = asked(
        "SELECT registry_uscc_ok(code) FROM unnest(%s::text[]) WITH ORDINALITY u(code, n) ORDER BY n", given_codes
    )
    assert [ok for (ok,) in told] == [uscc_check_character_ok(code) for code in given_codes]


# --- Kinds


def test_proxies_are_of_their_kind_only():
    enterprise, institute = factories.enterprise(), factories.institute()
    assert (enterprise.kind, institute.kind) == ("enterprise", "research")
    assert [list(Enterprise.objects.all()), list(Institute.objects.all())] == [[enterprise], [institute]]
    assert Organization.objects.count() == 2


# --- Size class


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "assets", "size"),
    [
        # Software: 300 / 100 / 10 persons, 100 / 10 / 0.5 million yuan of revenue
        ("I6513", 300, 100_000_000, None, "large"),
        ("I6513", 299, 100_000_000, None, "medium"),
        ("I6513", 5000, 99_999_999, None, "medium"),
        ("I65", 100, 10_000_000, None, "medium"),
        ("I6513", 99, 900_000_000, None, "small"),
        ("I6513", 9, 900_000_000, None, "micro"),
        ("I6513", 300, 499_999, None, "micro"),
        # Missing figures: only the lowest class is certain
        ("I6513", 300, None, None, None),
        ("I6513", None, 100_000_000, None, None),
        ("I6513", 9, None, None, "micro"),
        ("I6513", None, 0, None, "micro"),
        ("I6513", None, None, 10**9, None),
        # Industry: section letters B, C, D
        ("C", 1000, 400_000_000, None, "large"),
        ("C3491", 1000, 399_999_999, None, "medium"),
        ("D44", 20, 3_000_000, None, "small"),
        # Construction counts revenue and assets
        ("E47", 1, 800_000_000, 800_000_000, "large"),
        ("E47", 5000, 800_000_000, 50_000_000, "medium"),
        # Agriculture counts revenue only
        ("A01", None, 200_000_000, None, "large"),
        # Transport without rail
        ("G54", 1000, 300_000_000, None, "large"),
        ("G53", 1000, 300_000_000, None, None),
        # Real estate by class, other real estate by employees alone
        ("K7010", None, 2_000_000_000, 100_000_000, "large"),
        ("K7020", 1000, 50_000_000, None, "large"),
        ("K7090", 300, None, None, "large"),
        ("K7040", 300, 10**10, 10**10, None),
        ("K", 300, 10**10, 10**10, None),
        # Leasing and business services count employees and assets
        ("L72", 300, None, 1_200_000_000, "large"),
        ("M7320", 100, None, None, "medium"),
        ("Q85", 10, None, None, "small"),
        # Not in the rule: health, education, finance, public administration
        ("Q84", 300, 10**10, 10**10, None),
        ("P83", 300, 10**10, 10**10, None),
        ("", 300, 10**10, 10**10, None),
    ],
)
def test_size_class_is_the_lowest_that_any_indicator_reaches(reference, industry, employees, revenue, assets, size):
    organization = factories.organization(industry=industry)
    factories.figures(organization, employees=employees, revenue=revenue, assets=assets)
    assert Organization.objects.with_size_class().get().size_class == size


def test_size_class_goes_by_the_latest_year(reference):
    organization = factories.organization(industry="I6513")
    factories.figures(organization, 2022, employees=300, revenue=100_000_000)
    factories.figures(organization, 2024, employees=5, revenue=100_000)
    factories.figures(organization, 2023, employees=300, revenue=100_000_000)
    factories.organization(industry="I6513")
    assert list(Organization.objects.with_size_class().order_by("pk").values_list("size_class", flat=True)) == [
        "micro",
        None,
    ]


# --- Times of change


def aged(organization: Organization) -> Organization:
    with pgtrigger.ignore("registry.Organization:touch"):
        Organization.objects.filter(pk=organization.pk).update(updated_at=LONG_AGO)
    return organization


def is_touched(organization: Organization) -> bool:
    return Organization.objects.get(pk=organization.pk).updated_at > LONG_AGO


def test_change_of_an_organization_sets_its_time():
    organization = aged(factories.organization())
    assert not is_touched(organization)
    Organization.objects.update(remarks="X")
    assert is_touched(organization)


@pytest.mark.parametrize("make", [factories.name, factories.tag, factories.qualification, factories.identifier])
def test_change_of_what_is_shown_with_an_organization_sets_its_time(make):
    organization, other, untouched = (aged(factories.organization()) for _ in range(3))
    row = make(organization)
    assert is_touched(organization)
    aged(organization)
    rows = type(row).objects.filter(pk=row.pk)
    rows.update(organization=other)
    assert is_touched(organization)
    assert is_touched(other)
    aged(other)
    rows.delete()
    assert is_touched(other)
    assert not is_touched(untouched)


@pytest.mark.parametrize("make", [factories.contact, factories.figures])
def test_change_of_what_is_secret_leaves_the_time_alone(make):
    organization = aged(factories.organization())
    make(organization).delete()
    assert not is_touched(organization)
