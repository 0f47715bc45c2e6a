"""Two people decide on one application at the same time: one wins, the other is told."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from alliance.applications import deciding, operations
from alliance.applications.models import Application
from alliance.applications.transitions import WITHDRAW
from alliance.models import Decision, Membership
from registry.database.db_errors import Conflict
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2021, 7, 1)


def at_once(*attempts: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; return what each ended with."""
    ready, outcomes = threading.Barrier(len(attempts)), [None] * len(attempts)

    def run(number: int, attempt: Callable[[], Any]) -> None:
        try:
            ready.wait(10)
            outcomes[number] = attempt()
        except ValidationError as error:
            outcomes[number] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(attempts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def waiting(**fields: Any) -> Application:
    return factories.application(state="to_decide", **fields)


def test_two_decisions_on_one_application() -> None:
    alliance = factories.alliance(legal_person=True)
    high = factories.tier(alliance, "council", rank=1, in_council=True)
    for _number in range(3):
        factories.membership(factories.member(alliance), tier=high)
    meetings = [factories.meeting(alliance, day) for day in ("2021-07-01", "2021-07-02")]
    for meeting in meetings:
        meeting.attendance.update(present=True)
    one = factories.application(alliance, state="to_decide", tier=factories.tier(alliance, "member", rank=2))
    outcomes = at_once(
        *(lambda m=meeting: deciding.decide(m, [one], None, DAY, subject="接纳", votes_for=3) for meeting in meetings)
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Decision"]
    assert Decision.objects.count() == 1
    assert Membership.objects.filter(member__organization=one.organization).count() == 1


@pytest.mark.parametrize("other", ["confirm", "withdraw"])
def test_confirmation_against_another_or_a_withdrawal(other: str) -> None:
    one, people = waiting(), [factories.superuser(), factories.superuser()]
    second: dict[str, Callable[[], Any]] = {
        "confirm": lambda: deciding.confirm(one, people[1], DAY),
        "withdraw": lambda: operations.act(one, WITHDRAW, people[1]),
    }
    outcomes = at_once(lambda: deciding.confirm(one, people[0], DAY), second[other])
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    one.refresh_from_db()
    assert (one.state == "passed") == Membership.objects.filter(member__organization=one.organization).exists()
