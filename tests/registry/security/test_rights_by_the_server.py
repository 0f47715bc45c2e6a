"""Roles and rights that a command, the shell or SQL changes: an event each, once, whoever does it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from registry.models import SecurityEvent
from registry.security.models import EventKind
from registry.security.shown import told
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(reference: None) -> User:
    """An account; what follows is not done by the command that has loaded the roles, as in a transaction of its own."""
    made = factories.with_role("录入员", username="clerk")
    sql("SELECT set_config('pghistory.context_metadata', '', true)")
    return made


def since(last: SecurityEvent | None) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the events after `last`, without the words that say from where each comes."""
    rows = SecurityEvent.objects.filter(pk__gt=last.pk if last else 0).order_by("pk")
    plain = ({k: v for k, v in one.details.items() if k not in ("database_role", "program")} for one in rows)
    return [(one.kind, one.subject, details) for one, details in zip(rows, plain, strict=True)]


def newest() -> SecurityEvent | None:
    return SecurityEvent.objects.order_by("pk").last()


def sql(text: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, params)


def test_roles_given_and_taken_in_the_shell_are_told(clerk: User) -> None:
    last = newest()
    clerk.groups.add(*Group.objects.filter(name__in=("查询员", "审核员")))
    clerk.groups.remove(Group.objects.get(name="审核员"))
    clerk.user_permissions.add(Permission.objects.get(codename="reveal_contact"))
    given, taken, right = since(last)
    assert (given[0], given[1], set(given[2]["given"])) == (EventKind.ROLES, "clerk", {"查询员", "审核员"})
    assert taken == (EventKind.ROLES, "clerk", {"taken": ["审核员"]})
    assert right == (EventKind.PERMISSIONS, "clerk", {"granted": ["registry.reveal_contact"]})
    event = newest()
    assert event is not None
    assert (event.username, event.channel) == ("", "command")
    assert event.details["database_role"]
    assert "联系人｜查看完整电话和邮箱" in told(event.details)


def test_rights_of_a_role_are_told_with_the_command_that_set_them_back(clerk: User) -> None:
    role, right = Group.objects.get(name="查询员"), Permission.objects.get(codename="reveal_contact")
    last = newest()
    role.permissions.add(right)
    call_command("load_reference", verbosity=0)
    assert since(last) == [(EventKind.PERMISSIONS, "查询员", {"granted": ["registry.reveal_contact"]})]
    last = newest()
    call_command("load_reference", "--reset-roles", verbosity=0)
    (event,) = since(last)
    assert event == (
        EventKind.PERMISSIONS,
        "查询员",
        {"revoked": ["registry.reveal_contact"], "command": "load_reference"},
    )


def test_superusers_made_by_the_command_are_told_once(db: None) -> None:
    last = newest()
    call_command("createsuperuser", username="boss", email="", interactive=False, verbosity=0)
    assert since(last) == [(EventKind.ACCOUNT_OPENED, "boss", {"superuser": True})]
    last = newest()
    User.objects.filter(username="boss").update(is_superuser=False, is_active=False)
    User.objects.filter(username="boss").update(first_name="x", is_superuser=False)
    assert since(last) == [(EventKind.ROLES, "boss", {"no_superuser": True}), (EventKind.ACCOUNT_CLOSED, "boss", {})]


def test_sql_is_told_too_once_for_each_account(clerk: User) -> None:
    other, role = factories.user(username="other"), Group.objects.get(name="系统管理员")
    last = newest()
    sql("INSERT INTO auth_user_groups (user_id, group_id) SELECT id, %s FROM auth_user", role.pk)
    sql("UPDATE auth_user_groups SET group_id = %s WHERE group_id = %s", Group.objects.get(name="审计员").pk, role.pk)
    sql("DELETE FROM auth_user_groups WHERE user_id = %s", other.pk)
    by_account = [event for event in since(last) if event[1] == "other"]
    assert by_account == [
        (EventKind.ROLES, "other", {"given": ["系统管理员"]}),
        (EventKind.ROLES, "other", {"taken": ["系统管理员"]}),
        (EventKind.ROLES, "other", {"given": ["审计员"]}),
        (EventKind.ROLES, "other", {"taken": ["审计员"]}),
    ]
    last = newest()
    sql("UPDATE auth_user SET is_superuser = true WHERE username = 'other'")
    assert since(last) == [(EventKind.ROLES, "other", {"superuser": True})]


@pytest.mark.parametrize("typed", ["a\nb", "a\r\nEVENT", "a\u2028b", "\x1b[31m", "a\u202eb"])
def test_names_never_break_a_line(db: None, typed: str) -> None:
    user = User.objects.create(username=typed)
    user.groups.add(Group.objects.create(name=typed))
    for event in SecurityEvent.objects.all():
        assert event.subject.isprintable()
        assert all(name.isprintable() for name in event.details.get("given", []))
    assert SecurityEvent.objects.filter(details__has_key="given").count() == 1


def test_what_a_page_does_is_told_by_the_page_alone(clerk: User) -> None:
    boss, keeper = factories.superuser("boss"), Client()
    keeper.force_login(boss)
    address = f"/admin/auth/user/{clerk.pk}/change/"
    form = keeper.get(address).context["adminform"].form
    roles = [role.pk for role in Group.objects.filter(name__in=("录入员", "查询员"))]
    data = {"username": "clerk", "full_name": "", "email": "", "active": "on", "_version": form.current_version}
    last = newest()
    keeper.post(address, data | {"roles": roles})
    assert set(clerk.groups.values_list("name", flat=True)) == {"录入员", "查询员"}
    assert [(kind, subject) for kind, subject, _details in since(last)] == [(EventKind.ROLES, "clerk")]


def test_what_is_rolled_back_is_not_told(clerk: User) -> None:
    last = newest()
    with transaction.atomic():
        clerk.groups.clear()
        transaction.set_rollback(True)
    assert since(last) == []
