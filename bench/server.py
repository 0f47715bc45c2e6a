"""The product under gunicorn, one worker."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from .measure import cpu_of_tree, parent_of

# One client asks more than any limit would allow, the more so the faster the computer is.
UNLIMITED = {"REGISTRY_TOKEN_RATE": "0", "REGISTRY_PUBLIC_RATE": "0"}


@dataclass(frozen=True)
class Answer:
    seconds: float
    first_byte: float
    size: int
    body: bytes


class Site:
    def __init__(self, port: int, master: int, token: str) -> None:
        self.token = token
        self.port = port
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
        self.master = master
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.postmaster = parent_of(cursor.fetchone()[0])

    def worker(self) -> int:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        return int(children[0])

    def cpu(self) -> float:
        """Seconds of application and database together; nothing else uses this database."""
        return cpu_of_tree(self.master) + cpu_of_tree(self.postmaster)

    def get(self, path: str, keep: bool = True) -> Answer:
        return self._asked("GET", path, None, keep)

    def post(self, path: str, document: Any) -> Answer:
        return self._asked("POST", path, json.dumps(document).encode(), True)

    def _asked(self, method: str, path: str, body: bytes | None, keep: bool) -> Answer:
        began = time.perf_counter()
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "zh-hans"}
        more = {"Content-Type": "application/json"} if body else {}
        self.client.request(method, path, body, headers | more)
        response = self.client.getresponse()
        pieces, size, first = [], 0, 0.0
        while piece := response.read1(65536):
            first = first or time.perf_counter() - began
            size += len(piece)
            if keep:
                pieces.append(piece)
        response.close()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {b''.join(pieces)[:500]!r}")
        return Answer(time.perf_counter() - began, first, size, b"".join(pieces))


@contextlib.contextmanager
def serving(token: str, application: str = "config.wsgi:application", **environment: str) -> Iterator[Site]:
    """An application under gunicorn, one worker; the product where no other is named."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "gunicorn",
        application,
        "--bind",
        f"127.0.0.1:{port}",
    ]
    # The product finds its static files missing here, and warns.
    options = [
        "--worker-class",
        "gthread",
        "--workers",
        "1",
        "--threads",
        "4",
        "--timeout",
        "900",
        "--keep-alive",
        "900",
        "--graceful-timeout",
        "5",
        "--log-level",
        "error",
    ]
    process = subprocess.Popen([*command, *options, "--no-control-socket"], env=os.environ | UNLIMITED | environment)
    try:
        _wait(process, port)
        site = Site(port, process.pid, token)
        with contextlib.closing(site.client):  # an open connection would keep the worker from ending
            yield site
    finally:
        process.terminate()
        process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("The web server did not start.")
