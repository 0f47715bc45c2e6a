"""Who may see an import and who may go on with it."""

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from registry.imports import import_tables
from registry.imports.import_tables import ImportTable
from registry.imports.models import ImportBatch

VIEW_ALL = "registry.view_importbatch"


def may_see(user: Any, batch: ImportBatch) -> bool:
    """Its owner, who may see all imports, and of a command's who may bring such lists: to undo it.

    In all cases only with the permissions of the columns it has.
    """
    known = user.has_perm(VIEW_ALL) or _is_owner(user, batch) or _is_of_command(user, batch)
    return known and user.has_perms(batch.permissions)


def may_act(user: Any, batch: ImportBatch) -> bool:
    """Decide, correct, apply."""
    return _is_owner(user, batch) and user.has_perms(batch.permissions)


def _is_owner(user: Any, batch: ImportBatch) -> bool:
    """Who has brought the list, as long as the account may bring such lists."""
    table = import_tables.get(batch.table)
    return table is not None and batch.created_by_id == user.pk and table.allows(user)


def _is_of_command(user: Any, batch: ImportBatch) -> bool:
    table = import_tables.get(batch.table)
    return table is not None and batch.created_by_id is None and table.allows(user)


def visible_batch(request: HttpRequest, pk: int) -> ImportBatch:
    """The import, to look at. Raises Http404, PermissionDenied."""
    batch = ImportBatch.objects.select_related("created_by", "applied_by", "undone_by").filter(pk=pk).first()
    if batch is None:
        raise Http404
    if not may_see(request.user, batch):
        raise PermissionDenied
    return batch


def own_batch(request: HttpRequest, pk: int) -> ImportBatch:
    """The import, to go on with. Raises Http404, PermissionDenied."""
    batch = visible_batch(request, pk)
    if not may_act(request.user, batch):
        raise PermissionDenied
    return batch


def table_of(batch: ImportBatch) -> ImportTable:
    """Raises Http404 where this installation knows no such table."""
    table = import_tables.get(batch.table)
    if table is None:
        raise Http404
    return table


def default_options(table: ImportTable, asked: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Options of a table: those that were asked for, else the first choice of those that it must have."""
    given = {
        name: asked.get(name) or (_first(field) if field.required else "")
        for name, field in table.option_fields().items()
    }
    return {name: value for name, value in given.items() if value}


def _first(field: forms.Field) -> str:
    return next((str(value) for value, _label in getattr(field, "choices", ()) if value), "")


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of an admin that only takes POST."""

    @wraps(view)
    def inner(model_admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return view(model_admin, request, *args, **kwargs)

    return inner
