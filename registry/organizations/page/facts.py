"""The fields of an organization as texts to read."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.organizations.admin.uscc import page_url
from registry.organizations.completeness import HOME
from registry.organizations.countries import country_names
from registry.organizations.models.organizations import Organization
from registry.site.filters import PUBLISHED_WORDS
from registry.spreadsheet import wan_text
from registry.values.industries import industries
from registry.values.people import person_name

HEAD = ("registry_no", "name_zh", "uscc")
"""Fields that the head of the page shows in large type."""
SELDOM = ("uscc_override_reason", "closed_on", "successor", "capital_text", "introduced_on", "remarks")
"""Fields that are empty in most records for good, so that nobody counts them as not filled in."""
WITH_OTHERS = ("capital_currency", "verified_from", "verified_by", "size_class", "created_at", "updated_at")
"""Fields that another one, the card of secret figures, or the history shows."""


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    label: str
    text: str
    url: str = ""
    long: bool = False


def facts(organization: Organization, names: Iterable[str]) -> list[Fact]:
    """Return what is filled in of the fields."""
    shown = (_fact(organization, field) for field in _fields(names))
    return [fact for fact in shown if fact.text]


def unfilled(organization: Organization, names: Iterable[str]) -> list[str]:
    """Return the labels of the fields that somebody could still fill in."""
    return [
        _label(field)
        for field in _fields(names)
        if field.name not in SELDOM and field.editable and not _fact(organization, field).text
    ]


def _fields(names: Iterable[str]) -> list[models.Field]:
    known = {field.name: field for field in Organization._meta.concrete_fields}
    return [known[name] for name in names if name in known and name not in WITH_OTHERS]


def _label(field: models.Field) -> str:
    return capfirst(str(field.verbose_name))


def _fact(organization: Organization, field: models.Field) -> Fact:
    value = getattr(organization, field.name)
    url = ""
    if field.name == "website":
        url = value
    elif isinstance(value, Organization):
        url = page_url(value)
    return Fact(field.name, _label(field), _text(organization, field, value), url, isinstance(field, models.TextField))


def _text(organization: Organization, field: models.Field, value: Any) -> str:
    if isinstance(value, bool):
        return str(PUBLISHED_WORDS[value])
    if value is None or value == "":
        return ""
    if field.name == "registered_capital":
        return capital(organization)
    if field.name == "industry":
        return f"{value} {industries().get(value, '')}".strip()
    if field.name == "country":
        return "" if value == HOME else country(value)
    if field.name == "verified_on":
        return verified(organization)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def capital(organization: Organization) -> str:
    """Return the registered capital with its unit; empty if it is not known."""
    amount = wan_text(organization.registered_capital)
    if not amount:
        return ""
    if organization.capital_currency in ("", "CNY"):
        return _("%(amount)s (10,000 yuan)") % {"amount": amount}
    return _("%(amount)s × 10,000 %(currency)s") % {"amount": amount, "currency": organization.capital_currency}


def country(code: str) -> str:
    chinese, english = country_names().get(code, (code, code))
    return chinese if (get_language() or "zh").startswith("zh") else english


def verified(organization: Organization) -> str:
    """Return when the record was verified, from what and by whom; empty if it never was."""
    if not organization.verified_on:
        return ""
    by = organization.verified_by
    said = (
        organization.verified_on.isoformat(),
        organization.verified_from and organization.get_verified_from_display(),
        by and person_name(by),
    )
    return " · ".join(str(one) for one in said if one)
