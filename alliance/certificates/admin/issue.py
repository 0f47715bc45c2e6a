"""The page on which certificates are issued: who needs one and why, ticked, then issued in one operation."""

import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from alliance.certificates.issuing import CertificateCandidate, Why, candidates, issue, next_number
from alliance.models import Alliance, Certificate, Term
from alliance.papers.document import Printer
from registry.site.fields import ONE_DAY, DayField, LastDayField, primary_keys
from registry.site.forms import add_refusal
from registry.values.days import months_later

MONTHS = 3


class IssueCertificateForm(forms.Form):
    """The choices of the page; its address has parameters of the same names."""

    issued_on = DayField(label=_("Day of issue"), help_text=_("The day on the certificate, and of the names on it."))
    valid_from = DayField(label=_("Valid from"))
    valid_to = LastDayField(label=_("Valid until (last day)"), required=False, help_text=_("Left empty: no end."))
    until = DayField(label=_("Runs out by"), help_text=_("Certificates with a last day up to this one are due."))
    why = forms.MultipleChoiceField(
        label=_("Which members"), choices=Why.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    everybody = forms.BooleanField(label=_("show everybody else, too"), required=False)
    reason = forms.CharField(label=_("Why the present ones are replaced"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, after = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and after and after <= first:
            self.add_error("valid_to", _("The last valid day lies before the first one."))
        return cleaned


class IssuePage:
    """One request to the page: the certificates that are due, or the issue of those that are ticked."""

    def __init__(self, request: HttpRequest, alliance: Alliance | None) -> None:
        self.request, self.alliance = request, alliance
        self.posted = request.method == "POST"
        given = request.POST if self.posted else request.GET
        self.member = next(iter(primary_keys(request.GET.getlist("member"))), "")
        self.form = IssueCertificateForm(self._data(given), label_suffix="")
        self.chosen = {int(pk) for pk in primary_keys(given.getlist("members"))} if self.posted else set()

    @property
    def media(self) -> Any:
        return self.form.media

    def _data(self, given: Any) -> Any:
        """Return the values of the form: what the address leaves out is proposed."""
        if self.posted:
            return given
        data = given.copy()
        for name, value in _proposed(self.alliance).items():
            if not data.get(name) and not (name == "valid_to" and "valid_to" in data):
                data[name] = str(value)
        if not data.getlist("why"):
            data.setlist("why", Why.values)
        return data

    def run(self) -> list[Certificate] | None:
        """Issue certificates to the ticked members, if the person has asked for it."""
        if not self.posted or self.alliance is None or not self.form.is_valid():
            return None
        values = self.form.cleaned_data
        if not self.chosen:
            self.form.add_error(None, _("Nobody is ticked."))
            return None
        days = (values["valid_from"], values["valid_to"], values["issued_on"])
        try:
            return issue(self.alliance, self.chosen, *days, reason=values["reason"])
        except ValidationError as error:
            add_refusal(self.form, error)
            return None

    # --- What the page shows

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields above the members; for one member there is nobody to choose from."""
        left_out = {"reason", "why", "until", "everybody"} if self.member else {"reason"}
        return [field for field in self.form if field.name not in left_out]

    @cached_property
    def _known(self) -> list[CertificateCandidate]:
        if self.alliance is None or (
            not self.form.is_valid() and not {"valid_from", "until", "issued_on"} <= {*self.form.cleaned_data}
        ):
            return []
        values = self.form.cleaned_data
        only = {int(self.member)} if self.member else None
        return candidates(
            self.alliance, values["valid_from"], values["until"], named_on=values["issued_on"], members=only
        )

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The members to choose from: those for whom something is due, and the others if they are asked for."""
        asked = {*self.form.cleaned_data.get("why", ())} if self._known else set()
        everybody = bool(self.member) or (self._known and self.form.cleaned_data.get("everybody"))
        rows = []
        for one in self._known:
            due = any(why in asked for why in one.why)
            if due or everybody or one.member.pk in self.chosen:
                ticked = one.member.pk in self.chosen if self.posted else due or bool(self.member)
                last = one.present and one.present.valid_to and one.present.valid_to - ONE_DAY
                rows.append({"one": one, "ticked": ticked, "last_day": last})
        return rows

    @cached_property
    def counts(self) -> list[tuple[Any, int]]:
        return [(why.label, sum(why in one.why for one in self._known)) for why in Why]

    @property
    def members(self) -> int:
        return len(self._known)

    @property
    def first_number(self) -> str:
        day = self.form.cleaned_data.get("issued_on") if self._known else None
        return next_number(self.alliance, day) if self.alliance and day else ""

    @cached_property
    def unprintable(self) -> list[tuple[str, str, str]]:
        """The texts of shown rows with characters that no font here has."""
        printer = Printer()
        for row in self.rows:
            printer.all(row["one"].printed.values())
        return list(dict.fromkeys(printer.unprintable))


def _proposed(alliance: Alliance | None) -> dict[str, datetime.date]:
    """Return the days to begin with: today, and the last day of the term in force, or else of a year."""
    today = localdate()
    term = Term.objects.as_of(today).filter(alliance=alliance).first() if alliance else None
    over = term.over_on if term else months_later(today, 12)
    return {"issued_on": today, "valid_from": today, "valid_to": over - ONE_DAY, "until": months_later(today, MONTHS)}
