"""The practice copy: beside the registry and never in its place."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client

from config import practice, run
from config.listening import Endpoint
from registry.site.error_pages import server_error
from tests.config.conftest import ROOT

SHOWN = "VAR_DIR", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "COOKIE_PREFIX"


def load_settings(surroundings: dict[str, str], **given: str) -> subprocess.CompletedProcess[str]:
    code = f"from config import settings as s; print(*(getattr(s, name) for name in {SHOWN}), sep='|')"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=surroundings | given, capture_output=True, text=True, check=False)


def test_practice_copy_has_data_and_cookies_of_its_own(tmp_path: Path, surroundings: dict[str, str]) -> None:
    real = load_settings(surroundings, REGISTRY_VAR=str(tmp_path)).stdout.strip().split("|")
    copy = load_settings(surroundings, REGISTRY_VAR=str(tmp_path), REGISTRY_PRACTICE="1").stdout.strip().split("|")
    assert real == [str(tmp_path), "sessionid", "csrftoken", ""]
    assert copy == [f"{tmp_path}/practice", "practice_sessionid", "practice_csrftoken", "practice_"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"REGISTRY_ENV": "production"}, "REGISTRY_PRACTICE is for practice only"),
        ({"DATABASE_URL": "postgresql:///registry"}, "REGISTRY_PRACTICE has a database of its own"),
    ],
)
def test_practice_copy_refuses_what_is_real(
    given: dict[str, str], told: str, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    result = load_settings(surroundings, REGISTRY_VAR=str(tmp_path), REGISTRY_PRACTICE="1", **given)
    assert result.returncode
    assert told in result.stderr.splitlines()[-1]


@pytest.mark.django_db
def test_each_role_has_an_account_that_can_log_in(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    call_command("load_reference", verbosity=0)
    accounts = practice.create_accounts()
    assert [one.role for one in accounts] == list(Group.objects.order_by("pk").values_list("name", flat=True))
    for one in accounts:
        given = {"username": one.username, "password": one.password}
        assert Client().post("/admin/login/?next=/admin/", given).status_code == 302
        user = User.objects.get(username=one.username)
        assert (list(user.groups.values_list("name", flat=True)), user.is_superuser) == ([one.role], False)
    settings.PRACTICE = True
    run.announce(Endpoint("127.0.0.1", 8001), run.FirstAccount("admin", "geheim-geheim", tuple(accounts)))
    said = capsys.readouterr().out
    assert "这是练习库" in said
    assert all(f"{one.role}: {one.username}  Password 密码: {one.password}\n" in said for one in accounts)
    run.announce(Endpoint("127.0.0.1", 8001), None)
    assert "REGISTRY_PRACTICE=1 .venv/bin/python manage.py changepassword admin\n" in capsys.readouterr().out
    # A first run that was cut gives new passwords at the next.
    assert {one.username for one in practice.create_accounts()} == {one.username for one in accounts}


def test_only_the_practice_copy_is_begun_anew(tmp_path: Path, surroundings: dict[str, str]) -> None:
    kept, removed = tmp_path / "secret_key", tmp_path / "practice" / "secret_key"
    load_settings(surroundings, REGISTRY_VAR=str(tmp_path))
    load_settings(surroundings, REGISTRY_VAR=str(tmp_path), REGISTRY_PRACTICE="1")
    assert kept.exists()
    assert removed.exists()
    for flag, code in (("0", 1), ("1", 0)):
        environment = surroundings | {"REGISTRY_VAR": str(tmp_path), "REGISTRY_PRACTICE": flag}
        result = subprocess.run([sys.executable, "-m", "config.practice"], cwd=ROOT, env=environment, check=False)
        assert result.returncode == code
        assert kept.exists()
        assert removed.exists() is bool(code)


@pytest.mark.django_db
def test_files_and_errors_of_the_practice_copy_say_so(admin_client: Client, settings: Any) -> None:
    assert not name_of(admin_client).startswith("练习库")
    settings.PRACTICE, settings.COOKIE_PREFIX = True, "practice_"
    assert name_of(admin_client).startswith("练习库-企业-")
    template = admin_client.get("/admin/imports/template/organizations.xlsx")
    assert unquote(template.headers["Content-Disposition"]).endswith("练习库-单位-模板.xlsx")
    page = admin_client.get("/nowhere")
    assert "<strong>练习库</strong>" in page.content.decode()
    assert "<strong>练习库</strong>" in server_error(page.wsgi_request).content.decode()


def name_of(client: Client) -> str:
    response = client.get("/api/v1/enterprises/?format=csv", headers={"accept-language": "zh-hans"})
    assert response.status_code == 200
    return unquote(response.headers["Content-Disposition"].partition("''")[2])


@pytest.mark.django_db
def test_browser_is_known_to_each_copy_by_a_cookie_of_its_own(settings: Any) -> None:
    user = User.objects.create_user("luru", password="mima-lianxi-1", is_staff=True)
    settings.COOKIE_PREFIX = "practice_"
    client = Client()
    client.post("/admin/login/?next=/admin/", {"username": user.username, "password": "mima-lianxi-1"})
    assert "practice_known_browser" in client.cookies
    assert "known_browser" not in client.cookies
