"""Imports seats: a row is one seat of a member in a group, found by both and by its first day."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.council import labels
from alliance.council.columns import SEAT_COLUMNS
from alliance.council.imports.council import LastDays, NoOverlap, refuse_by_rules
from alliance.council.imports.members import MEMBER_KEYS, OfMembers, by_keys
from alliance.members.rules import Sat, group_refusals, seat_refusals, within_on
from alliance.models import Group, Member, Seat

_OTHER_KIND = """
SELECT r.n, g.name_zh FROM import_row r JOIN alliance_group g ON g.id = r.group
WHERE r.kind <> g.kind AND r.n <> ALL (%s) ORDER BY r.n
"""
_SEATS = """
SELECT n, member_id, group_id, begins_on, ends_on FROM import_final
WHERE member_id IS NOT NULL AND begins_on IS NOT NULL AND n <> ALL (%s) ORDER BY n
"""


@dataclass
class SeatImport(OfMembers):
    """Adds and changes seats, never removes them."""

    TABLE: ClassVar[str] = "seats"

    model = Seat
    shown = by_keys(SEAT_COLUMNS)
    defaults: ClassVar = {"role": f"'{Seat.Role.MEMBER.value}'"}
    key = ("group_id", "member_id", "begins_on")
    same = "x.group_id = r.group AND x.member_id = r.member AND (r.begins_on IS NULL OR x.begins_on = r.begins_on)"
    needed: ClassVar = {"group": _("A row needs the group of its seat.")}
    needed_if_new: ClassVar = {
        "member": _("A row needs the member that sits there."),
        "begins_on": _("A new seat needs its first day."),
    }
    last_days = (LastDays("last_day", labels.LAST_DAY, "ends_on"),)
    no_overlap = NoOverlap("seat_no_overlap", ("group_id", "member_id"))
    second_message = _("Row %(rows)s is about the same seat: keep one of them.")

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names) or (_("name or number of the member") if names.isdisjoint(MEMBER_KEYS) else None)

    def check_rules(self) -> None:
        message = _("The group %(value)s is of another kind.")
        self.refuse_all(_OTHER_KIND, "kind", message, [sorted(self.bad)])
        rows = list(self.query(_SEATS, [sorted(self.bad)]))
        groups = Group.objects.in_bulk({group for _n, _member, group, *_days in rows})
        members = Member.objects.select_related("organization").in_bulk({member for _n, member, *_rest in rows})
        held = {pk: member.tiers_held() for pk, member in members.items()}
        for n, member, group, begins_on, ends_on in rows:
            sat = Sat.of(Seat(group=groups[group], begins_on=begins_on, ends_on=ends_on))
            name = str(members[member].organization)
            begin, end = ("begins_on",), ("ends_on", "begins_on")
            outside = sat.founded_on is None or sat.founded_on <= begins_on
            refuse_by_rules(self, n, end if outside else begin, name, group_refusals, sat)
            names = end if within_on(begins_on, held[member]) and not sat.on_board else begin
            refuse_by_rules(self, n, names, name, seat_refusals, [sat], held[member])
