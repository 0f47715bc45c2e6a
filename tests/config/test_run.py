"""`make run` from an empty directory to the end, as a user sees it."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.conftest import ROOT, free_port, processes_in

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc")


class Site:
    """One run of the site, until it is ended."""

    def __init__(self, var: Path, environment: dict[str, str]) -> None:
        self.data = var / "postgres" / "pgdata"
        self.port = free_port()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=environment | {"REGISTRY_VAR": str(var), "PORT": str(self.port), "WEB_CONCURRENCY": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self.said = ""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if any(last in line for last in ("changepassword", "仅显示这一次", "不显示")):
                break
        self.seconds = time.monotonic() - self.started

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def end(self, number: signal.Signals, whole_group: bool = False) -> str:
        """Send the signal and wait for the end; the rest of the output."""
        if whole_group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=30)
        return rest

    def left(self, seconds: float = 5) -> list[int]:
        """What is left of it after so long: of the web server and of the database."""
        deadline = time.monotonic() + seconds
        while (left := session(self.process.pid) + processes_in(self.data)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left


def session(leader: int) -> list[int]:
    """The processes of a session that are not dead."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, number = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(number) == leader and state != "Z":
            found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def var(reachable: Path) -> Path:
    return reachable / "v a r"


@pytest.fixture(scope="module")
def first(var: Path, surroundings: dict[str, str]) -> Iterator[Site]:
    """The first run, from an empty directory."""
    yield from ended(Site(var, surroundings))


@pytest.fixture
def site(var: Path, first: Site, surroundings: dict[str, str]) -> Iterator[Site]:
    """A later run."""
    if first.process.poll() is None:
        first.end(signal.SIGTERM)
    yield from ended(Site(var, surroundings))


def ended(site: Site) -> Iterator[Site]:
    yield site
    if site.process.poll() is None:
        site.end(signal.SIGTERM)
    assert not site.left()


def test_first_run_prints_an_account_that_can_log_in(first: Site) -> None:
    assert f"http://127.0.0.1:{first.port}/" in first.said
    account = re.search(r"账号: (\S+)\nPassword 密码: (\S+)", first.said)
    assert account, first.said
    assert (first.get("/healthz"), first.get("/readyz")) == (200, 200)
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies := http.cookiejar.CookieJar()))
    login = f"http://127.0.0.1:{first.port}/admin/login/?next=/admin/"
    page = browser.open(login).read().decode()
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        assert first.get(path) == 200
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"username": account[1], "password": account[2], "csrfmiddlewaretoken": str(token)}
    answer = browser.open(login, urllib.parse.urlencode(form).encode())
    assert (answer.status, answer.url) == (200, f"http://127.0.0.1:{first.port}/admin/")
    assert "Traceback" not in first.end(signal.SIGTERM)


def test_second_run_takes_seconds_and_shows_no_password(site: Site) -> None:
    assert site.seconds < 15  # one or two where nothing else runs
    assert "Password 密码" not in site.said
    assert "Preparing" not in site.said
    assert "Loading" not in site.said
    assert "Collecting" not in site.said
    assert "Traceback" not in site.end(signal.SIGINT, whole_group=True)


def test_other_computers_are_let_in_and_warned(var: Path, first: Site, surroundings: dict[str, str]) -> None:
    if first.process.poll() is None:
        first.end(signal.SIGTERM)
    site = Site(var, surroundings | {"HOST": "0.0.0.0"})
    try:
        assert "Without HTTPS" in site.said
        name = socket.gethostname()
        assert f"http://{name}:{site.port}/" in site.said
        request = urllib.request.Request(f"http://127.0.0.1:{site.port}/admin/login/", headers={"Host": name})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200
        assert site.get("/readyz") == 200
    finally:
        site.end(signal.SIGTERM)


def test_run_goes_on_after_the_database_was_killed(site: Site) -> None:
    assert site.get("/readyz") == 200
    os.kill(int((site.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (status := site.get("/readyz")) == 503 and time.monotonic() < deadline:  # while the server comes back
        time.sleep(0.5)
    assert status == 200


def test_run_ends_when_the_terminal_is_closed(site: Site) -> None:
    site.end(signal.SIGHUP)
    assert not site.left()


def test_run_leaves_nothing_when_its_first_process_is_killed(site: Site) -> None:
    assert site.get("/readyz") == 200
    site.end(signal.SIGKILL)
    assert not site.left(20)


def test_web_statements_are_limited_and_others_not(var: Path, site: Site, surroundings: dict[str, str]) -> None:
    ask = "from django.db import connection as c; k = c.cursor(); k.execute('SHOW statement_timeout')"
    environment = surroundings | {"REGISTRY_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"}
    for start, limit in (("import config.wsgi; ", "10s"), ("import django; django.setup(); ", "0")):
        command = [sys.executable, "-c", f"{start}{ask}; print(k.fetchone()[0])"]
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert result.stdout.strip() == limit


def test_every_connection_plans_for_fast_disks(var: Path, site: Site, surroundings: dict[str, str]) -> None:
    ask = "from django.db import connection as c; k = c.cursor(); k.execute('SHOW random_page_cost')"
    environment = surroundings | {"REGISTRY_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"}
    for start in ("import config.wsgi; ", "import django; django.setup(); "):
        command = [sys.executable, "-c", f"{start}{ask}; print(k.fetchone()[0])"]
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert result.stdout.strip() == "1.1"


def test_run_names_another_port_when_the_port_is_taken(reachable: Path, surroundings: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=surroundings | {"REGISTRY_VAR": str(reachable / "unused"), "PORT": str(port)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    assert result.returncode == 1
    proposed = re.search(r"PORT=(\d+) make run", result.stderr)
    assert proposed
    assert int(proposed[1]) > port
    assert not (reachable / "unused").exists()


def test_run_tells_that_the_database_cannot_be_reached(surroundings: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=surroundings | {"DATABASE_URL": "postgresql://127.0.0.1:1/registry", "PORT": str(free_port())},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 1
    assert "cannot start" in result.stderr
    assert "Traceback" not in result.stderr
