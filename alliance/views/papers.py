"""The member list on paper: which layout, edition and grouping a request may ask for, and how it is written."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from alliance.council.sitting import sitting
from alliance.members.names import label_on
from alliance.members.states import State, represented, suspended
from alliance.models import Alliance, Body, Meeting
from alliance.papers.columns import INTERNAL_ROSTER_COLUMNS, ROSTER_COLUMNS
from alliance.papers.document import Paper
from alliance.papers.filters_in_words import filters_in_words
from alliance.papers.layouts import LAYOUTS, PDF_ONLY, Edition, PaperLayout
from alliance.papers.pdf import PDFRenderer
from alliance.papers.roster import RosterRenderer
from alliance.papers.rows import Grouping, PaperRows, PaperTable, numbers
from registry.api.errors import InvalidParameters
from registry.api.lists.files import Table
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.api.lists.rows import ListRows
from registry.columns import Column, RenderContext, chosen
from registry.disclosure.models import Disclosure
from registry.values.people import person_name
from registry.values.punctuation import clauses

TABLE = "table"


class PapersMixin(RowListMixin):
    alliance: Alliance
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (JSONRenderer, CSVRenderer, XLSXRenderer, PDFRenderer)
    reveal_names = ("purpose", "recipient")
    disclosed = Disclosure.What.REPRESENTATIVES
    meeting: Meeting | None = None
    suspended = 0
    layout: PaperLayout | None = None
    """The paper that is asked for; None for the list as it is."""
    edition = Edition.PUBLIC
    grouping = Grouping.TIER

    def own_parameters(self) -> Mapping[str, Any]:
        return {
            "layout": _(
                "`roster` is the list as it is handed out (format=xlsx or pdf; the usual one of a pdf), `council` that "
                "of the council, `voting` a ballot, `signin` a sign-in sheet (format=pdf)."
            ),
            "edition": _(
                "Of the roster: `public` has the members that the public may see, `full` all; `internal` names people, "
                "too, and needs the permission to export it."
            ),
            "group": _("What the members of a roster stand under: their `tier`, or the `sector` of their primary one."),
            "meeting": _("Of a ballot or a sign-in sheet: the key of the meeting to which its members are called."),
        }

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.read_paper()
        return super().list(request, *args, **kwargs)

    @property
    def kind(self) -> str:
        """Return the format of the answer."""
        renderer: Any = self.request.accepted_renderer
        return renderer.format

    def read_paper(self) -> None:
        """Read what paper the parameters ask for. Raises InvalidParameters and PermissionDenied."""
        name = self.one_of("layout", (TABLE, *LAYOUTS), "roster" if self.kind == "pdf" else TABLE)
        self.edition = Edition(self.one_of("edition", Edition.values))
        self.grouping = Grouping(self.one_of("group", Grouping.values))
        self.layout = None if name == TABLE else LAYOUTS[name]
        if self.layout is None and self.kind == "pdf":
            raise InvalidParameters(
                {"layout": _("As PDF there are papers only: %(names)s.") % {"names": ", ".join(LAYOUTS)}}
            )
        if name in PDF_ONLY and self.kind != "pdf":
            raise InvalidParameters({"layout": _("This paper is a PDF: ask for format=pdf.")})
        if self.layout and self.kind not in ("xlsx", "pdf"):
            raise InvalidParameters(
                {"layout": _("The roster is a workbook or a PDF: ask for format=xlsx or format=pdf.")}
            )
        if self.layout and self.filterset.every_period:
            raise InvalidParameters({"as_of": _("The roster is of one day.")})
        if self.layout and self.filterset.state_asked != State.CURRENT:
            raise InvalidParameters({"state": _("The roster is of members.")})
        given = self.request.query_params
        if self.layout and "ordering" in given:
            raise InvalidParameters({"ordering": _("Papers have an order of their own, by tier or by sector.")})
        if "edition" in given and not (self.layout and self.layout.editions):
            raise InvalidParameters({"edition": _("Editions are of the roster: ask for layout=roster.")})
        if "group" in given and not (self.layout and self.layout.grouped):
            raise InvalidParameters({"group": _("Groups are of the roster: ask for layout=roster.")})
        self.meeting = self._meeting(given["meeting"]) if "meeting" in given else None
        if self.edition == Edition.INTERNAL and not self._may_see_people():
            raise PermissionDenied(_("The internal edition needs the permission to export it."))

    def _meeting(self, key: str) -> Meeting:
        """Return the meeting that the paper is of; who may not see meetings knows none."""
        if not (self.layout and self.layout.voting):
            raise InvalidParameters({"meeting": _("Of a meeting there are a ballot and a sign-in sheet.")})
        number = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0
        may = self.may("alliance.view_meeting") and self.may("alliance.view_attendance")
        meetings = Meeting.objects.select_related("alliance", "term").filter(pk=number, alliance=self.alliance)
        found = meetings.first() if may else None
        if found is None:
            raise InvalidParameters({"meeting": _("There is no meeting “%(value)s”.") % {"value": key}})
        if found.held_on != self.filterset.on:
            told = _("The meeting is on %(day)s: ask for as_of=%(day)s.") % {"day": found.held_on}
            raise InvalidParameters({"as_of": told})
        return found

    def _may_see_people(self) -> bool:
        return self.may("alliance.export_internal_roster") and self.may("alliance.view_representative")

    def reveal_columns(self) -> tuple[Column, ...]:
        return INTERNAL_ROSTER_COLUMNS

    def get_columns(self) -> tuple[Column, ...]:
        if self.layout is None:
            return super().get_columns()
        columns = INTERNAL_ROSTER_COLUMNS if self.edition == Edition.INTERNAL else ROSTER_COLUMNS
        return chosen(columns, self.layout.columns) if self.layout.columns else columns

    def rows(self) -> ListRows:
        rows = super().rows()
        if self.layout is None:
            return rows
        members: QuerySet[Model] = rows.queryset
        if self.layout.editions and self.edition == Edition.PUBLIC:
            members = members.filter(member__organization__published=True)
        if self.meeting:
            members = members.filter(member__attendance__meeting=self.meeting)
        elif self.layout.council:
            members = members.filter(Body.COUNCIL.by_tier())
        if self.layout.voting:
            self.suspended = self._left_out(members)
            members = members.exclude(suspended(self.filterset.on))
        return PaperRows(members, self.grouping, self.filterset.sector_plan)

    def _left_out(self, members: QuerySet[Any]) -> int:
        """Return how many of those who sit there are suspended; a meeting did not call them."""
        if self.meeting:
            meeting = self.meeting
            seated = sitting(meeting.alliance, meeting.held_on, Body(meeting.body))
            members = seated.filter(represented(meeting.held_on)) if meeting.of_representatives else seated
        return members.filter(suspended(self.filterset.on)).count()

    def get_export_title(self) -> str:
        """Return the title of the paper; empty for a list that is none."""
        if self.layout is None:
            return ""
        day = date_format(self.filterset.on, _("Y-m-d"))
        said = {"alliance": label_on(self.alliance, self.filterset.on), "day": day, "edition": self.edition.in_title()}
        return self.layout.title % said

    def get_table(self, ordered: QuerySet[Model], columns: tuple[Column, ...], context: RenderContext) -> Table:
        if self.layout is None:
            return super().get_table(ordered, columns, context)
        return PaperTable(self.get_export_title(), ordered, columns, context, self.grouping)

    def export(self, table: Table) -> StreamingHttpResponse:
        if self.layout:
            paper = self._paper(self.layout)
            self.request.accepted_renderer = PDFRenderer(paper) if self.kind == "pdf" else RosterRenderer(paper)
        return super().export(table)

    def _paper(self, layout: PaperLayout) -> Paper:
        return Paper(
            layout=layout,
            edition=self.edition,
            alliance=label_on(self.alliance, self.filterset.on),
            on=self.filterset.on,
            numbers=numbers(self.alliance, self.filterset.on),
            chosen=clauses(filters_in_words(self.filterset)),
            exported_by=person_name(self.request.user) if self.edition == Edition.INTERNAL else "",
            suspended=self.suspended,
            filled=self._filled(),
            anonymous=not self.request.user.is_authenticated,
        )

    def _filled(self) -> tuple[str, ...]:
        """Return meeting, day and place for the lines of the paper."""
        if self.meeting is None:
            return ()
        day = date_format(self.meeting.held_on, _("Y-m-d"))
        return str(self.meeting), " ".join(filter(None, (day, self.meeting.place)))
