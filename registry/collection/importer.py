"""Imports the forms that come back in a round: figures of its year, and confirmed contacts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.collection.models import AnswerState, CollectionRound, RoundOrganization
from registry.columns import RenderContext, chosen, field_column
from registry.imports.options import StoredValues
from registry.imports.pipeline.report import Message
from registry.imports.reading.tables import Sheet
from registry.imports.tables.child_tables import KEYS
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.nested import ChildTable, Contacts
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES_COLUMNS
from registry.organizations.models.choices import RegistrationStatus
from registry.spreadsheet import Vocabulary, choice_vocabulary
from registry.values.people import Account

_LONG = 19


def figures_import(*, user: Account | None = None, round: int | str | None = None) -> FiguresImport:
    """Return a run for figures, in a round if one is named. Raises ValidationError if the round takes no answers."""
    if round in (None, ""):
        return FiguresImport(user=user)
    number = str(round)
    known = number.isdecimal() and len(number) < _LONG
    asking = CollectionRound.objects.filter(pk=int(number)).first() if known else None
    if asking is None:
        raise ValidationError(_("There is no such round."))
    if asking.closed_on and asking.closed_on <= timezone.localdate():
        raise ValidationError(_("The round is closed: it takes no answers any more."))
    return RoundImport(user=user, asking=asking)


def round_fields() -> dict[str, forms.Field]:
    """Return the form field for the round in which the figures of the file were collected, if any."""
    still_open = CollectionRound.objects.filter(Q(closed_on=None) | Q(closed_on__gt=timezone.localdate()))
    choices = [("", _("Not from a collection round")), *((one.pk, str(one)) for one in still_open)]
    help_text = _("Of a round, the year is known and contacts can be confirmed.")
    return {
        "round": forms.TypedChoiceField(
            label=_("Collection round"),
            choices=choices,
            coerce=int,
            empty_value=None,
            required=False,
            help_text=help_text,
        )
    }


def _states() -> Vocabulary[str]:
    return choice_vocabulary(_("how it stands"), AnswerState.choices, _STATE_ALIASES)


_STATE_ALIASES: dict[str, list[str]] = {
    AnswerState.REPORTED: ["已报", "已报送", "已上报"],
    AnswerState.OUT_OF_BUSINESS: ["停业", "歇业", "已歇业", "停产"],
    AnswerState.DEREGISTERED: ["注销"],
    AnswerState.MOVED_AWAY: ["迁出", "外迁", "已外迁", "搬迁", "已搬迁"],
    AnswerState.UNREACHABLE: ["无法联系", "失联", "联系不到"],
    AnswerState.REFUSES: ["拒绝填报", "不配合", "不愿填报"],
}
_STATUSES = {
    AnswerState.OUT_OF_BUSINESS.value: RegistrationStatus.SUSPENDED,
    AnswerState.DEREGISTERED.value: RegistrationStatus.DEREGISTERED,
    AnswerState.MOVED_AWAY.value: RegistrationStatus.MOVED_OUT,
}
"""The registration status for each answer of a township; other answers change no status."""
_STATE = field_column(
    RoundOrganization,
    "state",
    label=_("How it stands"),
    synonyms="填报状态、上报情况、报送情况",
    vocabulary=_states,
    group=CollectionRound._meta.verbose_name,
)


class Answers(ChildTable):
    """Imports the townships' answers about the organizations, given with figures or instead of figures."""

    columns = ("state",)
    table = "import_answer"
    several = False
    run: "RoundImport"

    def examine(self) -> None:
        blank = "AND a.state = ''" if self.run.choices.stored == StoredValues.FILL_BLANKS else ""
        query = f"""
            SELECT r.n, t.organization_id, a.state, r.state FROM import_row r JOIN import_target t ON t.n = r.n
            JOIN registry_roundorganization a ON a.round_id = {self.run.asking.pk}
                AND a.organization_id = t.organization_id
            WHERE r.state <> a.state {blank} ORDER BY r.n
        """
        self.run.make_table(self.table, query)

    def apply(self) -> None:
        self.run.overwrite(
            f"""
            UPDATE registry_roundorganization a SET state = i.state FROM import_answer i
            WHERE a.round_id = {self.run.asking.pk} AND a.organization_id = i.organization_id AND a.state = i.before
            """,
            "SELECT count(*) FROM import_answer",
        )

    def written_values(self) -> str:
        return "SELECT n, false, organization_id, before, state FROM import_answer ORDER BY n"

    def shown(
        self, stored: object, row: Sequence[object], context: RenderContext
    ) -> Iterator[tuple[str, object, object]]:
        before, after = row
        yield "state", before, after


@dataclass
class RoundImport(FiguresImport):
    """Imports figures for the round's year, and contacts by the rules of the import of organizations."""

    asking: CollectionRound = field(kw_only=True)

    shown = (*FIGURES_COLUMNS, *chosen(ORGANIZATION_COLUMNS, Contacts.columns), _STATE)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.children = [Contacts(self), Answers(self)]

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names | {"year"})

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        year = values.setdefault("year", self.asking.year)
        if year != self.asking.year:
            params = {"one": year, "other": self.asking.year}
            message = _("The row is about %(one)s, but the round is about %(other)s.")
            raise ValidationError({"year": ValidationError(message, params=params)})
        super().finish_row(values, sheet)

    def find_records(self) -> None:
        super().find_records()
        self._refuse_strangers()

    def check(self) -> None:
        super().check()
        self._refuse_second_rows(Contacts, "organization_id, role")
        self._refuse_second_rows(Answers, "organization_id")
        self._compare_states()

    def _refuse_second_rows(self, child: type[ChildTable], column: str) -> None:
        """Refuse rows that state different things about the same organization."""
        if child.table not in self.written_tables():
            return
        twice = f"SELECT array_agg(n ORDER BY n) FROM {child.table} GROUP BY {column} HAVING count(*) > 1"
        for (group,) in list(self.query(twice)):
            for n in group:
                if n not in self.bad:
                    rows = self.rows_text([other for other in group if other != n], n)
                    message = _("Row %(rows)s is about the same organization: keep one of them.")
                    self.refuse(n, child.columns, "", Message(message, {"rows": rows}))

    def _compare_states(self) -> None:
        """Add a note if the registry has another registration status than the township states; the status does not
        change.
        """
        if "state" not in self.present:
            return
        query = """
            SELECT r.n, r.state, o.registration_status FROM import_row r JOIN import_match m ON m.n = r.n
            JOIN registry_organization o ON o.id = m.id WHERE r.state = ANY (%s) ORDER BY r.n
        """
        for n, state, status in list(self.query(query, [[*_STATUSES]])):
            if status != _STATUSES[state]:
                message = _("The registry has it as “%(status)s”: change its registration status if this is right.")
                note = Message(message, {"status": RegistrationStatus(status).label})
                self.note(n, "state", AnswerState(state).label, note)

    def _refuse_strangers(self) -> None:
        """Refuse the rows of organizations that are not in the round."""
        query = """
            SELECT m.n, o.registry_no FROM import_match m JOIN registry_organization o ON o.id = m.id
            WHERE NOT EXISTS (
                SELECT 1 FROM registry_roundorganization a WHERE a.round_id = %s AND a.organization_id = m.id
            ) AND m.n <> ALL (%s) ORDER BY m.n
        """
        message = _("The round does not ask this organization: add it there first.")
        self.refuse_all(query, KEYS, message, [self.asking.pk, sorted(self.bad)])
