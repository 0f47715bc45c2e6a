"""Possible duplicates: which pairs are found, told once, and not any more once somebody has said that they are two."""

import pytest

from registry.duplicates import finding, judging
from registry.duplicates.finding import Wanted, search
from registry.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return factories.user("registry.change_organization", "registry.view_organization")


def pairs(user=None, **asked):
    return [{one.first.name_zh, one.second.name_zh} for one in search(Wanted(**asked), user).pairs]


def kinds(user=None, **asked):
    return [one.kind for one in search(Wanted(**asked), user).pairs]


@pytest.fixture
def two():
    return (
        factories.organization(name_zh="中山市宏图机器人有限公司"),
        factories.organization(name_zh="中山宏图机器人有限公司"),
    )


def test_records_of_the_same_name_but_for_the_place_are_a_pair_told_once(two, clerk):
    assert pairs(clerk) == [{"中山市宏图机器人有限公司", "中山宏图机器人有限公司"}]
    assert kinds(clerk) == ["name"]


def test_unlike_records_are_no_pair(clerk):
    factories.organization(name_zh="中山市宏图机器人有限公司")
    factories.organization(name_zh="中山市晨光医疗器械有限公司")
    assert pairs(clerk) == []


@pytest.mark.parametrize("older_has_it", [True, False])
def test_a_former_name_leads_to_the_record_that_bears_it_now(clerk, older_has_it):
    one = factories.organization(name_zh="中山市远帆照明有限公司")
    other = factories.organization(name_zh="中山市晨光医疗器械有限公司")
    bearer, asked = (one, other) if older_has_it else (other, one)
    factories.name(bearer, asked.name_zh)
    assert kinds(clerk) == ["other_name"]


def test_the_same_former_name_on_both_sides_is_a_pair(clerk):
    for name in ("中山市远帆照明有限公司", "中山市晨光医疗器械有限公司"):
        factories.name(factories.organization(name_zh=name), "中山市老名称实业公司")
    assert kinds(clerk) == ["other_name"]


def test_the_organization_code_within_a_uscc_is_the_same_body(clerk):
    one = factories.organization(name_zh="中山市远帆照明有限公司", uscc=factories.valid_uscc())
    other = factories.organization(name_zh="中山市晨光医疗器械有限公司")
    code = one.uscc[8:17]
    factories.identifier(other, "organization_code", f"{code[:8]}-{code[8:]}")
    assert kinds(clerk) == ["code"]
    assert kinds(clerk, kind="near") == []


def test_pairs_that_are_not_the_same_are_remembered_for_both(two, clerk):
    judging.judge(two[1].pk, two[0].pk, "different", clerk, "不同地址")
    assert pairs(clerk) == []
    assert pairs(clerk, organization=two[0]) == pairs(clerk, organization=two[1]) == []


def test_what_an_import_has_told_apart_is_no_pair(two, clerk):
    factories.distinction(two[0], two[1].name_zh)
    assert pairs(clerk) == []


def test_merged_records_are_no_pair(two, clerk):
    Organization.objects.filter(pk=two[0].pk).update(registration_status="merged", successor=two[1])
    assert pairs(clerk) == []


def test_one_township_shows_its_records_with_those_of_others(clerk):
    town = factories.township()
    for name in ("中山市宏图机器人有限公司", "中山宏图机器人有限公司"):
        factories.organization(name_zh=name)
    Organization.objects.filter(name_zh__startswith="中山市").update(township=town)
    assert len(pairs(clerk, township=town)) == 1


def test_an_account_of_a_township_sees_pairs_of_its_own_records_only(reference):
    town, other = factories.township("442000118"), factories.township("442000106")
    account = factories.of_township(town)
    for place in (town, other):
        factories.organization(name_zh="中山市宏图机器人有限公司", township=place)
    assert pairs(account) == []
    factories.organization(name_zh="中山宏图机器人有限公司", township=town)
    assert len(pairs(account)) == 1


def test_the_walk_goes_on_where_a_page_has_stopped(monkeypatch, clerk):
    monkeypatch.setattr(finding, "AT_ONCE", 2)
    monkeypatch.setattr(finding, "AT_MOST", 4)
    for number in range(3):
        for name in (f"中山市第{number}宏图机器人有限公司", f"中山第{number}宏图机器人有限公司"):
            factories.organization(name_zh=name)
    first = search(Wanted(), clerk)
    then = search(Wanted(before=first.before), clerk)
    assert (first.compared, then.compared, then.before) == (4, 2, None)
    told = [{one.first.pk, one.second.pk} for one in (*first.pairs, *then.pairs)]
    assert len(told) == len({frozenset(one) for one in told}) >= 3


def test_a_page_asks_the_same_number_of_queries_whatever_it_finds(clerk, django_assert_num_queries):
    def few(count):
        for number in range(count):
            factories.organization(name_zh=f"中山市甲{number}宏图机器人有限公司")
            factories.organization(name_zh=f"中山甲{number}宏图机器人有限公司")

    few(2)
    clerk.has_perm("registry.change_organization")
    with django_assert_num_queries(5):
        search(Wanted(), clerk)
    few(4)
    with django_assert_num_queries(5):
        search(Wanted(), clerk)
