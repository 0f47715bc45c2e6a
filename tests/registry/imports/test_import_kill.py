"""kill -9 at any moment of an import: nothing of it or all, the record says which, a second run doubles nothing."""

import io
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections

from registry.imports.undo.undo import undo
from registry.models import ImportBatch, Organization
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import state

KILLS = 20
KNOWN, NEW = 400, 1_200
LABELS = ["名录编号", "单位名称", "单位类型", "所属领域", "曾用名", "资质荣誉", "联系人", "联系电话", "备注"]
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE sequencename NOT LIKE '%%event%%' ORDER BY 1"


def rows(numbers: range, remarks: str, registry_nos: dict[str, str]) -> list[list[str]]:
    made = []
    for number in numbers:
        name = f"中山市虚构{number}号机器人有限公司"
        sectors = "工业机器人、机器视觉" if number % 2 else "服务机器人"
        more = [f"虚构老{number}厂", "高新技术企业", f"虚构{number}", factories.PHONE, remarks]
        made.append([registry_nos.get(name, ""), name, "企业", sectors, *more])
    return made


def run(path: Path) -> None:
    """The command as `manage.py` runs it, in this process."""
    call_command("import_organizations", path, "--apply", stdout=io.StringIO())


def run_and_leave(path: Path) -> None:
    run(path)
    os._exit(0)


def wait_for_the_others() -> None:
    """A backend goes on with its statement after its client has died; what it comes to counts."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while True:
            cursor.execute(others)
            if not cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline
            time.sleep(0.02)


def sequences() -> list[tuple[str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES)
        return cursor.fetchall()


def set_sequences(values: list[tuple[str, int | None]]) -> None:
    """So that a run gives the same numbers as the one before: sequences do not roll back."""
    with connection.cursor() as cursor:
        for name, value in values:
            if "importbatch" not in name:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])


def contents() -> dict[str, list[str]]:
    return state("created_at")


@pytest.fixture
def lists(transactional_db, tmp_path) -> Path:
    """A registry with some organizations, and a list that changes these and adds others."""
    call_command("load_reference", verbosity=0)
    run(csv_file(tmp_path, [LABELS, *rows(range(KNOWN), "原来", {})], "first.csv"))
    numbers = dict(Organization.objects.values_list("name_zh", "registry_no"))
    return csv_file(tmp_path, [LABELS, *rows(range(KNOWN + NEW), "后来", numbers)], "second.csv")


def test_killed_process_leaves_nothing_or_everything(lists):
    before, start = contents(), sequences()
    began = time.monotonic()
    run(lists)
    seconds = time.monotonic() - began
    clean = contents()
    assert len(clean["registry_organization"]) == KNOWN + NEW
    events = Organization.pgh_event_model.objects.count() - KNOWN
    assert events == KNOWN + NEW
    chance = random.Random(20190701)
    outcomes = []
    for _kill in range(KILLS):
        put_back(before, start)
        told = Organization.pgh_event_model.objects.count()
        connections.close_all()
        child = multiprocessing.get_context("fork").Process(target=run_and_leave, args=[lists])
        child.start()
        time.sleep(chance.uniform(0, 1.1) * seconds)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        wait_for_the_others()
        found = contents()
        assert found in (before, clean)
        applied = ImportBatch.objects.filter(state="applied", file_name=lists.name).count()
        assert applied == (found == clean)
        assert Organization.pgh_event_model.objects.count() - told == (events if found == clean else 0)
        outcomes.append(found == clean)
    assert False in outcomes
    put_back(before, start)
    run(lists)
    assert contents() == clean
    run(lists)
    assert contents() == clean


def put_back(before: dict[str, list[str]], start: list[tuple[str, int | None]]) -> None:
    """What is applied is undone, so that each run begins at the same point."""
    for batch in ImportBatch.objects.filter(state="applied", file_name="second.csv"):
        assert undo(batch.pk, apply=True).done
    set_sequences(start)
    assert contents() == before
