"""Import of what comes back in a round of collecting figures: figures of its year, and confirmed contacts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.columns import Reading, chosen
from registry.imports.columns import file_columns
from registry.imports.engine import FileColumn
from registry.imports.figures import FiguresImport
from registry.imports.outcomes import Written, change
from registry.imports.parts import KEYS
from registry.imports.reading import Sheet
from registry.imports.related import Contacts
from registry.imports.report import Message
from registry.models import CollectionRound, Organization
from registry.rows import ORGANIZATION_COLUMNS

_LONG = 19


def figures_import(*, user: Any = None, round: int | str | None = None) -> FiguresImport:
    """A run for figures, of a round where one is named. Raises ValidationError where it takes no answers."""
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
    """In which round figures come back, where they come back in one."""
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


@dataclass
class RoundImport(FiguresImport):
    """Figures for the round's year, and contacts by the rules of the import of organizations."""

    asking: CollectionRound = field(kw_only=True)
    _contacts: Contacts | None = field(init=False, default=None)

    def _make_columns(self) -> list[FileColumn]:
        return [*super()._make_columns(), *file_columns(Organization, chosen(ORGANIZATION_COLUMNS, Contacts.columns))]

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names | {"year"})

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        year = values.setdefault("year", self.asking.year)
        if year != self.asking.year:
            params = {"one": year, "other": self.asking.year}
            message = _("The row is about %(one)s, but the round is about %(other)s.")
            raise ValidationError({"year": ValidationError(message, params=params)})
        super().finish_row(values, sheet)

    # --- Examining

    def examine(self) -> None:
        super().examine()
        self._contacts = Contacts(self) if not self.present.isdisjoint(Contacts.columns) else None
        self._refuse_strangers()
        if self._contacts:
            self._examine_contacts(self._contacts)
        for table in ("import_final", *([Contacts.table] if self._contacts else [])):
            self.execute(f"DELETE FROM {table} WHERE n = ANY(%s)", [sorted(self.bad)])  # noqa: S608

    def _refuse_strangers(self) -> None:
        """Organizations that the round does not ask."""
        query = """
            SELECT m.n, o.registry_no FROM import_match m JOIN registry_organization o ON o.id = m.id
            WHERE NOT EXISTS (
                SELECT 1 FROM registry_roundorganization a WHERE a.round_id = %s AND a.organization_id = m.id
            ) ORDER BY m.n
        """
        for n, number in list(self.query(query, [self.asking.pk])):
            if n not in self.bad:
                self.refuse(
                    n, KEYS, number, Message(_("The round does not ask this organization: add it there first."))
                )

    def _examine_contacts(self, contacts: Contacts) -> None:
        self.execute(
            "CREATE TEMP TABLE import_target ON COMMIT DROP AS "
            "SELECT n, id, false AS is_new FROM import_match WHERE id IS NOT NULL"
        )
        contacts.examine()
        twice = _("Row %(rows)s is about the same organization: keep one of them.")
        groups = "SELECT array_agg(n ORDER BY n) FROM import_contact GROUP BY id, role HAVING count(*) > 1"
        for (group,) in list(self.query(groups)):
            for n in group:
                if n not in self.bad:
                    rows = self.places_of([other for other in group if other != n][:5], n)
                    self.refuse(n, Contacts.columns, "", Message(twice, {"rows": rows}))
        for permission, condition, message in (
            ("registry.add_contact", "contact IS NULL", _("Your account may not add contacts.")),
            ("registry.change_contact", "contact IS NOT NULL", _("Your account may not change contacts.")),
        ):
            if not self.allows(permission):
                for (n,) in list(self.query(f"SELECT DISTINCT n FROM import_contact WHERE {condition} ORDER BY n")):  # noqa: S608
                    self.refuse(n, Contacts.columns, "", Message(message))

    def written(self) -> Iterator[Written]:
        rows = {row.n: row for row in super().written()}
        if self._contacts:
            columns, reading = {column.name: column for column in ORGANIZATION_COLUMNS}, Reading()
            for n, _is_new, organization, *row in list(self.query(Contacts.CHANGES)):
                own = rows.setdefault(n, Written(n, False, organization, []))
                for name, old, new in self._contacts.shown(None, row, reading):
                    if old != new:
                        own.changes.append(change(columns[name], old, new, reading, own.is_new))
        yield from sorted(rows.values(), key=lambda row: row.n)

    # --- Counting and writing

    def count(self) -> None:
        super().count()
        if self._contacts is None:
            return
        only = """
            SELECT count(DISTINCT n) FROM import_contact
            WHERE n NOT IN (SELECT n FROM import_final WHERE is_new OR changed)
        """
        alone = self.value(only)
        self.report.changed += alone
        self.report.unchanged -= alone
        changed = self.value("SELECT count(DISTINCT n) FROM import_contact")
        if changed:
            first = next(name for name in Contacts.columns if name in self.present)
            self.report.changed_columns[self.label(0, first) or first] = changed

    def apply(self) -> None:
        super().apply()
        if self._contacts:
            self._contacts.apply()
