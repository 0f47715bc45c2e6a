"""The page 提出修改: an account that sees an organization and may not change it proposes a value, with evidence."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.database.fields import field_of
from registry.organizations.actions import NAMES, NameChange
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of
from registry.proposals.actions import PROPOSABLE, propose
from registry.proposals.models import Origin
from registry.site.fields import WebsiteFormField


class ProposingForm(forms.Form):
    """`new` and, for names, the reason of the change are added for the chosen field."""

    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=gettext_lazy("For example the licence, a notice or a page of the organization."),
    )
    evidence_url = WebsiteFormField(label=gettext_lazy("Address of the evidence"), required=False, max_length=500)


def view(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    if not request.user.has_perm("registry.view_organization"):
        raise PermissionDenied
    organization = Organization.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
    if organization is None:
        raise Http404
    name = request.GET.get("field", "")
    form = _form(request, model_admin, organization, name) if name in PROPOSABLE else None
    if form is not None and form.is_bound and form.is_valid() and _made(request, form, organization, name):
        messages.success(request, _("Your proposal waits for a decision. Thank you."))
        return HttpResponseRedirect(organization.get_absolute_url())
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Propose a change"),
        "opts": Organization._meta,
        "organization": organization,
        "choices": [(one, _label(one), one == name) for one in PROPOSABLE],
        "form": form,
        "media": model_admin.media + form.media if form else model_admin.media,
    }
    return TemplateResponse(request, "admin/registry/propose.html", context)


def _label(name: str) -> str:
    return capfirst(str(field_of(Organization, name).verbose_name))


def _form(request: HttpRequest, model_admin: Any, organization: Organization, name: str) -> ProposingForm:
    """Return the form for a field, which looks as on the page of the organization."""
    form = ProposingForm(request.POST or None, label_suffix="")
    model_field = Organization._meta.get_field(name)
    form.fields["new"] = model_admin.formfield_for_dbfield(model_field, request)
    form.initial["new"] = getattr(organization, model_field.attname)  # type: ignore[union-attr]
    order = ["new", "evidence", "evidence_url"]
    if name in NAMES:
        form.fields["name_change"] = forms.ChoiceField(
            choices=NameChange.choices, required=False, widget=forms.RadioSelect, label=_("Why the name changes")
        )
        order.insert(1, "name_change")
    form.order_fields(order)
    return form


def _made(request: HttpRequest, form: ProposingForm, organization: Organization, name: str) -> bool:
    values = dict(form.cleaned_data)
    origin = Origin.STAFF if reach_of(request.user) is None else Origin.TOWNSHIP
    try:
        propose(organization, name, values.pop("new"), origin=origin, proposer=request.user, **values)
    except ValidationError as error:
        for field, errors in error.error_dict.items():
            form.add_error(field if field in form.fields else None, errors)
        return False
    return True
