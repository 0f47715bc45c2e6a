"""Changes of many organizations at once: chosen on the list, counted on a page, then applied or cancelled."""

from collections.abc import Callable
from typing import Any, cast

import pghistory
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.database.tracking import FRESH_PLANS
from registry.organizations.admin.bulk_changes import (
    AddSectors,
    BulkChange,
    BulkOutcome,
    Publish,
    RemoveSectors,
    SetCategory,
    SetTownship,
    Unpublish,
    Verify,
)
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.proposals.holding import holding
from registry.values.people import Account
from registry.values.punctuation import listed


def action(change: BulkChange, organizations: Callable[[Any], Any] = lambda chosen: chosen) -> Callable[..., Any]:
    """Return the action of an admin list; for lists of other records, `organizations` finds them from the rows."""

    @admin.action(description=cast(Any, change.title))
    def run(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return _run(change, model_admin, request, organizations(queryset))

    run.__name__ = change.name
    run.change = change  # type: ignore[attr-defined]
    return run


def _run(change: BulkChange, model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Ask for values, show the counts, then apply the change: one page, sent to the address of the list.

    The confirmed counts are sent with it; if they have changed meanwhile, the page shows the new ones.
    """
    step = request.POST.get("step", "")
    form = change.Form(request.POST if step else None)
    ready = not form.fields or (bool(step) and form.is_valid())
    values = form.cleaned_data if ready and form.is_bound and form.is_valid() else {}
    outcome = None
    if ready:
        try:
            with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation=change.operation):
                outcome = _sorted(change, _locked(queryset), values, request.user)
                if step == "apply" and str(len(outcome.changed)) == request.POST.get("expected"):
                    _carry_out(change, model_admin, request, outcome.changed, values)
                    return None
        except Conflict as conflict:
            form.add_error(None, conflict)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": change.title,
        "subtitle": None,
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
        "action": change.name,
        "outcome": outcome,
        "heading": outcome and change.heading(len(outcome.changed)),
        "button": outcome and change.button(len(outcome.changed)),
        "chosen": [
            (form.fields[name].label, _said(form, name, value)) for name, value in values.items() if value is not None
        ],
        "moved_on": step == "apply",
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "count": queryset.count(),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox": ACTION_CHECKBOX_NAME,
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/registry/bulk.html", context)


def _sorted(change: BulkChange, chosen: list[Organization], values: dict[str, Any], user: Account) -> BulkOutcome:
    """Return what would change; organizations that the account does not work on stay as they are."""
    outcome = change.sort([one for one in chosen if reaches(user, one)], values)
    for one in chosen:
        if not reaches(user, one):
            outcome.leave(_("are not in the townships that your account works on"), one)
    return outcome


def _carry_out(
    change: BulkChange, model_admin: Any, request: HttpRequest, changed: list[Organization], values: dict[str, Any]
) -> None:
    """Apply the change, and tell what was done and what waits for another person."""
    with connection.cursor() as cursor:
        cursor.execute(FRESH_PLANS)
    with holding(request.user) as held:
        change.carry_out(changed, values, request.user)
    if done := len(changed) - len(held.organizations):
        model_admin.message_user(request, change.told(done), messages.SUCCESS)
    if held:
        model_admin.message_user(request, held.text, messages.WARNING)


def _said(form: forms.Form, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, forms.ModelMultipleChoiceField):
        return listed(map(str, value))
    if isinstance(field, forms.ChoiceField):
        return str(dict(cast(Any, field.choices)).get(value, value))
    return str(_("Yes") if value else _("No")) if isinstance(value, bool) else str(value)


def _locked(queryset: Any) -> list[Organization]:
    """Return the chosen organizations, locked in the order of their ids: two changes cannot block each other."""
    ids = list(queryset.order_by().values_list("pk", flat=True))
    return list(Organization.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


CHANGES: tuple[BulkChange, ...] = (
    AddSectors(),
    RemoveSectors(),
    SetTownship(),
    SetCategory(),
    Publish(),
    Unpublish(),
    Verify(),
)
ACTIONS = tuple(action(change) for change in CHANGES)


def permitted(actions: dict[str, Any], user: Account) -> dict[str, Any]:
    """Return the actions of an admin that the user may run."""
    changes = {name: getattr(entry[0], "change", None) for name, entry in actions.items()}
    return {
        name: entry
        for name, entry in actions.items()
        if (change := changes[name]) is None or user.has_perms(change.permissions)
    }
