"""Entering an application in two steps: which organization applies for what; then the form."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from alliance.applications import operations
from alliance.applications.applicants import Applicants, enter_applicant, find_applicants
from alliance.applications.models import Application, ApplicationKind
from alliance.applications.transitions import ADD
from alliance.models import Alliance
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.organizations.models.choices import Kind as OrganizationKind
from registry.organizations.models.organizations import Organization
from registry.organizations.page.entry import begin
from registry.site.fields import primary_keys

from .forms import ApplicationEntryForm, BeginForm, NewApplicantForm

ENTER_ORGANIZATION = "registry.add_organization"


class Offer(NamedTuple):
    """An organization that a name or code may be about."""

    organization: Organization
    url: str
    """The form of what is asked for; of another kind of application, if it cannot apply for that."""
    certain: bool
    why: str
    """Why it cannot apply for what is asked for; empty if it can."""


def begin_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask for alliance, kind and organization, and show the records that it may be."""
    _require(request, ADD)
    only = list(Alliance.objects.all()[:2])
    given = request.GET if {"q", "kind"} <= set(request.GET) else None
    initial = {"alliance": only[0].slug if len(only) == 1 else None} | request.GET.dict()
    if "q" in initial:  # The page of a member leads here with its number alone: it is not to be admitted.
        initial.setdefault("kind", ApplicationKind.TIER_CHANGE)
    form = BeginForm(given, initial=initial)
    offered: list[Offer] = []
    new_url = ""
    if given is not None and form.is_valid():
        alliance, kind = form.cleaned_data["alliance"], form.cleaned_data["kind"]
        begun = begin(form.cleaned_data["q"].replace("\0", ""))
        found = find_applicants(begun.name, begun.code, operations.able(alliance, kind))
        offered = _offers(alliance, kind, found)
        if kind == ApplicationKind.ADMISSION and found.certain is None and request.user.has_perm(ENTER_ORGANIZATION):
            values = {"name_zh": begun.name, "uscc": begun.code, "organization_kind": begun.kind}
            new_url = _form_url(alliance, kind, **values)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Enter an application"),
        "opts": model_admin.opts,
        "form": form,
        "asked": given is not None and form.is_valid(),
        "offered": offered,
        "can": any(not one.why for one in offered),
        "admission": form["kind"].value() == ApplicationKind.ADMISSION,
        "new_url": new_url,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/alliance/applications/begin.html", context)


def _form_url(alliance: Alliance, kind: str, **values: str) -> str:
    return reverse("admin:alliance_application_form", query={"alliance": alliance.slug, "kind": kind} | values)


def _offers(alliance: Alliance, kind: str, found: Applicants) -> list[Offer]:
    """Return what the page shows of them: who cannot apply for this is led to the kind of application that fits."""
    why = operations.hindrances(alliance, kind, [one.pk for one in found.offered])
    other = ApplicationKind.TIER_CHANGE if kind == ApplicationKind.ADMISSION else ApplicationKind.ADMISSION
    return [
        Offer(
            one,
            _form_url(alliance, other if one.pk in why else kind, organization=str(one.pk)),
            one == found.certain,
            why.get(one.pk, ""),
        )
        for one in found.offered
    ]


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perms(("alliance.view_application", permission)):
        raise PermissionDenied


def form_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the form of one application; a new organization is entered with it."""
    _require(request, ADD)
    alliance = Alliance.objects.filter(slug=request.GET.get("alliance", "")).first()
    kind = request.GET.get("kind", "")
    if alliance is None or kind not in ApplicationKind.values:
        return HttpResponseRedirect(reverse("admin:alliance_application_enter"))
    organization, applicant = None, None
    if pks := primary_keys(request.GET.getlist("organization")):
        organization = get_object_or_404(Organization, pk=pks[-1])
        if request.method != "POST" and operations.hindrances(alliance, kind, [organization.pk]):
            about = {"alliance": alliance.slug, "kind": kind, "q": organization.registry_no}
            return HttpResponseRedirect(reverse("admin:alliance_application_enter", query=about))
    elif kind != ApplicationKind.ADMISSION or not request.user.has_perm(ENTER_ORGANIZATION):
        raise PermissionDenied
    else:
        initial = {name: request.GET.get(name, "") for name in ("name_zh", "uscc")}
        initial["kind"] = request.GET.get("organization_kind") or OrganizationKind.ENTERPRISE
        applicant = NewApplicantForm(request.POST or None, initial=initial)
    one = Application(alliance=alliance, kind=kind, organization=organization)
    form = _form(request, one, initial={"applied_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid() and (applicant is None or applicant.is_valid()):
        try:
            made = _enter(one, form, applicant, request)
        except ValidationError as refused:
            _refuse(refused, form, applicant)
        else:
            messages.success(request, _("Entered as a draft: %(application)s.") % {"application": made})
            return HttpResponseRedirect(model_admin.record_url(made.pk))
    return _page(model_admin, request, one, form, applicant)


def _form(request: HttpRequest, one: Application, **options: Any) -> ApplicationEntryForm:
    if request.method == "POST":
        return ApplicationEntryForm(request.POST, request.FILES, instance=one)
    return ApplicationEntryForm(instance=one, **options)


def _enter(
    one: Application, form: ApplicationEntryForm, applicant: NewApplicantForm | None, request: HttpRequest
) -> Application:
    with integrity_errors_as_conflicts(), transaction.atomic():
        if applicant is not None:
            another = applicant.cleaned_data.get("another", False)
            one.organization = enter_applicant(applicant.instance, request.user, another=another)
        return operations.enter(one, request.user, form.cleaned_data["attachments"])


def _refuse(refused: ValidationError, form: ApplicationEntryForm, applicant: NewApplicantForm | None) -> None:
    fields = set(refused.error_dict) if hasattr(refused, "error_dict") else set()
    if applicant is not None and fields & set(applicant.fields):
        applicant.add_refusal(refused)
    else:
        form.add_refusal(refused)


def edit_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, or an application that was sent back."""
    _require(request, "alliance.change_application")
    one = model_admin.found(pk)
    if not one.is_editable:
        told = _("It is “%(state)s” and is not changed any more.") % {"state": one.get_state_display()}
        model_admin.message_user(request, told)
        return HttpResponseRedirect(model_admin.record_url(pk))
    form = _form(request, one)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.changed_data if name in operations.WRITTEN}
        try:
            operations.change(one, request.user, form.cleaned_data["attachments"], **values)
        except ValidationError as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("Saved: %(application)s.") % {"application": one})
            return HttpResponseRedirect(model_admin.record_url(pk))
    return _page(model_admin, request, one, form, None)


def _page(
    model_admin: Any,
    request: HttpRequest,
    one: Application,
    form: ApplicationEntryForm,
    applicant: NewApplicantForm | None,
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": capfirst(_("%(kind)s: application") % {"kind": one.kind_name()}),
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
        "applicant": applicant,
        "one": one,
        "back": model_admin.record_url(one.pk) if one.pk else reverse("admin:alliance_application_enter"),
    }
    return TemplateResponse(request, "admin/alliance/applications/form.html", context)
