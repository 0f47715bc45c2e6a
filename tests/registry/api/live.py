"""The site in a process of its own over the database of a test, as production runs it."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from psycopg.conninfo import make_conninfo

from tests.config.conftest import ROOT, free_port


def database_url() -> str:
    given = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return make_conninfo(**{name: given[name] for name in names if given.get(name)})


def environment(var: Path) -> dict[str, str]:
    more = {"DATABASE_URL": database_url(), "REGISTRY_VAR": str(var), "REGISTRY_DEBUG": "0"}
    return os.environ | more | {"REGISTRY_SECRET_KEY": settings.SECRET_KEY}  # so that sessions of the test hold there


class Site:
    """gunicorn as in production, but with one worker, which may not be deaf for more than `timeout` seconds."""

    def __init__(self, var: Path, timeout: int = 3, **more: str) -> None:
        self.port = free_port()
        values = environment(var) | {"DJANGO_SETTINGS_MODULE": "config.settings"} | more
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=values, check=True)
        options = ["-c", "python:config.gunicorn", "--workers=1", f"--timeout={timeout}"]
        command = [sys.executable, "-m", "gunicorn", *options, f"--bind=127.0.0.1:{self.port}", "config.wsgi"]
        self.log = (var / "gunicorn.log").open("wb+")
        self.process = subprocess.Popen(command, cwd=ROOT, env=values, stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while self.status("/healthz") != 200:
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def status(self, path: str, timeout: float = 10) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except ConnectionError:
            return 0
        finally:
            line.close()

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def peak(self) -> int:
        """The most memory that the worker has held, in MiB."""
        (worker,) = self.workers()
        status = Path(f"/proc/{worker}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) >> 10

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


def logged_in(user: Any) -> dict[str, str]:
    """The headers of somebody who is logged in, and whose forms are accepted."""
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    assert SessionStore(session).exists(session)
    token = "x" * 32
    return {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
