"""The page of an import: the planned changes of each row, the open questions, and afterwards the written changes."""

import shlex
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.imports import batches
from registry.imports.admin import rows
from registry.imports.admin.access import back, may_act, on_open_batch, posted, table_of, visible_batch
from registry.imports.models import ImportBatch, ImportFile
from registry.imports.options import Choices, ContactsInText, NameRemarks, RowsTaken, SectorLists, StoredValues
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.layout import LASTING, Layout
from registry.values.people import person_name


class ChoicesForm(forms.Form):
    take = forms.ChoiceField(label=gettext_lazy("Rows that are refused"), choices=RowsTaken.choices)
    stored = forms.ChoiceField(label=gettext_lazy("Values that the record has already"), choices=StoredValues.choices)
    lists = forms.ChoiceField(label=gettext_lazy("Sectors"), choices=SectorLists.choices)
    name_remarks = forms.ChoiceField(label=gettext_lazy("Names with remarks"), choices=NameRemarks.choices)
    contacts_in_text = forms.ChoiceField(label=gettext_lazy("Contact data in texts"), choices=ContactsInText.choices)

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        chosen = Choices.from_json(batch.choices).to_json()
        super().__init__(*args, **{"initial": chosen, "label_suffix": "", **kwargs})
        for field in self.fields.values():
            field.widget.attrs["form"] = "confirm"
        if batch.table != "organizations":
            del self.fields["lists"]
        if batch.table != "organizations" or not batch.findings.get("remarked"):
            del self.fields["name_remarks"]
        if not batch.findings.get("contacts_in_text"):
            del self.fields["contacts_in_text"]
        if batch.table == "memberships":
            del self.fields["stored"]

    def chosen(self) -> dict[str, Any]:
        """Return the choices of the form as JSON; a choice that the form does not ask for keeps its default."""
        return (Choices.from_json(self.cleaned_data)).to_json()


def page_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    batch = visible_batch(request, pk)
    acting = batch.state == ImportBatch.State.OPEN and may_act(request.user, batch)
    if acting and batch.examined_at is None and not batches.is_large(batch):
        return HttpResponseRedirect(reverse("admin:registry_importbatch_columns", args=[batch.pk]))
    context = {
        **model_admin.page_context(request),
        "title": batch.file_name,
        "batch": batch,
        "step": 3 if batch.state == ImportBatch.State.OPEN else 4,
        "table": table_of(batch),
        "acting": acting,
        "undoable": batch.state == ImportBatch.State.APPLIED and table_of(batch).allows(request.user),
        "large": batches.is_large(batch),
        "command": command(batch),
        "has_file": ImportFile.objects.filter(batch=batch).exists(),
        "is_owner": batch.created_by_id == request.user.pk,
        "who": {
            name: person_name(one)
            for name in ("created_by", "applied_by", "undone_by")
            if (one := getattr(batch, name))
        },
        "facts": [rows.spoken(fact) for fact in batch.findings.get("facts", ())],
        "notices": [rows.spoken(notice) for notice in batch.findings.get("notices", ())],
        "remembered": [one | {"said": rows.spoken(one["message"])} for one in batch.findings.get("remembered", ())],
        "choices": list(_in_words(batch)),
        "another_url": another_url(batch),
        **_list(request, batch),
    }
    if batch.state == ImportBatch.State.APPLIED:
        context["afterwards"] = list(table_of(batch).afterwards(batch, request.user))
    if acting:
        context |= {
            "choices_form": ChoicesForm(batch=batch),
            "confirmed": batches.fingerprint(batch),
            "writes": batches.writes(batch),
            "most_rows": batches.MOST_ROWS,
        }
        context["questions"] = any(shown.candidates for shown in context["rows"])
        context["suggesting"] = any(shown.suggestions for shown in context["rows"])
    return TemplateResponse(request, "admin/imports/page.html", context)


def another_url(batch: ImportBatch) -> str:
    """Return the address for uploading another file of the same kind: the same table, round or alliance."""
    return f"{reverse('admin:registry_importbatch_start')}?{urlencode({'table': batch.table} | batch.options)}"


def command(batch: ImportBatch) -> str:
    """Return the command line that imports the file on the server; without `--apply` the command only examines it."""
    options = [f"--{name.replace('_', '-')} {shlex.quote(str(value))}" for name, value in batch.options.items()]
    for name, value in Layout.from_json(batch.layout).constants.items():
        if name not in LASTING:  # what is remembered the command knows
            options.append(f"--constant {shlex.quote(f'{name}={value}')}")
    return " ".join([".venv/bin/python manage.py", table_of(batch).command, shlex.quote(batch.file_name), *options])


def _list(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    filters = rows.Filters.of(request, batch)
    page = rows.page_of(batch, filters, request.GET.get("page", "1"))
    return {
        "filters": filters,
        "tabs": list(rows.tabs(batch, filters)),
        "columns": sorted(rows.labels_of(batch).items(), key=lambda column: column[1]),
        "page": page,
        "page_query": filters.query(),
        "rows": list(rows.shown(page, batch, own=batch.created_by_id == request.user.pk)),
    }


def _in_words(batch: ImportBatch) -> Any:
    form = ChoicesForm(batch=batch)
    for name, field in form.fields.items():
        yield field.label, dict(field.choices)[form.initial[name]]  # type: ignore[attr-defined]


def examine_again(request: HttpRequest, batch: ImportBatch, anew: bool = False) -> HttpResponseRedirect | None:
    """Examine the file again; with `anew`, without the remembered mapping. If that fails, say why and redirect."""
    try:
        if anew:
            batches.read_without_memory(batch, request.user)  # type: ignore[arg-type]
        batches.examine(batch, request.user)  # type: ignore[arg-type]
    except UnreadableFile as refusal:
        messages.error(request, str(refusal))
        if refusal.code == "busy":
            return back(batch)
        return HttpResponseRedirect(reverse("admin:registry_importbatch_columns", args=[batch.pk]))
    except batches.FileDeleted:
        messages.error(request, _("The file of this import has been deleted: upload it again."))
        return back(batch)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back(batch)
    return None


@posted
@on_open_batch
def examine_view(model_admin: Any, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    if batches.is_large(batch):
        return back(batch)
    save_choices(request, batch)
    return examine_again(request, batch, "forget" in request.POST) or back(batch, request)


def save_choices(request: HttpRequest, batch: ImportBatch) -> bool:
    """Store the choices that were sent, and return whether they differ from the earlier ones."""
    form = ChoicesForm(request.POST, batch=batch)
    if not form.is_valid() or form.chosen() == Choices.from_json(batch.choices).to_json():
        return False
    batch.choices = form.chosen()
    batch.save(update_fields=["choices"])
    return True


@posted
@on_open_batch
def decide_view(model_admin: Any, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Store decisions about rows.

    The request is a POST with d-<row>=<organization>|new| for single rows, or bulk=first|new with row=<row> for each
    ticked row.
    """
    bulk = request.POST.get("bulk", "")
    chosen = _ticked(batch, request, bulk) if bulk in ("first", "new") else _single(request)
    changed = batches.decide(batch, request.user, chosen)  # type: ignore[arg-type]
    changed += batches.accept(batch, _ticked_sectors(request))
    if not changed:
        messages.warning(request, _("Nothing was decided: choose for a row what it is."))
        return back(batch, request)
    refused = examine_again(request, batch)
    if refused is None:
        message = ngettext("%(count)d decision was kept.", "%(count)d decisions were kept.", changed)
        messages.success(request, message % {"count": changed})
    return refused or back(batch, request)


@posted
@on_open_batch
def sectors_view(model_admin: Any, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Store which suggested sectors are accepted.

    The request is a POST with shown=<row> for each row of the page and s-<row>=<sector> for each tick; everything=1
    accepts all suggestions of all rows.
    """
    changed = batches.accept(batch, None if "everything" in request.POST else _ticked_sectors(request))
    # What was decided on the same page is not to be lost.
    decided = batches.decide(batch, request.user, _single(request))  # type: ignore[arg-type]
    if not changed and not decided:
        messages.warning(request, _("Nothing was changed: tick the sectors to accept."))
        return back(batch, request)
    refused = examine_again(request, batch)
    if refused is None:
        text = ngettext("The sectors of %(count)d row were kept.", "The sectors of %(count)d rows were kept.", changed)
        messages.success(request, text % {"count": changed})
    return refused or back(batch, request)


def _ticked_sectors(request: HttpRequest) -> dict[int, set[int]]:
    """Return the ticked sectors by row, for each row of the page that has suggestions."""
    return {
        int(n): {int(pk) for pk in request.POST.getlist(f"s-{n}") if _is_number(pk)}
        for n in request.POST.getlist("shown")
        if _is_number(n)
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9


def _single(request: HttpRequest) -> dict[int, int | str]:
    chosen: dict[int, int | str] = {}
    for name, value in request.POST.items():
        n = name.removeprefix("d-")
        if n != name and n.isdecimal() and len(n) < 9 and len(str(value)) < 19:
            chosen[int(n)] = int(str(value)) if str(value).isdecimal() else str(value)
    return chosen


def _ticked(batch: ImportBatch, request: HttpRequest, bulk: str) -> dict[int, int | str]:
    ticked = [int(n) for n in request.POST.getlist("row") if n.isdecimal() and len(n) < 9]
    if bulk == "new":
        return dict.fromkeys(ticked, "new")
    found = batch.rows.filter(n__in=ticked).exclude(candidates=[])
    return {row.n: row.candidates[0]["id"] for row in found}
