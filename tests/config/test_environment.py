import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from tests.config.conftest import ROOT

PRODUCTION = {
    "REGISTRY_ENV": "production",
    "REGISTRY_SECRET_KEY": "correct-horse-battery-staple-0123456789-abcdefghijklm",
    "REGISTRY_ALLOWED_HOSTS": "registry.example",
    "DATABASE_URL": "postgresql://registry:p%40ss@db.example:5433/registry?sslmode=require",
}


def load_settings(environment: dict[str, str], **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from config import settings; print(settings.DEBUG, settings.SECURE_SSL_REDIRECT)"],
        cwd=ROOT,
        env=environment | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_of_production_load_with_all_secrets(surroundings: dict[str, str]) -> None:
    result = load_settings(surroundings, **PRODUCTION, REGISTRY_DEBUG="1")
    assert result.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("missing", ["REGISTRY_SECRET_KEY", "REGISTRY_ALLOWED_HOSTS", "DATABASE_URL"])
def test_settings_of_production_refuse_to_load_without(missing: str, surroundings: dict[str, str]) -> None:
    result = load_settings(surroundings, **{k: v for k, v in PRODUCTION.items() if k != missing})
    assert result.returncode != 0
    assert f"Production needs {missing}" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("REGISTRY_SECRET_KEY", "short"), ("REGISTRY_ALLOWED_HOSTS", "*"), ("REGISTRY_ENV", "prod")],
)
def test_settings_of_production_refuse_unsafe_values(name: str, value: str, surroundings: dict[str, str]) -> None:
    result = load_settings(surroundings, **PRODUCTION | {name: value})
    assert result.returncode != 0
    assert name in result.stderr


def test_settings_start_no_database(tmp_path: Path, surroundings: dict[str, str]) -> None:
    assert load_settings(surroundings, REGISTRY_VAR=str(tmp_path / "var")).returncode == 0
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]


def test_secret_key_is_generated_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGISTRY_SECRET_KEY", raising=False)
    path = tmp_path / "var" / "secret_key"
    key = environment.secret_key(path)
    assert len(key) >= environment.MINIMAL_SECRET_LENGTH
    assert environment.secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["secret_key"]


def test_database_reads_every_part_of_the_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", PRODUCTION["DATABASE_URL"])
    database = environment.database(tmp_path)
    parts = {key: database[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert parts == {
        "ENGINE": "config.postgres",
        "NAME": "registry",
        "USER": "registry",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert database["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["mysql://db.example/registry", "postgresql://db.example"])
def test_database_refuses_an_unusable_url(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        environment.database(tmp_path)


@pytest.mark.parametrize(("value", "meant"), [("", False), ("0", False), ("1", True), ("yes", True)])
def test_flag_reads_the_usual_words(value: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DEBUG", value)
    assert environment.flag("REGISTRY_DEBUG") is meant


def test_flag_refuses_what_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="REGISTRY_DEBUG"):
        environment.flag("REGISTRY_DEBUG")
