"""Registers standards, dues and payments as tables that files can be imported into."""

from dataclasses import replace

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.council.imports.council import CouncilImport
from alliance.council.imports.tables import council_table
from alliance.dues.imports.dues import DueImport
from alliance.dues.imports.payments import PaymentImport
from alliance.dues.imports.standards import StandardImport
from alliance.models import Alliance
from registry.imports.import_tables import ImportTable


def _option_fields() -> dict[str, forms.Field]:
    """Return the choice of the alliance: one that is not registered collects no dues."""
    choices = [(one.slug, one.label()) for one in Alliance.objects.filter(legal_person=True).order_by("slug")]
    initial = choices[0][0] if len(choices) == 1 else None
    return {"alliance": forms.ChoiceField(label=_("alliance"), choices=choices, initial=initial)}


def _table(kind: type[CouncilImport], label: str | Promise, about: Promise) -> ImportTable:
    return replace(council_table(kind, label, about), option_fields=_option_fields)


DUES_TABLES = (
    _table(
        StandardImport,
        _("Dues standards and classes"),
        _("What an alliance asks of its members: a row for each class of a standard, with its amount and its tiers"),
    ),
    _table(DueImport, _("Dues"), _("What members owe for a year: class, months, amount and relief")),
    _table(
        PaymentImport,
        _("Payments of dues"),
        _("Lines of the bank's list: date, payer, amount, text and serial number"),
    ),
)
