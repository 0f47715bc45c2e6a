"""Decisions: the rule of the alliance, too few present, more votes than members, corrections, and races."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction

from alliance.council.sitting import entitled
from alliance.meetings import calling, recording
from alliance.models import Alliance, Body, Decision, Meeting, VotingRule
from registry.database.db_errors import Conflict
from tests import factories

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 1)


def alliance_of(council: int, plain: int = 0, **fields) -> Alliance:
    """An alliance with so many council units, and plain members beside them."""
    of = factories.alliance(**{"legal_person": True} | fields)
    for n in range(council + plain):
        tier = factories.tier(of, "council", in_council=True) if n < council else factories.tier(of)
        factories.membership(factories.member(of), tier=tier)
    return of


def held(of: Alliance, present: int, **fields) -> Meeting:
    meeting = factories.meeting(of, **fields)
    ticked = list(meeting.attendance.values_list("member_id", flat=True))[:present]
    return calling.sign_in(meeting, dict.fromkeys(ticked, ""))


def record(meeting: Meeting, *votes: int, by=None, **values) -> Decision:
    values = {"subject": "关于吸收新会员的决议"} | values
    return recording.record(
        meeting, by, **values, **dict(zip(("votes_for", "votes_against", "abstentions"), votes, strict=False))
    )


@pytest.mark.parametrize(
    ("body", "present", "votes", "passed"),
    [
        (Body.COUNCIL, 6, (4, 2), True),  # exactly two thirds of six
        (Body.COUNCIL, 6, (3, 0, 3), False),  # of those present, not of the votes
        (Body.COUNCIL, 7, (4, 3), False),
        (Body.ASSEMBLY, 8, (5, 3), True),
        (Body.ASSEMBLY, 8, (4, 0, 4), False),  # half is not more than half
    ],
)
def test_a_registered_alliance_starts_with_the_model_charter(body, present, votes, passed):
    meeting = held(alliance_of(9, 3), present, body=body)
    decision = record(meeting, *votes)
    decision.refresh_from_db()
    assert (decision.passed, decision.present, decision.entitled) == (passed, present, 9 if body == "council" else 12)


def test_too_few_are_refused_and_nothing_is_stored():
    meeting = held(alliance_of(9), 5)
    with pytest.raises(ValidationError, match="应到 9，实到 5，按规则至少应到会 6") as caught:
        record(meeting, 5)
    assert set(caught.value.message_dict) == {"override_reason"}
    assert not Decision.objects.exists()


def test_who_may_overrides_with_a_reason_and_others_may_not():
    meeting = held(alliance_of(9), 5)
    with pytest.raises(ValidationError, match="无权"):
        record(meeting, 5, override_reason="台风", by=factories.user("alliance.record_decision"))
    secretary = factories.user("alliance.record_decision", "alliance.override_quorum")
    decision = record(meeting, 5, override_reason="台风，理事书面同意", by=secretary)
    decision.refresh_from_db()
    assert (decision.override_reason, decision.passed, decision.recorded_by) == ("台风，理事书面同意", True, secretary)


@pytest.mark.parametrize("body", [Body.COUNCIL, Body.STANDING_COUNCIL])
def test_nobody_passes_nothing(body):
    meeting = held(alliance_of(3), 0, body=body)  # nobody sits in its standing council, so that nobody is asked for
    with pytest.raises(ValidationError, match="尚未勾选"):
        record(meeting, 0, override_reason="台风", by=factories.superuser())
    assert not Decision.objects.exists()


def test_a_reason_that_is_not_needed_is_not_kept():
    assert record(held(alliance_of(3), 3), 3, override_reason="多余").override_reason == ""


def test_an_alliance_that_is_not_registered_has_no_quorum():
    meeting = held(alliance_of(9, legal_person=False), 1)
    won, tied = record(meeting, 1), record(meeting, 0, 0, 1)
    for decision, passed in ((won, True), (tied, False)):
        decision.refresh_from_db()
        assert (decision.passed, decision.quorum_numerator, decision.majority_numerator) == (passed, None, None)


def test_a_rule_of_its_own_is_copied_and_later_changes_leave_decisions_alone():
    of = alliance_of(4)
    rule = VotingRule.objects.create(
        alliance=of,
        body="council",
        quorum_numerator=1,
        quorum_denominator=2,
        majority_numerator=1,
        majority_denominator=4,
    )
    meeting = held(of, 2)
    before = record(meeting, 1, 1)
    rule.quorum_numerator = rule.quorum_denominator = 1
    rule.majority_numerator = rule.majority_denominator = 1
    rule.save()
    of.legal_person = False
    of.save()
    before.refresh_from_db()
    assert (before.passed, before.quorum_denominator, before.majority_denominator) == (True, 2, 4)
    with pytest.raises(ValidationError, match="至少应到会 4"):
        record(meeting, 2)


@pytest.mark.parametrize("votes", [(4, 0, 0), (2, 2, 0), (1, 1, 2), (9, 0, 0)])
def test_votes_never_exceed_those_present(votes):
    meeting = held(alliance_of(3), 3)
    with pytest.raises(ValidationError, match="票数多于到会数"):
        record(meeting, *votes)
    assert not meeting.decisions.exists()


@pytest.mark.parametrize("votes", [(-1, 0, 0), (2, -1, 0), (3, 0, -1)])
def test_votes_are_not_negative(votes):
    meeting = held(alliance_of(3), 3)
    with pytest.raises(ValidationError), transaction.atomic():
        record(meeting, *votes)


def test_nothing_is_decided_before_the_meeting():
    meeting = held(alliance_of(3), 3)
    with time_machine.travel("2021-06-30T12:00:00Z"), pytest.raises(ValidationError, match="召开后才能登记"):
        record(meeting, 3)


def test_decisions_are_numbered_and_a_number_is_given_once():
    meeting = held(alliance_of(3), 3)
    assert [record(meeting, 3).number, record(meeting, 3, number=5).number, record(meeting, 3).number] == [1, 5, 6]
    with pytest.raises(Conflict, match="已有决议 5"):
        record(meeting, 3, number=5)


def test_the_suspended_and_who_has_no_seat_are_not_called():
    of = alliance_of(3, 2)
    suspended = of.memberships.filter(tier__in_council=True).first()
    factories.suspension(suspended, "2021-06-01")
    assert factories.meeting(of).called == 2
    assert factories.meeting(of, body="assembly").called == 4
    assert suspended not in entitled(of, DAY, Body.COUNCIL)


def test_votes_typed_wrongly_are_corrected_with_a_reason_and_the_rule_stays():
    of = alliance_of(3)
    decision = record(held(of, 3), 1, 2)
    of.legal_person = False
    of.save()
    with pytest.raises(ValidationError, match="更正理由"):
        recording.correct(decision, None, " ", votes_for=2, votes_against=1)
    with pytest.raises(ValidationError, match="票数多于到会数"):
        recording.correct(decision, None, "录入有误", votes_for=3, votes_against=1)
    recording.correct(decision, None, "录入有误", votes_for=2, votes_against=1)
    decision.refresh_from_db()
    assert (decision.votes_for, decision.passed, decision.majority_numerator) == (2, True, 2)


def test_a_decision_of_a_wrong_meeting_moves_with_the_numbers_and_the_rule_there():
    of = alliance_of(3, 3)
    decision = record(held(of, 3), 2, 1)
    other = held(of, 5, body="assembly")
    record(other, 5)
    recording.correct(decision, None, "应为会员大会", meeting=other)
    decision.refresh_from_db()
    assert (decision.meeting, decision.number, decision.present, decision.passed) == (other, 2, 5, False)
    assert decision.majority_exceeded


def test_the_history_keeps_the_reason_of_a_correction():
    decision = record(held(alliance_of(3), 3), 3)
    recording.correct(decision, None, "票数录错", votes_for=2)
    event = decision.events.filter(pgh_label="update").latest("pgh_id")
    assert event.pgh_context.metadata["reason"] == "票数录错"
    assert event.pgh_context.metadata["operation"] == "correct_decision"
