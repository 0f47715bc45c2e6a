import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from bench import measure


def test_ratio_is_the_median_of_pairs() -> None:
    assert measure.ratio_of_pairs([(2.0, 1.0), (90.0, 1.0), (3.0, 1.5)]) == 2.0


def test_percentile_takes_a_measured_value() -> None:
    assert measure.percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.95) == 5.0
    assert measure.percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    code = "x = bytearray(64 << 20); x[::4096] = b'1' * len(x[::4096]); sum(range(5_000_000)); print(1); input()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield process
    process.communicate(b"\n")


def test_cpu_of_tree_counts_the_processes_below(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdout
    child.stdout.readline()
    assert measure.cpu_of_tree(measure.parent_of(child.pid)) >= measure.cpu_of_tree(child.pid) > 0
    assert measure.resident_of_tree(measure.parent_of(child.pid)) > measure.resident_of_tree(child.pid) > 60


def test_peak_tells_growth_of_another_process(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdout
    before = measure.Peak(child.pid)
    child.stdout.readline()
    assert 0 <= before.growth() < 80


@pytest.mark.django_db
def test_export_is_compared_with_copies_of_the_same_columns(reference: None) -> None:
    from django.core.management import call_command

    from bench import export

    call_command("generate_registry", organizations=20, verbosity=0)
    table = export.table()
    cells = list(table.cells())
    assert len(cells[0]) == len(table.columns)
    assert len(export.table(5, export.CONTACTS).columns) == len(table.columns) - 5
    export.workbook(cells)
    for read in (table, export.named_table()):
        export.copier(read)()
    assert settings.VAR_DIR.exists()


@pytest.mark.django_db
@pytest.mark.unrecorded  # rows are written past the history, for speed
def test_import_files_hold_new_rows_then_known_ones_then_a_tenth_changed(tmp_path: Path, reference: None) -> None:
    from django.core.management import call_command

    from bench import importfiles
    from registry.imports.tables.organizations import OrganizationImport
    from registry.models import Organization

    def summary(name: str) -> str:
        report = OrganizationImport().run(tmp_path / name, apply=True)
        report.table.close()
        return report.summary

    call_command("generate_registry", organizations=300, verbosity=0)
    rows = importfiles.write_new(tmp_path / "new.csv")
    importfiles.write_changed(tmp_path / "changed.csv", tmp_path / "new.csv")
    importfiles.write_workbook(tmp_path / "new.xlsx", tmp_path / "new.csv")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_organization CASCADE")
    assert rows == 300
    assert summary("new.csv") == "new 300, changed 0, unchanged 0, refused 0"
    assert summary("new.xlsx") == "new 0, changed 0, unchanged 300, refused 0"
    assert summary("changed.csv") == "new 0, changed 30, unchanged 270, refused 0"
    assert Organization.objects.filter(remarks__startswith="电话核实").count() == 30
