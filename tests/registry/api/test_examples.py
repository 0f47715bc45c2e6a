"""The example files of the documents do what the documents say."""

from pathlib import Path

import pytest
from django.conf import settings

from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.tables.qualifications import QualificationImport

pytestmark = pytest.mark.django_db
EXAMPLES: Path = settings.BASE_DIR / "docs" / "examples"


def test_figures_and_qualifications_follow_on_the_organizations(reference):
    summaries = []
    for run, name in (
        (OrganizationImport(), "organizations"),
        (FiguresImport(), "figures"),
        (QualificationImport(), "qualifications"),
    ):
        report = run.run(EXAMPLES / f"{name}.csv", apply=True)
        report.table.close()
        summaries.append(report.summary)
    assert summaries == [f"new {count}, changed 0, unchanged 0, refused 0" for count in (4, 4, 3)]
