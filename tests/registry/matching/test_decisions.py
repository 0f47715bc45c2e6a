"""The table of decisions about identity, and how names stand to each other."""

from itertools import product

import pytest

from registry.matching.decisions import (
    RULES,
    CodeRelation,
    Decision,
    Evidence,
    FitCount,
    KindRelation,
    NameRelation,
    PossibleRecord,
    Status,
    TownRelation,
    choose,
    decide,
)
from registry.matching.relations import are_alike, relation_of

pytestmark = pytest.mark.django_db  # how characters sound is read from the database, once

EVERYTHING = [
    Evidence(*values) for values in product(CodeRelation, NameRelation, KindRelation, TownRelation, Status, FitCount)
]
AGREE, ABSENT = CodeRelation.AGREE, CodeRelation.ABSENT


def test_every_rule_decides_something_and_every_evidence_is_decided():
    met = {next(position for position, rule in enumerate(RULES) if rule.fits(one)) for one in EVERYTHING}
    assert met == set(range(len(RULES)))


def test_contradicting_identifiers_are_never_one_record():
    for one in EVERYTHING:
        if one.identifiers in (CodeRelation.CONTRADICT, CodeRelation.BOTH):
            assert decide(one).decision in (Decision.ANOTHER, Decision.REFUSED), one


def test_resemblance_alone_never_decides():
    for one in EVERYTHING:
        if one.identifiers is ABSENT and one.name not in (NameRelation.EQUAL, NameRelation.FORMER):
            assert not decide(one).same, one


def test_what_is_refused_or_held_back_by_code_says_why():
    for rule in RULES:
        if rule.ruling.decision is Decision.REFUSED or rule.ruling.reason in ("other_name", "successor", "old_name"):
            assert rule.ruling.message, rule


@pytest.mark.parametrize(
    ("evidence", "decision", "reason"),
    [
        (Evidence(AGREE, NameRelation.EQUAL), Decision.SAME, "code"),
        (Evidence(AGREE, NameRelation.ABSENT, KindRelation.OTHER), Decision.SAME, "code"),
        (Evidence(AGREE, NameRelation.ALIKE), Decision.SAME_RENAMED, "renamed"),
        (Evidence(AGREE, NameRelation.SUCCEEDS), Decision.SAME_RENAMED, "renamed"),
        (Evidence(AGREE, NameRelation.FORMER), Decision.SAME, "old_name"),
        (Evidence(AGREE, NameRelation.UNRELATED), Decision.HELD_BACK, "other_name"),
        (Evidence(AGREE, NameRelation.EQUAL, status=Status.MERGED), Decision.SAME, "successor"),
        (Evidence(AGREE, NameRelation.EQUAL, status=Status.LOST), Decision.REFUSED, "merged"),
        (Evidence(CodeRelation.BOTH, NameRelation.EQUAL), Decision.REFUSED, "codes_contradict"),
        (Evidence(CodeRelation.CONTRADICT, NameRelation.EQUAL), Decision.ANOTHER, "other_code"),
        (Evidence(ABSENT, NameRelation.EQUAL), Decision.SAME, "name"),
        (Evidence(ABSENT, NameRelation.EQUAL, KindRelation.OTHER), Decision.ANOTHER, "other_kind"),
        (Evidence(ABSENT, NameRelation.EQUAL, place=TownRelation.OTHER), Decision.HELD_BACK, "other_place"),
        (Evidence(ABSENT, NameRelation.EQUAL, fitting=FitCount.SEVERAL), Decision.REFUSED, "ambiguous"),
        (Evidence(ABSENT, NameRelation.FORMER), Decision.SAME, "old_name"),
        (Evidence(ABSENT, NameRelation.ALIKE), Decision.HELD_BACK, "alike"),
        (Evidence(ABSENT, NameRelation.UNRELATED), Decision.ANOTHER, "nothing"),
    ],
)
def test_the_table_decides(evidence, decision, reason):
    assert decide(evidence)[:2] == (decision, reason)


def named(pk, name=NameRelation.EQUAL, **evidence):
    leads_to = evidence.pop("leads_to", None)
    return PossibleRecord(pk, Evidence(name=name, **evidence), leads_to)


@pytest.mark.parametrize(
    ("candidates", "decision", "meant"),
    [
        ([], Decision.ANOTHER, None),
        ([named(1)], Decision.SAME, 1),
        ([named(1), named(2)], Decision.REFUSED, 1),
        ([named(1), named(2, identifiers=CodeRelation.CONTRADICT)], Decision.SAME, 1),
        ([named(1), named(2, NameRelation.FORMER)], Decision.SAME, 1),
        ([named(1, status=Status.MERGED, leads_to=3), named(2)], Decision.SAME, 2),
        ([named(1, status=Status.MERGED, leads_to=2), named(2)], Decision.SAME, 2),
        ([named(1, status=Status.MERGED, leads_to=2)], Decision.SAME, 2),
        ([named(1, identifiers=AGREE), named(2)], Decision.SAME, 1),
        ([named(1, NameRelation.ALIKE, identifiers=AGREE), named(2)], Decision.REFUSED, 1),
        ([named(1, identifiers=AGREE), named(2, identifiers=AGREE)], Decision.REFUSED, 1),
        (
            [named(1, identifiers=AGREE, status=Status.MERGED, leads_to=2), named(2, identifiers=AGREE)],
            Decision.SAME,
            2,
        ),
    ],
)
def test_choice_among_several_records(candidates, decision, meant):
    choice = choose(candidates)
    assert choice.ruling.decision is decision
    assert (choice.candidate.meant if choice.candidate else None) == meant


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("中山市香山机器人有限公司", "广东香山智能科技股份有限公司", True),
        ("中山市香山机器人有限公司", "中山市向山机器人有限公司", True),
        ("中山市香山湖机器人有限公司", "中山市香山机器人有限公司", True),
        ("中山市示例更名甲有限公司", "中山市示例改称甲有限公司", True),
        ("中山市示例甲有限公司", "中山市示例乙有限公司", False),
        ("中山市虚构1号机器人有限公司", "中山市虚构2号机器人有限公司", False),
        ("中山市香山机器人有限公司", "中山市岐江机器人有限公司", False),
        ("Xiangshan Robot Co., Ltd.", "Xiangshan Intelligent Technology Ltd.", True),
        ("Xiangshan Robot Co., Ltd.", "Qijiang Robot Co., Ltd.", False),
        ("中山市香山机器人有限公司", "Xiangshan Robot Co., Ltd.", True),
    ],
)
def test_names_that_share_their_brand_are_alike(one, other, alike):
    assert are_alike(one, other) is alike
    assert are_alike(other, one) is alike


@pytest.mark.parametrize(
    ("given", "stored", "relation"),
    [
        (("香山（中山）厂", None), ("香山(中山) 厂", ""), NameRelation.EQUAL),
        (("香山厂", "Xiangshan Works"), ("香山厂", "Zhongshan Plant"), NameRelation.EQUAL),
        ((None, "Qijiang Works"), ("香山厂", ""), NameRelation.ABSENT),
        ((None, "Qijiang Works"), ("香山厂", "Xiangshan Works"), NameRelation.UNRELATED),
        (("岐江厂", "Xiangshan Works"), ("香山厂", "Xiangshan Works"), NameRelation.ALIKE),
        ((None, None), ("香山厂", ""), NameRelation.ABSENT),
    ],
)
def test_the_chinese_name_decides_where_both_have_one(given, stored, relation):
    assert relation_of(given, stored) is relation
