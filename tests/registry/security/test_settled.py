"""Events printed for a collector of logs: all of them, each once, whatever ends in which order."""

import json
import threading
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from registry.models import SecurityEvent
from registry.security.events import record
from registry.security.models import EventKind
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def printed(since: int = 0, **options: Any) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("print_security_events", since=since, stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_events_of_triggers_are_printed_with_all_others_after_an_id() -> None:
    clerk = factories.superuser()
    record(EventKind.LOGIN, "某人", username="某\n人")
    before = printed()
    assert before[-1]["user"] == "某\ufffd人"
    clerk.groups.add(Group.objects.create(name="查询员"))
    (told,) = printed(before[-1]["id"])
    assert (told["event"], told["concerning"], told["details"]["given"]) == ("roles", clerk.username, ["查询员"])
    assert printed(told["id"]) == []
    assert [one["id"] for one in printed()] == list(SecurityEvent.objects.order_by("pk").values_list("pk", flat=True))


def test_event_that_is_seen_later_than_the_next_one_is_waited_for() -> None:
    written, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                record(EventKind.EXPORT, "first")
                written.set()
                assert go_on.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    try:
        assert written.wait(30)
        record(EventKind.EXPORT, "second")
        with pytest.raises(CommandError, match="未输出任何事件"):
            printed(wait=0.3)
        threading.Timer(0.5, go_on.set).start()
        assert [one["concerning"] for one in printed(wait=30)] == ["first", "second"]
    finally:
        go_on.set()
        thread.join(30)
