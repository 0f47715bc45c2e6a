from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


def test_healthz_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_probes_ask_by_address_and_without_https(client: Client, path: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for method in (client.get, client.head):
        assert method(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/admin/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.django_db
def test_readyz_is_ready_when_everything_is_migrated(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": True, "migrations": True})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_not_ready_when_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("registry", "0001_functions")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, False)


@pytest.mark.django_db(transaction=True)
def test_readyz_is_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", "no_such_database")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, False)
    connection.close()
