"""The parts of a year's dues that a standard may ask of members who belong for a part of the year only."""

from django.db import models
from django.utils.translation import pgettext_lazy as _p


class PartOfYear(models.TextChoices):
    """How much of the first or last year's dues a member owes that belongs for a part of the year only."""

    WHOLE = "whole", _p("dues", "the whole year")
    HALF = "half", _p("dues", "half of it, if it belongs in one half of the year only")
    MONTHS = "months", _p("dues", "by months, each month begun")
