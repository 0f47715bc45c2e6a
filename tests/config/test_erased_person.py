"""A person erased by real processes: no byte of them is left, and a restored older backup does not bring them back."""

import os
import shutil
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import pytest_django

from tests.config.conftest import ROOT
from tests.config.test_backup import database, done
from tests.config.test_commands import CHINESE, manage
from tests.database import template
from tests.registry.erasure.planting import NAME, PHONE, TRACES

PLANT = """
from tests.registry.erasure.planting import plant
plant(homonym=False)
"""
COUNT = """
from registry.models import Contact, Erasure, Organization
print(Organization.objects.count(), Contact.objects.count(), [one.ground for one in Erasure.objects.order_by("pk")])
"""


def files_with_traces(folder: Path) -> list[str]:
    """The files below a folder, unpacked where they are packed, that hold a trace of the person."""
    wanted = [trace.encode() for trace in TRACES] + [NAME.encode("gb18030"), NAME.encode("utf-16-le")]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if path.suffix == ".tar":
                content = unpacked(path)
            if any(trace in content for trace in wanted):
                found.append(str(path.relative_to(folder)))
    return found


def unpacked(backup: Path) -> bytes:
    with tarfile.open(backup) as tar:
        dump = tar.extractfile("database.sql.gz")
        assert dump
        return zlib.decompress(dump.read(), wbits=zlib.MAX_WBITS | 16)


@pytest.fixture(scope="module")
def older(
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    reachable: Path,
    surroundings: dict[str, str],
) -> Path:
    """A backup from the time when the person was in every place that can hold one."""
    path = reachable / "older.tar"
    with django_db_blocker.unblock(), database(f"erased_{os.getpid()}", template()) as url:
        given = {"DATABASE_URL": url, "REGISTRY_VAR": str(reachable / "first"), **CHINESE}
        done(manage(surroundings, "shell", "-v0", "-c", PLANT, **given))
        done(manage(surroundings, "backup", str(path), **given))
    return path


@pytest.fixture(scope="module")
def var(older: Path, reachable: Path, surroundings: dict[str, str]) -> dict[str, str]:
    """The environment of a site with the person."""
    given = {"REGISTRY_VAR": str(reachable / "var"), **CHINESE}
    done(manage(surroundings, "restore", str(older), **given))
    return given


def erase(surroundings: dict[str, str], var: dict[str, str], *answers: str) -> str:
    command = [sys.executable, "manage.py", "erase_person"]
    given = {**surroundings, "PYTHONUTF8": "1", **var}
    streams: dict[str, Any] = {"input": "".join(f"{answer}\n" for answer in answers), "capture_output": True}
    return done(subprocess.run(command, cwd=ROOT, env=given, check=False, timeout=300, text=True, **streams))


def test_no_byte_of_an_erased_person_is_left_nor_comes_back(
    var: dict[str, str], older: Path, reachable: Path, surroundings: dict[str, str]
) -> None:
    folder = Path(var["REGISTRY_VAR"])
    assert NAME.encode() in unpacked(older)
    assert files_with_traces(folder) != []
    told = erase(surroundings, var, NAME, PHONE, "1,2,3,4", "1", NAME)
    assert "已登记为第 1 次删除" in told
    assert files_with_traces(folder) == []
    dump = folder / "after.tar"
    done(manage(surroundings, "backup", str(dump), **var))
    assert files_with_traces(folder) == []
    dump.unlink()
    # An older backup, on this computer.
    (folder / "postgres").rename(reachable / "postgres.old")
    told = done(manage(surroundings, "restore", str(older), **var))
    assert "1 人" in told
    assert files_with_traces(folder) == []
    assert done(manage(surroundings, "shell", "-v0", "-c", COUNT, **var)).split("[")[1] == "'restored']\n"
    # And on another, first without the list.
    other = {**var, "REGISTRY_VAR": str(reachable / "other")}
    told = done(manage(surroundings, "restore", str(older), **other))
    assert "没有删除清单" in told
    assert files_with_traces(reachable / "other") != []
    shutil.copy(folder / "erasures.jsonl", reachable / "other")
    done(manage(surroundings, "erase_person", "--again", **other))
    assert files_with_traces(reachable / "other") == []
    assert done(manage(surroundings, "erase_person", "--again", **other)) == "删除清单中的人员在数据库中均已不存在。\n"


def test_restore_says_that_the_list_is_damaged(older: Path, reachable: Path, surroundings: dict[str, str]) -> None:
    broken = {"REGISTRY_VAR": str(reachable / "broken"), **CHINESE}
    (reachable / "broken").mkdir()
    (reachable / "broken" / "erasures.jsonl").write_text("{}\n")
    result = manage(surroundings, "restore", str(older), **broken)
    assert result.returncode == 1
    assert "erasures.jsonl:1" in result.stderr
    assert "erase_person --again" in result.stderr
