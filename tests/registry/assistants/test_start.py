"""The process by itself: what it needs from the environment, and registries that do not answer as they should."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from registry.assistants import client
from registry.assistants.settings import UnusableSetting, read_settings
from tests.config.conftest import ROOT, free_port
from tests.registry.assistants.assistant import COMMAND, QUIET, assistant, environment

pytestmark = QUIET
GOOD = environment("https://registry.example/", "zsai_secret")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("URL", "", "https://registry.example"),
        ("URL", "registry.example", "https://registry.example"),
        ("URL", "file:///etc/passwd", "https://registry.example"),
        ("URL", "https://name:secret@registry.example", "https://registry.example"),
        ("URL", "https://[::1", "https://registry.example"),
        ("URL", "http://registry.example", "must begin with https://"),
        ("URL", "http://127.0.0.1.example", "must begin with https://"),
        ("TOKEN", "", "scope “read”"),
        ("TOKEN", "zsai_secret\nX-Other: 1", "scope “read”"),
        ("TIMEOUT", "0", "from 1 to 300"),
        ("TIMEOUT", "soon", "from 1 to 300"),
        ("LANGUAGE", "fr", "zh 或 en"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, told: str) -> None:
    variable = f"REGISTRY_ASSISTANT_{name}"
    with pytest.raises(UnusableSetting) as refused:
        read_settings(GOOD | {variable: value})
    assert variable in str(refused.value)
    assert told in str(refused.value)
    assert "zsai_secret" not in str(refused.value)


def test_addresses_are_taken_as_people_copy_them() -> None:
    for given in ("https://registry.example", "https://registry.example/api/v1/", "https://registry.example/"):
        assert read_settings(GOOD | {"REGISTRY_ASSISTANT_URL": given}).url == "https://registry.example"
    for here in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        assert read_settings(GOOD | {"REGISTRY_ASSISTANT_URL": here}).url == here


def test_the_process_ends_with_a_sentence_where_it_cannot_begin() -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(COMMAND, env=bare, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 2
    assert "REGISTRY_ASSISTANT_TOKEN 应填写令牌" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_the_process_ends_with_its_input() -> None:
    ended = subprocess.run(
        COMMAND, env=dict(os.environ) | GOOD, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (0, b"")


def test_nothing_of_the_site_is_in_the_process() -> None:
    code = """
import sys
import registry.assistants.__main__, registry.assistants.server
site = ("django", "rest_framework", "psycopg", "alliance", "config")
print([name for name in sys.modules if name.split(".")[0] in site])
print({name.split(".")[1] for name in sys.modules if name.startswith("registry.")})
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["[]", "{'assistants'}", ""]


class _Odd(BaseHTTPRequestHandler):
    """A server that is no registry, each in its own way, as the first part of the path says."""

    def do_GET(self) -> None:
        way = self.path.split("/")[1]
        if way == "slow":
            time.sleep(3)
        self.send_response(302 if way == "elsewhere" else 200)
        if way == "elsewhere":
            self.send_header("Location", "/empty/api/v1/organizations/")
        self.end_headers()
        if way == "page":
            self.wfile.write("<h1>维护中</h1>".encode())
        if way == "other":
            self.wfile.write(b'{"hello": "world"}')
        if way == "trickle":
            for _second in range(30):
                self.wfile.write(b" ")
                time.sleep(0.1)
        if way == "endless":
            for _part in range(client.MOST_BYTES // 1_000_000 + 2):
                self.wfile.write(b" " * 1_000_000)

    def log_message(self, *args: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # who asked has gone
            super().handle()


@pytest.fixture
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("slow", "within 1 seconds"),
        ("trickle", "within 1 seconds"),
        ("page", "is no registry"),
        ("elsewhere", "is no registry, or one that is being repaired (HTTP 302)"),
        ("other", "answers otherwise than expected"),
        ("endless", "too large"),
    ],
)
def test_what_does_not_answer_as_a_registry_is_told(odd: str, way: str, told: str) -> None:
    with assistant(f"{odd}/{way}", "zsai_secret", timeout=10 if way == "endless" else 1) as registry:
        begun = time.monotonic()
        assert told in registry.refused("find_organizations")
        assert time.monotonic() - begun < 10
        assert "zsai_secret" not in registry.refused("find_organizations")


def test_a_registry_that_is_down_is_told_and_asked_again() -> None:
    port = free_port()
    with assistant(f"http://127.0.0.1:{port}", "zsai_secret", "zh") as registry:
        assert "无法连接名录系统" in registry.refused("find_organizations")
        server = ThreadingHTTPServer(("127.0.0.1", port), _Odd)
        Thread(target=server.serve_forever, daemon=True).start()
        assert "不是名录系统" in registry.refused("find_organizations"), "there is something again"
        server.shutdown()
        server.server_close()
