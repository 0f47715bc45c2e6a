"""Lists: parameters -> filterset -> columns -> page or file. Export is a renderer of the list, not a view."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.errors import InvalidParameters
from registry.api.lists.files import Export, Table
from registry.api.lists.filters import StrictFilterSet, nearest
from registry.api.lists.pagination import PARAMETERS as PAGING
from registry.api.lists.pagination import Orderings, Paginator
from registry.api.lists.renderers import CSVRenderer, FileRenderer, JSONRenderer, XLSXRenderer, file_name
from registry.api.lists.reveals import RevealMixin
from registry.api.lists.rows import ListRows, Selection
from registry.columns import Column, RenderContext, chosen, present_rows
from registry.disclosure import receipts
from registry.disclosure.log import by_whom, log_file
from registry.disclosure.models import Receipt
from registry.disclosure.receipts import SentFile
from registry.spreadsheet.output import download_name

SHAPING = ("fields", "omit", "lang", "format")
_NAMED_BY_FILE = ("csv", "svg", "png")
"""The formats whose files name their receipt in the name of the file; others name it within."""


class RowListMixin(RevealMixin):
    """GET of a list by its columns. A subclass that is public narrows `column_names` and `parameter_names`."""

    columns: ClassVar[tuple[Column, ...]]
    column_names: ClassVar[tuple[str, ...] | None] = None
    parameter_names: ClassVar[tuple[str, ...] | None] = None
    filterset_class: ClassVar[type[StrictFilterSet]]
    orderings: ClassVar[Orderings]
    shows_all: ClassVar[bool] = False
    """Whether the list chooses from all that `shown()` gives, so that nothing else in the address narrows it."""
    export_title: ClassVar[str | Promise] = ""
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (JSONRenderer, CSVRenderer, XLSXRenderer)
    action_renderers: ClassVar[dict[str, tuple[type[BaseRenderer], ...]]] = {}
    """The renderers of actions that give other files than the list does."""
    list_actions: ClassVar[frozenset[str]] = frozenset(["list"])
    """The names of the actions that choose rows by the parameters of the list."""
    file_actions: ClassVar[frozenset[str]] = frozenset(["list"])
    """The names of the actions that also answer with files."""
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {}
    """The parameters that the others of these actions read beside the filters: name -> what it means."""
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {}
    """Schema of what they answer."""
    also_said: ClassVar[tuple[str, ...]] = ()
    """Further names that `said()` returns, for the OpenAPI file."""
    action_descriptions: ClassVar[dict[str, str]] = {}
    """The description of an action for users of the API, where the usual words do not do."""

    def get_renderers(self) -> Any:
        name = getattr(self, "action", "list")
        usual = self.list_renderers if name in self.file_actions else (JSONRenderer,)
        return [renderer() for renderer in self.action_renderers.get(name or "", usual)]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.check_parameters()
        filterset, context, columns = self.filterset, self.get_render_context(), self.get_columns()
        paginator = Paginator(request, self.get_orderings(), request.path, self.fixed_parameters())
        if self.streams:
            ordered = self.rows().in_order(paginator.order)
            context.revealed = bool(self.handed_over(columns)[0])
            return self.export(self.get_table(ordered, columns, context))
        page = paginator.page(self.rows())
        answer = {
            "count": page.count,
            "count_is": page.count_is,
            "next": page.next,
            "previous": page.previous,
            **self.said(context),
            "results": list(self.present(page.pks, columns, context).values()),
        }
        notices = filterset.notices()
        if context.visible and any(column.permission for column in columns):
            notices.append(_("Contacts and figures are shown only of organizations in your townships."))
        if notices:
            answer["notices"] = notices
        if not page.pks and "cursor" not in request.query_params and (meant := self.did_you_mean()):
            answer["did_you_mean"] = meant
        return Response(answer)

    def present(
        self, pks: Sequence[object], columns: tuple[Column, ...], context: RenderContext
    ) -> dict[Any, dict[str, Any]]:
        """The records of these keys that are still there, in the order of the keys."""
        context.revealed = context.revealed or self.reveals(columns)
        rows = Selection(type(self), columns, context.key, context).rows(pks)
        known = [pk for pk in pks if pk in rows]
        if self.request.method == "GET" and context.revealed and known:
            self.log_reveal({"pk__in": known})
        return dict(zip(known, present_rows([rows[pk] for pk in known], columns, context), strict=True))

    @classmethod
    def shown(cls) -> QuerySet[Model]:
        """Return all rows that the view may show, before any filter."""
        queryset: Any = cls.queryset
        return queryset.all()

    @property
    def streams(self) -> bool:
        """Whether a file is asked for, which gives all rows."""
        return isinstance(self.request.accepted_renderer, FileRenderer)

    def said(self, context: RenderContext) -> dict[str, Any]:
        """Return the defaults of the request that the answer names."""
        return {"plan": context.plan.code if context.plan else None}

    def fixed_parameters(self) -> dict[str, str]:
        """Parameters that further pages must repeat, because their default changes with the day."""
        return {}

    @cached_property
    def filterset(self) -> Any:
        """Return the parameters that choose rows. Raises InvalidParameters for values that a filter does not know."""
        return self.filterset_class(
            self.request.query_params, self.get_queryset(), request=self.request, names=self.known_filters()
        )

    def check_filters(self) -> None:
        """Read the parameters that choose rows before others are read. Raises InvalidParameters."""
        _read = self.filterset

    def rows(self) -> ListRows:
        """Return the rows that the request chooses: the one way to them, for lists, files and statistics.

        Raises InvalidParameters.
        """
        return ListRows(self.get_queryset().filter(self.filterset.condition()))

    def get_orderings(self) -> Orderings:
        return self.orderings

    def did_you_mean(self) -> Sequence[str]:
        """Other texts to search for, where nothing is found."""
        return []

    def get_render_context(self) -> RenderContext:
        return RenderContext(self.filterset.sector_plan, self.filterset.on, self.filterset.references)

    # --- What the caller may name

    def may(self, permission: str) -> bool:
        if not permission:
            return True
        if permission not in self._may:
            self._may[permission] = self.request.user.has_perm(permission)
        return self._may[permission]

    @cached_property
    def _may(self) -> dict[str, bool]:
        return {}

    def known_filters(self) -> Sequence[str]:
        permissions = getattr(self.filterset_class, "PERMISSIONS", {})
        names = self.parameter_names or self.filterset_class.base_filters
        return [name for name in names if name not in permissions or self.may(permissions[name])]

    def declared_columns(self) -> tuple[Column, ...]:
        return chosen(self.columns, self.column_names) if self.column_names else self.columns

    def check_parameters(self) -> None:
        """Raises InvalidParameters for every parameter that this list does not know, with the nearest ones."""
        shaping = {*SHAPING, "ordering"} if self.streams else {*SHAPING, *PAGING}
        known = {*self.known_filters(), *shaping, *self.own_parameters()}
        if known >= self.request.query_params.keys():
            return
        revealing = self.reveal_parameters(self.reveal_columns())
        kinds = {"purpose", "recipient"} if self.streams else {"reveal"}
        self.refuse_unknown(known | (kinds & {*revealing}))

    def reveal_columns(self) -> tuple[Column, ...]:
        """Return the columns among which some may be revealed."""
        return self.declared_columns()

    def refuse_unknown(self, known: Collection[str]) -> None:
        unknown = {
            name: _("There is no such parameter here. Nearest: %(names)s.") % {"names": nearest(name, known)}
            for name in self.request.query_params
            if name not in known
        }
        if unknown:
            raise InvalidParameters(unknown)

    def one_of(self, name: str, values: Sequence[str], default: str = "") -> str:
        """Return the last value of the parameter, by default the first of `values`. Raises InvalidParameters."""
        value = self.request.query_params.get(name, default or values[0])
        if value not in values:
            said = _("“%(value)s” is not possible here; there are: %(values)s.")
            raise InvalidParameters({name: said % {"value": value, "values": ", ".join(values)}})
        return value

    def own_parameters(self) -> Mapping[str, Any]:
        """Parameters that the view itself reads: name -> what it means."""
        return {}

    def get_columns(self) -> tuple[Column, ...]:
        """Return the columns of `fields`, else the usual ones of a list or a file, without the columns of `omit`."""
        known = {column.name: column for column in self.declared_columns() if self.may(column.permission)}
        fields, omit = self._names("fields", known), self._names("omit", known)
        if fields:
            columns = [known[name] for name in fields]
        elif self.streams:
            given = self.filterset.filters
            columns = [
                column
                for column in known.values()
                if column.in_file or column.only_written or (column.in_file_by_filter and column.name in given)
            ]
        else:
            columns = [column for column in known.values() if column.in_list]
        columns = [column for column in columns if column.name not in omit]
        if not columns:
            raise InvalidParameters({"omit": _("No column is left.")})
        return tuple(columns)

    def _names(self, parameter: str, known: Iterable[str]) -> Sequence[str]:
        given = [name.strip() for text in self.request.query_params.getlist(parameter) for name in text.split(",")]
        if unknown := [name for name in given if name not in known]:
            raise InvalidParameters(
                {
                    parameter: [
                        _("There is no column “%(value)s” here. Nearest: %(names)s.")
                        % {"value": name, "names": nearest(name, known)}
                        for name in unknown
                    ]
                }
            )
        return list(dict.fromkeys(given))

    # --- Files

    def get_export_title(self) -> str:
        options: Any = self.get_queryset().model._meta
        return str(self.export_title or capfirst(options.verbose_name_plural))

    def get_table(self, ordered: QuerySet[Model], columns: tuple[Column, ...], context: RenderContext) -> Table:
        """Return the rows of a file."""
        return Export(self.get_export_title(), ordered, columns, context)

    def export(self, table: Table) -> StreamingHttpResponse:
        renderer: Any = self.request.accepted_renderer
        language = translation.get_language() or "zh-hans"
        on = self.filterset.on if table.title else localdate()
        table.receipt = self.receipt(table, on, renderer.format)
        sent = SentFile(_in_language(renderer.stream(table), language), table.receipt, lambda: table.count)
        sent.begin()
        response = StreamingHttpResponse(sent, renderer.media_type)
        if table.receipt:
            response["X-Receipt"] = table.receipt.number
        number = (
            table.receipt.number if table.receipt and renderer.format in _NAMED_BY_FILE else ""
        )  # a workbook names it within
        name = download_name(file_name(table.title, on, renderer.format, number))
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        response["X-Accel-Buffering"] = "no"
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        return response

    def receipt(self, table: Table, on: datetime.date, kind: str) -> Receipt | None:
        """Store what is exported and by whom. The public gets no receipt, nor does HEAD, which sends no file."""
        if not self.request.user.is_authenticated or self.request.method == "HEAD":
            return None
        purpose, recipient = self.handed_over(table.columns)
        who = by_whom(self.request)
        receipt = receipts.begin(
            who,
            table.title,
            receipts.labels(table.columns),
            path=self.request.path,
            query=self.request.query_params.urlencode(),
            as_of=on,
            format=kind,
            purpose=purpose,
            recipient=recipient,
            full_numbers=table.reveals,
        )
        if table.reveals:
            log_file(who, self.disclosed, receipt)
        return receipt


def _in_language(pieces: Iterator[bytes], language: str) -> Iterator[bytes]:
    """The pieces are made after the view has returned, when the request's language is no longer active.

    Whoever takes them has a language of its own, between the pieces too.
    """
    while True:
        with translation.override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
