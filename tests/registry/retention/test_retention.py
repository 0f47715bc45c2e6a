"""What is over is cleared, what is not stays; a dry run changes nothing."""

import datetime
import io
import re
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from alliance.models import OfficeHolder, Representative
from registry.accounts.log import message, record
from registry.erasure.finding.traces import MARK
from registry.models import Contact, Disclosure, Receipt, SecurityEvent
from registry.retention.accounts import closed_soon
from registry.retention.kinds import everything
from registry.security import events
from registry.security.models import EventKind
from tests import factories

pytestmark = pytest.mark.django_db


def ago(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def retention(**options: Any) -> dict[str, int]:
    """The counts by label of the kind."""
    told = io.StringIO()
    call_command("retention", stdout=told, **options)
    lines = [line.rpartition("：") for line in told.getvalue().splitlines() if line[-1:].isdigit()]
    return {re.split("[（：]", label)[0]: int(count) for label, _sign, count in lines}


def test_every_kind_has_a_period_a_reason_and_where_it_is_set() -> None:
    assert {kind.name for kind in everything()} >= {
        "import-files",
        "kept-answers",
        "answer-numbers",
        "sessions",
        "logins",
        "receipts",
        "person-history",
        "representatives",
        "office-holders",
        "unused-accounts",
    }
    told = io.StringIO()
    call_command("retention", "--kinds", stdout=told)
    assert "《网络安全法》第二十一条第三项：不少于六个月" in told.getvalue()
    assert "已不在联盟任职的人员：长期" in told.getvalue()


def test_logs_of_log_ins_stay_for_a_year() -> None:
    seen = {"username": "x", "ip_address": "127.0.0.1", "http_accept": "", "path_info": ""}
    for table, more in ((AccessAttempt, {"failures_since_start": 1}), (AccessLog, {}), (AccessFailureLog, {})):
        for days in (364, 366):
            row = table.objects.create(**seen, **more, user_agent=str(days))
            table.objects.filter(pk=row.pk).update(attempt_time=ago(days))
    for days in (364, 366):
        with time_machine.travel(ago(days)):
            events.record(EventKind.LOGIN, username=str(days))
    assert retention()["安全日志和登录失败计数"] == 4
    assert AccessLog.objects.count() == 2
    retention(apply=True)
    assert SecurityEvent.objects.get(kind=EventKind.LOGIN).username == "364"
    assert [table.objects.get().user_agent for table in (AccessAttempt, AccessLog, AccessFailureLog)] == ["364"] * 3


def test_looks_and_receipts_stay_for_three_years(reference: None) -> None:
    of, clerk = factories.enterprise(), factories.user()
    with time_machine.travel(ago(1097)):
        old = factories.receipt(clerk, started_at=timezone.now())
        held = factories.receipt(clerk, started_at=timezone.now())
        factories.disclosure(of, clerk, at=timezone.now(), receipt=old)
    new = factories.disclosure(of, clerk, receipt=held)
    assert retention(apply=True)["敏感信息查看记录和导出记录"] == 2
    assert list(Disclosure.objects.all()) == [new]
    assert list(Receipt.objects.all()) == [held]  # a later look names it


def test_history_of_persons_who_are_not_entered_any_more_is_emptied(reference: None) -> None:
    events = Contact.pgh_event_model.objects.order_by("pk")  # type: ignore[attr-defined]
    of = factories.enterprise()
    contact = factories.contact(of, name="先前", phone="13900001111")
    Contact.objects.filter(pk=contact.pk).update(name="现在", phone="13900002222")
    gone = factories.contact(of, name="离开", phone="13900003333", role="other")
    gone.delete()
    with pghistory_unprotected():
        events.update(pgh_created_at=ago(1097))
        late = factories.contact(of, name="新近离开", phone="13900004444", role="other")
        late.delete()
    assert retention()["已不在册人员的变更记录"] == 3
    retention(apply=True)
    assert [(one.name, one.phone) for one in events] == [
        (MARK, ""),
        ("现在", "13900002222"),
        (MARK, ""),
        (MARK, ""),
        ("新近离开", "13900004444"),
        ("新近离开", "13900004444"),
    ]
    assert retention(apply=True)["已不在册人员的变更记录"] == 0


def pghistory_unprotected() -> Any:
    from registry.erasure.narrow import unprotected

    return unprotected(Contact.pgh_event_model)  # type: ignore[attr-defined]


def test_representatives_go_three_years_after_their_end_and_offices_stay(reference: None) -> None:
    member = factories.membership().member
    ended = timezone.localdate() - datetime.timedelta(days=1098)
    began = ended - datetime.timedelta(days=9)
    factories.representative(member, name="早已离任", valid_from=began, valid_to=ended)
    stays = factories.representative(member, name="还在")
    factories.office_holder(member.alliance, name="老会长", begins_on=str(began), ends_on=str(ended))
    assert retention(apply=True)["已不再代表会员单位的人员"] == 1
    assert list(Representative.objects.all()) == [stays]
    assert OfficeHolder.objects.count() == 1
    names = Representative.pgh_event_model.objects.values_list("name", flat=True)  # type: ignore[attr-defined]
    assert set(names) == {MARK, "还在"}


def test_unused_accounts_are_closed_and_warned_of_before(reference: None) -> None:
    keeper = factories.with_role("系统管理员", username="keeper")
    people = {name: factories.user(username=name) for name in ("unused", "soon", "by-token", "reopened", "fresh")}
    User.objects.exclude(username="fresh").update(date_joined=ago(200), last_login=ago(91))
    User.objects.filter(username="soon").update(last_login=ago(80))
    token, _key = factories.token(people["by-token"])
    type(token).objects.filter(pk=token.pk).update(last_used_at=ago(5))
    record(keeper, people["reopened"], "opened")
    assert {user.username for user in closed_soon()} == {"unused", "soon"}
    client = Client()
    client.force_login(factories.with_role("审计员", username="auditor"))
    cards = {card.name: card for card in client.get("/admin/").context["cards"]}
    listed = client.get(cards["accounts-closing"].url)
    assert {user.username for user in listed.context["cl"].result_list} == {"unused", "soon"}
    assert retention()["长期未使用的账号"] == 1
    assert User.objects.get(username="unused").is_active
    retention(apply=True)
    assert set(User.objects.filter(is_active=False).values_list("username", flat=True)) == {"unused"}
    entry = LogEntry.objects.filter(object_id=str(people["unused"].pk)).latest("pk")
    assert message(entry) == "账号长期未使用，已停用"
    assert retention(apply=True)["长期未使用的账号"] == 0


def test_the_last_administrator_is_never_closed(reference: None) -> None:
    keeper = factories.with_role("系统管理员")
    User.objects.update(date_joined=ago(400), last_login=ago(400))
    assert retention(apply=True)["长期未使用的账号"] == 0
    assert User.objects.get(pk=keeper.pk).is_active
    other = factories.superuser()
    User.objects.filter(pk=other.pk).update(date_joined=ago(400))
    assert retention(apply=True)["长期未使用的账号"] == 1  # one of the two
    assert User.objects.filter(is_active=True).count() == 1
