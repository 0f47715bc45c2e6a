"""The steps of the state machine of memberships that go by way of an application."""

import datetime
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from alliance.applications import deciding, operations
from alliance.applications.transitions import SIMPLE, WITHDRAW
from alliance.models import Alliance, Application, Meeting
from registry.database.db_errors import Conflict
from tests import factories

Day = datetime.date
KINDS = {"admission": "admit", "tier_change": "change", "withdrawal": "end"}


class ApplicationRules:
    """An application does what the operation on the membership would do on that day, or nothing.

    Admissions and withdrawals are confirmed by a person; on changes of tier the assembly decides, with enough votes or
    without.
    """

    alliance: ClassVar[Alliance]
    meeting: ClassVar[Meeting]
    second: ClassVar[Any]
    days: ClassVar[list[Day]]

    @classmethod
    def prepare(cls, alliance: Alliance, days: list[Day]) -> None:
        cls.days = days
        cls.second = factories.superuser()
        factories.alliance_rules(alliance, tier_change_body="assembly")
        numbers = {"entitled": 5, "entitled_reason": "虚构", "attended": 5, "attended_reason": "虚构"}
        cls.meeting = factories.meeting(alliance, "2020-01-01", body="assembly", **numbers)

    @rule(
        which=st.sampled_from([0, 1]),
        kind=st.sampled_from(sorted(KINDS)),
        rank=st.sampled_from([1, 2, 3]),
        day=st.integers(0, 15),
        passes=st.booleans(),
    )
    def apply(self: Any, which: int, kind: str, rank: int, day: int, passes: bool) -> None:
        if kind == "admission":
            which = self.either(which, lambda one: datetime.date.max not in one.held.on)
        on, organization = self.days[day % len(self.days)], self.organizations[which]
        fields: dict[str, Any] = {"tier": None if kind == "withdrawal" else self.tiers[rank]}
        if kind == "withdrawal":
            fields |= dict.fromkeys(("notice_on", "applied_on"), min(on, self.today))  # nothing came in after today
        one = factories.application(self.alliance, organization, kind=kind, state="to_decide", **fields)
        model = self.model[which]

        def expected() -> None:
            if kind == "admission":
                model.admit(rank, on)
            elif kind == "withdrawal":
                model.end(on, "withdrawal")
            elif passes:
                model.change(rank, on)

        def operation() -> None:
            if kind == "tier_change":
                votes = {"votes_for": 5} if passes else {"votes_for": 1, "votes_against": 4}
                deciding.decide(self.meeting, [one], None, on, subject="级别调整", **votes)
            else:
                deciding.confirm(one, self.second, on)

        self.both(f"apply-{kind}", operation, expected)
        self._closed_for_good(one, kind == "tier_change" and not passes)

    def _closed_for_good(self: Any, one: Application, rejected: bool) -> None:
        """What was refused is still open and can be withdrawn; what is closed takes no step any more."""
        one.refresh_from_db()
        if one.state == "to_decide":
            assert (one.decision, one.membership, one.confirmed_by) == (None, None, None)
            operations.act(one, WITHDRAW, None)
        else:
            assert one.state == ("rejected" if rejected else "passed")
            assert (one.membership is None) == rejected
        for step in SIMPLE:
            with pytest.raises(Conflict):
                operations.act(one, step, None, reason="x")
        with pytest.raises(Conflict):
            deciding.confirm(one, self.second, self.days[0])
        with pytest.raises(Conflict):
            deciding.reject(one, self.second, "x")
