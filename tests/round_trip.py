"""What round trips of files have in common: odd texts, an export, and that its import changes nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils import translation
from hypothesis import strategies as st

from alliance.council.imports.council import CouncilImport
from registry.api.lists.files import Export
from registry.api.lists.renderers import CSVRenderer, XLSXRenderer
from registry.columns import Column, RenderContext
from registry.imports.pipeline.engine import Import

# Signs that mean another cell, or an error, are refused wherever they stand alone.
SIGNS = {"〃", "同上", "同左"}
odd = st.sampled_from(
    [
        "=1+1",
        "+86",
        "-x",
        "@a",
        "'=a",
        "''",
        "\t=a",
        "＝a",
        "a\r\nb",
        "中\n文",
        "\x01\x1f",
        "\ue00b",
        "\U00020000",
        "\U0003134a",
        "\U000f0000",
        "＋１",
        "－Ａ；Ｂ",
        "＠公司（中国）",
        "\u2028",
        "\x85",
        "sep=;",
        ";",
        "；",
        "、",
        '"',
        "无",
        "N/A",
    ]
)
characters = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
texts = (
    st.lists(st.one_of(odd, characters), max_size=3)
    .map("".join)
    .filter(lambda text: text.strip() not in SIGNS and not text.strip().startswith("#"))
)
names = texts.map(lambda text: f"香{text}山")


def export(
    path: Path, language: str, rows: QuerySet[Any], columns: Sequence[Column], context: RenderContext | None = None
) -> Path:
    """The rows as a file whose kind is the ending of its name."""
    with translation.override(language):
        table = Export("表", rows, [column for column in columns if column.in_file], context or RenderContext())
        renderer = {".csv": CSVRenderer, ".xlsx": XLSXRenderer}[path.suffix]()
        path.write_bytes(b"".join(renderer.stream(table)))
    return path


def events() -> int:
    models = [model for app in ("registry", "alliance") for model in apps.get_app_config(app).get_models()]
    return sum(
        model._default_manager.count()
        for model in models
        if model.__name__.endswith("Event") and not model.__name__.startswith("Import")
    )


def assert_unchanged(path: Path, run: Import, count: int) -> None:
    before = events()
    report = run.run(path, apply=True)
    report.table.close()
    assert not report.problems, report.problems[:3]
    assert report.summary == f"new 0, changed 0, unchanged {count}, refused 0", report.changed_columns
    assert events() == before


def assert_round_trip(
    folder: Path, kind: str, language: str, tables: Mapping[type[CouncilImport], Sequence[Column]]
) -> None:
    """Export what is stored of each table of the alliance `test` with its columns, and import it again."""
    for table, columns in tables.items():
        path = folder / f"{table.TABLE}.{kind}"
        stored = table.model.objects.order_by("id")
        export(path, language, stored, columns)
        assert_unchanged(path, table(slug="test"), stored.count())
