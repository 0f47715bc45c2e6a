"""Seats in the machine of all operations: they lie within memberships, and the board sits outside of the council."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from alliance.council.sitting import sitting
from alliance.members.operations import actions
from alliance.members.operations.succession import succeed
from alliance.models import Group, Seat
from tests import factories
from tests.alliance.test_state_machine import (
    ANY_DAY,
    DAYS,
    FOREVER,
    LENGTH,
    ORGANIZATIONS,
    REASONS,
    SAMPLES,
    STEPS,
    Day,
    Memberships,
    ModelMember,
    Periods,
    Refused,
    Said,
)

pytestmark = pytest.mark.django_db

BOARD, WORKING = 0, 1
GROUPS = st.sampled_from([BOARD, WORKING])
COUNCIL_RANK = 1


class SeatedMember(ModelMember):
    """What is true of one organization, with the days on which it sits in each group."""

    def __init__(self) -> None:
        super().__init__()
        self.seats = {BOARD: Periods(), WORKING: Periods()}

    def copy(self) -> "SeatedMember":
        made = SeatedMember()
        made.held, made.suspended = self.held.copy(), self.suspended.copy()
        made.cut = {number: dict(cut) for number, cut in self.cut.items()}
        made.seats = {group: seats.copy() for group, seats in self.seats.items()}
        return made

    def check_seats(self) -> None:
        for seats in self.seats.values():
            if not seats.on.keys() <= self.held.on.keys():
                raise Refused
        if any(self.held.about[self.held.on[day]][0] == COUNCIL_RANK for day in self.seats[BOARD].on):
            raise Refused

    def end_with_seats(self, on: Day, reason: str) -> None:
        cut: dict[Any, Day | None] = {}
        for group, seats in self.seats.items():
            for one in seats.numbers():
                begin, end = seats.begin(one), seats.end(one)
                if end is None or end > on:
                    seats.paint(one, begin, on)  # refused where it begins later
                    cut[group, one] = end
        number = self.held.on.get(FOREVER)
        self.end(on, reason)
        assert number
        self.cut[number] |= cut

    def bring_back(self, number: int, was: Day) -> None:
        super().bring_back(number, was)
        for group, seats in self.seats.items():
            for one in seats.numbers():
                if seats.end(one) == was and (group, one) in self.cut[number]:
                    seats.paint(one, seats.begin(one), self.cut[number][group, one])

    def seated_for_ever(self) -> bool:
        return any(FOREVER in seats.on for seats in self.seats.values())

    def rise(self, group: int, begin: Day, on: Day) -> None:
        seats = self.seats[group]
        seats.paint(seats.on[begin], begin, on)


class MembershipsAndSeats(Memberships):
    # Applications end seats by a rule that the model here does not know.
    apply = None  # type: ignore[assignment]
    groups: ClassVar[dict[int, Group]]
    model: list[SeatedMember]  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.model = [SeatedMember() for _ in self.organizations]

    def both(self, name: str, operation: Any, expected: Any) -> None:
        """No operation leaves a seat where it must not be."""

        def and_seats() -> None:
            expected()
            for one in self.model:
                one.check_seats()

        super().both(name, operation, and_seats)

    @rule(data=st.data(), which=ORGANIZATIONS)
    def sit_on_the_board(self, data: Any, which: int) -> None:
        self.sit(data, which, BOARD)

    @rule(data=st.data(), which=ORGANIZATIONS)
    def sit_in_the_group(self, data: Any, which: int) -> None:
        self.sit(data, which, WORKING)

    @rule(data=st.data(), which=ORGANIZATIONS, group=GROUPS)
    def sit(self, data: Any, which: int, group: int) -> None:
        """Mostly within the membership, which most days and ends are not."""
        member, held = self.member(which), [day for day in DAYS if day in self.model[which].held.on]
        if member is None or not held:
            return
        days = st.sampled_from(held)
        on = data.draw(days | days | ANY_DAY)
        last = self.model[which].span_end(on)
        ends = [day for day in held if on < day and (last is None or day < last)]
        within = st.sampled_from([last, *ends])
        until = data.draw(within | within | st.none() | ANY_DAY)
        seat = Seat(group=self.groups[group], member=member, begins_on=on, ends_on=until)
        self.both("sit", lambda: _save(seat), lambda: self.model[which].seats[group].add(on, until, []))

    @precondition(lambda self: any(seats.on for one in self.model for seats in one.seats.values()))
    @rule(data=st.data(), on=ANY_DAY)
    def rise(self, data: Any, on: Day) -> None:
        """A seat ends on another day than it did."""
        seat = data.draw(st.sampled_from(list(Seat.objects.order_by("id"))))
        group = next(number for number, one in self.groups.items() if one.pk == seat.group_id)
        which = [one.pk for one in self.organizations].index(seat.member.organization_id)
        begin, seat.ends_on = seat.begins_on, on
        self.both("rise", lambda: _save(seat), lambda: self.model[which].rise(group, begin, on))

    @rule(which=ORGANIZATIONS, on=ANY_DAY, reason=st.sampled_from(REASONS))
    def end_with_seats(self, which: int, on: Day, reason: str) -> None:
        if member := self.member(which):
            self.both(
                "end with seats",
                lambda: actions.end(member, on, reason, end_seats=True),
                lambda: self.model[which].end_with_seats(on, reason),
            )

    @precondition(lambda self: any(one.seated_for_ever() for one in self.model))
    @rule(which=ORGANIZATIONS, on=ANY_DAY)
    def succeed_with_seats(self, which: int, on: Day) -> None:
        """The seats of the one that is merged end; the other one keeps its own."""
        which = self.either(which, lambda one: one.seated_for_ever())
        into, member = 1 - which, self.member(which)
        assert member

        def expected() -> None:
            old, new = self.model[which], self.model[into]
            rank = old.held.about[old.held.on[FOREVER]][0]
            old.end_with_seats(on, "succession")
            number = new.held.on.get(on)
            if number is None:
                new.admit(rank, on)
            elif new.held.about[number][0] > rank:
                new.change(rank, on)

        self.both(
            "succeed with seats",
            lambda: succeed(member, self.organizations[into], on, end_seats=True),
            expected,
        )

    @rule(day=st.sampled_from(SAMPLES[:-1]))
    def sits(self, day: Day) -> None:
        """Who sits in the council on the day, by the tier."""
        seated = {
            organization.pk
            for organization, model in zip(self.organizations, self.model, strict=True)
            if day in model.held.on and model.held.about[model.held.on[day]][0] == COUNCIL_RANK
        }
        assert {one.member.organization_id for one in sitting(self.alliance, day)} == seated

    @invariant()
    def seats_are_stored(self) -> None:
        for organization, model in zip(self.organizations, self.model, strict=True):
            for number, group in self.groups.items():
                rows = Seat.objects.filter(group=group, member__organization=organization).order_by("begins_on")
                assert list(rows.values_list("begins_on", "ends_on")) == model.seats[number].all()


def _save(seat: Seat) -> None:
    seat.full_clean()
    seat.save()


def prepare(machine: type[MembershipsAndSeats]) -> None:
    alliance = factories.alliance("first")
    machine.alliance = alliance
    machine.tiers = {
        rank: factories.tier(alliance, f"t{rank}", rank=rank, in_council=rank == COUNCIL_RANK) for rank in (1, 2, 3)
    }
    machine.organizations = [factories.organization() for _ in range(2)]
    machine.groups = {
        BOARD: factories.group(alliance, "supervisory_board"),
        WORKING: factories.group(alliance),
    }
    machine.done = {}


def test_each_step_of_a_seat_is_done_once_and_agrees() -> None:
    """The random run may leave one out by chance; nothing is left out here."""
    prepare(MembershipsAndSeats)
    machine = MembershipsAndSeats()
    steps: list[Callable[[], None]] = [
        lambda: machine.begin([1, 2]),
        lambda: machine.sit(Said(DAYS[4], None), 0, BOARD),  # the council does not sit on the board
        lambda: machine.sit(Said(DAYS[4], None), 0, WORKING),
        lambda: machine.end(0, DAYS[8], "lapse"),  # the seat has no end
        lambda: machine.end_with_seats(0, DAYS[0], "lapse"),
        lambda: machine.end_with_seats(0, DAYS[8], "lapse"),
        lambda: machine.sit(Said(DAYS[4], None), 1, BOARD),
        lambda: machine.rise(Said(Seat.objects.latest("pk")), DAYS[2]),
        lambda: machine.rise(Said(Seat.objects.latest("pk")), DAYS[9]),
    ]
    try:
        for step in steps:
            step()
            machine.all_is_stored()
            machine.seats_are_stored()
    finally:
        machine.teardown()
    done = MembershipsAndSeats.done
    wanted = {f"{name} {end}" for name in ("sit", "rise", "end with seats") for end in ("done", "refused")}
    assert wanted | {"admit done", "end refused"} == {key for key in done if key.endswith(("done", "refused"))}


def test_seats_in_any_order_agree_with_a_plain_model() -> None:
    prepare(MembershipsAndSeats)
    run_state_machine_as_test(
        MembershipsAndSeats,
        settings=settings(
            max_examples=max(1, STEPS // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
