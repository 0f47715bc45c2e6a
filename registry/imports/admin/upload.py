"""The first step of an import: choose the table and the file, or paste rows from a spreadsheet program."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.imports import batches, import_tables
from registry.imports.admin.columns import adopt, needs_a_look
from registry.imports.import_tables import ImportTable
from registry.imports.models import ImportBatch
from registry.imports.reading.clipboard import as_text_file
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.inspection import inspect

OWN_SHOWN = 10


class UploadForm(forms.Form):
    """Holds the fields for the options of all tables side by side; only the fields of the chosen table count."""

    table = forms.ChoiceField(label=gettext_lazy("What the list holds"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )
    pasted = forms.CharField(label=gettext_lazy("Pasted rows"), required=False, strip=False, widget=forms.Textarea)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.tables: list[ImportTable] = list(import_tables.of(user))
        self.fields["table"].choices = [(table.name, table.label) for table in self.tables]  # type: ignore[attr-defined]
        for table in self.tables:
            for name, field in table.option_fields().items():
                field.widget.is_required = field.required
                self.fields[f"{table.name}-{name}"] = field
        if self.is_bound:
            for name, field in self.fields.items():
                if "-" in name and not name.startswith(f"{self.data.get('table')}-"):
                    field.required = False

    def cards(self) -> Iterator[dict[str, Any]]:
        """Return each table with the form fields of its options."""
        chosen = self["table"].value()
        for table in self.tables:
            yield {
                "table": table,
                "chosen": table.name == chosen,
                "options": [field for field in self if field.name.startswith(f"{table.name}-")],
            }

    def options(self) -> dict[str, Any]:
        beginning = f"{self.cleaned_data['table']}-"
        return {
            name.removeprefix(beginning): value
            for name, value in self.cleaned_data.items()
            if name.startswith(beginning) and value not in (None, "")
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file, pasted = cleaned.get("file"), (cleaned.get("pasted") or "").strip("\r\n")
        if not file and not pasted:
            raise forms.ValidationError(_("Choose a file, or paste the rows with their header."))
        if file and pasted:
            raise forms.ValidationError(_("There are a file and pasted rows: leave one of them out."))
        return cleaned

    def content(self) -> tuple[str, bytes]:
        """Return the name and the bytes of the uploaded file or of the pasted rows."""
        if file := self.cleaned_data["file"]:
            return file.name or "", file.read()
        moment = timezone.localtime().strftime("%Y-%m-%d %H.%M")
        return _("Pasted %(moment)s.txt") % {"moment": moment}, as_text_file(self.cleaned_data["pasted"])


def start_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    offered = list(import_tables.of(request.user))
    if not offered:
        raise PermissionDenied
    asked = request.GET.get("table")
    initial = {"table": asked if asked in {table.name for table in offered} else offered[0].name}
    initial |= {f"{initial['table']}-{name}": request.GET[name] for name in request.GET if name != "table"}
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial=initial,
        user=request.user,  # type: ignore[arg-type]
    )
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(_bring(form, request.user))  # type: ignore[arg-type]
        except UnreadableFile as refusal:
            form.add_error(None, str(refusal))
        except forms.ValidationError as error:
            form.add_error(None, error)
    own = ImportBatch.objects.filter(created_by=request.user.pk)[:OWN_SHOWN]
    context = {
        **model_admin.page_context(request),
        "title": _("Import a list"),
        "step": 1,
        "form": form,
        "own": own,
        "most_rows": batches.MOST_ROWS,
    }
    return TemplateResponse(request, "admin/imports/start.html", context, status=400 if form.errors else 200)


def _bring(form: UploadForm, user: User) -> str:
    """Store the file, examine it if its columns need no correction, and return the address of the next step."""
    name, content = form.content()
    table = import_tables.get(form.cleaned_data["table"])
    assert table is not None  # noqa: S101 - one of the choices
    options = form.options()
    with batches.on_disk(name, content) as path:
        inspection = inspect(table.make(user=user, **options), path, None)
    batch = batches.create(table.name, user, name, content, options)
    adopt(batch, inspection)
    if needs_a_look(inspection):
        return reverse("admin:registry_importbatch_columns", args=[batch.pk])
    if not batches.is_large(batch):
        batches.examine(batch, user)
    return reverse("admin:registry_importbatch_page", args=[batch.pk])
