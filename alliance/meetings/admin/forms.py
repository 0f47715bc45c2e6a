"""The forms of meetings, decisions and sign-in. The rules are in `alliance.meetings.calling` and `.recording`."""

from typing import Any

from django import forms
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.meetings.choices import Ballot, Matter
from alliance.models import Decision, Meeting, Term
from registry.attachments.fields import AttachmentField
from registry.site.forms import PlainForm, RegistryForm
from registry.values.validators import validate_direction


def reason_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Why it is changed"),
        max_length=300,
        validators=[validate_direction],
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("The history keeps it."),
        **options,
    )


class MeetingForm(RegistryForm):
    """Finds the term of the day and the next number, where they are left empty."""

    reason = reason_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "number" in self.fields:
            self.fields["number"].required = False
            self.fields["number"].help_text = _("Left empty, the next number of this body in the term is given.")
        if "term" in self.fields:
            self.fields["term"].help_text = _("Left empty, the term in force on the day is taken.")
            if self.instance.pk:
                of_alliance = Term.objects.filter(alliance=self.instance.alliance).select_related("alliance")
                self.fields["term"].queryset = of_alliance  # type: ignore[attr-defined]
        self.decided = bool(self.instance.pk) and self.instance.decisions.exists()
        if not self.decided:
            self.fields.pop("reason", None)

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        alliance = cleaned.get("alliance") or getattr(self.instance, "alliance", None)
        held_on, body = (cleaned.get(name, getattr(self.instance, name)) for name in ("held_on", "body"))
        if "term" in self.fields and alliance and held_on and not cleaned.get("term"):
            cleaned["term"] = Term.objects.as_of(held_on).filter(alliance=alliance).first()
        if "number" in self.fields and alliance and "number" not in self.errors and cleaned.get("number") is None:
            same = Meeting.objects.filter(alliance=alliance, term=cleaned.get("term"), body=body)
            cleaned["number"] = (same.aggregate(last=Max("number"))["last"] or 0) + 1
        if self.decided and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Decisions are recorded: say why the meeting is changed."))
        return cleaned


class SignInForm(PlainForm):
    """The numbers below the list of those who are called; the ticks are read from the request."""

    attended = forms.IntegerField(
        label=gettext_lazy("Present by the minutes"),
        min_value=0,
        required=False,
        help_text=gettext_lazy("Left empty, the ticks count. Another number needs its reason."),
    )
    attended_reason = forms.CharField(
        label=gettext_lazy("Reason of the difference"),
        max_length=300,
        required=False,
        validators=[validate_direction],
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    reason = reason_field(required=False)

    def __init__(self, *args: Any, decided: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not decided:
            del self.fields["reason"]


def _votes(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=1_000_000, widget=forms.NumberInput(attrs={"min": 0}))


class DecisionForm(PlainForm):
    number = forms.IntegerField(label=gettext_lazy("Number of the decision"), min_value=1, max_value=9999)
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=300,
        validators=[validate_direction],
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    matter = forms.ChoiceField(label=gettext_lazy("Matter"), choices=Matter)
    ballot = forms.ChoiceField(label=gettext_lazy("Kind of vote"), choices=Ballot)
    votes_for = _votes(gettext_lazy("Votes for"))
    votes_against = _votes(gettext_lazy("Votes against"))
    abstentions = _votes(gettext_lazy("Abstentions"))
    document = AttachmentField(label=gettext_lazy("Document"), required=False)
    override_reason = forms.CharField(
        label=gettext_lazy("Reason for deciding with too few"),
        max_length=300,
        required=False,
        validators=[validate_direction],
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Why it holds although fewer were present than the rule asks for."),
    )

    def __init__(self, *args: Any, too_few: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not too_few:
            del self.fields["override_reason"]


class CorrectDecisionForm(DecisionForm):
    """A recorded decision with the meeting that it is of, and why it is corrected."""

    meeting = forms.ModelChoiceField(Meeting.objects.none(), label=gettext_lazy("Meeting"))
    reason = reason_field()
    field_order = ("meeting",)

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        shown = {name: getattr(decision, name) for name in DecisionForm.base_fields if name != "document"}
        super().__init__(*args, too_few=True, initial={**shown, "meeting": decision.meeting_id}, **kwargs)
        of_alliance = Meeting.objects.filter(alliance=decision.alliance_id).select_related("term")
        self.fields["meeting"].queryset = of_alliance.order_by("-held_on", "-id")  # type: ignore[attr-defined]


class AttachDocumentForm(PlainForm):
    """The signed document of a decision by which something has taken effect: all else of it stays."""

    document = AttachmentField(
        label=gettext_lazy("Document"), help_text=gettext_lazy("The signed decision or the minutes.")
    )
    reason = reason_field()
