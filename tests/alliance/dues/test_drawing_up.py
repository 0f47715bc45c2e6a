"""Drawing up the dues of a year: who, which class, how much and why; again only what is missing; taken back."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from alliance.dues import drawing_up
from alliance.dues.drawing_up import DrawUpRequest, Who
from alliance.dues.models import DuesStandard
from alliance.dues.rules import Spell, months_owed, part_of, wrong_procedure
from alliance.models import Alliance, Due, Member
from registry.database.db_errors import Conflict
from tests import factories

pytestmark = pytest.mark.django_db
DAY = datetime.date(2025, 3, 1)


@pytest.fixture
def alliance() -> Alliance:
    return factories.alliance("registered", legal_person=True)


@pytest.fixture
def standard(alliance) -> DuesStandard:
    """A standard of two classes: council units pay 5,000 yuan a year, other members 2,000."""
    standard = factories.dues_standard(alliance)
    factories.dues_class(standard, "理事", 5000, factories.tier(alliance, "council"))
    factories.dues_class(standard, "会员", 2000, factories.tier(alliance, "member"))
    return standard


def joined(alliance: Alliance, name: str, tier: str = "member", since: str = "2020-01-01", **fields) -> Member:
    member = factories.member(alliance, factories.enterprise(name_zh=name))
    return factories.membership(member, since, tier=factories.tier(alliance, tier), **fields).member


def drawn(asked: DrawUpRequest) -> drawing_up.DrawnUp:
    return drawing_up.draw_up(asked, seal=drawing_up.draw_up(asked).seal)


def told(found: drawing_up.DrawnUp) -> list[tuple[str, str, int, Decimal, str]]:
    return [
        (str(line.member.organization), str(line.dues_class), line.months, line.amount, line.why)
        for line in found.lines
    ]


def test_all_members_of_the_day_get_the_class_of_their_tier(alliance, standard):
    joined(alliance, "甲厂", "council")
    joined(alliance, "乙厂")
    joined(alliance, "丙厂", "observer")
    joined(alliance, "丁厂", since="2025-06-01")
    joined(alliance, "戊厂", ended_on="2024-12-31", end_reason="withdrawal")
    found = drawn(DrawUpRequest(alliance, 2025, DAY))
    assert told(found) == [
        ("甲厂", "理事", 12, Decimal(5000), "按会员级别"),
        ("乙厂", "会员", 12, Decimal(2000), "按会员级别"),
    ]
    assert [str(line.member.organization) for line in found.without] == ["丙厂"]
    assert found.total == 7000
    assert [(str(due.member.organization), due.amount, due.year) for due in Due.objects.order_by("amount")] == [
        ("乙厂", 2000, 2025),
        ("甲厂", 5000, 2025),
    ]


def test_again_adds_only_what_is_missing(alliance, standard):
    joined(alliance, "甲厂", "council")
    drawn(DrawUpRequest(alliance, 2025, DAY))
    late = joined(alliance, "丙厂", "observer")
    chosen = standard.classes.get(name="会员")
    found = drawn(DrawUpRequest(alliance, 2025, DAY, chosen={late.pk: chosen.pk}))
    assert (told(found), found.known) == ([("丙厂", "会员", 12, Decimal(2000), "逐家选定")], 1)
    assert drawn(DrawUpRequest(alliance, 2025, DAY)).lines == []
    assert Due.objects.count() == 2


def test_class_chosen_for_a_member_is_carried_on_and_a_member_can_be_left_out(alliance, standard):
    member, other = joined(alliance, "甲厂", "council"), joined(alliance, "乙厂")
    lower = standard.classes.get(name="会员")
    drawn(DrawUpRequest(alliance, 2025, DAY, chosen={member.pk: lower.pk, other.pk: 0}))
    assert Due.objects.get().dues_class == lower
    found = drawn(DrawUpRequest(alliance, 2026, datetime.date(2026, 3, 1)))
    assert [(name, dues_class, why) for name, dues_class, _months, _amount, why in told(found)] == [
        ("甲厂", "会员", "沿用上年度"),
        ("乙厂", "会员", "按会员级别"),
    ]


def test_what_has_changed_since_it_was_shown_is_not_drawn_up(alliance, standard):
    joined(alliance, "甲厂")
    seal = drawing_up.draw_up(DrawUpRequest(alliance, 2025, DAY)).seal
    joined(alliance, "乙厂")
    with pytest.raises(Conflict):
        drawing_up.draw_up(DrawUpRequest(alliance, 2025, DAY), seal=seal)
    assert not Due.objects.exists()


def test_all_of_the_year_are_asked_who_belonged_on_some_day(alliance, standard):
    standard.first_year = standard.last_year = "months"
    standard.save()
    joined(alliance, "甲厂")
    joined(alliance, "乙厂", since="2025-10-15")
    joined(alliance, "丙厂", ended_on="2025-03-01", end_reason="withdrawal")
    joined(alliance, "丁厂", ended_on="2025-01-01", end_reason="withdrawal")
    found = drawn(DrawUpRequest(alliance, 2025, DAY, Who.YEAR))
    assert sorted(told(found)) == [
        ("丙厂", "会员", 2, Decimal("333.33"), "按会员级别；计 2 个月；在会至 2025-02-28"),
        ("乙厂", "会员", 3, Decimal("500.00"), "按会员级别；计 3 个月；2025-10-15 入会"),
        ("甲厂", "会员", 12, Decimal(2000), "按会员级别"),
    ]


@pytest.mark.parametrize(
    ("part", "months", "amount"), [("whole", 12, 2000), ("half", 12, 2000), ("months", 4, Decimal("666.67"))]
)
def test_readmission_within_a_year_owes_for_the_months_of_both_times(alliance, standard, part, months, amount):
    standard.first_year = standard.last_year = part
    standard.save()
    member = joined(alliance, "甲厂", ended_on="2025-03-01", end_reason="withdrawal")
    factories.membership(member, "2025-11-05", tier=factories.tier(alliance, "member"))
    (line,) = drawn(DrawUpRequest(alliance, 2025, DAY, Who.YEAR)).lines
    assert (line.months, line.amount) == (months, amount)
    assert line.why.endswith("在会至 2025-02-28；2025-11-05 入会")


def test_change_of_tier_within_a_year_is_one_due(alliance, standard):
    member = joined(alliance, "甲厂", ended_on="2025-02-01", end_reason="tier_change")
    factories.membership(member, "2025-02-01", tier=factories.tier(alliance, "council"))
    found = drawn(DrawUpRequest(alliance, 2025, DAY))
    assert told(found) == [("甲厂", "理事", 12, Decimal(5000), "按会员级别")]


@pytest.mark.parametrize(
    ("first", "last", "joined_on", "last_day", "months"),
    [
        ("whole", "whole", "2025-12-31", "2025-01-01", 12),
        ("half", "whole", "2025-06-30", None, 12),
        ("half", "whole", "2025-07-01", None, 6),
        ("months", "whole", "2025-07-31", None, 6),
        ("months", "whole", "2025-12-31", None, 1),
        ("whole", "half", None, "2025-06-30", 6),
        ("whole", "half", None, "2025-07-01", 12),
        ("whole", "months", None, "2025-01-01", 1),
        ("months", "months", "2025-03-20", "2025-05-01", 3),
        ("half", "months", "2025-08-01", "2025-09-01", 3),
        ("months", "half", "2025-02-01", "2025-03-01", 5),
    ],
)
def test_part_of_a_year_is_owed_as_the_standard_says(first, last, joined_on, last_day, months):
    days = [day and datetime.date.fromisoformat(day) for day in (joined_on, last_day)]
    assert months_owed(DuesStandard(first_year=first, last_year=last), [Spell(*days)]) == months


def test_amount_of_a_part_is_exact_to_the_fen():
    assert [part_of(Decimal(1000), months) for months in (1, 7, 12)] == [
        Decimal("83.33"),
        Decimal("583.33"),
        Decimal("1000.00"),
    ]


@pytest.mark.parametrize(
    ("decided", "reason"),
    [
        (None, "未登记会员（代表）大会的决议。"),
        ({"ballot": "show_of_hands"}, "表决方式为举手表决，而不是无记名投票。"),
        ({"matter": "other"}, "该决议是关于其他事项的：其他事项。"),
        ({"votes_for": 12, "votes_against": 14, "abstentions": 0}, "该决议未获通过。"),
    ],
)
def test_standard_that_was_not_decided_as_prescribed_collects_nothing(alliance, decided, reason):
    decision = factories.dues_decision(alliance, **decided) if decided else None
    standard = factories.dues_standard(alliance, decision=decision)
    factories.dues_class(standard)
    joined(alliance, "甲厂")
    assert wrong_procedure(standard) == [reason]
    with pytest.raises(ValidationError, match="未按规定程序通过，不得收取"):
        drawing_up.draw_up(DrawUpRequest(alliance, 2025, DAY))


def test_standard_that_the_council_decided_collects_nothing(alliance):
    meeting = factories.meeting(
        alliance, "2019-01-10", entitled=9, entitled_reason="虚构", attended=9, attended_reason="虚构"
    )
    decision = factories.decision(meeting, matter="dues_standard", ballot="secret", votes_for=9)
    reasons = wrong_procedure(factories.dues_standard(alliance, decision=decision))
    assert reasons == ["由理事会表决，而不是会员（代表）大会。"]


def test_alliance_that_is_not_registered_has_no_dues():
    with pytest.raises(ValidationError, match="不收取会费"):
        drawing_up.draw_up(DrawUpRequest(factories.alliance("test"), 2025, DAY))


def test_dues_taken_back_are_those_that_nobody_has_paid_or_was_relieved_of(alliance, standard):
    for name in ("甲厂", "乙厂", "丙厂"):
        joined(alliance, name)
    drawn(DrawUpRequest(alliance, 2025, DAY))
    paid, relieved, _open = Due.objects.order_by("pk")
    factories.payment(paid, amount=1)
    decision = factories.dues_decision(alliance, "2025-02-01", matter="dues_relief")
    Due.objects.filter(pk=relieved.pk).update(
        relief=100, relief_rule="第三条", relief_reason="虚构", relief_decision=decision
    )
    trial = drawing_up.undo(alliance, 2025, trial=True)
    assert (len(trial.gone), len(trial.staying), Due.objects.count()) == (1, 2, 3)
    drawing_up.undo(alliance, 2025)
    assert set(Due.objects.values_list("pk", flat=True)) == {paid.pk, relieved.pk}
