"""Import of what comes back in a round of collecting figures: figures of its year, and confirmed contacts."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.collection.models import CollectionRound
from registry.columns import chosen
from registry.imports.pipeline.report import Message
from registry.imports.reading.tables import Sheet
from registry.imports.tables.child_tables import KEYS
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.nested import Contacts
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES_COLUMNS

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

    shown = (*FIGURES_COLUMNS, *chosen(ORGANIZATION_COLUMNS, Contacts.columns))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.children = [Contacts(self)]

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
        if "import_contact" in self.written_tables():
            twice = (
                "SELECT array_agg(n ORDER BY n) FROM import_contact GROUP BY organization_id, role HAVING count(*) > 1"
            )
            for (group,) in list(self.query(twice)):
                for n in group:
                    if n not in self.bad:
                        rows = self.rows_text([other for other in group if other != n], n)
                        message = _("Row %(rows)s is about the same organization: keep one of them.")
                        self.refuse(n, Contacts.columns, "", Message(message, {"rows": rows}))

    def _refuse_strangers(self) -> None:
        """Refuse the organizations that the round does not ask."""
        query = """
            SELECT m.n, o.registry_no FROM import_match m JOIN registry_organization o ON o.id = m.id
            WHERE NOT EXISTS (
                SELECT 1 FROM registry_roundorganization a WHERE a.round_id = %s AND a.organization_id = m.id
            ) AND m.n <> ALL (%s) ORDER BY m.n
        """
        message = _("The round does not ask this organization: add it there first.")
        self.refuse_all(query, KEYS, message, [self.asking.pk, sorted(self.bad)])
