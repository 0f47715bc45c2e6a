"""The forms of applications. The rules are in `alliance.applications`."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.operations import TierChoiceField
from alliance.applications.models import OF_TIER, Application, ApplicationKind
from alliance.applications.operations import WRITTEN
from alliance.meetings.choices import Ballot
from alliance.models import Alliance, Meeting, Tier
from registry.attachments.fields import AttachmentsField
from registry.organizations.models.organizations import Organization
from registry.site.fields import DayField, LastDayField
from registry.site.forms import PlainForm, ShowsRefusals, WholeRowForm
from registry.values.punctuation import bracketed
from registry.values.validators import normalise_uscc, validate_direction

TEXT = {"class": "vTextField"}
LONG = {"rows": 2, "class": "vLargeTextField"}


class BeginForm(PlainForm):
    """Whom and what an application is about."""

    alliance = forms.ModelChoiceField(
        Alliance.objects.all(), to_field_name="slug", label=gettext_lazy("Alliance"), empty_label=None
    )
    kind = forms.ChoiceField(choices=ApplicationKind.choices, label=gettext_lazy("What is applied for"))
    q = forms.CharField(
        label=gettext_lazy("Name or USCC of the organization"),
        max_length=300,
        widget=forms.TextInput(attrs={**TEXT, "autofocus": True}),
    )


class ApplicationEntryForm(ShowsRefusals, WholeRowForm):
    """The form of an application, with only the fields that its kind has."""

    attachments = AttachmentsField(
        required=False, label=gettext_lazy("Scans to attach (stamped form, notice, licence)")
    )

    class Meta:
        model = Application
        fields = WRITTEN
        field_classes = {
            "applied_on": DayField,
            "notice_on": DayField,
            "announced_from": DayField,
            "announced_until": LastDayField,
            "tier": TierChoiceField,
        }
        widgets = {"remarks": forms.Textarea(attrs=LONG)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.kind
        if kind in OF_TIER:
            self.fields["tier"].queryset = Tier.objects.filter(alliance=self.instance.alliance).order_by("rank")  # type: ignore[attr-defined]
            self.fields["tier"].required = True
        else:
            del self.fields["tier"]
        if kind != ApplicationKind.WITHDRAWAL:
            del self.fields["notice_on"], self.fields["certificate_returned"]
        else:
            self.fields["notice_on"].required = True
        self.fields["announced_from"].label = _("Announced from")
        self.fields["announced_until"].label = _("Announced until (last day)")
        self.fields["announced_until"].help_text = _("Both are left empty where nothing is announced.")


class NewApplicantForm(ShowsRefusals, WholeRowForm):
    """The few facts by which a new organization is entered with its application; the rest is entered on its page."""

    another = forms.BooleanField(
        required=False, label=gettext_lazy("It is another organization than those that it resembles")
    )

    class Meta:
        model = Organization
        fields = ("name_zh", "uscc", "kind", "township", "registered_address")
        widgets = {
            "name_zh": forms.TextInput(attrs=TEXT),
            "uscc": forms.TextInput(attrs=TEXT),
            "registered_address": forms.TextInput(attrs=TEXT),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name_zh"].required = True
        if not self.is_bound:
            del self.fields["another"]

    def clean_uscc(self) -> str | None:
        return normalise_uscc(self.cleaned_data["uscc"] or "") or None


class StepReasonForm(PlainForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        validators=[validate_direction],
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("The applicant is told, and the history keeps it."),
    )


class ConfirmForm(PlainForm):
    on = DayField(label=gettext_lazy("Takes effect on"))


class ConfirmRepresentativeForm(ConfirmForm):
    """The new representative, as the attached notice names it: it goes into the table of representatives alone."""

    name = forms.CharField(label=gettext_lazy("person's name"), max_length=100, widget=forms.TextInput(attrs=TEXT))
    title = forms.CharField(
        label=gettext_lazy("job title"), max_length=100, required=False, widget=forms.TextInput(attrs=TEXT)
    )
    phone = forms.CharField(label=gettext_lazy("phone"), max_length=50, required=False)
    email = forms.EmailField(label=gettext_lazy("e-mail"), required=False)

    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name", "title", "phone", "email")}


class DecideForm(PlainForm):
    """A decision of a meeting on the applications that are ticked."""

    meeting = forms.ModelChoiceField(Meeting.objects.none(), label=gettext_lazy("Meeting"))
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=300,
        validators=[validate_direction],
        widget=forms.TextInput(attrs=TEXT),
    )
    ballot = forms.ChoiceField(choices=Ballot.choices, label=gettext_lazy("Kind of vote"))
    votes_for = forms.IntegerField(label=gettext_lazy("Votes for"), min_value=0, max_value=100_000)
    votes_against = forms.IntegerField(label=gettext_lazy("Votes against"), min_value=0, max_value=100_000, initial=0)
    abstentions = forms.IntegerField(label=gettext_lazy("Abstentions"), min_value=0, max_value=100_000, initial=0)
    on = DayField(
        label=gettext_lazy("Takes effect on"),
        required=False,
        help_text=gettext_lazy("Left empty, the day of the meeting."),
    )
    override_reason = forms.CharField(
        label=gettext_lazy("Reason for deciding with too few"),
        max_length=300,
        required=False,
        validators=[validate_direction],
        widget=forms.TextInput(attrs=TEXT),
        help_text=gettext_lazy("Only if fewer were present than the rule asks for."),
    )

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["meeting"]
        field.queryset = meetings
        field.label_from_instance = lambda one: bracketed(one, one.held_on.isoformat())
