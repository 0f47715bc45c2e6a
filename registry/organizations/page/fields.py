"""Fields of the cards: choices that need no script, and an organization that is named by number, code or name."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.matching.identity import same_named
from registry.organizations.admin.uscc import numbered
from registry.organizations.models.organizations import Organization
from registry.reference.cache import references
from registry.reference.models import Grading, Plan, Sector, Township, Zone
from registry.site.base import ChildInline
from registry.values.punctuation import bracketed
from registry.values.validators import USCC_PATTERN, normalise_uscc

Choices = list[tuple[object, Any]]
_NUMBER_RE = re.compile(r"ZSAI-\d{6,15}")
BLANK = ("", "---------")


class PlainFields:
    """Gives the forms of an admin, or of its rows, fields that need no script."""

    organization: Organization | None = None

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        return plain_field(db_field, getattr(request, "organization", None), **kwargs)


def plain_field(db_field: models.ForeignKey, of: Organization | None, **kwargs: Any) -> object:
    if db_field.related_model is Organization:
        return db_field.formfield(form_class=OrganizationField, of=of, **kwargs)
    field: Any = db_field.formfield(**{**kwargs, "widget": forms.Select})
    if offer := _OFFERS.get(db_field.related_model):
        field.choices = [BLANK, *offer(_used(db_field, of))]
    return field


class PlainInline(PlainFields, ChildInline):
    """Rows of a card, with a blank one to add."""

    def get_extra(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> int:
        return 1


@cache
def plain(inline: type[ChildInline]) -> type[ChildInline]:
    """Return the inline with fields that need no script."""
    return type(f"Plain{inline.__name__}", (PlainInline, inline), {})


# --- Choices: what can be chosen today, and what the record has already


def _used(db_field: models.ForeignKey, of: Organization | None) -> set[int]:
    if of is None or of.pk is None:
        return set()
    if db_field.model is Organization:
        return {getattr(of, db_field.attname)} - {None}
    rows = db_field.model._default_manager.filter(organization=of)
    return set(rows.values_list(db_field.attname, flat=True))


def _townships(used: set[int]) -> Choices:
    known = references()
    ended = known.townships.ended()
    return [(one.pk, one.label()) for one in known.rows["townships"] if one.pk not in ended or one.pk in used]


def _enabled(table: str) -> Callable[[set[int]], Choices]:
    def offer(used: set[int]) -> Choices:
        rows = references().rows[table]
        return [(one.pk, one.label()) for one in rows if one.disabled_on is None or one.pk in used]

    return offer


def _sectors(used: set[int]) -> Choices:
    """Return the sectors below their branches; sectors of other plans only if the record has them."""
    known = references()
    plan = known.current_plan
    groups: dict[str, Choices] = {}
    for one in known.rows["sectors"]:
        current = plan is not None and one.plan_id == plan.pk
        if one.pk not in used and not (current and one.disabled_on is None):
            continue
        branch = known.sectors[one.parent_id] if one.parent_id else one
        heading = branch.label() if current else bracketed(branch.label(), _plan_name(known.plans, one.plan_id))
        groups.setdefault(heading, []).append((one.pk, one.label()))
    return list(groups.items())


def _plan_name(plans: Iterable[Plan], pk: int) -> str:
    return next(plan.label() for plan in plans if plan.pk == pk)


_OFFERS: dict[type[models.Model], Callable[[set[int]], Choices]] = {
    Township: _townships,
    Zone: _enabled("zones"),
    Grading: _enabled("gradings"),
    Sector: _sectors,
}


# --- An organization


class OrganizationField(forms.ModelChoiceField):
    """Another organization, typed as its registry number, USCC or full name; shown by name and number."""

    widget = forms.TextInput

    def __init__(self, *, of: Organization | None = None, **kwargs: Any) -> None:
        self.of = of
        self._labels: dict[int, str] = {}
        kwargs["widget"] = forms.TextInput(
            attrs={"class": "vTextField", "autocomplete": "off", "data-organizations": reverse("admin:autocomplete")}
        )
        kwargs["help_text"] = _("Registry number, USCC or full name.")
        super().__init__(**kwargs)

    def prepare_value(self, value: object) -> object:
        pk = getattr(value, "pk", value)
        if not isinstance(pk, int):
            return value
        if not self._labels and self.of is not None and self.of.pk:
            about = models.Q(related_from__organization=self.of) | models.Q(predecessors=self.of)
            self._labels |= {one.pk: numbered(one) for one in Organization.objects.filter(about)}
        if pk not in self._labels:
            self._labels |= {one.pk: numbered(one) for one in Organization.objects.filter(pk=pk)}
        return self._labels.get(pk, "")

    def to_python(self, value: object) -> Organization | None:
        text = str(value or "").replace("\0", "").strip()
        if not text:
            return None
        number = _NUMBER_RE.search(text.upper())
        code = normalise_uscc(text)
        if number:
            found = list(Organization.objects.filter(registry_no=number[0])[:2])
        elif re.fullmatch(USCC_PATTERN, code):
            found = list(Organization.objects.filter(uscc=code)[:2])
        else:
            found = list(same_named((text[:300],), Organization.objects.all(), "")[:2])
        if len(found) == 1:
            return found[0]
        said = {"value": text[:60]}
        if found:
            raise ValidationError(_("Several organizations are named “%(value)s”: give the registry number.") % said)
        raise ValidationError(_("No organization has the number, the code or the name “%(value)s”.") % said)

    def validate(self, value: object) -> None:
        forms.Field.validate(self, value)
