"""The page of what falls due, its file, and its card on the start page."""

import mimetypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header, urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from alliance.models import Alliance
from registry.api.lists.files import Table
from registry.api.lists.renderers import XLSXRenderer, file_name
from registry.columns import file_column
from registry.disclosure import receipts
from registry.disclosure.log import by_whom
from registry.site.error_pages import WrongAddress
from registry.spreadsheet.output import download_name
from registry.workplace.cards.card import MOST as COUNTED
from registry.workplace.cards.card import Number, StartCard, add, bounded

from .sources import MONTHS, MOST_MONTHS, FallingDueQuery, FallingDueSource, FallingRow, sources_of

MOST = 200
"""The number of rows of a section on the page; the file has all."""
TITLE = gettext_lazy("What falls due")
COLUMNS = (
    file_column(_p("column", "Matter"), 24),
    file_column(_p("column", "Alliance"), 20),
    file_column(_p("column", "Organization or alliance"), 36),
    file_column(_p("column", "Registry number"), 14),
    file_column(_p("column", "Member number"), 14),
    file_column(_p("column", "What"), 40),
    file_column(_p("column", "Day"), 12),
    file_column(_p("column", "Days left"), 10),
)


@dataclass(frozen=True, slots=True)
class FallingDueSection:
    source: FallingDueSource
    number: Number
    rows: list[FallingRow]

    @property
    def of_members(self) -> bool:
        return any(row.alliance for row in self.rows)

    @property
    def more(self) -> int:
        return self.number.value - len(self.rows)


class AskedForm(forms.Form):
    months = forms.IntegerField(label=gettext_lazy("Within how many months"), min_value=1, max_value=MOST_MONTHS)
    alliance = forms.ModelChoiceField(
        Alliance.objects.all(),
        label=gettext_lazy("Alliance"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("all"),
    )
    section = forms.MultipleChoiceField(required=False)

    def __init__(self, request: HttpRequest, sources: Sequence[FallingDueSource]) -> None:
        data = request.GET.copy()
        data.setdefault("months", str(MONTHS))
        data.setlist("section", [name for text in data.getlist("section") for name in text.split(",") if name])
        super().__init__(data, label_suffix="")
        self.fields["section"].choices = [(one.name, one.label) for one in sources]  # type: ignore[attr-defined]


def _sources(request: HttpRequest) -> list[FallingDueSource]:
    sources = list(sources_of(request.user))
    if not sources:
        raise PermissionDenied
    return sources


def _asked(request: HttpRequest, form: AskedForm) -> FallingDueQuery:
    values = form.cleaned_data
    return FallingDueQuery(request.user, localdate(), values.get("months") or MONTHS, values.get("alliance"))


def _chosen(sources: Sequence[FallingDueSource], form: AskedForm) -> list[FallingDueSource]:
    names = form.cleaned_data.get("section") or [one.name for one in sources]
    return [one for one in sources if one.name in names]


def view(request: HttpRequest) -> HttpResponse:
    sources = _sources(request)
    form = AskedForm(request, sources)
    valid = form.is_valid()
    asked = _asked(request, form)
    sections = [_section(one, asked) for one in (_chosen(sources, form) if valid else ())]
    context = {
        **admin.site.each_context(request),
        "title": TITLE,
        "form": form,
        "asked": asked,
        "sections": sections,
        "empty": [section for section in sections if not section.rows],
        "rows": [row for section in sections for row in section.rows],
        "file_url": f"{reverse('admin:falling_due_file')}?{request.GET.urlencode()}" if valid else "",
    }
    return TemplateResponse(request, "admin/falling_due/page.html", context)


def _section(source: FallingDueSource, asked: FallingDueQuery) -> FallingDueSection:
    rows = source.rows(asked)
    return FallingDueSection(source, bounded(rows), [source.present(one, asked) for one in rows[:MOST]])


class FallingDueTable(Table):
    """All rows of the chosen sections, one below the other."""

    def __init__(self, sources: Sequence[FallingDueSource], asked: FallingDueQuery) -> None:
        self.title, self.columns = str(TITLE), COLUMNS
        self._sources, self._asked = sources, asked

    def cells(self) -> Iterator[Sequence[object]]:
        for source in self._sources:
            for found in source.rows(self._asked):
                row = source.present(found, self._asked)
                yield (
                    *(str(source.label), row.alliance, row.subject, row.registry_no, row.member_no),
                    *(row.what, row.day, row.days_left),
                )


def file(request: HttpRequest) -> Any:
    """Send the sections as a workbook, with a receipt."""
    sources = _sources(request)
    form = AskedForm(request, sources)
    if not form.is_valid():
        raise WrongAddress(" ".join(str(text) for errors in form.errors.values() for text in errors))
    asked = _asked(request, form)
    table = FallingDueTable(_chosen(sources, form), asked)
    if request.method == "GET":
        about = {"path": request.path, "query": request.GET.urlencode(), "as_of": asked.today, "format": "xlsx"}
        table.receipt = receipts.begin(by_whom(request), table.title, receipts.labels(COLUMNS), **about)
    # In the language of the request, which is not active any more when the pieces are sent.
    pieces = list(XLSXRenderer().stream(table))
    sent = receipts.SentFile(iter(pieces), table.receipt, lambda: table.count)
    sent.begin()
    name = download_name(file_name(table.title, asked.today, "xlsx"))
    response = StreamingHttpResponse(sent, mimetypes.guess_type(name)[0])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    if table.receipt:
        response["X-Receipt"] = table.receipt.number
    add_never_cache_headers(response)
    return response


# --- The card


def _on_card(request: HttpRequest) -> list[FallingDueSource]:
    return [one for one in sources_of(request.user) if one.on_card]


def _count(request: HttpRequest) -> Number:
    """Count all sections by one query, which stops counting at the number that is shown as “more than”."""
    asked = FallingDueQuery(request.user, localdate())
    first, *others = [one.rows(asked).order_by().values("pk")[: COUNTED + 1] for one in _on_card(request)]
    count = first.union(*others, all=True).count()
    return Number(min(count, COUNTED), count > COUNTED)


def _address(request: HttpRequest) -> str:
    names = ",".join(one.name for one in _on_card(request))
    return f"{reverse('admin:falling_due')}?{urlencode({'section': names})}"


add(
    StartCard(
        "falling-due",
        gettext_lazy("Falls due within 3 months"),
        ("alliance.add_membership",),
        _count,
        _address,
    )
)
