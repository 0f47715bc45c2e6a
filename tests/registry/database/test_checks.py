import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from registry.database import checks

DATABASE = "check_without_chinese"


@pytest.mark.django_db
def test_check_server_accepts_the_server_of_the_tests() -> None:
    assert checks.check_server(["default"]) == []


@pytest.mark.django_db(transaction=True)
def test_check_server_refuses_a_database_to_which_chinese_is_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", DATABASE)
    assert [error.id for error in checks.check_server(["default"])] == ["registry.E003"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {DATABASE}")


@pytest.mark.django_db
def test_check_server_refuses_an_old_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MINIMAL_VERSION", 99)
    assert [error.id for error in checks.check_server(["default"])] == ["registry.E001"]


def test_check_server_needs_no_database_where_none_is_asked_for() -> None:
    assert checks.check_server() == []


@pytest.mark.django_db
def test_check_server_refuses_a_superuser_in_production(settings) -> None:
    settings.PRODUCTION = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE plain_role")
        assert [error.id for error in checks.check_server(["default"])] == ["registry.E004"]
        cursor.execute("SET ROLE plain_role")
        assert checks.check_server(["default"]) == []
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_check_server_refuses_a_database_with_some_of_the_migrations_that_are_one_now() -> None:
    recorder, old = (
        MigrationRecorder(connection),
        MigrationLoader(None, ignore_no_migrations=True).disk_migrations["registry", "0001_initial"].replaces,
    )
    for app, name in old:
        recorder.record_unapplied(app, name)
    recorder.record_applied("registry", "0019_match_keys")
    said = [error for error in checks.check_server(["default"]) if error.id == "registry.E005"]
    assert len(said) == 1
    assert "up to 0019_match_keys" in said[0].msg
    with pytest.raises(CommandError) as refused:
        call_command("migrate", skip_checks=False, verbosity=0)
    assert "registry.E005" in str(refused.value)
    for app, name in old:
        recorder.record_applied(app, name)
    assert checks.check_server(["default"]) == []
