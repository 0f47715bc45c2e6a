"""What a browser would send back from a page of the admin."""

import re
from typing import Any

from django import forms
from django.http import HttpResponse


def form_data(response: HttpResponse) -> dict[str, Any]:
    """The fields of the page's form and of its rows, as they stand there."""
    context: Any = response.context  # type: ignore[attr-defined]
    data: dict[str, Any] = {}
    everything = [context["adminform"].form]
    for group in context["inline_admin_formsets"]:
        everything += [group.formset.management_form, *group.formset.forms]
    for form in everything:
        for field in form:
            data |= _sent(field)
    if version := context.get("version"):
        data[context["version_name"]] = version
    for name, value in context.get("carried", ()):
        data.setdefault(name, []).append(value)
    return data


def _sent(field: forms.BoundField) -> dict[str, Any]:
    value = field.value()
    if value is None or value is False:
        return {}
    if value is True:
        return {field.html_name: "on"}
    if isinstance(value, list | tuple):
        return {field.html_name: list(value)}
    shown = field.field.widget.format_value(value) if hasattr(field.field.widget, "format_value") else value
    if isinstance(shown, list):
        shown = shown[0] if shown else ""
    if shown is None:
        return {}
    return {field.html_name: shown}


def add_row(data: dict[str, Any], prefix: str, **values: Any) -> dict[str, Any]:
    """Another row, as the page's script appends it; in place of an empty one that is there already."""
    total = int(data[f"{prefix}-TOTAL_FORMS"])
    initial = int(data[f"{prefix}-INITIAL_FORMS"])
    used = {int(m[1]) for key, value in data.items() if value and (m := re.match(rf"{prefix}-(\d+)-(?!id$)", key))}
    number = next((n for n in range(initial, total) if n not in used), total)
    data[f"{prefix}-TOTAL_FORMS"] = max(total, number + 1)
    for name, value in values.items():
        data[f"{prefix}-{number}-{name}"] = value
    return data


def errors(response: HttpResponse) -> dict[str, Any]:
    """All errors of the page: of its fields by name, of its rows by their names in the page."""
    context: Any = response.context  # type: ignore[attr-defined]
    told = {name: list(texts) for name, texts in context["adminform"].form.errors.items()}
    for group in context["inline_admin_formsets"]:
        if rest := group.formset.non_form_errors():
            told[group.formset.prefix] = list(rest)
        for form in group.formset.forms:
            told |= {f"{form.prefix}-{name}": list(texts) for name, texts in form.errors.items()}
    return told
