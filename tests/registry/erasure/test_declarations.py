"""The declarations of personal data are whole: no table about persons is forgotten, and no text is left unsearched."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import EmailField, Model
from django.utils import translation

from registry.database.personal import personal_tables
from registry.erasure.finding.tables import CONTAINERS, DERIVED, is_fixed, searched, text_fields
from registry.values.masking import masks_of

PERSON = re.compile(r"phone|mobile|e_?mail|person|contact_|first_name|last_name|full_name|proxy|payer|recipient$")
LABELS = ("person's name", "phone", "e-mail")
OF_BODIES = {
    ("alliance.alliance", "office_phone"): "the telephone of an office, which is public",
    ("alliance.payment", "payer"): "the holder of the account that paid: a member, searched and blackened as a text",
    ("registry.receipt", "recipient"): "free text of a log: searched and blackened, never found as a person",
}
"""Columns that look like those of a person and are not."""


def own_models() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not hasattr(model, "pgh_tracked_model")
    ]


def test_every_column_that_looks_like_a_person_is_declared() -> None:
    declared = {(model, name) for model, data in personal_tables() for name in data.fields}
    missing = []
    for model in own_models():
        for field in text_fields(model):
            with translation.override("en"):
                looks = PERSON.search(field.name) or str(field.verbose_name) in LABELS
            looks = looks or isinstance(field, EmailField) or field.name in masks_of(model)
            known = (model, field.name) in declared or (model._meta.label_lower, field.name) in OF_BODIES
            if looks and not known:
                missing.append(f"{model._meta.label}.{field.name}")
    assert missing == []


def test_every_confidential_table_says_whether_it_is_about_persons() -> None:
    declared = {model._meta.label for model, _data in personal_tables()}
    of_figures = {"registry.AnnualFigures", "registry.RoundOrganization"}
    of_figures |= {f"alliance.{name}" for name in ("DuesStandard", "DuesClass", "Due", "Payment")}
    assert {m._meta.label for m in own_models() if getattr(m, "CONFIDENTIAL", False)} - of_figures <= declared


def test_every_text_of_every_table_is_declared_or_searched() -> None:
    covered = {(model, field.name) for model, fields in searched() for field in fields}
    for model, data in personal_tables():
        covered |= {(model, name) for name in data.fields}
        if events := getattr(model, "pgh_event_model", None):
            covered |= {(events, name) for name in data.fields}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model not in (*CONTAINERS, *DERIVED):
            assert {(model, field.name) for field in text_fields(model)} <= covered


@pytest.mark.parametrize(("model", "data"), list(personal_tables()), ids=lambda one: getattr(one, "__name__", ""))
def test_declarations_name_columns_of_the_table_in_both_languages(model: type[Model], data: object) -> None:
    assert hasattr(data, "fields")
    columns = {field.name for field in model._meta.concrete_fields}
    assert set(data.fields) <= columns
    for text in ("subjects", "purpose", "ground", "kept"):
        with translation.override("zh-hans"):
            assert re.search("[一-鿿]", str(getattr(data, text)))
        with translation.override("en"):
            assert re.search("[a-z]", str(getattr(data, text)))
    assert not any(is_fixed(model, name, {}) for name in data.fields)


def test_nothing_but_erasure_and_retention_goes_past_the_triggers() -> None:
    users = set()
    for path in (settings.BASE_DIR / "registry").rglob("*.py"), (settings.BASE_DIR / "alliance").rglob("*.py"):
        for file in path:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.ImportFrom | ast.Import) else []
                module = getattr(node, "module", "") or ""
                if (module == "registry.erasure" and "narrow" in names) or module == "registry.erasure.narrow":
                    users.add(Path(file).relative_to(settings.BASE_DIR).parts[:2])
    assert users == {("registry", "erasure"), ("registry", "retention")}
