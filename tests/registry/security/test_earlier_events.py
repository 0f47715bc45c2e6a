"""What several logs had kept before there was one begins it, each act once."""

from pathlib import Path

import pytest
from axes.models import AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from registry import migrations
from registry.models import SecurityEvent
from tests import factories

pytestmark = pytest.mark.django_db


def test_earlier_logs_begin_the_log() -> None:
    of, clerk = factories.enterprise(), factories.user(username="clerk")
    receipt = factories.receipt(clerk)
    factories.disclosure(of, clerk)
    for _number in range(2):  # of one request: one act
        factories.disclosure(of, clerk, request_id="a" * 32)
    factories.disclosure(of, clerk, receipt=receipt)
    kind = ContentType.objects.get(app_label="auth", model="user")  # not the one that another test has kept
    LogEntry.objects.create(user=clerk, content_type=kind, object_id=str(clerk.pk), action_flag=CHANGE)
    seen = {"username": "clerk", "ip_address": "192.0.2.1", "http_accept": "", "path_info": ""}
    AccessLog.objects.create(**seen, logout_time=timezone.now())
    AccessLog.objects.create(**seen)
    last = SecurityEvent.objects.latest("pk").pk
    script = Path(migrations.__file__).parent / "earlier_security_events.sql"
    with connection.cursor() as cursor:
        cursor.execute(script.read_text(encoding="utf-8").replace("%", "%%"))
    told = sorted(SecurityEvent.objects.filter(pk__gt=last).values_list("kind", flat=True))
    assert told == ["account", "export", "login", "login", "logout", "reveal", "reveal"]
    assert SecurityEvent.objects.get(kind="export").receipt == receipt
    assert sorted(one.details["records"] for one in SecurityEvent.objects.filter(kind="reveal")) == [1, 2]
    assert {one.address for one in SecurityEvent.objects.filter(kind__startswith="log")} == {"192.0.2.1"}
    assert not AccessLog.objects.exists(), "moved, not copied"
