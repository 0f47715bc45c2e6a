"""Suspensions of memberships: a member that may not exercise its rights for a time, and stays a member."""

import datetime
from collections.abc import Iterator
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.expressions import Period, in_force, period_constraint
from registry.database.tracking import tracked

from .models import Member
from .triggers import SUSPENSION_WITHIN_MEMBERSHIP

Span = tuple[datetime.date, datetime.date | None]
"""The half-open period of an unbroken membership, at any tier."""


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def as_of(self, on: datetime.date) -> Self:
        """Return the suspensions in force on the day `on`; a member has at most one."""
        return self.filter(in_force(on, "suspended_on", "resumed_on"))


@tracked()
class Suspension(models.Model):
    """A time `[suspended_on, resumed_on)` in an unbroken membership. Written by `alliance.members.operations` only."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="suspensions", verbose_name=_("member"))
    suspended_on = models.DateField(_("suspended from"))
    resumed_on = models.DateField(
        _("resumed on"), null=True, blank=True, help_text=_("From this day on it has all rights of a member again.")
    )
    reason = models.TextField(_("reason of the suspension"))

    objects = SuspensionQuerySet.as_manager()
    rules_of_triggers: ClassVar[dict[str, Promise]] = {
        "suspension_within_membership": _("A member is suspended only while it is one: a suspension lies outside.")
    }

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["member", "suspended_on"]
        default_permissions = ("view", "add", "change")
        triggers = [SUSPENSION_WITHIN_MEMBERSHIP]
        constraints = [
            period_constraint("suspended_on", "resumed_on", "suspension_period_not_empty"),
            ExclusionConstraint(
                name="suspension_no_overlap",
                expressions=[
                    (F("member"), RangeOperators.EQUAL),
                    (Period("suspended_on", "resumed_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The member is suspended in a part of this period already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.suspended_on}"


def spans(member: Member) -> list[Span]:
    """Return the unbroken memberships of a member, the first one first."""
    found: list[Span] = []
    for begin, stop in member.memberships.order_by("admitted_on").values_list("admitted_on", "ended_on"):
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((begin, stop))
    return found


def span_on(member: Member, on: datetime.date) -> Span | None:
    """Return the unbroken membership that holds the day, if there is one."""
    return next((span for span in spans(member) if holds(span, on)), None)


def holds(span: Span, on: datetime.date) -> bool:
    return span[0] <= on and (span[1] is None or on < span[1])


def follow_end(member: Member, was: datetime.date | None, now: datetime.date | None) -> None:
    """Let suspensions end with the membership: its end has moved from the day `was` to the day `now`.

    A suspension that had ended with the membership goes on with it.
    """
    suspensions = Suspension.objects.filter(member=member)
    if now is not None and (was is None or now < was):
        running = suspensions.filter(suspended_on__lt=now).exclude(resumed_on__lte=now)
    else:
        running = suspensions.filter(resumed_on=was)
    for suspension in running:
        suspension.resumed_on = now
        suspension.save()


def check_within(member: Member, parameter: str | None = None) -> None:
    """Refuse what leaves a suspension outside of the memberships. `parameter` is blamed, if it is known."""
    stray = next(_outside(member), None)
    if stray is None:
        return
    text = _("A suspension from %(day)s lies outside of the membership then: take it back first.")
    message = text % {"day": stray.suspended_on}
    raise ValidationError({parameter: message} if parameter else message)


def _outside(member: Member) -> Iterator[Suspension]:
    known = None
    for suspension in Suspension.objects.filter(member=member):
        known = spans(member) if known is None else known
        last = suspension.resumed_on
        if not any(
            holds(span, suspension.suspended_on) and (span[1] is None or (last is not None and last <= span[1]))
            for span in known
        ):
            yield suspension
