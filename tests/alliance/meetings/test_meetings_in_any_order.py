"""Meetings and decisions among all operations on memberships, in any order, against a plain model.

REGISTRY_STATE_STEPS=10000 makes it longer, as in tests/alliance/test_state_machine.py, whose machine it extends.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from alliance.meetings import calling, recording
from alliance.models import Alliance, Decision, Meeting
from tests import factories
from tests.alliance.test_state_machine import ANY_DAY, DAYS, LENGTH, RANKS, STEPS, Day, Memberships, Refused

pytestmark = pytest.mark.django_db

BODIES = ("assembly", "council")
MOST = 5
WHICH, VOTES = st.integers(0, MOST - 1), st.integers(0, 2)


@dataclass
class Held:
    """What is true of a meeting: who is called and present, by organization, and the votes of its decisions."""

    meeting: Meeting
    body: str
    day: Day
    called: set[int]
    present: set[int] = field(default_factory=set)
    decisions: list[tuple[int, ...]] = field(default_factory=list)

    def needed(self) -> int:
        return -(-len(self.called) * 2 // 3)

    def decide(self, votes: tuple[int, int, int], reason: str) -> tuple[int, ...]:
        """Return what a decision with these votes stores. A share of nobody present cannot be told."""
        if not self.present or sum(votes) > len(self.present) or (len(self.present) < self.needed() and not reason):
            raise Refused
        yes, present = votes[0], len(self.present)
        passed = 2 * yes > present if self.body == "assembly" else 3 * yes >= 2 * present
        return (*votes, len(self.called), present, int(passed))


class Meetings(Memberships):
    done: ClassVar[dict[str, int]] = {}
    # Applications are decided in a meeting of their own, which the model here does not know.
    apply = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Held] = []

    @initialize(ranks=st.lists(RANKS, min_size=2, max_size=2), body=st.sampled_from(BODIES))
    def begin(self, ranks: list[int], body: str) -> None:
        """Both are members from early days on, and those who are called to a first meeting are there."""
        super().begin(ranks=ranks)
        self.call(body=body, day=DAYS[3])
        self.sign_in(at=0, who={0, 1}, others=False, reason="")

    def who_may_vote(self, body: str, day: Day) -> set[int]:
        found = set()
        for which, one in enumerate(self.model):
            number = one.held.on.get(day)
            seated = number is not None and (body == "assembly" or one.held.about[number][0] == 1)
            if seated and day not in one.suspended.on:
                found.add(which)
        return found

    def keys(self, whiches: set[int]) -> dict[int, str]:
        """Return the members by their keys; who never was one has a key that nobody has."""
        return {member.pk if (member := self.member(which)) else 0: "" for which in whiches}

    @precondition(lambda self: len(self.held) < MOST)
    @rule(body=st.sampled_from(BODIES), day=ANY_DAY)
    def call(self, body: str, day: Day) -> None:
        meeting = Meeting(alliance=self.alliance, body=body, number=len(self.held) + 1, held_on=day)
        called = self.who_may_vote(body, day)
        self.both("call", lambda: calling.call(meeting), lambda: None)
        self.held.append(Held(meeting, body, day, called))

    @precondition(lambda self: self.held)
    @rule(at=WHICH, who=st.sets(st.integers(0, 1)), others=st.booleans(), reason=st.sampled_from(["", "补签"]))
    def sign_in(self, at: int, who: set[int], others: bool, reason: str) -> None:
        """Tick who was there; with `others` also members that were not called, which is refused."""
        one = self.held[at % len(self.held)]
        if not others:
            who &= one.called
        present = self.keys(who)

        def expected() -> None:
            if not who <= one.called or (one.decisions and not reason):
                raise Refused
            one.present = set(who)

        self.both("sign_in", lambda: calling.sign_in(one.meeting, present, reason=reason), expected)

    @precondition(lambda self: self.held)
    @rule(at=WHICH)
    def recount(self, at: int) -> None:
        one = self.held[at % len(self.held)]

        def expected() -> None:
            if one.decisions:
                raise Refused
            one.called = self.who_may_vote(one.body, one.day)
            one.present &= one.called

        self.both("recount", lambda: calling.recount(one.meeting), expected)

    @precondition(lambda self: self.held)
    @rule(at=WHICH, votes=st.tuples(VOTES, VOTES, VOTES), reason=st.sampled_from(["", "台风"]))
    def record(self, at: int, votes: tuple[int, int, int], reason: str) -> None:
        one = self.held[at % len(self.held)]

        def expected() -> None:
            if one.day > self.today:
                raise Refused
            one.decisions.append(one.decide(votes, reason))

        said = dict(zip(("votes_for", "votes_against", "abstentions"), votes, strict=True))
        self.both(
            "record", lambda: recording.record(one.meeting, subject="甲", override_reason=reason, **said), expected
        )

    @precondition(lambda self: any(one.decisions for one in self.held))
    @rule(at=WHICH, votes=st.tuples(VOTES, VOTES, VOTES), reason=st.sampled_from(["", "录错"]))
    def correct_decision(self, at: int, votes: tuple[int, int, int], reason: str) -> None:
        decided = [one for one in self.held if one.decisions]
        one = decided[at % len(decided)]
        last = one.meeting.decisions.latest("number")

        def expected() -> None:
            if not reason:
                raise Refused
            one.decisions[-1] = one.decide(votes, last.override_reason)

        said = dict(zip(("votes_for", "votes_against", "abstentions"), votes, strict=True))
        self.both("correct_decision", lambda: recording.correct(last, None, reason, **said), expected)

    @invariant()
    def meetings_are_stored(self) -> None:
        """Who is called and present, and every decision with the numbers of its moment, are those of the model."""
        if not getattr(self, "held", None):
            return
        fields = ("votes_for", "votes_against", "abstentions", "entitled", "present", "passed")
        decided: dict[int, list[tuple[int, ...]]] = {one.meeting.pk: [] for one in self.held}
        for pk, *row in Decision.objects.order_by("number").values_list("meeting", *fields):
            decided[pk].append(tuple(map(int, row)))
        for one in self.held:
            assert decided[one.meeting.pk] == one.decisions
            rows = one.meeting.attendance.values_list("member__organization", "present")
            numbers = {organization.pk: which for which, organization in enumerate(self.organizations)}
            assert {numbers[pk] for pk, _present in rows} == one.called
            assert {numbers[pk] for pk, present in rows if present} == one.present


def prepare(machine: type[Meetings]) -> None:
    machine.alliance = of = factories.alliance("first", legal_person=True)
    assert Alliance.objects.get().legal_person
    machine.tiers = {rank: factories.tier(of, f"t{rank}", rank=rank, in_council=rank == 1) for rank in (1, 2, 3)}
    machine.organizations = [factories.organization() for _ in range(2)]
    machine.done = {}


def test_each_step_of_a_meeting_is_done_once_and_agrees() -> None:
    """The random run may leave one out by chance; nothing is left out here."""
    prepare(Meetings)
    machine = Meetings()
    steps: list[Callable[[], None]] = [
        lambda: machine.begin([1, 2], "assembly"),
        lambda: machine.suspend(1, DAYS[2], None),
        lambda: machine.recount(0),
        lambda: machine.record(0, (1, 0, 0), ""),
        lambda: machine.record(0, (2, 0, 0), ""),
        lambda: machine.correct_decision(0, (0, 1, 0), "录错"),
        lambda: machine.call("council", DAYS[4]),
        lambda: machine.record(1, (0, 0, 0), ""),
    ]
    try:
        for step in steps:
            step()
            machine.all_is_stored()
            machine.meetings_are_stored()
    finally:
        machine.teardown()
    for name in ("call", "sign_in", "recount", "record", "correct_decision"):
        assert Meetings.done.get(f"{name} done"), name
    assert Meetings.done.get("record refused") == 2


def test_meetings_in_any_order_agree_with_a_plain_model(capsys: pytest.CaptureFixture[str]) -> None:
    prepare(Meetings)
    begun = time.perf_counter()
    run_state_machine_as_test(
        Meetings,
        settings=settings(
            max_examples=max(1, STEPS // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            derandomize="REGISTRY_STATE_STEPS" not in os.environ,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if "REGISTRY_STATE_STEPS" in os.environ else [Phase.generate, Phase.shrink],
        ),
    )
    if "REGISTRY_STATE_STEPS" in os.environ:
        with capsys.disabled():
            took = time.perf_counter() - begun
            print(f"\n{sum(Meetings.done.values())} steps in {took:.1f} s: {dict(sorted(Meetings.done.items()))}")
