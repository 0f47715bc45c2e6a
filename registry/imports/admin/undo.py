"""The page for undoing an import: what is reverted, what stays because it was changed since, and the consent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from registry.database.db_errors import Conflict
from registry.imports.admin.access import visible_batch
from registry.imports.undo.outcome import TableOutcome, UndoOutcome, kind_name, last_events, words_of
from registry.imports.undo.undo import NotUndoable, undo
from registry.organizations.models.organizations import Organization
from registry.values.people import Account, person_name

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One record that the undoing leaves as it is, as the page shows it."""

    kind: str
    name: str
    url: str
    why: str
    last: str
    """When the record was changed last, and by whom."""


def undo_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the undoing would do (GET), or undo (POST with accepted=on and staying=<number of kept records>)."""
    batch = visible_batch(request, pk)
    back = HttpResponseRedirect(reverse("admin:registry_importbatch_page", args=[pk]))
    accepted = request.POST.get("staying", "0") if request.POST.get("accepted") else "0"
    try:
        undoing = undo(
            pk,
            user=request.user,
            apply=request.method == "POST",
            leave=int(accepted) if accepted.isdecimal() else 0,
        )
    except (NotUndoable, Conflict) as error:
        messages.error(request, " ".join(error.messages))
        return back
    if undoing.done:
        messages.success(request, _done(undoing))
        return back
    context = {
        **model_admin.page_context(request),
        "title": _("Undo the import “%(file)s”") % {"file": batch.file_name},
        "batch": batch,
        "undoing": undoing,
        "tables": [(capfirst(kind_name(table.model)), table) for table in undoing.tables],
        "lines": (lines := list(_lines(undoing.tables, request.user))),
        "more": undoing.staying - len(lines),
        "lacking": _names_of(undoing.lacking),
        "moved_on": request.method == "POST" and bool(request.POST.get("accepted")),
        "asked": request.method == "POST",
        "step": 5,
    }
    return TemplateResponse(request, "admin/imports/undo.html", context, status=409 if context["asked"] else 200)


def _done(undoing: UndoOutcome) -> str:
    said = _("The import was undone: %(back)d records are as they were before.") % {"back": undoing.back}
    if undoing.staying:
        said += " " + _("%(staying)d stay as they have been changed since.") % {"staying": undoing.staying}
    return said


def _lines(tables: Sequence[TableOutcome], user: Account) -> Iterator[Line]:
    for table in tables:
        stays = table.stays[:SHOWN]
        organizations = Organization.objects.in_bulk({stay.organization for stay in stays if stay.organization})
        last = last_events(table.model, [stay.pk for stay in stays])
        people = get_user_model().objects.in_bulk({user_id for _moment, user_id in last.values() if user_id})
        for stay in stays:
            organization = organizations.get(stay.organization or 0)
            moment, user_id = last.get(stay.pk, (None, None))
            name = person_name(people[user_id]) if user_id in people else ""
            yield Line(
                kind=capfirst(kind_name(table.model)),
                name=str(organization) if organization else f"#{stay.pk}",
                url=organization.get_absolute_url() if organization else "",
                why=words_of(stay, user),
                last=f"{localtime(moment):%Y-%m-%d %H:%M} {name}".strip() if moment else "",
            )


def _names_of(permissions: Sequence[str]) -> list[str]:
    """Return the names of the permissions that the account lacks."""
    codenames = [name.partition(".")[2] for name in permissions]
    found = Permission.objects.filter(codename__in=codenames).select_related("content_type")
    names = {f"{one.content_type.app_label}.{one.codename}": one.name for one in found}
    return [names.get(name) or name for name in permissions]
