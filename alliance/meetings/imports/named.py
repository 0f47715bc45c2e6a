"""The base of the imports of meetings and decisions: rows that name a meeting by body, term and number."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.council.columns import ORDINAL, parse_ordinal
from alliance.council.imports.council import CouncilImport
from alliance.meetings.choices import Body
from alliance.meetings.columns import MEETINGS, parse_number
from alliance.models import Alliance, Meeting
from registry.columns import RenderContext
from registry.imports.pipeline.columns import FileColumn
from registry.imports.reading.tables import Sheet
from registry.spreadsheet import PLAIN, Vocabulary, parse_line

_NAME = re.compile(rf"第?({ORDINAL})届([^第\d]*?)第?({ORDINAL})次(\D*)")
_BODIES = (("常务", Body.STANDING_COUNCIL), ("理事", Body.COUNCIL), ("大会", Body.ASSEMBLY))
"""Words in the name of a meeting -> its body, the first that is found."""


class MeetingRenderContext(RenderContext):
    """Shows the terms and meetings of an alliance by number."""

    def __init__(self, alliance: Alliance) -> None:
        super().__init__()
        self._alliance = alliance

    @cached_property
    def term_numbers(self) -> dict[int | None, int]:
        return dict(self._alliance.terms.values_list("pk", "number"))

    @cached_property
    def meeting_names(self) -> dict[int | None, str]:
        meetings = self._alliance.meetings.select_related("alliance", "term")
        return {meeting.pk: str(meeting) for meeting in meetings}


def write_term(pk: int | None, context: MeetingRenderContext) -> object:
    return context.term_numbers.get(pk, "")


@dataclass
class NamedByMeeting(CouncilImport):
    """An import whose rows name a meeting: in three columns, or as minutes do (第三届理事会第二次会议) in one."""

    meeting_number: ClassVar[str]
    """The column with the number of the meeting."""

    def vocabularies(self) -> dict[str, Vocabulary[object]]:
        return {"term": Vocabulary(_("term"), self._terms)}

    def _terms(self) -> Iterator[tuple[int, Iterable[str]]]:
        for pk, number in self.alliance.terms.order_by("number").values_list("pk", "number"):
            yield pk, [str(number)]

    @cached_property
    def _term_ids(self) -> dict[int, int]:
        return {number: pk for pk, number in self.alliance.terms.values_list("pk", "number")}

    @classmethod
    def file_only(cls) -> list[FileColumn]:
        labels = ["会议名称", "Name of the meeting", "会议", "会议届次", "届次会议", "meeting_name"]
        return [*super().file_only(), FileColumn("meeting_name", labels, parse_line, group=MEETINGS)]

    def missing(self, names: set[str]) -> str | Promise | None:
        said = {"body", self.meeting_number} if "meeting_name" in names else set()
        return super().missing(names | said)

    def prepare(self) -> None:
        super().prepare()
        if "meeting_name" in self.present:
            self.present.update(("body", self.meeting_number))
        self.present.update(("term", "meeting_name"))  # the first may follow from the day, the second names the row

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        super().finish_row(values, sheet)
        if name := values.get("meeting_name"):
            for column, value in self._read_name(name).items():
                if values.setdefault(column, value) != value:
                    raise ValidationError({"meeting_name": _("The name of the meeting contradicts the other columns.")})
        elif values.get("body") and values.get(self.meeting_number):
            values["meeting_name"] = str(self._meeting(values))

    def _read_name(self, name: str) -> dict[str, Any]:
        """Return body, term and number of a meeting that is written in one cell."""
        found = _NAME.search("".join(unicodedata.normalize("NFKC", name).split()))
        body = next((body for word, body in _BODIES if found and word in f"{found[2]}{found[4]}"), None)
        unknown = _("“%(value)s” names no meeting: write it like 第三届理事会第二次会议, or use three columns.")
        refused = ValidationError({"meeting_name": ValidationError(unknown, params={"value": name})})
        if found is None or body is None:
            raise refused
        try:
            term, number = parse_ordinal(found[1], PLAIN), parse_number(found[3], PLAIN)
        except ValidationError:
            raise refused from None
        if term not in self._term_ids:
            told = _("The alliance has no term %(number)s: enter or import it first.")
            raise ValidationError({"meeting_name": ValidationError(told, params={"number": term})})
        return {"body": body.value, "term": self._term_ids[term], self.meeting_number: number}

    def _meeting(self, values: dict[str, Any]) -> Meeting:
        term = self.alliance.terms.filter(pk=values.get("term") or 0).first()
        return Meeting(alliance=self.alliance, body=values["body"], term=term, number=values[self.meeting_number])

    def render_context(self) -> RenderContext:
        return MeetingRenderContext(self.alliance)
