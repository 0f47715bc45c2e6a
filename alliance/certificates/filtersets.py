"""Parameters of the list of certificates."""

import datetime
from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance.models import Certificate
from registry.api.lists.filters import MethodFilter, OnceFilter, StrictFilterSet, ValuesFilter, read_date, read_text
from registry.database.paths import Path
from registry.spreadsheet import Vocabulary, choice_vocabulary


class CertificateState(models.TextChoices):
    """The states of a certificate on a day. Each is its own condition; a certificate can be in none."""

    VALID = "valid", _("valid")
    EXPIRED = "expired", _("run out")
    ENDED = "ended", _("replaced, lost, withdrawn or void")
    TO_RETURN = "to_return", _("to be returned")


def in_state(state: str, on: datetime.date) -> Q:
    """Return the condition on certificates that they are in the state on the day."""
    if state == CertificateState.EXPIRED:
        return Q(valid_to__lte=on) & (Q(ended_on=None) | Q(ended_on__gt=on))
    if state == CertificateState.ENDED:
        return Q(ended_on__lte=on)
    rows = Certificate.objects.valid_on(on) if state == CertificateState.VALID else Certificate.objects.to_return(on)
    return Q(pk__in=rows.order_by().values("pk"))


class CertificateFilterSet(StrictFilterSet):
    as_of = OnceFilter(read_date, apply="at_day", help_text=_("Certificates that are valid on this day."))
    state = MethodFilter(
        choice_vocabulary(_("state"), CertificateState.choices),
        "in_states",
        codes=CertificateState.values,
        help_text=_("State today, or on the day of `as_of`."),
    )
    member = OnceFilter(
        read_text, "member__member_no", lookup_expr="exact", help_text=_("Number of the member that holds it.")
    )
    number = ValuesFilter("numbers", "number", help_text=_("Numbers of certificates."))
    issued_on = OnceFilter(read_date, "issued_on", lookup_expr="exact", help_text=_("Issued on this day."))
    first = OnceFilter(
        read_text, apply="from_number", help_text=_("With `last`: the numbers from this one on, as they were issued.")
    )
    last = OnceFilter(read_text, apply="to_number", help_text=_("The last number of a range."))
    expires_before = OnceFilter(
        read_date,
        apply="runs_out",
        help_text=_("Certificates whose last valid day lies before this day, unless they have ended."),
    )
    search = OnceFilter(
        read_text, apply="about", help_text=_("Part of the printed name, or the beginning of a number.")
    )

    @cached_property
    def numbers(self) -> Vocabulary[str]:
        known = self.queryset.order_by().values_list("number", flat=True)
        return Vocabulary(_("certificate of membership"), lambda: ((number, [number]) for number in known))

    def at_day(self, value: datetime.date, path: Path) -> Q:
        """The day alone asks for what is valid then; with `state` it is the day of the state."""
        return Q() if "state" in self.data else in_state(CertificateState.VALID, value)

    def in_states(self, value: list[str], path: Path) -> Q:
        condition = Q()
        for state in value:
            condition |= in_state(state, self.on)
        return condition

    def from_number(self, value: str, path: Path) -> Q:
        return self._beside(value, "gte")

    def to_number(self, value: str, path: Path) -> Q:
        return self._beside(value, "lte")

    def _beside(self, number: str, side: str) -> Q:
        """Return the condition on one side of a certificate of the list: ids grow as numbers are issued."""
        pk = self.queryset.filter(number=number).values_list("pk", flat=True).first()
        return Q(pk__in=()) if pk is None else Q(**{f"pk__{side}": pk})

    def runs_out(self, value: datetime.date, path: Path) -> Q:
        return Q(ended_on=None, valid_to__lte=value)

    def about(self, value: str, path: Path) -> Q:
        return Q(organization_name__icontains=value) | Q(number__istartswith=value)
