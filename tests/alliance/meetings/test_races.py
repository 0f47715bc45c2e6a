"""Decisions of one meeting at the same time: both count or one wins, and none is counted by numbers that changed."""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from alliance.meetings import calling, recording
from alliance.models import Decision
from registry.database.db_errors import Conflict
from tests.alliance.meetings.test_recording import alliance_of, held

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*operations: Callable[[], object]) -> list[object]:
    """Run the operations in threads that begin together; return what each gave or raised."""
    barrier, answers = threading.Barrier(len(operations)), [None] * len(operations)

    def run(place: int) -> None:
        try:
            barrier.wait()
            answers[place] = operations[place]()
        except ValidationError as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(operations))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_decisions_at_once_both_count_with_numbers_of_their_own():
    meeting = held(alliance_of(3), 3)
    at_once(*(lambda n=n: recording.record(meeting, subject=f"事项{n}", votes_for=3) for n in range(4)))
    assert sorted(Decision.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_of_two_decisions_with_one_number_one_wins():
    meeting = held(alliance_of(3), 3)
    answers = at_once(*(lambda n=n: recording.record(meeting, subject="同一", votes_for=n, number=1) for n in (2, 3)))
    assert sorted(type(one) for one in answers if isinstance(one, Conflict)) == [Conflict]
    assert Decision.objects.count() == 1


def test_who_was_there_does_not_change_while_a_decision_is_recorded():
    meeting = held(alliance_of(3), 3)
    for _ in range(5):
        Decision.objects.all().delete()
        calling.sign_in(meeting, dict.fromkeys(meeting.attendance.values_list("member", flat=True), ""))
        at_once(
            lambda: recording.record(meeting, subject="甲", votes_for=3),
            lambda: calling.sign_in(meeting, {}),
        )
        decision, present = Decision.objects.first(), meeting.attendance.filter(present=True).count()
        assert (decision.present, present) == (3, 3) if decision else present == 0
