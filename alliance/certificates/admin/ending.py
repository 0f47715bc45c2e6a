"""The forms by which a certificate ends or its paper comes back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alliance.admin.operations import OperationForm
from alliance.certificates import ending
from alliance.models import Certificate
from registry.site.fields import DayField


class EndingForm(OperationForm):
    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.certificate = certificate

    def tell_of(self, certificate: Certificate) -> str:
        raise NotImplementedError


class EndCertificateForm(EndingForm):
    title = button = _("End the certificate")

    kind = forms.ChoiceField(
        label=_("How it ends"),
        choices=[("", "---------"), *((one.value, one.label) for one in ending.BY_HAND)],
        help_text=_("Where another one is issued in its place, issue that one: this one is then replaced by it."),
    )
    on = DayField(label=_("Not valid from"), help_text=_("From this day on it is not valid."))
    reason = forms.CharField(
        label=_("reason of its end"), max_length=300, widget=forms.TextInput(attrs={"class": "vLargeTextField"})
    )
    returned_on = DayField(
        label=_("Paper returned on"), required=False, help_text=_("Left empty: the paper has not come back.")
    )

    def run(self, values: dict[str, Any]) -> Any:
        return ending.end(
            self.certificate, values["kind"], values["on"], values["reason"], returned_on=values["returned_on"]
        )

    def tell_of(self, certificate: Certificate) -> str:
        said = {"number": certificate.number, "kind": certificate.get_end_kind_display(), "day": certificate.ended_on}
        return str(_("Certificate %(number)s: %(kind)s, not valid from %(day)s.") % said)


class ReturnForm(EndingForm):
    title = button = _("The paper was returned")

    on = DayField(label=_("Paper returned on"), help_text=_("A certificate that has not ended is withdrawn with it."))

    def run(self, values: dict[str, Any]) -> Any:
        return ending.give_back(self.certificate, values["on"])

    def tell_of(self, certificate: Certificate) -> str:
        said = {"number": certificate.number, "day": certificate.returned_on}
        return str(_("Certificate %(number)s: the paper came back on %(day)s.") % said)
