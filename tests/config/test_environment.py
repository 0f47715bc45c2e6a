import os
import runpy
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from tests.config.conftest import ROOT, free_port

PRODUCTION = {
    "REGISTRY_ENV": "production",
    "REGISTRY_SECRET_KEY": "correct-horse-battery-staple-0123456789-abcdefghijklm",
    "REGISTRY_ALLOWED_HOSTS": "registry.example",
    "DATABASE_URL": "postgresql://registry:p%40ss@db.example:5433/registry?sslmode=require",
}


def load_settings(environment: dict[str, str], **given: str) -> dict[str, Any]:
    """The settings as a process with this environment reads them. Raises ImproperlyConfigured.

    They are read here: a process of its own for each would spend a second on imports.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in (environment | given).items():
            patch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))


def test_settings_of_production_load_with_all_secrets(surroundings: dict[str, str]) -> None:
    loaded = load_settings(surroundings, **PRODUCTION, REGISTRY_DEBUG="1")
    assert (loaded["DEBUG"], loaded["SECURE_SSL_REDIRECT"]) == (False, True)


@pytest.mark.parametrize("missing", ["REGISTRY_SECRET_KEY", "REGISTRY_ALLOWED_HOSTS", "DATABASE_URL"])
def test_settings_of_production_refuse_to_load_without(missing: str, surroundings: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"Production needs {missing}"):
        load_settings(surroundings, **{k: v for k, v in PRODUCTION.items() if k != missing})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("REGISTRY_SECRET_KEY", "short", "is shorter than 50 characters"),
        ("REGISTRY_SECRET_KEY", "django-insecure-" + PRODUCTION["REGISTRY_SECRET_KEY"], "is an example"),
        ("REGISTRY_SECRET_KEY", "Zhongshan-2026!?" * 4, "repeats itself"),
        ("REGISTRY_SECRET_KEY", "a" * 60, "repeats itself"),
        ("REGISTRY_SECRET_KEY", PRODUCTION["REGISTRY_SECRET_KEY"] + "p@ss", "holds the password of the database"),
        ("DJANGO_SUPERUSER_PASSWORD", PRODUCTION["REGISTRY_SECRET_KEY"], "is used for something else"),
        ("REGISTRY_ALLOWED_HOSTS", "*", "must name each host"),
        ("REGISTRY_ALLOWED_HOSTS", "registry.example,.example", "must name each host"),
        ("REGISTRY_ALLOWED_HOSTS", "https://registry.example", "without https://"),
        ("REGISTRY_SECOND_FACTOR", "yes", "must be one of none, private, all"),
        ("REGISTRY_SECURITY_LOG", "security.log", "must be - or the whole path of a file"),
        ("REGISTRY_SECURITY_LOG", "/nowhere/security.log", "that can be written"),
        ("REGISTRY_OIDC_ISSUER", "https://id.example", "needs REGISTRY_OIDC_CLIENT_ID, too"),
        ("REGISTRY_OIDC_ISSUER", "id.example", "must begin with https://"),
        ("REGISTRY_OIDC_ROLES", "review", "takes pairs such as group=role"),
        ("REGISTRY_BEHIND_PROXY", "1", "needs REGISTRY_TRUSTED_PROXIES"),
        ("REGISTRY_TRUSTED_PROXIES", "10.0.0.1/8", "must hold addresses or networks"),
        ("REGISTRY_TRUSTED_PROXIES", "0.0.0.0/0", "must not trust everybody"),
        ("DATABASE_URL", "postgresql://registry@db.example/registry", "without encryption"),
        ("DATABASE_URL", "postgresql://registry@db.example/registry?sslmode=prefer", "without encryption"),
        ("DATABASE_URL", "postgresql://localhost,db.example/registry", "without encryption"),
        ("DATABASE_URL", "postgresql:///registry?service=elsewhere", "without encryption"),
        ("REGISTRY_SECRET_KEY", "Change-Me-" + PRODUCTION["REGISTRY_SECRET_KEY"], "is an example"),
        ("REGISTRY_IMPORT_READERS", "9" * 5000, "must be a whole number"),
        ("REGISTRY_LOG_LEVEL", "LOUD", "must be one of DEBUG"),
        ("REGISTRY_TWO_PERSONS", "all", "must be published"),
        ("REGISTRY_IMPORT_READERS", "0", "must be 1 or more"),
        ("REGISTRY_ENV", "prod", "must be evaluation or production"),
    ],
)
def test_settings_of_production_refuse_unsafe_values(
    name: str, value: str, told: str, surroundings: dict[str, str]
) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        load_settings(surroundings, **PRODUCTION | {name: value})
    [last] = str(error.value).splitlines()
    assert told in last
    assert name in last or told == "is used for something else"


@pytest.mark.parametrize(
    "url",
    ["postgresql:///registry", "postgresql://registry@127.0.0.1/registry", "postgresql:///r?host=/run/postgresql"],
)
def test_settings_of_production_take_a_database_on_this_computer(url: str, surroundings: dict[str, str]) -> None:
    assert load_settings(surroundings, **PRODUCTION | {"DATABASE_URL": url})["DATABASES"]["default"]["NAME"] in url


def test_random_keys_are_never_taken_for_weak() -> None:
    assert not [key for key in (secrets.token_urlsafe(48) for _ in range(2000)) if environment._weakness(key)]


def test_command_tells_a_wrong_setting_in_one_sentence(surroundings: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "check"]
    given = surroundings | {"REGISTRY_ENV": "prod"}
    result = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "REGISTRY_ENV must be evaluation or production, not 'prod'.\n"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("REGISTRY_ENV", "prod", "REGISTRY_ENV must be evaluation or production, not 'prod'."),
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY must be 1 or more, not 0."),
    ],
)
def test_web_process_tells_a_wrong_setting_in_one_sentence_and_ends(
    name: str, value: str, told: str, surroundings: dict[str, str]
) -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "--bind", address, "config.wsgi"]
    given = surroundings | {name: value}
    result = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode != 0
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("content", ["", "cut"])
def test_secret_key_that_was_cut_off_is_told_with_the_cure(content: str, tmp_path: Path, surroundings) -> None:
    (tmp_path / "secret_key").write_text(content)
    with pytest.raises(ImproperlyConfigured) as error:
        load_settings(surroundings, REGISTRY_VAR=str(tmp_path))
    assert str(error.value).endswith(
        "secret_key is empty or cut off: delete it and start again. Nothing is lost but open sessions."
    )


def test_directory_that_cannot_be_written_is_told_with_the_cure(tmp_path: Path, surroundings) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(ImproperlyConfigured, match=r"cannot be read or written.*set REGISTRY_VAR"):
        load_settings(surroundings, REGISTRY_VAR=str(tmp_path / "file" / "var"))


def test_settings_start_no_database(tmp_path: Path, surroundings: dict[str, str]) -> None:
    given = surroundings | {"REGISTRY_VAR": str(tmp_path / "var")}
    command = [sys.executable, "-c", "from config import settings; print(settings.DEBUG)"]
    result = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
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


def test_database_plans_for_fast_disks_unless_the_url_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{PRODUCTION['DATABASE_URL']}&options=-c%20random_page_cost%3D4")
    assert environment.database(tmp_path)["OPTIONS"]["options"] == "-c random_page_cost=1.1 -c random_page_cost=4"


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


def test_texts_for_pages_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_TEXT", " 虚构局 ")
    assert environment.text("TEST_TEXT") == "虚构局"
    for wrong in ("a\nb", "长" * 201):
        monkeypatch.setenv("TEST_TEXT", wrong)
        with pytest.raises(ImproperlyConfigured, match="TEST_TEXT must be a text of one line"):
            environment.text("TEST_TEXT")


def test_web_addresses_name_their_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_ADDRESS", "https://report.example/")
    assert environment.web_address("TEST_ADDRESS") == "https://report.example/"
    monkeypatch.setenv("TEST_ADDRESS", "javascript:alert(1)")
    with pytest.raises(ImproperlyConfigured, match="TEST_ADDRESS must begin with"):
        environment.web_address("TEST_ADDRESS")
