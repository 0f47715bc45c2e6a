"""All operations on memberships and applications in any order, against a plain model: what is true on each day.

REGISTRY_STATE_STEPS=10000 makes it longer: that many operations. Each example is a savepoint that is rolled back.
"""

import datetime
import itertools
import os
import time
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alliance.members.operations import actions, standing
from alliance.members.operations.succession import succeed
from alliance.models import Alliance, Member, Membership, Suspension, Tier
from registry.models import Organization
from tests import factories
from tests.alliance.applications.machine import ApplicationRules

pytestmark = pytest.mark.django_db

Day = datetime.date
ONE = datetime.timedelta(days=1)
STEPS = int(os.environ.get("REGISTRY_STATE_STEPS", "1200"))
LENGTH = 150
EVE, TODAY = Day(2025, 5, 31), Day(2025, 6, 1)
MOMENTS = {EVE: "2025-05-31T15:59:59Z", TODAY: "2025-05-31T16:00:01Z"}
"""One day ends and the next one begins in Shanghai; in UTC it is the same day."""
DAYS = [
    *(Day(2020, 1, 1), Day(2020, 2, 28), Day(2020, 2, 29), Day(2020, 3, 1), Day(2020, 12, 31), Day(2021, 2, 28)),
    *(Day(2021, 3, 1), Day(2023, 12, 31), Day(2024, 2, 29), Day(2024, 3, 1), EVE, TODAY, TODAY + ONE),
    *(Day(2026, 1, 1), Day(2028, 2, 29), Day(2028, 3, 1)),
]
"""Operations are of these days: ends and beginnings of years and Februaries, and the days around today."""
FOREVER = Day.max
SAMPLES = sorted({day + shift * ONE for day in DAYS for shift in (-1, 0, 1)} | {FOREVER})
"""Between two of these nothing can change, so that they stand for all days; the last one for an open end."""
REASONS = ("withdrawal", "lapse", "other")


class Refused(Exception):
    """The model says that an operation cannot be."""


class Periods:
    """Periods painted on days: day -> number of the period. Two periods never share a day."""

    def __init__(self) -> None:
        self.on: dict[Day, int] = {}
        self.about: dict[int, Any] = {}

    def copy(self) -> "Periods":
        made = Periods()
        made.on, made.about = dict(self.on), {number: list(about) for number, about in self.about.items()}
        return made

    def paint(self, number: int, begin: Day, end: Day | None) -> None:
        """Give the period these days instead of those that it had."""
        self.on = {day: one for day, one in self.on.items() if one != number}
        days = [day for day in SAMPLES if begin <= day and (end is None or day < end)]
        if not days or any(day in self.on for day in days):
            raise Refused
        self.on |= dict.fromkeys(days, number)

    def add(self, begin: Day, end: Day | None, about: Any) -> int:
        number = max(self.about, default=0) + 1
        self.paint(number, begin, end)
        self.about[number] = about
        return number

    def begin(self, number: int) -> Day:
        return min(day for day, one in self.on.items() if one == number)

    def end(self, number: int) -> Day | None:
        last = max(day for day, one in self.on.items() if one == number)
        return None if last == FOREVER else SAMPLES[SAMPLES.index(last) + 1]

    def numbers(self) -> list[int]:
        return list(dict.fromkeys(self.on[day] for day in sorted(self.on)))

    def all(self) -> list[tuple[Any, ...]]:
        return [(self.begin(one), self.end(one), *self.about[one]) for one in self.numbers()]


class ModelMember:
    """What is true of one organization: its tier by day, and the days on which it is suspended."""

    def __init__(self) -> None:
        self.held, self.suspended = Periods(), Periods()  # about: [tier, reason of the end], and ["why"]
        self.cut: dict[int, dict[Any, Day | None]] = {}
        """Membership that has an end -> what ends with it -> the end that this has without it."""

    def copy(self) -> "ModelMember":
        made = ModelMember()
        made.held, made.suspended = self.held.copy(), self.suspended.copy()
        made.cut = {number: dict(cut) for number, cut in self.cut.items()}
        return made

    def span_end(self, on: Day) -> Day | None:
        """The end of the unbroken membership of the day."""
        later = [day for day in SAMPLES if day >= on]
        return next((day for day in later if day not in self.held.on), None)

    def check(self) -> None:
        """Refuse a state in which a suspension has a day without membership."""
        if not self.suspended.on.keys() <= self.held.on.keys():
            raise Refused

    def admit(self, rank: int, on: Day) -> None:
        self.held.add(on, None, [rank, ""])

    def change(self, rank: int, on: Day) -> None:
        number = self.held.on.get(on)
        if number is None or self.held.about[number][0] == rank or self.held.begin(number) == on:
            raise Refused
        begin, end, about = self.held.begin(number), self.held.end(number), self.held.about[number]
        self.held.paint(number, begin, on)
        self.cut[self.held.add(on, end, [rank, about[1]])] = dict(self.cut.get(number, {})) if end else {}
        about[1] = "tier_change"

    def end(self, on: Day, reason: str) -> None:
        number = self.held.on.get(FOREVER)
        if number is None or on <= (begin := self.held.begin(number)):
            raise Refused
        self.held.paint(number, begin, on)
        self.held.about[number][1] = reason
        self.cut[number] = {}
        self.end_suspensions(number, None, on)
        self.check()

    def end_suspensions(self, number: int, was: Day | None, on: Day) -> None:
        for one in self.suspended.numbers():
            begin, end = self.suspended.begin(one), self.suspended.end(one)
            if begin < on and (end is None or end > on):
                self.cut[number].setdefault(one, None if end == was else end)
                self.suspended.paint(one, begin, on)

    def prolong_suspensions(self, number: int, was: Day, now: Day) -> None:
        for one in self.suspended.numbers():
            if self.suspended.end(one) == was:
                self.cut[number].setdefault(one, None)
                self.suspended.paint(one, self.suspended.begin(one), now)

    def bring_back(self, number: int, was: Day) -> None:
        """What ended with the membership has its end of before again."""
        for one in self.suspended.numbers():
            if self.suspended.end(one) == was:
                self.suspended.paint(one, self.suspended.begin(one), self.cut[number].get(one))

    def cancel_end(self, today: Day) -> None:
        endings = [one for one in self.held.numbers() if (end := self.held.end(one)) and end > today]
        endings = [one for one in endings if self.held.about[one][1] != "tier_change"]
        if not endings:
            raise Refused
        number = endings[-1]
        was = self.held.end(number)
        self.held.paint(number, self.held.begin(number), None)
        self.held.about[number][1] = ""
        assert was
        self.bring_back(number, was)

    def correct(self, number: int, rank: int, begin: Day, end: Day | None, reason: str) -> None:
        held, was_begin, was_end = self.held, self.held.begin(number), self.held.end(number)
        changed = held.about[number][1] == "tier_change"
        before = held.on.get(was_begin - ONE)
        if before is not None and held.about[before][1] != "tier_change":
            before = None
        after = held.on.get(was_end) if changed and was_end else None
        if (reason == "tier_change") != (after is not None) or (reason and end is None):
            raise Refused
        others = {one: (held.begin(one), held.end(one)) for one in (before, after) if one is not None}
        held.on = {day: one for day, one in held.on.items() if one not in (number, before, after)}
        held.paint(number, begin, end)
        if before is not None:
            held.paint(before, others[before][0], begin)
        if after is not None:
            assert end
            held.paint(after, end, others[after][1])
        held.about[number] = [rank, reason]
        if after is None and was_end != end:
            if was_end is None:
                self.cut[number] = {}
            if end is None:
                assert was_end
                self.bring_back(number, was_end)
            elif was_end is None or end < was_end:
                self.end_suspensions(number, was_end, end)
            else:
                self.prolong_suspensions(number, was_end, end)
        self.check()

    def suspend(self, on: Day, until: Day | None) -> None:
        if on not in self.held.on:
            raise Refused
        last = self.span_end(on)
        if until is not None and (until <= on or (last is not None and until > last)):
            raise Refused
        self.suspended.add(on, until or last, ["why"])

    def resume(self, on: Day) -> None:
        number = self.suspended.on.get(on)
        if number is None:
            raise Refused
        begin = self.suspended.begin(number)
        if begin == on:
            self.suspended.on = {day: one for day, one in self.suspended.on.items() if one != number}
        else:
            self.suspended.paint(number, begin, on)


PERIODS = """
SELECT m.organization_id, s.admitted_on, s.ended_on, t.rank, s.end_reason
FROM alliance_membership s JOIN alliance_member m ON m.id = s.member_id JOIN alliance_tier t ON t.id = s.tier_id
UNION ALL
SELECT m.organization_id, s.suspended_on, s.resumed_on, NULL, s.reason
FROM alliance_suspension s JOIN alliance_member m ON m.id = s.member_id
ORDER BY 2
"""

ORGANIZATIONS = st.integers(0, 1)
RANKS = st.integers(1, 3)
ANY_DAY = st.sampled_from(DAYS) | st.sampled_from([EVE, TODAY, TODAY + ONE])
"""The days around midnight more often than others."""


class Memberships(ApplicationRules, RuleBasedStateMachine):
    alliance: ClassVar[Alliance]
    tiers: ClassVar[dict[int, Tier]]
    organizations: ClassVar[list[Organization]]
    done: ClassVar[dict[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.model = [ModelMember() for _ in self.organizations]
        self.members: dict[int, Member] = {}
        self.tried = True
        self.today = TODAY
        self.clock = time_machine.travel(MOMENTS[TODAY], tick=False)
        self.clock.start()

    def teardown(self) -> None:
        try:
            for day in SAMPLES[:-1:5]:
                self.as_of(day)
            self.first_days()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @initialize(ranks=st.lists(RANKS, min_size=2, max_size=2))
    def begin(self, ranks: list[int]) -> None:
        """Both are members from early days on."""
        for which, rank in enumerate(ranks):
            self.admit(which, rank, DAYS[which])

    def member(self, which: int) -> Member | None:
        """The member, once it has been admitted."""
        if which not in self.members and self.model[which].held.about:
            of = Member.objects.select_related("alliance")
            self.members[which] = of.get(alliance=self.alliance, organization=self.organizations[which])
        return self.members.get(which)

    def both(self, name: str, operation: Any, expected: Any) -> None:
        """Do it in the database and in the model: either both do it or both refuse."""
        before = [one.copy() for one in self.model]
        try:
            expected()
            wanted = "done"
        except Refused:
            self.model, wanted = before, "refused"
        try:
            operation()
            got, why = "done", ""
        except ValidationError as error:
            got, why = "refused", str(error)
        assert (name, got) == (name, wanted), why
        self.tried = True
        self.count(f"{name} {got}")

    def count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    def either(self, which: int, fits: Callable[[ModelMember], bool]) -> int:
        """Return the one of the two with which something can be done."""
        return which if fits(self.model[which]) else 1 - which

    @rule(which=ORGANIZATIONS, rank=RANKS, on=ANY_DAY)
    def admit(self, which: int, rank: int, on: Day) -> None:
        self.both(
            "admit",
            lambda: actions.admit(self.organizations[which], self.alliance, self.tiers[rank], on),
            lambda: self.model[which].admit(rank, on),
        )

    @rule(which=ORGANIZATIONS, rank=RANKS, on=ANY_DAY)
    def change_tier(self, which: int, rank: int, on: Day) -> None:
        if member := self.member(which):
            self.both(
                "change_tier",
                lambda: actions.change_tier(member, self.tiers[rank], on),
                lambda: self.model[which].change(rank, on),
            )

    @precondition(lambda self: any(FOREVER in one.held.on for one in self.model))
    @rule(which=ORGANIZATIONS, on=ANY_DAY, reason=st.sampled_from(REASONS))
    def end(self, which: int, on: Day, reason: str) -> None:
        which = self.either(which, lambda one: FOREVER in one.held.on)
        if member := self.member(which):
            self.both("end", lambda: actions.end(member, on, reason), lambda: self.model[which].end(on, reason))

    @precondition(lambda self: any(one.held.on and FOREVER not in one.held.on for one in self.model))
    @rule(which=ORGANIZATIONS)
    def cancel_end(self, which: int) -> None:
        which = self.either(which, lambda one: bool(one.held.on) and FOREVER not in one.held.on)
        if member := self.member(which):
            self.both(
                "cancel_end", lambda: actions.cancel_end(member), lambda: self.model[which].cancel_end(self.today)
            )

    @rule(which=ORGANIZATIONS, on=ANY_DAY, until=st.none() | ANY_DAY)
    def suspend(self, which: int, on: Day, until: Day | None) -> None:
        if member := self.member(which):
            self.both(
                "suspend",
                lambda: standing.suspend(member, on, "why", until=until),
                lambda: self.model[which].suspend(on, until),
            )

    @precondition(lambda self: any(one.suspended.on for one in self.model))
    @rule(which=ORGANIZATIONS, on=ANY_DAY)
    def resume(self, which: int, on: Day) -> None:
        which = self.either(which, lambda one: bool(one.suspended.on))
        if member := self.member(which):
            self.both("resume", lambda: standing.resume(member, on), lambda: self.model[which].resume(on))

    @rule(data=st.data(), which=ORGANIZATIONS, reason=st.sampled_from(["", "why"]))
    def correct(self, data: Any, which: int, reason: str) -> None:
        """Of the tier, the beginning and the end, some are corrected."""
        model, member = self.model[which], self.member(which)
        if member is None or not model.held.on:
            return
        number = data.draw(st.sampled_from(model.held.numbers()))
        held = model.held
        was = (held.begin(number), held.end(number), *held.about[number])
        begin = data.draw(st.just(was[0]) | ANY_DAY)
        end = data.draw(st.just(was[1]) | st.just(was[1]) | st.none() | ANY_DAY)
        rank = data.draw(st.just(was[2]) | RANKS)
        why = data.draw(st.just(was[3]) | st.sampled_from(["", *REASONS]))
        values = {"tier": self.tiers[rank], "admitted_on": begin, "ended_on": end, "end_reason": why}

        def expected() -> None:
            model.correct(number, rank, begin, end, why)
            if not reason and self.passed(was[:3]) != self.passed((begin, end, rank)):
                raise Refused

        stored = member.memberships.get(admitted_on=was[0])
        self.both("correct", lambda: actions.correct(stored, reason=reason, **values), expected)

    def passed(self, period: tuple[Any, ...]) -> dict[Day, int]:
        """The tier of the days of a period that have passed."""
        begin, end, rank = period
        return {day: rank for day in SAMPLES if begin <= day < self.today and (end is None or day < end)}

    @precondition(lambda self: any(FOREVER in one.held.on for one in self.model))
    @rule(which=ORGANIZATIONS, on=ANY_DAY)
    def succeed(self, which: int, on: Day) -> None:
        """One of the two is merged into the other one."""
        which = self.either(which, lambda one: FOREVER in one.held.on)
        into, member = 1 - which, self.member(which)
        assert member

        def expected() -> None:
            old, new = self.model[which], self.model[into]
            rank = old.held.about[old.held.on[FOREVER]][0]
            old.end(on, "succession")
            number = new.held.on.get(on)
            if number is None:
                new.admit(rank, on)
            elif new.held.about[number][0] > rank:
                new.change(rank, on)

        self.both("succeed", lambda: succeed(member, self.organizations[into], on), expected)

    @rule(day=st.sampled_from([EVE, TODAY]))
    def midnight(self, day: Day) -> None:
        self.count("midnight")
        self.clock.stop()
        self.today, self.clock = day, time_machine.travel(MOMENTS[day], tick=False)
        self.clock.start()

    @rule(day=st.sampled_from(SAMPLES[:-1]))
    def as_of(self, day: Day) -> None:
        """Who was a member on the day, at which tier, and who was suspended."""
        self.count("as_of")
        found = Membership.objects.as_of(day).filter(alliance=self.alliance)
        held = {
            self.organizations[n].pk: m.held.about[m.held.on[day]][0]
            for n, m in enumerate(self.model)
            if day in m.held.on
        }
        assert dict(found.values_list("member__organization", "tier__rank")) == held
        suspended = {self.organizations[n].pk for n, m in enumerate(self.model) if day in m.suspended.on}
        assert set(Suspension.objects.as_of(day).values_list("member__organization", flat=True)) == suspended

    @invariant()
    def all_is_stored(self) -> None:
        """The periods are those of the model, and the database's own rules hold."""
        if not self.tried:
            return
        self.tried = False
        of = {organization.pk: number for number, organization in enumerate(self.organizations)}
        memberships: list[list[Any]] = [[] for _ in of]
        suspensions: list[list[Any]] = [[] for _ in of]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(PERIODS)
            for pk, begin, end, rank, reason in cursor.fetchall():
                if rank is None:
                    suspensions[of[pk]].append((begin, end, reason))
                else:
                    memberships[of[pk]].append((begin, end, rank, reason))
        assert memberships == [one.held.all() for one in self.model]
        assert suspensions == [one.suspended.all() for one in self.model]
        for periods in (*memberships, *suspensions):
            for (_begin, end, *_about), (begin, *_rest) in itertools.pairwise(periods):
                assert end is not None
                assert end <= begin, "periods overlap"

    def first_days(self) -> None:
        """入会日期 is the first day of the unbroken membership, which the days show."""
        for organization, model in zip(self.organizations, self.model, strict=True):
            rows = Membership.objects.filter(member__organization=organization).with_joined_on()
            for row in rows:
                day = row.admitted_on
                while day - ONE in model.held.on:
                    day = model.held.begin(model.held.on[day - ONE])
                assert row.joined_on == day  # type: ignore[attr-defined]


class Said:
    """Draws what the test says, in this order."""

    def __init__(self, *values: Any) -> None:
        self.values = iter(values)

    def draw(self, _strategy: object) -> Any:
        return next(self.values)


def prepare(machine: type[Memberships]) -> None:
    machine.alliance = factories.alliance("first")
    machine.tiers = {rank: factories.tier(machine.alliance, f"t{rank}", rank=rank) for rank in (1, 2, 3)}
    machine.prepare(machine.alliance, DAYS)
    machine.organizations = [factories.organization() for _ in range(2)]
    machine.done = {}


def test_each_operation_is_done_once_and_agrees() -> None:
    """The random run may leave one out by chance; nothing is left out here."""
    prepare(Memberships)
    machine = Memberships()
    steps: list[Callable[[], None]] = [
        lambda: machine.begin([1, 2]),
        lambda: machine.change_tier(0, 3, DAYS[4]),
        lambda: machine.suspend(0, DAYS[5], DAYS[6]),
        lambda: machine.suspend(0, DAYS[7], None),
        lambda: machine.resume(0, DAYS[8]),
        lambda: machine.correct(Said(1, DAYS[2], None, 2, ""), 1, "why"),
        lambda: machine.end(0, TODAY + ONE, "lapse"),
        lambda: machine.cancel_end(0),
        lambda: machine.apply(1, "tier_change", 1, DAYS.index(EVE), passes=True),
        lambda: machine.apply(1, "tier_change", 3, DAYS.index(TODAY), passes=False),
        lambda: machine.succeed(0, TODAY),
        lambda: machine.apply(1, "withdrawal", 1, DAYS.index(TODAY), passes=True),
        lambda: machine.midnight(EVE),
        lambda: machine.midnight(TODAY),
        lambda: machine.apply(0, "admission", 1, DAYS.index(TODAY + ONE), passes=True),
    ]
    try:
        for step in steps:
            step()
            machine.all_is_stored()
    finally:
        machine.teardown()
    names = {"admit", "change_tier", "end", "cancel_end", "correct", "suspend", "resume", "succeed"}
    names |= {"apply-admission", "apply-tier_change", "apply-withdrawal"}
    assert {key for key in Memberships.done if key.endswith("done")} == {f"{name} done" for name in names}
    assert not [key for key in Memberships.done if key.endswith("refused")]


def test_operations_in_any_order_agree_with_a_plain_model(capsys: pytest.CaptureFixture[str]) -> None:
    prepare(Memberships)
    begun = time.perf_counter(), time.process_time()
    run_state_machine_as_test(
        Memberships,
        settings=settings(
            max_examples=max(1, STEPS // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            derandomize="REGISTRY_STATE_STEPS" not in os.environ,
            suppress_health_check=list(HealthCheck),
            # What fails in a long run is not made shorter, which would take minutes.
            phases=[Phase.generate] if "REGISTRY_STATE_STEPS" in os.environ else [Phase.generate, Phase.shrink],
        ),
    )
    steps = sum(Memberships.done.values())
    with capsys.disabled():
        if "REGISTRY_STATE_STEPS" in os.environ:
            wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
            print(f"\n{steps} steps in {wall:.1f} s (CPU {cpu:.1f} s): {dict(sorted(Memberships.done.items()))}")
