"""The data dictionary names every column that a file may have, and its tables are tables."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from alliance.management.commands.data_dictionary import dictionary
from registry.imports import import_tables
from registry.imports.pipeline.columns import IDENTIFIER_COLUMNS
from tests import factories


def rows(title: str, language: str = "en") -> dict[str, list[str]]:
    """Name of a column -> the cells of its line in the table below the title; the last of them counts."""
    with translation.override(language):
        section = dictionary().partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert {len(line) for line in cells} == {6}
    assert [set(cell) for cell in cells[1]] == [{"-"}] * 6
    return {line[1].strip("`"): line for line in cells[2:]}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["organizations", "figures", "qualifications", "memberships"])
def test_dictionary_has_every_column_of_an_import(name: str) -> None:
    factories.alliance(slug="shili")
    table = import_tables.get(name)
    assert table is not None
    run = table.make(user=None, **({"alliance": "shili"} if name == "memberships" else {}))
    with translation.override("en"):
        described = rows(str(table.label))
    everywhere = set() if name == "organizations" else set(IDENTIFIER_COLUMNS)
    assert {column.name for column in run.columns} - everywhere <= described.keys()
    for column in run.columns:
        if column.name in described:
            cells = described[column.name]
            assert column.labels[0] in cells[0]
            assert all(label in cells[0] or label in cells[5] for label in column.labels)


def test_dictionary_says_what_cells_hold_and_who_sees_them() -> None:
    organizations, figures = rows("Organizations"), rows("Annual figures")
    assert "`sme` specialised and sophisticated SME" in organizations["category"][2]
    assert organizations["name_zh"][2].startswith("text, at most 200 characters. ")
    assert organizations["name_zh"][3:5] == ["required", "everybody, once published"]
    assert organizations["remarks"][4] == "all roles"
    assert organizations["contact_phone"][4] == "Registrar, Township registrar, Reviewer, Auditor"
    assert organizations["published"][3] == "not in files"
    assert figures["revenue"][2].startswith("number, in the API in yuan. In 10,000 yuan. ")
    assert figures["revenue"][4] == "Registrar, Township registrar, Reviewer, Auditor"
    assert rows("Roster of members")["liaison_phone"][4] == "Secretariat, Secretary-general, Auditor"
    assert rows("单位", "zh-hans")["kind"][2].startswith("选项之一：`enterprise` 企业；")


def test_dictionary_of_the_documents_is_up_to_date(tmp_path: Path) -> None:
    """No database is asked, so that it can be checked without one."""
    call_command("data_dictionary", tmp_path)
    for name in ("data-dictionary.md", "zh/data-dictionary.md"):
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert written == (settings.BASE_DIR / "docs" / name).read_text(encoding="utf-8"), "run make schema"
