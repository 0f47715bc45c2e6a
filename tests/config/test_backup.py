"""Backup and restore with real processes: embedded, and an older server with TLS where one is installed."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import pytest_django
from django.core.management import CommandError, call_command
from django.db import connection

from config import embedded
from config.postgres import programs
from registry.attachments import storage
from registry.database.backups import LastBackup
from tests import factories
from tests.config.conftest import ROOT, free_port
from tests.config.test_commands import CHINESE, manage
from tests.database import template
from tests.registry.attachments.files import PDF, PNG, upload

EXPORTS = """
import sys
from django.core.management import call_command
call_command("export_organizations", verbosity=0)
for day in ("2024-06-30", "2026-01-01"):
    call_command("export_members", "zsai", as_of=day, verbosity=0)
sys.stdout.flush()
"""
FEED = """
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from registry.models import Organization
with transaction.atomic():
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_superuser("asked"))
    answer = client.get("/api/v1/organizations/changes/", {"page_size": 200}).json()
    told = {row["registry_no"] for row in answer["results"]}
    print(len(told), told == set(Organization.objects.values_list("registry_no", flat=True)))
    transaction.set_rollback(True)
"""
AFTERWARDS = """
from registry.models import ImportBatch
call_command("import_organizations", "docs/examples/organizations.csv", apply=True)
print("undone:")
call_command("undo_import", ImportBatch.objects.latest("pk").pk, apply=True)
print("exports:", flush=True)
"""
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("1[567]/bin"))


def done(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


@contextmanager
def database(name: str, of: str) -> Iterator[str]:
    """The address of a new database on the server of the tests."""
    connection.ensure_connection()
    here = connection.settings_dict
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
    host = f"host={quote(here['HOST'], safe='')}&port={here['PORT']}"
    try:
        yield f"postgresql://{here['USER']}:{here['PASSWORD']}@/{name}?{host}"
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker, surroundings: dict[str, str]
) -> Iterator[str]:
    """A database with the demonstration data."""
    with django_db_blocker.unblock(), database(f"backup_demo_{os.getpid()}", template()) as url:
        for command in ("load_reference", "load_demo"):
            done(manage(surroundings, command, DATABASE_URL=url))
        yield url


@pytest.fixture(scope="module")
def backup(demo: str, surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "registry.tar"
    done(manage(surroundings, "backup", str(path), DATABASE_URL=demo))
    return path


@pytest.fixture
def empty(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock(), database(f"backup_empty_{os.getpid()}", "template0") as url:
        yield url


@pytest.fixture(scope="module")
def older_server(reachable: Path) -> Iterator[Callable[[str], str]]:
    """A server of Debian that takes only encrypted connections: a new database of a role that is no superuser."""
    if not DEBIAN or not shutil.which("openssl"):
        pytest.skip("no PostgreSQL of Debian or no openssl is installed")
    base, port = reachable / "older", free_port()
    base.mkdir()
    given: dict[str, Any] = {"check": True, "capture_output": True, **embedded._surroundings(base)}
    if "user" in given:
        os.chown(base, given["user"], given["group"])
    data, program = base / "data", DEBIAN[0]
    subprocess.run([program / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"], **given)
    key = ["-keyout", data / "server.key", "-out", data / "server.crt", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", "req", "-new", "-x509", "-nodes", *key], **given)
    (data / "pg_hba.conf").write_text("local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(f"port={port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='{base}'\nssl=on\nfsync=off\n")
    subprocess.run([program / "pg_ctl", "-D", data, "-w", "-l", base / "log", "start"], **given)
    made: list[str] = []

    def new() -> str:
        name = f"registry{len(made)}"
        with psycopg.connect(host=str(base), port=port, user="postgres", autocommit=True) as admin:
            if not made:
                admin.execute("CREATE ROLE registry LOGIN PASSWORD 'secret word'")
            admin.execute(
                f"CREATE DATABASE {name} OWNER registry TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'".encode()
            )
        made.append(name)
        return f"postgresql://registry:secret%20word@127.0.0.1:{port}/{name}?sslmode=require"

    yield new
    subprocess.run([program / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"], **given)


def run(surroundings: dict[str, str], script: str, **more: str) -> str:
    return done(manage(surroundings, "shell", "-v0", "-c", script, **more, **CHINESE))


def check_restored(surroundings: dict[str, str], source: dict[str, str], target: dict[str, str]) -> None:
    """Exports are the same, the feed is complete, and an import can be applied and undone."""
    before = run(surroundings, EXPORTS, **source)
    assert before.count("\n") > 62 + 2 * 30
    after = run(surroundings, EXPORTS + FEED + AFTERWARDS + EXPORTS, **target)
    assert after.startswith(before + "62 True\n")
    imported, undone = after[len(before) :].split("undone:\n")
    assert "已写入，导入编号" in imported
    undone, again = undone.split("exports:\n")
    assert "已撤销" in undone
    assert again == before


def test_backup_of_an_embedded_database_restored_into_another(
    backup: Path, demo: str, reachable: Path, surroundings: dict[str, str]
) -> None:
    first, second = {"REGISTRY_VAR": str(reachable / "first")}, {"REGISTRY_VAR": str(reachable / "second")}
    done(manage(surroundings, "restore", str(backup), **first))
    again = reachable / "again.tar"
    told = done(manage(surroundings, "backup", str(again), **first, **CHINESE)).splitlines()
    assert told[0].startswith(f"已备份到 {again}：")
    assert len(told) == 5
    told = done(manage(surroundings, "restore", str(again), **second, **CHINESE)).splitlines()
    assert told[1] == "恢复成功，各表行数与备份一致，全部约束成立。"
    assert len(told) == 5  # one of which says that there is no list of erasures
    check_restored(surroundings, first, second)
    refused = manage(surroundings, "restore", str(again), **second, **CHINESE)
    assert refused.returncode == 2
    assert f"将文件夹 {reachable / 'second' / 'postgres'} 改名" in refused.stderr


def test_backup_restored_into_an_older_server_over_tls_and_back(
    backup: Path,
    demo: str,
    empty: str,
    older_server: Callable[[str], str],
    surroundings: dict[str, str],
    tmp_path: Path,
) -> None:
    source, older = {"DATABASE_URL": demo}, {"DATABASE_URL": older_server()}
    done(manage(surroundings, "restore", str(backup), **older))
    check_restored(surroundings, source, older)
    done(manage(surroundings, "backup", str(tmp_path / "older.tar"), **older))
    done(manage(surroundings, "restore", str(tmp_path / "older.tar"), DATABASE_URL=empty))
    assert run(surroundings, EXPORTS, DATABASE_URL=empty) == run(surroundings, EXPORTS, **source)


@pytest.mark.django_db(transaction=True)
def test_backup_is_written_whole_for_its_owner_alone_and_noted(tmp_path: Path) -> None:
    factories.organization()
    path = tmp_path / "registry.tar"
    call_command("backup", str(path))
    assert [one.name for one in tmp_path.iterdir()] == ["registry.tar"]
    assert path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as tar:
        assert tar.getnames() == ["database.sql.gz", "manifest.json"]
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["tables"]["registry_organization"] == 1
    assert "django_session" not in manifest["tables"]
    assert LastBackup.objects.get().taken_at.isoformat(timespec="seconds") == manifest["taken_at"]
    with pytest.raises(CommandError, match="已存在") as refused:
        call_command("backup", str(path))
    assert refused.value.returncode == 2
    call_command("backup", str(path), overwrite=True)
    call_command("backup", str(tmp_path))
    assert [one.name for one in tmp_path.glob("registry-2*-*.tar")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("file", "said"), [("-", "请指定文件名"), ("away/registry.tar", "没有文件夹"), ("/dev/null", "已存在")]
)
def test_backup_refuses_a_file_that_it_cannot_write(
    file: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=said) as refused:
        call_command("backup", file)
    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_backup_names_the_program_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setenv("PGSSLMODE", "require")  # the programs of the wheel know no encryption
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "FOLDERS", ())
    with pytest.raises(CommandError, match="postgresql-client-18") as refused:
        call_command("backup", str(tmp_path / "registry.tar"))
    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_pg_dump_is_told_the_password_by_the_environment_alone() -> None:
    command = programs.pg_dump(connection)
    password = connection.settings_dict["PASSWORD"]
    assert password not in " ".join(map(str, command))
    assert programs.environment(connection)["PGPASSWORD"] == password


def changed(backup: Path, target: Path, **changes: Any) -> Path:
    """A copy of the backup with another manifest."""
    with tarfile.open(backup) as old, tarfile.open(target, "w") as new:
        for entry in old:
            content = old.extractfile(entry)
            if entry.name == "manifest.json":
                text = json.dumps(json.load(content) | changes).encode()  # type: ignore[arg-type]
                entry.size, content = len(text), io.BytesIO(text)  # type: ignore[assignment]
            new.addfile(entry, content)
    return target


def manifest_of(backup: Path) -> dict[str, Any]:
    with tarfile.open(backup) as tar:
        return dict(json.load(tar.extractfile("manifest.json")))  # type: ignore[arg-type]


def test_restore_refuses_a_file_that_is_no_whole_backup(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    flipped = bytearray(whole)
    flipped[20_000] ^= 1
    stored = manifest_of(backup)["migrations"]
    newer = [*stored, ["registry", "9999_future"]]
    older = [one for one in stored if one[1] not in ("0001_initial", "0027_backups")]
    cases = {
        "empty": (b"", "不是本系统的备份"),
        "other": (b"PK" + bytes(2000), "不是本系统的备份"),
        "cut": (whole[: len(whole) // 2], "不是本系统的备份"),
        "flipped": (bytes(flipped), "与备份时写入的不一致"),
        "newer": (changed(backup, tmp_path / "a", migrations=newer).read_bytes(), "更新的版本（.*9999_future）"),
        "older": (changed(backup, tmp_path / "c", migrations=older).read_bytes(), "0.12.0"),
        "format": (changed(backup, tmp_path / "b", format=3).read_bytes(), "更新版本生成"),
    }
    for name, (content, said) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CommandError, match=said) as refused:
            call_command("restore", str(path), check=True)
        assert refused.value.returncode == 2, name
    with pytest.raises(CommandError, match="无法读取") as refused:
        call_command("restore", str(tmp_path / "away"))
    assert refused.value.returncode == 2


def relations(url: str) -> int:
    with psycopg.connect(url) as there:
        row = there.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
    assert row
    return int(row[0])


def test_restore_writes_nothing_where_the_rows_are_not_those_of_the_manifest(
    backup: Path, empty: str, surroundings: dict[str, str], tmp_path: Path
) -> None:
    wrong = changed(
        backup, tmp_path / "wrong.tar", tables=manifest_of(backup)["tables"] | {"registry_organization": 63}
    )
    result = manage(surroundings, "restore", str(wrong), DATABASE_URL=empty, **CHINESE)
    assert result.returncode == 1
    assert "没有写入任何内容：表 registry_organization 有 62 行，应为 63 行。" in result.stderr
    assert relations(empty) == 0


def test_restore_that_is_interrupted_leaves_the_database_empty(
    backup: Path, empty: str, surroundings: dict[str, str]
) -> None:
    with psycopg.connect(empty) as other:
        # Not committed: the restore waits where it comes to this table.
        other.execute("CREATE TABLE public.registry_township (id int)")
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
            process = start(surroundings, "restore", str(backup), DATABASE_URL=empty)
            wait_for_a_lock(empty)
            process.send_signal(number)
            process.communicate(timeout=60)
            assert process.returncode == code
        other.rollback()
    assert relations(empty) == 0


def test_backup_that_is_interrupted_leaves_no_file(demo: str, surroundings: dict[str, str], tmp_path: Path) -> None:
    with psycopg.connect(demo) as other:
        other.execute("LOCK TABLE registry_township IN ACCESS EXCLUSIVE MODE")
        process = start(surroundings, "backup", str(tmp_path / "registry.tar"), DATABASE_URL=demo)
        wait_for_a_lock(demo)
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(signal.SIGINT)
        _said, told = process.communicate(timeout=60)
        assert (process.returncode, told) == (130, "已中断，未完成的内容没有写入。\n")
    assert list(tmp_path.iterdir()) == []


def start(surroundings: dict[str, str], *arguments: str, **more: str) -> "subprocess.Popen[str]":
    given = {**surroundings, **CHINESE, "PYTHONUTF8": "1", **more}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for_a_lock(url: str) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as there:
        while there.execute(query).fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_backup_of_an_older_version_is_brought_up_to_this_one(
    demo: str, empty: str, surroundings: dict[str, str], tmp_path: Path
) -> None:
    done(manage(surroundings, "migrate", "registry", "0001", DATABASE_URL=demo))
    try:
        done(manage(surroundings, "backup", str(tmp_path / "old.tar"), DATABASE_URL=demo))
    finally:
        done(manage(surroundings, "migrate", DATABASE_URL=demo))
    told = done(manage(surroundings, "restore", str(tmp_path / "old.tar"), DATABASE_URL=empty, **CHINESE))
    assert "数据已升级到当前系统版本。" in told
    with psycopg.connect(empty) as there:
        model = there.execute("SELECT model FROM django_content_type WHERE model IN ('sectorentry', 'sectorindex')")
        assert model.fetchall() == [("sectorindex",)]


@pytest.mark.django_db(transaction=True)
def test_attached_files_go_with_a_backup_and_what_is_missing_is_told(
    empty: str, surroundings: dict[str, str], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    with storage.keeping(None) as keep:
        first, second = keep(upload("甲.pdf")), keep(upload("乙.png", PNG))
    second.path.unlink()
    path = tmp_path / "registry.tar"
    out = io.StringIO()
    call_command("backup", str(path), stdout=out)
    assert "1 个附件" in out.getvalue()
    assert f"第一个是 {second.key.hex}" in out.getvalue()
    there = {"DATABASE_URL": empty, "REGISTRY_VAR": str(tmp_path / "there"), **CHINESE}
    assert "附件 1 个" in done(manage(surroundings, "restore", str(path), **there))
    restored = tmp_path / "there" / "media" / "attachments" / first.key.hex[:2] / first.key.hex
    assert restored.read_bytes() == PDF
    assert restored.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_backup_with_another_attached_file_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    with storage.keeping(None) as keep:
        made = keep(upload())
    call_command("backup", str(tmp_path / "registry.tar"))
    call_command("restore", str(tmp_path / "registry.tar"), check=True)
    wrong = (tmp_path / "registry.tar").read_bytes().replace(PDF, PDF.replace(b"Catalog", b"Cabinet"))
    (tmp_path / "wrong.tar").write_bytes(wrong)
    with pytest.raises(CommandError, match="其中的附件与备份时写入的不一致"):
        call_command("restore", str(tmp_path / "wrong.tar"), check=True)
    assert made.path.exists()
