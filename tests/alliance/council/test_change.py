"""The change of council: applied as one, refused by name, undone as one."""

import dataclasses
import datetime
import threading
from typing import Any

import pghistory
import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from alliance.council.change import (
    CouncilChange,
    MembersRefused,
    ShownTiersDiffer,
    change_council,
    changed_since,
    held_on,
    undo,
)
from alliance.council.sitting import sitting
from alliance.meetings import calling, recording
from alliance.members.operations import actions
from alliance.models import Alliance, Decision, Membership, Term, Tier
from registry.database.db_errors import Conflict
from registry.history.rendering import events_of
from registry.models import Organization
from tests import factories

DAY = datetime.date(2024, 1, 1)
BEFORE = DAY - datetime.timedelta(days=1)
Row = tuple[int, int, datetime.date, datetime.date | None, str]


@pytest.fixture
def alliance(db) -> Alliance:
    """An alliance with three tiers, a first term, two members in the council and two outside."""
    alliance = factories.alliance()
    for code, seated in (("vice-chair", True), ("council", True), ("member", False)):
        factories.tier(alliance, code, in_council=seated, in_standing_council=code == "vice-chair")
    factories.term(alliance, "2019-01-01")
    for code in ("vice-chair", "council", "member", "member"):
        factories.membership(factories.member(alliance), "2019-01-01", tier=factories.tier(alliance, code))
    return alliance


def tier(code: str) -> Tier:
    return Tier.objects.get(alliance__slug="test", code=code)


def change(alliance: Alliance, *codes: str, number: int = 2, on: datetime.date = DAY) -> CouncilChange:
    """A change of council as somebody chooses it who sees the members as they are now; codes by member number."""
    held = held_on(alliance, on)
    members = alliance.members.order_by("member_no")
    choices = {member.pk: tier(code).pk for member, code in zip(members, codes, strict=False)}
    shown = {member: one.tier_id for member, one in held.items()}
    return CouncilChange(alliance, number, on, on.replace(year=on.year + 5), choices, shown)


def rows() -> set[Row]:
    return set(Membership.objects.values_list("member_id", "tier_id", "admitted_on", "ended_on", "end_reason"))


def terms() -> list[tuple[int, datetime.date, datetime.date]]:
    return list(Term.objects.order_by("number").values_list("number", "begins_on", "ends_on"))


def test_change_moves_everybody_on_one_day_and_the_day_before_stays(alliance):
    roster = {one.member_id: one.tier for one in held_on(alliance, BEFORE).values()}
    outcome = change_council(change(alliance, "vice-chair", "member", "vice-chair", "member"))
    stay, leave, come, plain = alliance.members.order_by("member_no")
    assert [(label, [step.member for step in steps]) for label, steps in outcome.in_groups()] == [
        ("连任", [stay]),
        ("级别调整", []),
        ("新当选", [come]),
        ("不再担任", [leave]),
    ]
    assert {one.member_id: one.tier for one in held_on(alliance, BEFORE).values()} == roster
    assert {one.member for one in sitting(alliance, DAY)} == {stay, come}
    assert {one.member for one in sitting(alliance, BEFORE)} == {stay, leave}
    assert Membership.objects.filter(member=plain).count() == Membership.objects.filter(member=stay).count() == 1
    assert terms() == [
        (1, datetime.date(2019, 1, 1), DAY),
        (2, DAY, datetime.date(2029, 1, 1)),
    ]


def test_trial_tells_the_same_and_stores_nothing(alliance):
    before = rows(), terms()
    outcome = change_council(change(alliance, "council", "council", "council"), trial=True)
    assert [len(steps) for _label, steps in outcome.in_groups()] == [1, 1, 1, 0]
    assert (rows(), terms()) == before


def test_refused_member_is_named_and_nothing_is_stored(alliance):
    gone = alliance.members.order_by("member_no")[2].organization
    Organization.objects.filter(pk=gone.pk).update(registration_status="deregistered")
    before = rows(), terms()
    with pytest.raises(MembersRefused) as caught:
        change_council(change(alliance, "council", "member", "council"))
    assert [message.partition("：")[0] for message in caught.value.messages] == [str(gone)]
    assert "登记状态" in caught.value.messages[0]
    assert (rows(), terms()) == before


def test_member_of_the_board_is_refused_by_name(alliance):
    third = alliance.members.order_by("member_no")[2]
    board = factories.group(alliance, "supervisory_board", name_zh="监事会")
    factories.seat(third.memberships.get(), board)
    with pytest.raises(MembersRefused, match=f"{third.organization}：监事会与理事会不得同时任职"):
        change_council(change(alliance, "council", "council", "council"))


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"number": 1}, "__all__", "该联盟已有这一届次"),
        ({"ends_on": datetime.date(2029, 1, 2)}, "ends_on", "每届任期最长不超过5年"),
        ({"begins_on": datetime.date(2019, 1, 1), "ends_on": DAY}, "begins_on", "即自该日开始"),
        ({"begins_on": datetime.date(2018, 6, 1), "ends_on": DAY}, "__all__", "任期重叠"),
    ],
)
def test_wrong_term_is_told_and_nothing_is_stored(alliance, wrong, field, words):
    before = rows(), terms()
    asked = change(alliance, "council", "council", "council")
    for name, value in wrong.items():
        setattr(asked, name, value)
    if asked.begins_on < datetime.date(2019, 1, 1):
        asked.choices, asked.shown = {}, {}
    with pytest.raises(ValidationError) as caught:
        change_council(asked)
    told = caught.value.message_dict
    assert any(words in text for texts in told.values() for text in texts), told
    assert (rows(), terms()) == before


def test_tier_and_member_of_another_alliance_are_refused(alliance):
    before = rows(), terms()
    asked = change(alliance)
    other = factories.alliance("other")
    asked.choices = {next(iter(asked.shown)): factories.tier(other, "council").pk}
    with pytest.raises(ValidationError, match="所选级别属于其他联盟"):
        change_council(asked)
    asked.choices = {factories.membership(factories.member(other)).member_id: tier("council").pk}
    with pytest.raises(ValidationError, match="当日不是该联盟的会员"):
        change_council(asked)
    assert rows() - before[0] == {(*row,) for row in rows() if row[0] in asked.choices}
    assert terms() == before[1]


def test_term_that_was_put_off_ends_with_the_change(alliance):
    Term.objects.update(
        ends_on=datetime.date(2023, 7, 1), postponed_until="2024-07-01", approval_no="粤民函〔2023〕1号"
    )
    outcome = change_council(change(alliance))
    assert outcome.shortened is not None
    stored = Term.objects.get(number=1)
    assert (stored.ends_on, stored.postponed_until, stored.approval_no) == (
        datetime.date(2023, 7, 1),
        DAY,
        "粤民函〔2023〕1号",
    )


def test_tier_changed_meanwhile_is_told_with_the_name(alliance):
    asked = change(alliance, "council", "council", "council")
    second = alliance.members.order_by("member_no")[1]
    actions.change_tier(second, tier("member"), datetime.date(2023, 6, 1))
    with pytest.raises(ShownTiersDiffer, match=str(second.organization)) as caught:
        change_council(asked)
    assert caught.value.members == {second.pk}
    assert terms() == [(1, datetime.date(2019, 1, 1), DAY)]


def test_somebody_elected_meanwhile_is_told_even_if_not_on_the_page(alliance):
    asked = change(alliance, "council")
    fourth = alliance.members.order_by("member_no")[3]
    asked.shown = {member: shown for member, shown in asked.shown.items() if member != fourth.pk}
    actions.change_tier(fourth, tier("council"), datetime.date(2023, 6, 1))
    with pytest.raises(ShownTiersDiffer, match=str(fourth.organization)):
        change_council(asked)


def test_undo_restores_all_memberships_and_terms(alliance):
    before = rows(), terms()
    term = change_council(change(alliance, "council", "member", "vice-chair", "council")).term
    assert rows() != before[0]
    assert undo(term, trial=True).staying == 0
    assert terms() != before[1]
    assert undo(term).done
    assert (rows(), terms()) == before
    assert change_council(change(alliance, "council")).term.number == 2, "and it can be done anew"


def test_undo_restores_members_with_seats(alliance):
    third = alliance.members.order_by("member_no")[2]
    factories.seat(third.memberships.get())
    before = rows()
    term = change_council(change(alliance, "council", "council", "council")).term
    assert undo(term).done
    assert rows() == before
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_undo_names_what_has_changed_since_and_leaves_all(alliance):
    term = change_council(change(alliance, "council", "council", "council")).term
    third = alliance.members.order_by("member_no")[2]
    actions.end(third, datetime.date(2025, 1, 1), "withdrawal")
    after = rows(), terms()
    outcome = undo(term)
    assert not outcome.done
    assert changed_since(outcome) == [f"{third.organization}：之后又有修改：终止日期、终止原因"]
    assert (rows(), terms()) == after


def test_undo_of_a_term_entered_by_hand_removes_it_alone(alliance):
    with pghistory.context(operation="other"):
        third = alliance.members.order_by("member_no")[2]
        Membership.objects.filter(member=third).update(remarks="同一操作中")
        term = factories.term(alliance, "2024-01-01")
    Term.objects.exclude(pk=term.pk).delete()
    before = rows()
    assert undo(term).done
    assert third.memberships.get().remarks == "同一操作中"
    assert not Term.objects.exists()
    assert rows() == before


def test_history_tells_the_change_of_council(alliance):
    third = alliance.members.order_by("member_no")[2]
    term = change_council(change(alliance, "council", "council", "council"), factories.superuser()).term
    told = [str(event.operation) for event in events_of([(Membership, "member")], third.pk, factories.superuser())]
    assert told[:2] == ["换届", "换届"]
    undo(term)
    assert str(next(iter(events_of([(Membership, "member")], third.pk, factories.superuser()))).operation) == "撤销换届"


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_wins_and_the_other_is_told(alliance):
    first, second = change(alliance, "council", "member"), change(alliance, "vice-chair", "vice-chair", "council")
    won: list[int] = []
    told: list[str] = []
    start = threading.Barrier(2)

    def run(asked: CouncilChange) -> None:
        try:
            start.wait()
            won.append(change_council(asked).term.pk)
        except ValidationError as error:
            told.extend(error.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[asked]) for asked in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(told) == 1
    assert "级别与页面所示不同" in told[0] or "即自该日开始" in told[0]
    assert Term.objects.count() == 2
    assert undo(Term.objects.get(pk=won[0])).done


def test_second_change_on_a_day_of_the_new_term_is_told(alliance):
    change_council(change(alliance))
    with pytest.raises(ValidationError, match="即自该日开始"):
        change_council(change(alliance, number=3))
    asked = change(alliance, "member")
    asked.shown = {}
    with pytest.raises(Conflict, match="级别与页面所示不同"):
        change_council(asked)


# --- Where memberships are not changed directly


@pytest.fixture
def by_decision(alliance: Alliance) -> Alliance:
    factories.alliance_rules(alliance, direct_entry=False)
    return alliance


def elected(of: Alliance, held_on: str = "2023-12-20", **fields: Any) -> Decision:
    meeting = factories.meeting(of, held_on, body="assembly")
    calling.sign_in(meeting, {row.member_id: "" for row in meeting.attendance.all()})
    return factories.decision(
        meeting, **{"subject": "关于换届选举的决议", "matter": "election", "votes_for": 4} | fields
    )


def test_change_asks_for_the_decision_on_the_election(by_decision):
    asked = change(by_decision, "council", "member", "council")
    before = rows()
    with pytest.raises(ValidationError) as refused:
        change_council(asked)
    assert set(refused.value.message_dict) == {"decision"}
    assert (rows(), len(terms())) == (before, 1)
    decision = elected(by_decision)
    change_council(dataclasses.replace(asked, decision=decision))
    moved = Membership.objects.filter(admitted_on=DAY)
    assert {one.remarks for one in moved} == {decision.reference()}
    assert Term.objects.get(number=asked.number).decision == decision
    with pytest.raises(ValidationError, match="已有事项以本决议为依据：届次"):
        recording.correct(decision, None, "误记", votes_for=0)
    assert moved.count() == 3
    told = events_of([(Membership, "member")], moved[0].member_id, factories.superuser())
    assert told[0].reason == decision.reference()


@pytest.mark.parametrize(
    "fields",
    [{"matter": "rules"}, {"votes_for": 1, "votes_against": 3}, {"held_on": "2024-01-02"}, {"of": "other"}],
)
def test_no_other_decision_will_do(by_decision, fields):
    of = by_decision
    if fields.pop("of", ""):
        of = factories.alliance("other")
        for _row in range(4):
            factories.membership(factories.member(of), "2019-01-01")
    asked = dataclasses.replace(change(by_decision, "council"), decision=elected(of, **fields))
    before = rows()
    with pytest.raises(ValidationError) as refused:
        change_council(asked)
    assert set(refused.value.message_dict) == {"decision"}
    assert rows() == before


def test_decision_may_be_named_where_none_is_asked_for(alliance):
    change_council(dataclasses.replace(change(alliance, "council"), decision=elected(alliance, "2024-01-01")))
    assert Membership.objects.get(admitted_on=DAY).remarks != ""
    decision = Decision.objects.get()
    assert undo(decision.terms_elected.get()).done
    assert recording.correct(decision, None, "误记", abstentions=0).terms_elected.count() == 0
