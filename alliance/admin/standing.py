"""The forms of suspension and succession, and what the page of a member shows of suspensions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alliance.members.operations import standing
from alliance.members.operations.succession import succeed
from alliance.models import Member, Membership, Suspension
from registry.organizations.models.organizations import Organization
from registry.site.fields import ChosenSelect, DayField

from .operations import OfMember, offer_seats, remarks_field, seats_field


class SuspendForm(OfMember):
    title = button = _("Suspend")
    told = _("Suspended: %(organization)s from %(start)s. It stays a member.")
    permissions = ("alliance.view_suspension", "alliance.add_suspension")

    on = DayField(label=_("From"), help_text=_("The first day of the suspension."))
    until = DayField(
        label=_("Until"),
        required=False,
        help_text=_("From this day on it has all rights again. Left empty: until it is resumed."),
    )
    reason = forms.CharField(
        label=_("Reason of the suspension"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def run(self, values: dict[str, Any]) -> Any:
        return standing.suspend(self.member, values["on"], values["reason"], until=values["until"])

    def tell(self, result: Any) -> str:
        return self.told % {"organization": self.member.organization, "start": result.suspended_on}


class ResumeForm(OfMember):
    title = button = _("Resume")
    told = _("Resumed: %(organization)s has all rights of a member from %(start)s.")
    permissions = ("alliance.view_suspension", "alliance.change_suspension")

    on = DayField(
        label=_("From"),
        help_text=_("The first day with all rights. The first day of the suspension itself takes it back."),
    )

    def run(self, values: dict[str, Any]) -> Any:
        return standing.resume(self.member, values["on"])

    def tell(self, result: Any) -> str:
        return self.told % {"organization": self.member.organization, "start": result.resumed_on}


class SucceedForm(OfMember):
    title = _("Succession after a merger")
    button = _("Record the succession")
    told = _("Recorded: %(organization)s has succeeded; it is %(tier)s.")
    permissions = (
        *("alliance.add_member", "alliance.add_membership", "alliance.change_membership"),
        *("alliance.change_member", "alliance.view_representative", "alliance.add_representative"),
    )

    successor = forms.ModelChoiceField(
        Organization.objects.all(),
        label=_("Successor"),
        help_text=_("The organization into which this one was merged."),
        widget=ChosenSelect(Member._meta.get_field("organization"), admin.site),
    )
    on = DayField(
        label=_("Day of the succession"),
        help_text=_(
            "From this day on this organization is no longer a member, and the successor has its tier; a successor "
            "with a higher tier keeps it. It has a member number of its own."
        ),
    )
    end_seats = seats_field()
    with_sectors = forms.BooleanField(label=_("Take over the sectors of participation"), required=False)
    with_representatives = forms.BooleanField(label=_("Take over the representatives"), required=False)
    remarks = remarks_field()

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        known = member.organization.successor_id
        kwargs["initial"] = {**kwargs.get("initial", {}), **({"successor": known} if known else {})}
        super().__init__(*args, member=member, **kwargs)
        offer_seats(self)

    def run(self, values: dict[str, Any]) -> Membership:
        return succeed(
            self.member,
            values["successor"],
            values["on"],
            with_sectors=values["with_sectors"],
            with_representatives=values["with_representatives"],
            end_seats=values.get("end_seats", False),
            remarks=values["remarks"],
        )


STANDING_OPERATIONS: dict[str, type[OfMember]] = {"suspend": SuspendForm, "resume": ResumeForm, "succeed": SucceedForm}
"""The operations by the names in their addresses."""


def offered(member: Member) -> list[str]:
    """Return the names of the operations that the page of a member offers today."""
    today = timezone.localdate()
    if not member.memberships.as_of(today).exists():
        return []
    names = ["resume" if member.suspensions.as_of(today).exists() else "suspend"]
    return [*names, "succeed"] if member.memberships.open().exists() else names


def suspensions_table(request: HttpRequest, member: Member) -> str:
    """Return the suspensions of a member as a table; empty without any."""
    rows = list(member.suspensions.order_by("-suspended_on"))
    if not rows or not request.user.has_perm("alliance.view_suspension"):
        return ""
    return render_to_string("admin/alliance/suspensions.html", {"rows": rows, "today": timezone.localdate()}, request)


def suspension_of_today(member: Member) -> Suspension | None:
    return member.suspensions.as_of(timezone.localdate()).first()
