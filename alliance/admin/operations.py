"""The forms of the operations on memberships. The rules are in `alliance.members.operations.actions`."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from alliance.members.operations import actions
from alliance.members.operations.direct import FACTS, goes_by_application
from alliance.members.operations.seats import names_of, seats_beyond
from alliance.models import Alliance, EndReason, Member, Membership, Tier
from registry.organizations.models.organizations import Organization
from registry.site.fields import ChosenSelect, DayField
from registry.site.forms import add_refusal


class OperationForm(forms.Form):
    """The base of the forms. `operate()` runs the operation and turns refusals into errors of the form."""

    title: Any = ""
    """The heading of the page, and the text of the button that leads to it."""
    button: Any = ""
    permissions: tuple[str, ...] = ()

    def operate(self) -> Membership | None:
        try:
            return self.run(self.cleaned_data)
        except ValidationError as error:
            add_refusal(self, error)
            return None

    def run(self, values: dict[str, Any]) -> Membership:
        raise NotImplementedError

    told: Any = ""
    """The message after the operation; its parameters are organization, tier, first day, end and reason."""

    def tell(self, membership: Membership) -> str:
        return self.told % {
            "organization": membership.member.organization,
            "tier": membership.tier,
            "start": membership.admitted_on,
            "end": membership.ended_on or "—",
            "reason": membership.get_end_reason_display() or "—",
        }


class TierChoiceField(forms.ModelChoiceField):
    """A choice of tiers, including disabled ones: a late record may have begun earlier. The rules check the day."""

    several = False
    """Whether the choices are tiers of several alliances."""

    def label_from_instance(self, obj: Any) -> str:
        label = f"{obj.alliance.brief()} · {obj}" if self.several else str(obj)
        if obj.disabled_on is None:
            return label
        params = {"tier": label, "day": date_format(obj.disabled_on, "DATE_FORMAT")}
        return _("%(tier)s (disabled on %(day)s)") % params


def remarks_field() -> forms.CharField:
    return forms.CharField(
        label=_("Remarks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("For example the resolution or the document."),
    )


class AdmitForm(OperationForm):
    title = _("Admit a member")
    button = _("Admit")
    told = _("Admitted: %(organization)s, %(tier)s from %(start)s.")
    permissions = ("alliance.add_member", "alliance.add_membership")

    alliance = forms.ModelChoiceField(Alliance.objects.all(), label=_("Alliance"))
    organization = forms.ModelChoiceField(
        Organization.objects.all(),
        label=_("Organization"),
        widget=ChosenSelect(Member._meta.get_field("organization"), admin.site),
    )
    tier = TierChoiceField(Tier.objects.none(), label=_("Tier"))
    on = DayField(label=_("Day of admission"))
    member_no = forms.CharField(
        label=_("Member number"),
        max_length=30,
        required=False,
        help_text=_("Left empty, the next free number is given. Who was a member before keeps the old number."),
    )
    remarks = remarks_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alliances = list(Alliance.objects.all()[:2])
        tier = self.fields["tier"]
        tier.queryset = Tier.objects.select_related("alliance").order_by("alliance", "rank")  # type: ignore[attr-defined]
        tier.several = len(alliances) > 1  # type: ignore[attr-defined]
        if len(alliances) == 1:
            self.initial.setdefault("alliance", alliances[0].pk)

    def run(self, values: dict[str, Any]) -> Membership:
        return actions.admit(
            values["organization"],
            values["alliance"],
            values["tier"],
            values["on"],
            member_no=values["member_no"],
            remarks=values["remarks"],
        )


class OfMember(OperationForm):
    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    @classmethod
    def why_not(cls, member: Member) -> Any:
        """Say why the operation is not for this member now; empty if it may be."""
        return ""

    @classmethod
    def refusal(cls, request: HttpRequest, member: Member) -> HttpResponseRedirect | None:
        """Lead back to the member with the reason, instead of to a form that could only be refused."""
        told = cls.why_not(member) if request.method != "POST" else ""
        if not told:
            return None
        messages.warning(request, str(told))
        return HttpResponseRedirect(reverse("admin:alliance_member_change", args=[member.pk]))


class ChangeTierForm(OfMember):
    title = button = _("Change tier")
    told = _("Tier changed: %(organization)s is %(tier)s from %(start)s.")
    permissions = ("alliance.add_membership", "alliance.change_membership")

    tier = TierChoiceField(Tier.objects.none(), label=_("New tier"))
    on = DayField(label=_("From"), help_text=_("The first day at the new tier."))
    remarks = remarks_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = self.member.alliance.tiers.all()  # type: ignore[attr-defined]

    def run(self, values: dict[str, Any]) -> Membership:
        return actions.change_tier(self.member, values["tier"], values["on"], remarks=values["remarks"])


def seats_field(**options: Any) -> forms.BooleanField:
    return forms.BooleanField(label=_("End its seats on this day, too"), required=False, **options)


def offer_seats(form: OfMember) -> None:
    """Name the seats of the member at the tick that ends them; without any the form has no tick."""
    # Whatever day is typed: ends of the past are recorded, too.
    if seats := seats_beyond(form.member, datetime.date.min):
        form.fields["end_seats"].help_text = names_of(seats)
    else:
        del form.fields["end_seats"]


ONLY_FACTS = _(
    "This alliance takes withdrawal, lapse and expulsion by way of an application. Only the end of an organization "
    "that the registry has as deregistered, revoked or merged is entered here: it is a fact, on which nobody decides."
)


class EndForm(OfMember):
    title = button = _("End the membership")
    told = _("Membership ended: %(organization)s is no longer a member from %(end)s (%(reason)s).")
    permissions = ("alliance.change_membership",)

    on = DayField(label=_("End date"), help_text=_("From this day on it is no longer a member."))
    reason = forms.ChoiceField(choices=[("", "---------"), *EndReason.of_ends()], label=_("Reason"))
    end_seats = seats_field()
    remarks = remarks_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if goes_by_application(self.member.alliance_id):
            reason: Any = self.fields["reason"]
            reason.choices = [one for one in reason.choices if one[0] in ("", *FACTS)]
            reason.help_text = ONLY_FACTS
        offer_seats(self)

    def run(self, values: dict[str, Any]) -> Membership:
        return actions.end(
            self.member,
            values["on"],
            values["reason"],
            remarks=values["remarks"],
            end_seats=values.get("end_seats", False),
        )


class CancelEndForm(OfMember):
    title = button = _("Cancel the end")
    told = _("The end is cancelled: %(organization)s stays a member (%(tier)s).")
    permissions = ("alliance.change_membership",)

    @classmethod
    def why_not(cls, member: Member) -> Any:
        if member.memberships.ending_later().exists():
            return ""
        last = member.memberships.order_by("-admitted_on").first()
        if last is None or last.ended_on is None:
            return _("The membership has no end that could be cancelled.")
        return _(
            "The membership ended on %(day)s: an end that has passed is not cancelled. Correct the membership if the "
            "end was recorded by mistake, or admit the organization again."
        ) % {"day": last.ended_on}

    def run(self, values: dict[str, Any]) -> Membership:
        self.said: list[str] = []
        return actions.cancel_end(self.member, said=self.said)

    def tell(self, membership: Membership) -> str:
        return " ".join([super().tell(membership), *self.said])


class CorrectForm(OperationForm):
    title = _("Correct a membership")
    button = _("Correct")
    told = _("Corrected: %(organization)s, %(tier)s from %(start)s, end %(end)s, reason %(reason)s.")
    permissions = ("alliance.change_membership",)

    tier = forms.ModelChoiceField(Tier.objects.none(), label=_("Tier"))
    admitted_on = DayField(label=_("Start date"))
    ended_on = DayField(label=_("End date"), required=False, help_text=_("From this day on it is no longer a member."))
    end_reason = forms.ChoiceField(
        choices=[("", "---------"), *EndReason.choices], required=False, label=_("Reason of the end")
    )
    remarks = remarks_field()
    reason = forms.CharField(
        label=_("Reason of the correction"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("Required where a tier or a day that has passed changes. The history shows it."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        self.membership = membership
        kwargs["initial"] = {
            name: getattr(membership, name) for name in ("tier", "admitted_on", "ended_on", "end_reason", "remarks")
        }
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = membership.alliance.tiers.all()  # type: ignore[attr-defined]

    def run(self, values: dict[str, Any]) -> Membership:
        changed = {name: values[name] for name in self.changed_data if name != "reason"}
        return actions.correct(self.membership, reason=values["reason"], **changed)


def periods_table(request: HttpRequest, memberships: Any, *, with_alliance: bool = False) -> str:
    """Return the periods of memberships as a table, the latest first."""
    rows = memberships.select_related("tier", "alliance", "member").order_by("-admitted_on")
    context = {
        "rows": rows,
        "today": timezone.localdate(),
        "with_alliance": with_alliance,
        "may_correct": request.user.has_perms(CorrectForm.permissions),
    }
    return render_to_string("admin/alliance/memberships.html", context, request)
