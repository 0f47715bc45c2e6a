import pytest
from django.test import Client


def test_healthz_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_is_ready_when_everything_is_migrated(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "database": True, "migrations": True}
