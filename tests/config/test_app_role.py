"""A second role of the database: with it the registry works, and its history cannot be rewritten."""

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg.errors import DatabaseError, InsufficientPrivilege

from config.management.commands.app_role import statements
from registry.history.past import Past
from registry.imports.undo.tracked_tables import tracked_table, tracked_tables
from registry.models import Contact, Organization
from tests import factories
from tests.api import ok, root
from tests.pages import form_data

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-word-of-the-test"
EVERY_TABLE = tracked_tables(also=tuple(table.model for table in tracked_tables()))


def run(*lines: str) -> None:
    with connection.cursor() as cursor:
        for line in lines:
            cursor.execute(line)


@pytest.fixture
def name(reference: None) -> Iterator[str]:
    """A role that may log in, with what the command prints."""
    made = f"app_role_{os.getpid()}"
    run(f"CREATE ROLE {made} LOGIN PASSWORD '{PASSWORD}'", *statements(made))
    yield made
    defined = [line for line in statements(made) if line.startswith("ALTER FUNCTION")]
    run(*(f"{line.partition('()')[0]}() SECURITY INVOKER RESET ALL" for line in defined))
    run(f"DROP OWNED BY {made}", f"DROP ROLE {made}")


@pytest.fixture
def session(name: str) -> Iterator[psycopg.Connection]:
    """A connection of this role, which can do what its SQL can."""
    parameters = connection.get_connection_params() | {"user": name, "password": PASSWORD}
    parameters = {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}
    with psycopg.connect(**parameters, autocommit=True) as found:
        yield found


@pytest.fixture
def as_role(name: str) -> Iterator[None]:
    """From here on Django's own connection has the rights of the role."""
    run(f"SET SESSION AUTHORIZATION {name}")
    yield
    run("RESET SESSION AUTHORIZATION")


def refusal(session: psycopg.Connection, sql: str) -> type[Exception] | None:
    try:
        session.execute(sql)
    except DatabaseError as error:
        return type(error)
    return None


# --- What it cannot do


def test_no_event_is_changed_deleted_or_forged(session: psycopg.Connection) -> None:
    body = factories.enterprise()
    factories.contact(body)
    session.execute("SET pgtrigger.ignore = '{}'")
    ignored = [row[0] for row in session.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%append_only%'")]
    session.execute("SELECT set_config('pgtrigger.ignore', %s, false)", ["{%s}" % ",".join(ignored)])  # noqa: UP031
    for table in [one.event_table for one in EVERY_TABLE]:
        for sql in (
            f"UPDATE {table} SET pgh_label = 'update'",
            f"UPDATE {table} SET pgh_created_at = now()",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1",
            f"SELECT 1 FROM {table} FOR UPDATE",
        ):
            assert refusal(session, sql) is InsufficientPrivilege, sql
    for sql in (
        "UPDATE pghistory_context SET metadata = '{}'",
        "DELETE FROM pghistory_context",
        "DELETE FROM registry_disclosure",
        "UPDATE registry_disclosure SET reason = ''",
    ):
        assert refusal(session, sql) is InsufficientPrivilege, sql


def test_nothing_that_protects_the_history_is_taken_away(session: psycopg.Connection) -> None:
    for sql in (
        "ALTER TABLE registry_contactevent DISABLE TRIGGER ALL",
        "ALTER TABLE registry_contact DISABLE TRIGGER ALL",
        "DROP TABLE registry_contactevent CASCADE",
        "DROP TRIGGER registry_keep_context ON pghistory_context",
        "CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "CREATE FUNCTION anything() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE anything (id int)",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
        "TRUNCATE registry_contact CASCADE",
        "UPDATE registry_contact SET id = id + 1000",
        "DELETE FROM django_migrations",
    ):
        assert refusal(session, sql) is InsufficientPrivilege, sql


def test_no_setting_and_no_table_of_its_own_hides_what_it_writes(session: psycopg.Connection) -> None:
    body = factories.enterprise(short_name="旧")
    writers = [row[0] for row in session.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%'")]
    session.execute("SELECT set_config('pgtrigger.ignore', %s, false)", ["{%s}" % ",".join(writers)])  # noqa: UP031
    session.execute(
        "CREATE TEMPORARY TABLE registry_organizationevent AS TABLE registry_organizationevent WITH NO DATA"
    )
    session.execute("UPDATE registry_organization SET short_name = '新' WHERE id = %s", [body.pk])
    events = tracked_table(Organization).events._default_manager.filter(pgh_obj_id=body.pk).order_by("pgh_id")
    assert [one.short_name for one in events] == ["旧", "新"]  # type: ignore[attr-defined]


def test_who_did_it_is_not_written_anew(session: psycopg.Connection) -> None:
    first, second = factories.user(), factories.user()
    body = factories.enterprise()
    used = str(uuid.uuid4())

    def write(by: User, short_name: str) -> None:
        said = json.dumps({"user": by.pk})
        with session.transaction():
            session.execute("SELECT set_config('pghistory.context_id', %s, true)", [used])
            session.execute("SELECT set_config('pghistory.context_metadata', %s, true)", [said])
            session.execute("UPDATE registry_organization SET short_name = %s WHERE id = %s", [short_name, body.pk])

    write(first, "新")
    with pytest.raises(psycopg.errors.RaiseException):
        write(second, "更新")
    assert Organization.objects.get(pk=body.pk).short_name == "新"


# --- What it does


def test_the_registry_works_with_it(as_role: None, tmp_path: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0].startswith("app_role_")
    user = factories.superuser()
    client = Client()
    client.force_login(user)
    body = factories.enterprise(name_zh="中山市虚构机器人有限公司", short_name="旧简称")
    factories.contact(body)
    factories.membership(factories.member(None, body))
    page = f"/admin/registry/enterprise/{body.pk}/change/"
    saved = client.post(page, form_data(client.get(page)) | {"short_name": "新简称"}, follow=True)
    assert saved.status_code == 200
    assert Organization.objects.get(pk=body.pk).short_name == "新简称"
    Contact.objects.filter(organization=body).delete()
    file = tmp_path / "list.csv"
    row = f"中山市导入有限公司,企业,{factories.valid_uscc()}"
    file.write_text(f"单位名称,单位类型,统一社会信用代码\n{row}\n", encoding="utf-8")
    call_command("import_organizations", str(file), apply=True, verbosity=0)
    assert ok(root().get(f"organizations/{body.registry_no}/"))["short_name"] == "新简称"
    events = tracked_table(Organization).events._default_manager.filter(pgh_obj_id=body.pk)
    last = events.order_by("-pgh_id").values_list("pgh_context__metadata", flat=True).first()
    assert (last or {}).get("user") == user.pk
    change = events.order_by("-pgh_id").values_list("pgh_context", flat=True).first()
    assert client.post(f"/admin/changes/{change}/", {"whole": "1"}).status_code == 302
    assert Organization.objects.get(pk=body.pk).short_name == "旧简称"
    assert Past(body, timezone.localdate(Organization.objects.get(pk=body.pk).created_at)).known().first


@pytest.mark.django_db
def test_the_owner_is_refused_by_trigger() -> None:
    factories.contact(factories.enterprise())
    for table in EVERY_TABLE:
        with connection.cursor() as cursor:
            forbids = "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE '%%append_only%%'"
            cursor.execute(forbids, [table.event_table])
            assert cursor.fetchone() == (1,), table.event_table
    for sql in ("UPDATE registry_contactevent SET name = 'x'", "DELETE FROM registry_contactevent"):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            run(sql)


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "a\nb", "x" * 64])
def test_no_other_name_is_taken(given: str) -> None:
    with pytest.raises(CommandError):
        call_command("app_role", given)


@pytest.mark.django_db
def test_the_owner_is_no_second_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'django_migrations'")
        (owner,) = cursor.fetchone()
    with pytest.raises(CommandError):
        call_command("app_role", owner)
