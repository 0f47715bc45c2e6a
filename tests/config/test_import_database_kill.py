"""The database killed in the middle of an import, as if the power had failed: nothing of it or all of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded
from tests.config.conftest import ROOT, processes_in
from tests.config.test_embedded import Client
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc")
KILLS = 3
KNOWN = 400
LABELS = ["单位名称", "单位类型", "曾用名", "联系人", "备注"]
IMPORTING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 1515405641"
_OF = "JOIN registry_organization o ON o.id = x.organization_id"
_TABLES = [
    "name_zh, remarks, pinyin FROM registry_organization",
    f"o.name_zh, x.name FROM registry_name x {_OF}",
    f"o.name_zh, x.name FROM registry_contact x {_OF}",
    "DISTINCT file_name, state FROM registry_importbatch WHERE state = 'applied'",
]


def rows(count: int, remarks: str) -> list[list[str]]:
    names = [f"中山市虚构{number}号机器人有限公司" for number in range(count)]
    return [LABELS, *([name, "企业", f"原{name}", f"某{remarks}", remarks] for name in names)]


class Registry:
    """A registry with an embedded server of its own, which can be killed."""

    def __init__(self, var: Path, surroundings: dict[str, str]) -> None:
        self.base = var / "postgres"
        self.environment = surroundings | {"REGISTRY_VAR": str(var)}
        self.client = Client(self.base, self.environment)

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def manage(self, *arguments: object) -> str:
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def contents(self) -> list[str]:
        """What each table holds, numbers from sequences aside, which do not roll back."""
        server = embedded._server(embedded.place(self.base))
        named = {"host": str(server.socket_dir), "port": server.port, "user": server.user, "password": server.password}
        with psycopg.connect(**named, dbname="registry") as line:
            queries = [
                f"SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (SELECT {one}) x" for one in _TABLES
            ]
            return [str(line.execute(query).fetchone()) for query in queries]

    def kill(self) -> None:
        """Every process of the server at once, and then a new start, which recovers."""
        for process in processes_in(embedded.place(self.base) / "pgdata"):
            os.kill(process, signal.SIGKILL)
        self.client.kill()
        self.client = Client(self.base, self.environment)
        assert self.client.ask("SELECT 1") == "1"

    def wait_for_import(self, process: "subprocess.Popen[str]") -> None:
        """Until the import has begun to write what it has read."""
        while self.client.ask(IMPORTING) == "0":
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)


@pytest.fixture
def registry(reachable: Path, surroundings: dict[str, str]) -> Iterator[Registry]:
    made = Registry(reachable / "killed", surroundings)
    made.manage("migrate", "-v0")
    yield made
    made.client.leave()


def test_killed_database_has_nothing_or_everything(registry: Registry, tmp_path: Path) -> None:
    first = csv_file(tmp_path, rows(KNOWN, "原来"), "first.csv")
    second = csv_file(tmp_path, rows(2 * KNOWN, "后来"), "second.csv")
    registry.manage("import_organizations", first, "--apply")
    before = registry.contents()
    chance, found = random.Random(20190701), []
    for _kill in range(KILLS):
        process = registry.start("import_organizations", second, "--apply")
        registry.wait_for_import(process)
        time.sleep(chance.uniform(0, 0.5))
        registry.kill()
        process.communicate(timeout=60)
        found.append(registry.contents())
    registry.manage("import_organizations", second, "--apply")
    clean = registry.contents()
    assert clean != before
    assert before in found
    assert all(one in (before, clean) for one in found)
    said = registry.manage("import_organizations", second, "--apply")
    assert said.splitlines()[-1] == f"new 0, changed 0, unchanged {2 * KNOWN}, refused 0"
    assert registry.contents() == clean
