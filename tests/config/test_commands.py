"""manage.py where something outside goes wrong, and the language that it speaks: real processes."""

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import embedded, environment
from tests.config.conftest import ROOT
from tests.config.test_embedded import Client

AWAY = "postgresql://somebody@127.0.0.1:1/registry"
CHINESE, ENGLISH = {"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, {"LC_ALL": "", "LANG": "en_US.UTF-8"}


def manage(surroundings: dict[str, str], *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    given = {**surroundings, "PYTHONUTF8": "1", **more}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=500)


@pytest.mark.parametrize(
    "command",
    [
        "import_organizations docs/examples/organizations.csv",
        "export_organizations",
        "migrate",
    ],
)
def test_command_tells_a_database_that_is_away_in_one_line(command: str, surroundings: dict[str, str]) -> None:
    result = manage(surroundings, *command.split(), DATABASE_URL=AWAY, **CHINESE)
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("数据库不可用：connection failed")
    assert line.endswith("请检查数据库服务器和 DATABASE_URL。")


@pytest.mark.parametrize("command", ["import_organizations docs/examples/organizations.csv", "export_organizations"])
def test_command_tells_that_tables_are_lacking(command: str, reachable: Path, surroundings: dict[str, str]) -> None:
    result = manage(surroundings, *command.split(), REGISTRY_VAR=str(reachable / "empty"), **CHINESE)
    assert (result.returncode, result.stderr) == (2, "数据库结构不是当前版本的，请先执行 migrate。\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (CHINESE, "zh-hans"),
        (ENGLISH, "en"),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh-hans"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"}, "en"),
        ({"LC_ALL": "zh_HK.UTF-8", "LANG": "en_US.UTF-8"}, "zh-hans"),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_language_is_that_of_the_terminal(given: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, given.get(name, ""))
    assert environment.language() == said


def test_command_speaks_english_where_nothing_asks_for_chinese(surroundings: dict[str, str]) -> None:
    result = manage(surroundings, "clear_imports", DATABASE_URL=AWAY, **ENGLISH)
    assert result.stderr.startswith("The database cannot be used: ")


def test_command_that_is_interrupted_says_so_in_one_line(surroundings: dict[str, str]) -> None:
    given = {**surroundings, **CHINESE, "PYTHONUTF8": "1", "DATABASE_URL": AWAY}
    command = [sys.executable, "-c", WAITING, "clear_imports"]
    with subprocess.Popen(command, cwd=ROOT, env=given, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=60)
    assert (process.returncode, said, told) == (130, "", "已中断，未完成的内容没有写入。\n")


# Whatever a command does, it waits.
WAITING = """
import sys, time
from django.core.management.base import BaseCommand
BaseCommand.execute = lambda *_args, **_options: (print("waiting", flush=True), time.sleep(100))
import manage
manage.main()
"""


@pytest.mark.parametrize(
    ("damage", "fatal"),
    [
        (("postgresql.conf", "\nno_such_setting = 1\n"), "FATAL: .*configuration file .* contains errors"),
        (("PG_VERSION", None), "FATAL: .*incompatible with server DETAIL: "),
    ],
)
def test_command_quotes_why_the_embedded_server_cannot_start(
    damage: tuple[str, str | None], fatal: str, reachable: Path, surroundings: dict[str, str]
) -> None:
    base = reachable / "damaged" / "postgres"
    client = Client(base, surroundings)
    assert client.ask("SELECT 1") == "1"
    client.leave()
    file = embedded.place(base) / "pgdata" / damage[0]
    kept = file.with_name("kept")
    shutil.copy2(file, kept)
    file.write_text("15\n" if damage[1] is None else kept.read_text() + damage[1])
    began = time.monotonic()
    result = manage(surroundings, "clear_imports", REGISTRY_VAR=str(base.parent), **CHINESE)
    took = time.monotonic() - began
    file.write_text(kept.read_text())
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("数据库不可用：PostgreSQL ended as soon as it was started: FATAL:")
    assert re.search(fatal, line), line
    assert took < 40  # about two seconds where nothing else runs, against the 90 that a recovery may take
