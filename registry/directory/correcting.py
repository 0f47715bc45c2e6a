"""The page 我要纠错: anybody says what is wrong in an entry, and the organization may ask to be taken off the list.

What is sent waits in the queue of proposals. There is no account and so no session to protect: the form needs no
cookie. A signed moment, a field that people do not see, and limits keep programs from flooding the queue.
"""

import time
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.access.throttling import within_limit
from registry.database.fields import field_of
from registry.directory.asking import RequestRefused
from registry.directory.organization import record_of
from registry.directory.pages import address, name_of, open_form, render
from registry.organizations.actions import NAMES, NameChange
from registry.organizations.models.organizations import Organization
from registry.organizations.vocabularies import registration_statuses
from registry.proposals.models import Origin
from registry.proposals.public import propose_publicly
from registry.reference.cache import references
from registry.values.validators import validate_phone, validate_website

FIELDS = (
    *("name_zh", "name_en", "short_name", "registration_status", "registration_type", "township"),
    *("registered_address", "business_address", "website", "founded_on", "main_products", "scope", "introduction"),
)
SALT = "registry.directory.correcting"
FASTEST, SLOWEST = 3, 24 * 60 * 60
"""Seconds between the moment at which the form is shown and that at which it is sent."""
PER_ADDRESS, ALTOGETHER = 5, 60
"""So many in ten minutes."""
LARGEST = 100_000
"""Bytes: more than all fields hold, and little enough to be shown again."""


class CorrectionForm(forms.Form):
    wish = forms.ChoiceField(
        label=gettext_lazy("What do you want?"),
        choices=[
            ("correct", gettext_lazy("Something is wrong and should be corrected")),
            ("remove", gettext_lazy("The organization itself asks to be taken off the list")),
        ],
        widget=forms.RadioSelect,
        initial="correct",
    )
    field = forms.ChoiceField(label=gettext_lazy("What is wrong"), required=False)
    new = forms.CharField(
        label=gettext_lazy("What it should be"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The whole new value. A day is written like 2015-03-01."),
    )
    renamed = forms.BooleanField(
        label=gettext_lazy("The organization has been renamed: its old name becomes a former name"), required=False
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Who are you?"),
        choices=[
            (Origin.PUBLIC, gettext_lazy("A reader")),
            (Origin.ENTERPRISE, gettext_lazy("Somebody of the organization")),
        ],
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=gettext_lazy("How can this be checked?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For example the licence or a notice. Please no personal data."),
    )
    evidence_url = forms.CharField(
        label=gettext_lazy("Address of a page that shows it"),
        required=False,
        max_length=500,
        validators=[validate_website],
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone, only if you want an answer"),
        required=False,
        max_length=50,
        validators=[validate_phone],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("Used for the answer alone, and deleted after 30 days."),
    )
    homepage = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    moment = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        chosen: Any = self.fields["field"]
        chosen.choices = [("", "—"), *((name, _label(name)) for name in FIELDS)]

    def clean_moment(self) -> str:
        try:
            signing.TimestampSigner(salt=SALT).unsign(self.cleaned_data["moment"], max_age=SLOWEST)
            began = signing.b62_decode(self.cleaned_data["moment"].split(":")[1])
        except (signing.BadSignature, IndexError):
            raise ValidationError(_("This page is too old: please send it once more.")) from None
        if time.time() - began < FASTEST:
            raise ValidationError(_("That was very fast: please send it once more."))
        return ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("homepage"):
            raise ValidationError(_("Nothing was recorded: one field must stay empty."))
        if given.get("wish") == "remove" and given.get("origin") == Origin.PUBLIC:
            self.add_error("origin", _("Only the organization itself can ask to be taken off the list."))
        if given.get("wish") == "correct":
            for name in ("field", "new"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("Please fill this in."))
        return given


def _label(name: str) -> str:
    return capfirst(str(field_of(Organization, name).verbose_name))


def _value(name: str, text: str) -> object:
    """Return what the text means for the field. Raises ValidationError."""
    if name == "township":
        return references().townships.find(text)
    if name == "registration_status":
        return registration_statuses().find(text)
    return text


@open_form
def correct(request: HttpRequest, registry_no: str) -> HttpResponseBase:
    record = record_of(request, registry_no)
    if isinstance(record, HttpResponseBase):
        return record
    back = address("organization", registry_no)
    if request.method == "GET" and "done" in request.GET:
        return _shown(request, "corrected.html", record, back=back)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise RequestRefused(400, [_("This is more text than a correction can hold. Please send less.")])
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        _limit(request)
        if _sent(form, registry_no):
            return HttpResponseRedirect(f"{address('correct', registry_no)}?done")
    moment = signing.TimestampSigner(salt=SALT).sign(registry_no)
    response = _shown(request, "correct.html", record, form=form, moment=moment, back=back)
    response.status_code = 400 if form.is_bound else 200
    return response


def _shown(request: HttpRequest, template: str, record: dict[str, Any], **context: Any) -> HttpResponse:
    title = _("Correct an entry")
    shown: dict[str, Any] = {
        "title": title,
        "name": name_of(record),
        "record": record,
        "robots": "noindex",
        "canonical": False,
    }
    response = render(request, template, **shown, **context)
    response["Cache-Control"] = "no-store"
    return response


def _limit(request: HttpRequest) -> None:
    if not within_limit(request, "correct", PER_ADDRESS, ALTOGETHER):
        raise RequestRefused(
            429, [_("Too many corrections have come just now. Please try again in ten minutes.")], "600"
        )


def _sent(form: CorrectionForm, registry_no: str) -> bool:
    given = form.cleaned_data
    removed = given["wish"] == "remove"
    name = "published" if removed else given["field"]
    organization = Organization.objects.published().only(name).get(registry_no=registry_no)
    change = ""
    if name in NAMES:
        change = NameChange.RENAME if given["renamed"] else NameChange.CORRECTION
    try:
        propose_publicly(
            organization,
            name,
            False if removed else _value(name, given["new"]),
            name_change=change,
            origin=given["origin"],
            evidence=given["evidence"],
            evidence_url=given["evidence_url"],
            phone=given["phone"],
        )
    except ValidationError as error:
        form.add_error("new", error.messages)
        return False
    return True
