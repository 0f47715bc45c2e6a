"""Registers payments as a table that files can be imported into."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alliance.dues.imports.payments import PaymentImport
from alliance.models import Alliance
from registry.imports.import_tables import ImportTable
from registry.values.people import Account


def _make(*, user: Account | None = None, alliance: str = "", **options: Any) -> PaymentImport:
    if not alliance:
        raise ValidationError({"alliance": _("Choose the alliance.")})
    return PaymentImport(user=user, slug=alliance, **options)


def _option_fields() -> dict[str, forms.Field]:
    """Return the choice of the alliance: one that is not registered collects no dues."""
    choices = [(one.slug, one.label()) for one in Alliance.objects.filter(legal_person=True).order_by("slug")]
    initial = choices[0][0] if len(choices) == 1 else None
    return {"alliance": forms.ChoiceField(label=_("alliance"), choices=choices, initial=initial)}


PAYMENTS = ImportTable(
    PaymentImport.TABLE,
    _("Payments of dues"),
    _make,
    ("alliance.add_payment", "alliance.change_payment"),
    "import_payments",
    _option_fields,
    about=_("Lines of the bank's list: date, payer, amount, text and serial number"),
)
