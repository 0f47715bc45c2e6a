import tomllib
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from registry.site.error_pages import server_error


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
    said = {"status": "ok", "version": settings.VERSION, "database": True, "migrations": True}
    assert (response.status_code, response.json()) == (200, said)
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_not_ready_when_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("registry", "0001_initial")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, False)


@pytest.mark.django_db(transaction=True)
def test_readyz_is_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", "no_such_database")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, False)
    assert response.json()["version"] == settings.VERSION
    connection.close()


@pytest.mark.django_db
def test_version_stands_at_the_foot_of_every_page(client: Client, admin_client: Client) -> None:
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    for page in (client.get("/admin/login/"), admin_client.get("/admin/nowhere/"), admin_client.get("/admin/")):
        assert f"人工智能产业单位名录 {version}</footer>" in page.content.decode()
    assert version in server_error(page.wsgi_request).content.decode()
