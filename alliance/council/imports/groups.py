"""Imports groups of an alliance: a row is one group, found by its Chinese name."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from alliance.council.columns import GROUP_COLUMNS
from alliance.council.imports.council import CouncilImport, refuse_by_rules
from alliance.members.rules import Sat, group_refusals, seat_refusals
from alliance.models import Group, Seat


@dataclass
class GroupImport(CouncilImport):
    """Adds and changes groups, never removes them."""

    TABLE: ClassVar[str] = "groups"

    model = Group
    shown = GROUP_COLUMNS
    key = ("registry_fold_name(name_zh)",)
    same = "registry_fold_name(x.name_zh) = registry_fold_name(r.name_zh)"
    needed: ClassVar = {"name_zh": _("A row needs the name of its group.")}
    needed_if_new: ClassVar = {"kind": _("A new group needs its kind.")}
    second_message = _("Row %(rows)s is about the same group: keep one of them.")
    several_message = _("Several groups answer to this name.")

    def check_rules(self) -> None:
        """Refuse what leaves a seat outside of the group's days, or in the supervisory board and in the council."""
        changed = "SELECT n, id, kind, founded_on, dissolved_on FROM import_final WHERE NOT is_new AND n <> ALL (%s)"
        rows = {pk: (n, *values) for n, pk, *values in self.query(changed, [sorted(self.bad)])}
        for seat in Seat.objects.filter(group__in=rows).select_related("group", "member__organization"):
            n, kind, founded_on, dissolved_on = rows[seat.group_id]
            sat = Sat.of(seat)._replace(
                on_board=kind == Group.Kind.SUPERVISORY_BOARD, founded_on=founded_on, dissolved_on=dissolved_on
            )
            name = str(seat.member.organization)
            refuse_by_rules(self, n, ("dissolved_on", "founded_on"), name, group_refusals, sat)
            if sat.on_board:
                refuse_by_rules(self, n, ("kind",), name, seat_refusals, [sat], seat.member.tiers_held())
