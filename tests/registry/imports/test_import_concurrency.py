"""Imports at one moment with others: one waits or is told, nothing is doubled, nobody's work is overwritten."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from registry.database.db_errors import Conflict
from registry.imports import locks
from registry.imports.recording import batch_of_file
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.undo.undo import NotUndoable, undo
from registry.models import AnnualFigures, Contact, Organization
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied

ROWS = [["企业名称", "简称"], *([f"香山{number}厂", f"香{number}"] for number in range(300))]
at_once = pytest.mark.django_db(transaction=True)


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """What they return or raise, run at the same moment, each with a connection of its own."""
    outcomes: list[Any] = [None] * len(tasks)
    start = threading.Barrier(len(tasks))

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            start.wait()
            outcomes[place] = task()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=given) for given in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def run(path, made=OrganizationImport, **options) -> str:
    report = made().run(path, apply=True, **options)
    report.table.close()
    return report.summary


def wait_until_blocked() -> None:
    """Until some other connection waits for a lock."""
    deadline = time.monotonic() + 10
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline
            time.sleep(0.02)


# --- Two imports


@at_once
def test_same_file_twice_at_once_doubles_nothing(tmp_path):
    path = csv_file(tmp_path, ROWS)
    assert sorted(together(lambda: run(path), lambda: run(path))) == [
        "new 0, changed 0, unchanged 300, refused 0",
        "new 300, changed 0, unchanged 0, refused 0",
    ]
    assert Organization.objects.count() == 300


@at_once
def test_one_batch_applied_twice_at_once_is_written_once(tmp_path):
    path = csv_file(tmp_path, ROWS)
    batch = batch_of_file(path, "organizations")
    batch.save()
    outcomes = together(*[lambda: run(path, batch=type(batch).objects.get(pk=batch.pk))] * 2)
    (refused,) = (one for one in outcomes if not isinstance(one, str))
    assert isinstance(refused, Conflict), refused
    assert Organization.pgh_event_model.objects.count() == 300
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"]) == ("applied", 300)


@at_once
def test_one_batch_undone_twice_at_once_is_undone_once(tmp_path):
    batch = applied(csv_file(tmp_path, ROWS))
    outcomes = together(*[lambda: undo(batch.pk, apply=True)] * 2)
    assert sum(isinstance(one, NotUndoable) for one in outcomes) == 1
    assert Organization.objects.count() == 0
    assert Organization.pgh_event_model.objects.filter(pgh_label="delete").count() == 300


@at_once
def test_undoing_waits_for_an_import_and_says_so_in_the_end(tmp_path, monkeypatch):
    batch = applied(csv_file(tmp_path, ROWS))
    monkeypatch.setattr(locks, "WAIT_SECONDS", 1)
    with transaction.atomic():
        locks.imports()
        (refused,) = together(lambda: undo(batch.pk, user=factories.superuser("waiting"), apply=True))
    assert isinstance(refused, Conflict)
    assert "请稍等" in refused.messages[0]
    assert Organization.objects.count() == 300


@at_once
def test_import_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    made = OrganizationImport()
    monkeypatch.setattr(made.children[-1], "apply", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    rows = [[*ROWS[0], "联系人"], ["香山一厂", "香", "虚构甲"]]
    with pytest.raises(KeyboardInterrupt):
        made.run(csv_file(tmp_path, rows), apply=True)
    assert Organization.objects.count() == 0


# --- An import and somebody at a form


def while_saving(save: Callable[[], Any], task: Callable[[], Any]) -> Any:
    """What comes of the task when somebody saves while it looks at the records, which is before it writes them."""
    outcome: list[Any] = []
    with transaction.atomic():
        save()
        thread = threading.Thread(target=lambda: outcome.extend(together(task)))
        thread.start()
        wait_until_blocked()
    thread.join()
    return outcome[0]


@at_once
def test_values_saved_while_an_import_runs_are_not_overwritten(tmp_path):
    one, other = (factories.enterprise(name_zh=f"香山{n}厂", remarks="原来") for n in "一二")
    path = csv_file(tmp_path, [["企业名称", "简称", "备注"], ["香山一厂", "香一", ""], ["香山二厂", "", "新"]])
    saved = Organization.objects.filter(pk=one.pk)
    refused = while_saving(lambda: saved.update(remarks="刚刚"), lambda: run(path))
    assert isinstance(refused, Conflict), refused
    assert set(Organization.objects.values_list("remarks", "short_name")) == {("刚刚", ""), ("原来", "")}
    assert run(path) == "new 0, changed 2, unchanged 0, refused 0"
    assert set(Organization.objects.values_list("remarks", "short_name")) == {("刚刚", "香一"), ("新", "")}
    assert other.pk


@at_once
def test_contact_saved_while_an_import_runs_is_not_overwritten(tmp_path):
    contact = factories.contact(factories.enterprise(name_zh="香山一厂"), name="原来某")
    path = csv_file(tmp_path, [["企业名称", "联系人"], ["香山一厂", "后来某"]])
    saved = Contact.objects.filter(pk=contact.pk)
    refused = while_saving(lambda: saved.update(title="经理"), lambda: run(path))
    assert isinstance(refused, Conflict), refused
    assert (saved.get().name, saved.get().title) == ("原来某", "经理")


@at_once
def test_figures_saved_while_an_import_runs_are_not_overwritten(tmp_path):
    figures = factories.figures(factories.enterprise(name_zh="香山一厂"), 2023, employees=1)
    path = csv_file(tmp_path, [["企业名称", "年度", "从业人员（人）"], ["香山一厂", "2023", "2"]])
    saved = AnnualFigures.objects.filter(pk=figures.pk)
    refused = while_saving(lambda: saved.update(revenue=7), lambda: run(path, FiguresImport))
    assert isinstance(refused, Conflict), refused
    assert (saved.get().employees, saved.get().revenue) == (1, 7)
