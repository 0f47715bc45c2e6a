"""HOST and PORT: where `make run` listens, and who else may use it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import listening, run
from tests.config.conftest import ROOT, free_port


def start(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.run", *arguments],
        cwd=ROOT,
        env=environment | {"PORT": str(free_port())},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("registry.example", "HOST must be an address of this computer"),
        ("192.0.2.1", "192.0.2.1 is no address of this computer"),  # RFC 5737: nobody has it
    ],
)
def test_host_that_is_not_ours_is_refused(host: str, told: str, surroundings: dict[str, str], tmp_path: Path) -> None:
    ended = start(surroundings | {"HOST": host, "REGISTRY_VAR": str(tmp_path / "unused")})
    assert ended.returncode == 1
    assert told in ended.stderr
    assert not (tmp_path / "unused").exists()


def test_debug_pages_are_for_this_computer_only(surroundings: dict[str, str], tmp_path: Path) -> None:
    ended = start(surroundings | {"HOST": "0.0.0.0", "REGISTRY_VAR": str(tmp_path), "REGISTRY_DEBUG": "1"}, "--dev")
    assert ended.returncode == 1
    assert "this computer only" in ended.stderr


def test_endpoint_says_how_it_is_bound_and_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "0")
    with pytest.raises(listening.ListeningError, match="between 1 and 65535"):
        listening.endpoint()
    here, all_of_them, six = (listening.Endpoint(host, 8000) for host in ("127.0.0.1", "0.0.0.0", "::"))
    assert (here.is_open, all_of_them.is_open, six.is_open) == (False, True, True)
    assert (six.bind, six.address) == ("[::]:8000", "http://127.0.0.1:8000/")
    assert socket.gethostname() in all_of_them.hosts()


def test_first_password_follows_the_rules(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "12345678")
    with pytest.raises(ImproperlyConfigured, match=r"DJANGO_SUPERUSER_PASSWORD: .*too common"):
        run.first_account()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "hedge-otter-lamp-42")
    run.announce(listening.Endpoint("127.0.0.1", 8000), run.first_account())
    assert "hedge-otter-lamp-42" not in capsys.readouterr().out
