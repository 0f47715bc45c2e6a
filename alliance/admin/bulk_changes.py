"""The changes that many members, or many organizations, can undergo at once: what each asks, does and tells."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.members.operations import actions, standing
from alliance.members.operations.seats import names_of, seats_beyond
from alliance.models import Alliance, EndReason, Member, Tier
from registry.organizations.models.organizations import Organization
from registry.site.fields import DayField

from .operations import AdmitForm, CancelEndForm, ChangeTierForm, EndForm, TierChoiceField, seats_field
from .standing import ResumeForm, SuspendForm


class ReasonForm(forms.Form):
    """Every change of many says why: the text goes into the history, and into the remarks of what is written."""

    reason = forms.CharField(
        label=gettext_lazy("Reason of the change"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=gettext_lazy("For example the resolution. It stands in the history, and in the remarks."),
    )
    field_order: Any = None


class TierForm(ReasonForm):
    tier = TierChoiceField(Tier.objects.none(), label=gettext_lazy("Tier"))
    on = DayField(label=gettext_lazy("From"), help_text=gettext_lazy("A day in the past or in the future."))
    field_order = ("alliance", "tier", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier: Any = self.fields["tier"]
        tier.queryset = Tier.objects.select_related("alliance").order_by("alliance", "rank")
        tier.several = Alliance.objects.count() > 1


class ManyChange:
    """A change of many. `run()` does it for one of them and returns what it does, in words."""

    name = ""
    title: str | Promise = ""
    operation = ""
    """The operation in the history."""
    permissions: tuple[str, ...] = ()
    Form: type[ReasonForm] = ReasonForm

    def run(self, one: Any, values: dict[str, Any]) -> str:
        raise NotImplementedError


def day(value: Any) -> str:
    return date_format(value, "DATE_FORMAT")


class ChangeTierOfMany(ManyChange):
    name = operation = "change_tier"
    title = ChangeTierForm.title
    permissions = ChangeTierForm.permissions
    Form = TierForm

    def run(self, one: Member, values: dict[str, Any]) -> str:
        old = one.memberships.as_of(values["on"]).select_related("tier").first()
        new = actions.change_tier(one, values["tier"], values["on"], remarks=values["reason"])
        return _("%(old)s → %(new)s from %(day)s") % {
            "old": old and old.tier,
            "new": new.tier,
            "day": day(new.admitted_on),
        }


class SuspendMany(ManyChange):
    name = operation = "suspend"
    title = SuspendForm.title
    permissions = SuspendForm.permissions

    class Form(ReasonForm):
        on = DayField(label=gettext_lazy("From"), help_text=gettext_lazy("The first day of the suspension."))
        until = DayField(
            label=gettext_lazy("Until"),
            required=False,
            help_text=gettext_lazy("From this day on it has all rights again. Left empty: until it is resumed."),
        )
        field_order = ("on", "until", "reason")

    def run(self, one: Member, values: dict[str, Any]) -> str:
        made = standing.suspend(one, values["on"], values["reason"], until=values["until"])
        if made.resumed_on is None:
            return _("suspended from %(day)s") % {"day": day(made.suspended_on)}
        said = {"day": day(made.suspended_on), "end": day(made.resumed_on)}
        return _("suspended from %(day)s until %(end)s") % said


class ResumeMany(ManyChange):
    name = operation = "resume"
    title = ResumeForm.title
    permissions = ResumeForm.permissions

    class Form(ReasonForm):
        on = DayField(label=gettext_lazy("From"), help_text=gettext_lazy("The first day with all rights."))
        field_order = ("on", "reason")

    def run(self, one: Member, values: dict[str, Any]) -> str:
        ended = standing.resume(one, values["on"])
        said = {"since": day(ended.suspended_on), "day": day(values["on"])}
        return _("suspended since %(since)s, resumed from %(day)s") % said


class EndMany(ManyChange):
    name = operation = "end"
    title = EndForm.title
    permissions = EndForm.permissions

    class Form(ReasonForm):
        on = DayField(
            label=gettext_lazy("End date"), help_text=gettext_lazy("From this day on it is no longer a member.")
        )
        end_reason = forms.ChoiceField(
            choices=[("", "---------"), *EndReason.of_ends()], label=gettext_lazy("Reason of the end")
        )
        end_seats = seats_field(
            help_text=gettext_lazy("Without it, who sits in a group beyond that day is refused by name.")
        )
        field_order = ("on", "end_reason", "end_seats", "reason")

    def run(self, one: Member, values: dict[str, Any]) -> str:
        seats = seats_beyond(one, values["on"])
        ended = actions.end(
            one, values["on"], values["end_reason"], remarks=values["reason"], end_seats=values["end_seats"]
        )
        said = {"tier": ended.tier, "day": day(values["on"]), "reason": ended.get_end_reason_display()}
        told = _("%(tier)s until %(day)s: %(reason)s") % said
        return told + (_("; its seats end too: %(seats)s") % {"seats": names_of(seats)} if seats else "")


class CancelEndOfMany(ManyChange):
    name = operation = "cancel_end"
    title = CancelEndForm.title
    permissions = CancelEndForm.permissions

    def run(self, one: Member, values: dict[str, Any]) -> str:
        was = one.memberships.ending_later().first()
        back: list[str] = []
        membership = actions.cancel_end(one, said=back)
        said = {"tier": membership.tier, "day": day(was.ended_on) if was and was.ended_on else "—"}
        return " ".join([_("stays %(tier)s; the end on %(day)s is cancelled") % said, *back])


class AdmitAgainMany(ManyChange):
    name = "admit_again"
    operation = "admit"
    title = gettext_lazy("Admit again")
    permissions = AdmitForm.permissions
    Form = TierForm

    def run(self, one: Member, values: dict[str, Any]) -> str:
        return admission(one.organization, one.alliance, values)


class AdmitMany(ManyChange):
    """Admits organizations of the list of organizations."""

    name = "admit_members"
    operation = "admit"
    title = gettext_lazy("Admit to an alliance")
    permissions = AdmitForm.permissions

    class Form(TierForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields["tier"].several = True  # type: ignore[attr-defined]

    def run(self, one: Organization, values: dict[str, Any]) -> str:
        return admission(one, values["tier"].alliance, values)


def admission(organization: Organization, alliance: Alliance, values: dict[str, Any]) -> str:
    """Admit an organization and say so; the number is named only where it is kept, for others may take the next one."""
    former = Member.objects.filter(alliance=alliance, organization=organization).first()
    made = actions.admit(organization, alliance, values["tier"], values["on"], remarks=values["reason"])
    said = {"tier": made.tier, "day": day(made.admitted_on), "number": former and former.member_no}
    if former:
        return _("%(tier)s from %(day)s, again with the number %(number)s") % said
    return _("%(tier)s from %(day)s") % said


def refusal(error: ValidationError) -> str:
    return " ".join(error.messages)


MEMBER_CHANGES: tuple[ManyChange, ...] = (
    ChangeTierOfMany(),
    SuspendMany(),
    ResumeMany(),
    EndMany(),
    CancelEndOfMany(),
    AdmitAgainMany(),
)
ADMIT_MANY = AdmitMany()
