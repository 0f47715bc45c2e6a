"""No combination of columns, values, kinds of cells and choices ends in an exception, by command or by page.

The suite draws a few; REGISTRY_EXAMPLES=2000 asks for more.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from registry.imports import import_tables
from registry.imports.models import ImportBatch
from registry.imports.pipeline.report import in_both_languages
from registry.imports.reading.refusals import UnreadableFile
from tests import factories
from tests.registry.imports import any_file

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("REGISTRY_EXAMPLES", "8"))
some = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    # The smallest file that fails takes minutes to find.
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
        *([Phase.shrink] if "REGISTRY_EXAMPLES" in os.environ else []),
    ],
)


@pytest.fixture
def registered(reference) -> None:
    """An organization and an alliance that files may be about."""
    one = factories.enterprise(name_zh=any_file.KNOWN_NAME, uscc=any_file.KNOWN)
    factories.membership(factories.member(factories.alliance("zsai"), one))


class _TakeBack(Exception):
    """Ends an example, so that nothing of it stays."""


@pytest.mark.parametrize("table", any_file.TABLES)
@some
@given(data=st.data())
def test_any_file_is_taken_or_refused_by_command(registered, table: str, data: Any):
    name, content, sheets = data.draw(any_file.files(table))
    layout, choices = data.draw(any_file.layouts(table, sheets)), data.draw(any_file.choices)
    apply, suggest = data.draw(st.booleans()), data.draw(st.booleans())
    run = import_tables.get(table).make(**({"alliance": "zsai"} if table == "memberships" else {}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            with transaction.atomic():
                report = run.run(path, apply=apply, choices=choices, layout=layout, suggest=suggest)
                with report.table:
                    assert list(report.lines())[-1] == report.summary
                    report.write_workbook(Path(folder) / "back.xlsx")
                counted = report.new + report.changed + report.unchanged + report.refused + report.undecided
                assert counted == len(run.places)
                event("written" if report.applied and report.new + report.changed else "read")
                raise _TakeBack
        except UnreadableFile as refusal:
            [words] = in_both_languages([refusal])
            event(refusal.code)
        except _TakeBack:
            words = []
    assert not any("%(" in text for text in words)


@pytest.mark.parametrize("table", any_file.TABLES)
@some
@given(data=st.data())
def test_any_file_is_taken_or_refused_by_page(registered, client, table: str, data: Any):
    name, content, _sheets = data.draw(any_file.files(table))
    client.force_login(factories.superuser())
    try:
        with transaction.atomic():
            _converse(client, table, SimpleUploadedFile(name, content), data)
            raise _TakeBack
    except _TakeBack:
        pass


def _converse(client: Any, table: str, file: SimpleUploadedFile, data: Any) -> None:
    """Bring the file, say something of its columns, look at the preview, and apply it."""
    options = {"memberships-alliance": "zsai"} if table == "memberships" else {}
    answer = client.post(reverse("admin:registry_importbatch_start"), {"table": table, "file": file, **options})
    assert answer.status_code in (302, 400)
    batch = ImportBatch.objects.last()
    if batch is None:
        return
    steps = ("columns", "page", "apply", "refused")
    pages = {step: reverse(f"admin:registry_importbatch_{step}", args=[batch.pk]) for step in steps}
    if data.draw(st.booleans()):
        names = ["", *any_file.names_of(table)]
        said = {f"column-{number}": data.draw(st.sampled_from(names)) for number in range(data.draw(st.integers(0, 3)))}
        said |= {"constant-name": data.draw(st.sampled_from(names)), "constant-value": data.draw(any_file.texts)}
        assert client.post(pages["columns"], said, follow=True).status_code == 200
    shown = client.get(pages["page"], follow=True)
    assert shown.status_code == 200
    if confirmed := (shown.context or {}).get("confirmed"):
        assert client.post(pages["apply"], {"confirmed": confirmed}, follow=True).status_code == 200
        assert client.get(pages["refused"]).status_code in (200, 302, 404)
