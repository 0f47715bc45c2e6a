"""Whether what is stored of an organization was verified not too long ago.

A verification holds for the months of the setting VERIFY_MONTHS. Organizations that have left the registry need none.
"""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from registry.database.paths import Path, own_path
from registry.organizations.models.choices import GONE_STATUSES, RegistrationStatus
from registry.values.days import months_later


class Freshness(models.TextChoices):
    FRESH = "fresh", _("verified lately")
    OVERDUE = "overdue", _("verified too long ago")
    NEVER = "never", _("never verified")
    ENDED = "ended", _("needs no verification")


DUE = (Freshness.NEVER, Freshness.OVERDUE)
"""The states in which somebody has to verify the record."""
_PRESENT = tuple(status for status in RegistrationStatus if status not in GONE_STATUSES)


def first_fresh_day(on: datetime.date) -> datetime.date:
    """Return the first day whose verification still holds on the day."""
    return months_later(on, -settings.VERIFY_MONTHS)


def conditions(on: datetime.date, path: Path = own_path) -> dict[Freshness, Q]:
    """Return for each value the condition that an organization has it on the day; exactly one of them holds."""
    status, day = path("registration_status"), path("verified_on")
    present = Q(**{f"{status}__in": _PRESENT})
    first = first_fresh_day(on)
    return {
        Freshness.FRESH: present & Q(**{f"{day}__gte": first}),
        Freshness.OVERDUE: present & Q(**{f"{day}__lt": first}),
        Freshness.NEVER: present & Q(**{f"{day}__isnull": True}),
        Freshness.ENDED: Q(**{f"{status}__in": GONE_STATUSES}),
    }


def freshness(on: datetime.date) -> Case:
    """Return the expression for the freshness of an organization on the day."""
    cases = [When(condition, then=Value(value.value)) for value, condition in conditions(on).items()]
    return Case(*cases, output_field=CharField())
