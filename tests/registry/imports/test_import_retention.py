"""Files of imports are dropped in time, and so are imports that nobody applied."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from registry.imports import batches
from registry.imports.retention import clear
from registry.models import ImportBatch, ImportFile
from tests import factories

pytestmark = pytest.mark.django_db


def old_batch(days: int, state: str = "open", **fields):
    moment = timezone.now() - datetime.timedelta(days=days)
    if state != "open":
        fields["applied_at"] = moment
    if state == "undone":
        fields["undone_at"] = moment
    made = factories.import_batch(state=state, **fields)
    ImportBatch.objects.filter(pk=made.pk).update(created_at=moment)
    factories.import_row(made)
    ImportFile.objects.create(batch=made, content=b"x")
    return made


def test_old_files_go_and_old_imports_that_were_never_applied(settings):
    settings.IMPORT_KEEP_DAYS = 30
    applied, undone = old_batch(31, "applied"), old_batch(31, "undone")
    fresh, fresh_applied = old_batch(29), old_batch(29, "applied")
    old_batch(31)
    in_work = old_batch(31, examined_at=timezone.now())
    assert clear() == (3, 1)
    assert set(ImportBatch.objects.all()) == {applied, undone, fresh, fresh_applied, in_work}
    assert set(ImportFile.objects.values_list("batch", flat=True)) == {fresh.pk, fresh_applied.pk, in_work.pk}
    assert applied.rows.count() == 1
    assert clear() == (0, 0)


def test_command_clears_and_counts():
    old_batch(2), old_batch(2, "applied")
    out = io.StringIO()
    call_command("clear_imports", days=1, stdout=out)
    assert out.getvalue() == "files 2, imports 1, kept answers 0, telephone numbers 0\n"
    with pytest.raises(CommandError):
        call_command("clear_imports", days=-1)


def test_upload_clears_on_the_way():
    old = old_batch(31)
    made = batches.create("organizations", factories.user(), "a.csv", b"x", {})
    assert list(ImportBatch.objects.all()) == [made]
    assert old.pk != made.pk
