"""Imports terms: a row is one term of the council, found by its number."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from alliance.council import labels
from alliance.council.columns import TERM_COLUMNS
from alliance.council.imports.council import CouncilImport, LastDays, NoOverlap
from alliance.council.models import BEFORE_DECISION
from alliance.models import Term
from registry.columns import Hint
from registry.organizations.columns.template_help import NEW

_BEFORE_DECISION = """
SELECT f.n, to_char(m.held_on, 'YYYY-MM-DD') FROM import_final f JOIN alliance_term t ON t.id = f.id
JOIN alliance_decision d ON d.id = t.decision_id JOIN alliance_meeting m ON m.id = d.meeting_id
WHERE f.begins_on < m.held_on AND f.n <> ALL (%s) ORDER BY f.n
"""


@dataclass
class TermImport(CouncilImport):
    """Adds and changes terms, never removes them."""

    TABLE: ClassVar[str] = "terms"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("number",)

    model = Term
    shown = TERM_COLUMNS
    key = ("number",)
    same = "x.number = r.number"
    needed: ClassVar = {"number": _("A row needs the number of its term.")}
    needed_if_new: ClassVar = {
        "begins_on": _("A new term needs its first day."),
        "ends_on": _("A new term needs its last day."),
    }
    last_days = (
        LastDays("last_day", labels.TERM_LAST_DAY, "ends_on", Hint(_("At most 5 years."), "2023-12-31", NEW)),
        LastDays(
            "put_off_to",
            labels.PUT_OFF_LAST_DAY,
            "postponed_until",
            Hint(_("If the change of council is put off, by at most one year."), "2024-12-31"),
        ),
    )
    no_overlap = NoOverlap("term_no_overlap", ("alliance_id",), "coalesce(x.postponed_until, x.ends_on)")
    second_message = _("Row %(rows)s is about the same term: keep one of them.")

    def check_rules(self) -> None:
        self.refuse_all(_BEFORE_DECISION, "begins_on", BEFORE_DECISION, [sorted(self.bad)])
