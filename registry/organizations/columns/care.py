"""Columns that say how well a record is kept: when and from what it was verified."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.columns import Column, Hint, choice_column, date_column
from registry.organizations.columns.template_help import CARE, DATE
from registry.organizations.models.choices import VerifiedFrom
from registry.organizations.vocabularies import verification_sources

CARE_COLUMNS: tuple[Column, ...] = (
    date_column(
        "verified_on",
        _p("column", "Verified on"),
        synonyms="核实时间、核查日期",
        group=CARE,
        hint=Hint(_("When the information was last checked."), DATE),
    ),
    choice_column(
        "verified_from",
        _p("column", "Verified from"),
        VerifiedFrom,
        blank=True,
        synonyms="核实方式、核查方式、核实途径、核查依据",
        group=CARE,
        hint=Hint(_("From what it was checked."), values=lambda: VerifiedFrom.labels),
        vocabulary=verification_sources,
    ),
)
