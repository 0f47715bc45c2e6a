"""Two people import the same file at once: one waits for the other, and nothing is doubled."""

import threading

import pytest
from django.db import connection

from registry.imports.organizations import OrganizationImport
from registry.models import Organization
from tests.registry.importing import csv_file

ROWS = [["企业名称", "简称"], *([f"香山{number}厂", f"香{number}"] for number in range(300))]


@pytest.mark.django_db(transaction=True)
def test_same_file_twice_at_once_doubles_nothing(tmp_path):
    path = csv_file(tmp_path, ROWS)
    summaries: list[str] = []
    start = threading.Barrier(2)

    def run() -> None:
        try:
            start.wait()
            report = OrganizationImport().run(path, apply=True)
            report.table.close()
            summaries.append(report.summary)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(summaries) == [
        "new 0, changed 0, unchanged 300, refused 0",
        "new 300, changed 0, unchanged 0, refused 0",
    ]
    assert Organization.objects.count() == 300


@pytest.mark.django_db(transaction=True)
def test_import_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    run = OrganizationImport()
    monkeypatch.setattr(run._parts[-1], "apply", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    rows = [[*ROWS[0], "联系人"], ["香山一厂", "香", "虚构甲"]]
    with pytest.raises(KeyboardInterrupt):
        run.run(csv_file(tmp_path, rows), apply=True)
    assert Organization.objects.count() == 0
