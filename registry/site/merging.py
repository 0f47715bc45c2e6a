"""Merges the changes that two people made in one form: only the fields that each of them touched.

A page has a keyed digest of every field as it was opened. A field that comes back with the same digest was not touched
and gets the stored value. If both people changed a field, they are asked to choose.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Model
from django.forms import BaseInlineFormSet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from registry.site.fields import MaskedField, primary_keys
from registry.values.punctuation import listed, quoted

LOADED, CONTESTED, CHOICE = "_loaded", "_contested", "_choice:"
MOST_ROWS = 2_000
Texts = list[str]
"""The value of a field as a browser sends it: no text, one text, or several."""


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that both people have changed."""

    key: str
    label: str
    mine: str
    theirs: str

    @property
    def choice(self) -> str:
        return CHOICE + self.key


@dataclass(slots=True)
class MergeResult:
    data: QueryDict
    contests: list[FieldConflict] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Rows that one person removed while the other changed them; they are shown as new rows."""
    elsewhere: bool = False
    """Whether all that changed meanwhile is outside this form, as in another card of the same page."""


def shown(bound: forms.BoundField) -> Texts:
    """Return the texts that a browser sends for a field that nobody touches."""
    widget = _widget(bound)
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if widget.check_test(bound.initial) else []
    return _texts(widget.format_value(bound.field.prepare_value(bound.initial)))


def stored(bound: forms.BoundField) -> Texts:
    """Return what `shown()` gives where nothing is masked: two numbers may look the same with their middle hidden."""
    return _texts(bound.initial) if isinstance(bound.field, MaskedField) else shown(bound)


def carried(
    obj: Model, form: forms.ModelForm, formsets: Iterable[BaseInlineFormSet], contests: Iterable[FieldConflict]
) -> list[tuple[str, str]]:
    """Return the hidden fields of a page by name: the digests of all fields, and the questions to the person."""
    return [(LOADED, json.dumps(_all_digests(obj, form, formsets))), *((CONTESTED, one.key) for one in contests)]


def _all_digests(obj: Model, form: forms.ModelForm, formsets: Iterable[BaseInlineFormSet]) -> dict[str, str]:
    return {key: _digests_of(obj, key, bound) for key, bound in _fields(form, formsets)}


def _digests_of(obj: Model, key: str, bound: forms.BoundField) -> str:
    """Return the digest of a field; of a masked one both, for a page may send the full value back or the masked."""
    return " ".join(dict.fromkeys(digest(obj, key, texts) for texts in (shown(bound), stored(bound))))


def digest(obj: Model, key: str, texts: Texts) -> str:
    said = json.dumps([obj._meta.concrete_model._meta.label, obj.pk, key, texts])  # type: ignore[union-attr]
    return salted_hmac("registry.site.merging", said, algorithm="sha256").hexdigest()[:12]


def merge_request(model_admin: Any, request: HttpRequest, obj: Model) -> MergeResult:
    """Merge the values that were sent with the stored values, as the page would show these now."""
    opened = copy(request)
    opened.method = "GET"
    fields = flatten_fieldsets(model_admin.get_fieldsets(opened, obj))
    form = model_admin.get_form(opened, obj, change=True, fields=fields)(instance=obj)
    formsets, inlines = model_admin._create_formsets(opened, obj, change=True)
    editable = [inline.has_change_permission(request, obj) for inline in inlines]
    merged = _Merging(request.POST, obj).run(form, list(zip(formsets, editable, strict=True)))
    merged.elsewhere = _digests(request.POST.get(LOADED, "")) == _all_digests(obj, form, formsets)
    return merged


def _fields(form: forms.ModelForm, formsets: Iterable[BaseInlineFormSet]) -> Iterator[tuple[str, forms.BoundField]]:
    yield from ((bound.name, bound) for bound in form if _compared(form, bound))
    for formset in formsets:
        for row in formset.initial_forms:
            if row.instance.pk:
                for bound in row:
                    if _compared(row, bound):
                        yield _key(formset, row.instance.pk, bound.name), bound


def _key(formset: BaseInlineFormSet, pk: object, name: str) -> str:
    return f"{formset.prefix}/{pk}/{name}"


def _compared(form: forms.ModelForm, bound: forms.BoundField) -> bool:
    own = isinstance(bound.field, forms.models.InlineForeignKeyField) or bound.name == form._meta.model._meta.pk.name
    return not own and not isinstance(_widget(bound), forms.MultiWidget)


def _widget(bound: forms.BoundField) -> Any:
    return getattr(bound.field.widget, "widget", bound.field.widget)


def _texts(values: object) -> Texts:
    """Return the texts in one order and without the line ends that browsers add."""
    given = values if isinstance(values, list | tuple) else [values]
    texts = [str(one).replace("\r\n", "\n").strip() for one in given if one is not None]
    return sorted(text for text in texts if text)


def _said(bound: forms.BoundField, texts: Texts) -> str:
    """Return the texts as people see them."""
    if isinstance(_widget(bound), forms.CheckboxInput):
        return _("Yes") if texts else _("No")
    if isinstance(bound.field, forms.ModelChoiceField) and not isinstance(_widget(bound), forms.TextInput):
        found = bound.field.queryset.filter(  # type: ignore[union-attr]
            pk__in=primary_keys(texts)[:50]
        )
        return listed(map(str, found)) or "—"
    offered = getattr(bound.field, "choices", ())
    choices = {str(key): str(label) for key, label in offered if not isinstance(label, list)}
    return listed(choices.get(text, text) for text in texts) or "—"


class _Merging:
    def __init__(self, data: QueryDict, obj: Model) -> None:
        self.sent, self.obj = data, obj
        self.merged = MergeResult(data.copy())
        self.base = _digests(data.get(LOADED, ""))
        self.asked = set(data.getlist(CONTESTED))

    def run(self, form: forms.ModelForm, formsets: Sequence[tuple[BaseInlineFormSet, bool]]) -> MergeResult:
        for bound in form:
            if _compared(form, bound):
                mine = self._sent(bound, bound.html_name)
                self._put(bound, bound.html_name, self._chosen(bound.name, bound, mine, str(bound.label)))
        for formset, editable in formsets:
            self._rows(formset, editable)
        return self.merged

    def _sent(self, bound: forms.BoundField, name: str) -> Texts:
        if isinstance(_widget(bound), forms.CheckboxInput):
            return ["on"] if self.sent.get(name) else []
        return _texts(self.sent.getlist(name))

    def _put(self, bound: forms.BoundField, name: str, texts: Texts | None) -> None:
        """Set the value of a field; None leaves it as it was sent."""
        if texts is not None:
            self.merged.data.setlist(name, texts or ([] if isinstance(_widget(bound), forms.CheckboxInput) else [""]))

    def _touched(self, key: str, texts: Texts) -> bool:
        return digest(self.obj, key, texts) not in str(self.base.get(key, "")).split()

    def _chosen(
        self, key: str, bound: forms.BoundField, mine: Texts, label: str, *, row_changed: bool = False
    ) -> Texts | None:
        theirs = shown(bound)
        if mine in (theirs, stored(bound)):
            return None
        if not self._touched(key, mine):
            return theirs
        choice = self.sent.get(CHOICE + key) if key in self.asked else "mine"
        changed_again = self._touched(key, stored(bound)) or (row_changed and key not in self.asked)
        if changed_again or choice not in ("mine", "theirs"):
            self.merged.contests.append(FieldConflict(key, label, _said(bound, mine), _said(bound, theirs)))
            return None
        return theirs if choice == "theirs" else None

    # --- Rows

    def _rows(self, formset: Any, editable: bool) -> None:
        """Return the stored rows in their order, and after them the new rows of the request."""
        prefix, data = formset.prefix, self.merged.data
        first_new, total = (self._number(f"{prefix}-{name}_FORMS") for name in ("INITIAL", "TOTAL"))
        pk = formset.model._meta.pk.name
        places = {self.sent.get(f"{prefix}-{place}-{pk}", ""): place for place in range(first_new)}
        for name in [name for name in data if name.startswith(f"{prefix}-") and name[len(prefix) + 1].isdigit()]:
            del data[name]
        for number, row in enumerate(formset.initial_forms):
            self._row(formset, row, number, places.pop(str(row.instance.pk), None), editable)
        added = [place for gone, place in places.items() if gone and self._keeps_removed(formset, gone, place)]
        added += range(first_new, total)
        for number, place in enumerate(added, start=len(formset.initial_forms)):
            old, new = f"{prefix}-{place}-", f"{prefix}-{number}-"
            for name in [name for name in self.sent if name.startswith(old)]:
                if place >= first_new or name != old + pk:
                    data.setlist(new + name[len(old) :], self.sent.getlist(name))
        data[f"{prefix}-INITIAL_FORMS"] = str(len(formset.initial_forms))
        data[f"{prefix}-TOTAL_FORMS"] = str(len(formset.initial_forms) + len(added))

    def _row(self, formset: Any, row: forms.ModelForm, number: int, place: int | None, editable: bool) -> None:
        labels = quoted(formset.model._meta.verbose_name, row.instance)
        changed = any(
            self._touched(_key(formset, row.instance.pk, bound.name), stored(bound))
            for bound in row
            if _compared(row, bound)
        )
        for bound in row:
            name = f"{formset.prefix}-{number}-{bound.name}"
            self._put(bound, name, shown(bound))
            deletes = bound.name == DELETION_FIELD_NAME
            if place is None or not _compared(row, bound) or not (editable or deletes):
                continue
            mine = self._sent(bound, f"{formset.prefix}-{place}-{bound.name}")
            label = f"{labels} {bound.label}"
            key = _key(formset, row.instance.pk, bound.name)
            if self._chosen(key, bound, mine, label, row_changed=deletes and changed) is None:
                self._put(bound, name, mine)

    def _keeps_removed(self, formset: Any, pk: str, place: int) -> bool:
        """Return whether a row that is no longer stored was changed here: then it is kept as a new row."""
        prefix = f"{formset.prefix}-{place}-"
        if self.sent.get(prefix + DELETION_FIELD_NAME):
            return False
        kept = any(
            self._touched(_key(formset, pk, bound.name), self._sent(bound, prefix + bound.name))
            for bound in formset.empty_form
            if _compared(formset.empty_form, bound)
        )
        if kept:
            self.merged.removed.append(str(formset.model._meta.verbose_name))
        return kept

    def _number(self, name: str) -> int:
        given = self.sent.get(name, "")
        return min(int(given), MOST_ROWS) if given.isdecimal() and len(given) < 9 else 0


def _digests(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
