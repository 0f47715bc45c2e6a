"""Decides who may see an import on the site and who may continue it."""

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.imports import import_tables
from registry.imports.import_tables import ImportTable
from registry.imports.models import ImportBatch
from registry.organizations.models.reach import reach_of
from registry.values.people import Account

VIEW_ALL = "registry.view_importbatch"


def may_see(user: Account, batch: ImportBatch) -> bool:
    """Return whether the account may look at the import.

    Three kinds of accounts may: its owner; accounts with the permission to view all imports; and, for an import made by
    a command, accounts that may import such lists, because somebody must be able to undo it. Only the owner may if the
    account is limited to townships, because the rows of others are about the whole city. All of them also need the
    permissions of the columns that the file has.
    """
    of_others = reach_of(user) is None and (user.has_perm(VIEW_ALL) or _is_of_command(user, batch))
    return (of_others or _is_owner(user, batch)) and user.has_perms(batch.permissions)


def may_act(user: Account, batch: ImportBatch) -> bool:
    """Return whether the account may decide about rows, correct the reading of the file, and apply the import."""
    return _is_owner(user, batch) and user.has_perms(batch.permissions)


def _is_owner(user: Account, batch: ImportBatch) -> bool:
    """Return whether the account uploaded the file and may still import lists of this kind."""
    table = import_tables.get(batch.table)
    return table is not None and batch.created_by_id == user.pk and table.allows(user)


def _is_of_command(user: Account, batch: ImportBatch) -> bool:
    table = import_tables.get(batch.table)
    return table is not None and batch.created_by_id is None and table.allows(user)


def visible_batch(request: HttpRequest, pk: int) -> ImportBatch:
    """Return the import for looking at it. Raises Http404 and PermissionDenied."""
    batch = ImportBatch.objects.select_related("created_by", "applied_by", "undone_by").filter(pk=pk).first()
    if batch is None:
        raise Http404
    if not may_see(request.user, batch):
        raise PermissionDenied
    return batch


def own_batch(request: HttpRequest, pk: int) -> ImportBatch:
    """Return the import for changing or applying it. Raises Http404 and PermissionDenied."""
    batch = visible_batch(request, pk)
    if not may_act(request.user, batch):
        raise PermissionDenied
    return batch


def table_of(batch: ImportBatch) -> ImportTable:
    """Return the import table of a batch. Raises Http404 if this installation does not know the table."""
    table = import_tables.get(batch.table)
    if table is None:
        raise Http404
    return table


def default_options(table: ImportTable, asked: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Return the options of a table: the ones asked for; for a required option without one, its first choice."""
    given = {
        name: asked.get(name) or (_first(field) if field.required else "")
        for name, field in table.option_fields().items()
    }
    return {name: value for name, value in given.items() if value}


def _first(field: forms.Field) -> str:
    return next((str(value) for value, _label in getattr(field, "choices", ()) if value), "")


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Declare a view of a model admin that accepts POST requests only."""

    @wraps(view)
    def inner(model_admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return view(model_admin, request, *args, **kwargs)

    return inner


def on_open_batch(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Declare a view of a model admin that continues an import of the account's own, which it is given as `batch`.

    An import that has been applied already is not changed.
    """

    @wraps(view)
    def inner(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
        batch = own_batch(request, pk)
        if batch.state != ImportBatch.State.OPEN:
            return not_open(request, batch)
        return view(model_admin, request, batch)

    return inner


def not_open(request: HttpRequest, batch: ImportBatch) -> HttpResponseRedirect:
    messages.warning(request, _("This import has been applied already; nothing was done."))
    return back(batch)


def back(batch: ImportBatch, request: HttpRequest | None = None) -> HttpResponseRedirect:
    """Redirect to the page of the import with the filters that were set."""
    url = reverse("admin:registry_importbatch_page", args=[batch.pk])
    query = request.POST.get("back", "") if request else ""
    return HttpResponseRedirect(url + (query if query.startswith("?") else ""))
