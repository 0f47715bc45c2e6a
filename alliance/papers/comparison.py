"""Compares the member lists of an alliance on two days 名录对比: who came, who left, who changed tier or name, and why.

What it finds is exactly what differs between the two lists. Reasons come from what was stored with the periods.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, TextChoices
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from alliance.members.names import FIELDS, label_on, on_day, organization_name
from alliance.models import Alliance, EndReason, Membership, Tier
from registry.api.lists.files import Table
from registry.columns import file_column
from registry.organizations.models.details import Name
from registry.reference.models import one_name

Day = datetime.date
_ORGANIZATION = "member__organization__"


class ListChange(TextChoices):
    ADMITTED = "admitted", gettext_lazy("admitted")
    ENDED = "ended", gettext_lazy("no longer a member")
    TIER = "tier_changed", gettext_lazy("change of tier")
    NAME = "renamed", pgettext_lazy("comparison", "renamed")


@dataclass(frozen=True)
class ListDifference:
    change: ListChange
    member_no: str
    registry_no: str
    name: str
    """The name on the later day; of one that has left, on the earlier one."""
    before: str
    """The tier, or for a renaming the name, on the earlier day; empty for one that was no member."""
    after: str
    on: Day | None
    """The day of the change; where there were several, of the last one. None where it is not known."""
    reason: str = ""
    reason_code: str = ""
    remarks: str = ""


@dataclass
class Comparison:
    alliance: Alliance
    earlier: Day
    later: Day
    before: int
    """How many members there were on the earlier day."""
    after: int
    differences: list[ListDifference]
    tiers: list[tuple[str, str]] = field(default_factory=list)
    """The former and the later name of tiers that were renamed for everybody."""

    def of(self, change: ListChange) -> list[ListDifference]:
        return [one for one in self.differences if one.change == change]

    @property
    def title(self) -> str:
        days = {"earlier": self.earlier, "later": self.later}
        params = {name: date_format(day, _("Y-m-d")) for name, day in days.items()}
        params["alliance"] = label_on(self.alliance, self.later)
        return _("%(alliance)s: member lists of %(earlier)s and %(later)s compared") % params

    def counts(self) -> dict[ListChange, int]:
        return {change: len(self.of(change)) for change in ListChange}

    def said(self) -> str:
        """Return in one sentence how the one number of members becomes the other."""
        counts = self.counts()
        return _("%(before)d members, %(admitted)d admitted, %(ended)d left: %(after)d members.") % {
            "before": self.before,
            "after": self.after,
            "admitted": counts[ListChange.ADMITTED],
            "ended": counts[ListChange.ENDED],
        }


def compare(alliance: Alliance, earlier: Day, later: Day) -> Comparison:
    """Return what differs between the member lists of two days; the number of queries does not grow with the lists."""
    tiers = [list(Tier.objects.filter(alliance=alliance).order_by("rank", "code"))]
    named = [{tier.pk: tier.label() for tier in on_day(tiers[0], day)} for day in (earlier, later)]
    before, after = (_listed(alliance, day) for day in (earlier, later))
    differences = [
        *_admitted(before, after, named[1]),
        *_ended(before, after, named[0], later),
        *_changed_tier(before, after, named, earlier),
        *_renamed(before, after, earlier, later),
    ]
    renamed = [(named[0][pk], named[1][pk]) for pk in named[0] if named[0][pk] != named[1][pk]]
    return Comparison(alliance, earlier, later, len(before), len(after), differences, renamed)


Row = Mapping[str, Any]
Listed = dict[int, Row]


def _listed(alliance: Alliance, on: Day) -> Listed:
    """Return the members of the day by id, in the order of their tiers and names."""
    rows = Membership.objects.filter(alliance=alliance).as_of(on).with_joined_on()
    order = ("tier__rank", "tier__code", f"{_ORGANIZATION}sort_key", "id")
    values = rows.order_by(*order).values(
        *("member", "tier", "admitted_on", "joined_on", "remarks"),
        member_no=F("member__member_no"),
        organization=F("member__organization"),
        registry_no=F(f"{_ORGANIZATION}registry_no"),
        **{name: organization_name(name, on, _ORGANIZATION) for name in FIELDS},
    )
    return {row["member"]: row for row in values}


def _label(row: Row) -> str:
    return one_name(row["name_zh"], row["name_en"], get_language())


def _difference(change: ListChange, row: Row, before: str, after: str, on: Day | None, **more: str) -> ListDifference:
    return ListDifference(change, row["member_no"], row["registry_no"], _label(row), before, after, on, **more)


def _admitted(before: Listed, after: Listed, tiers: Mapping[int, str]) -> Iterator[ListDifference]:
    new = [pk for pk in after if pk not in before]
    known = Membership.objects.filter(member__in=new).order_by().values_list("member", "admitted_on")
    first: dict[int, Day] = {}
    for member, day in known:
        first[member] = min(day, first.get(member, day))
    for pk in new:
        row = after[pk]
        again = first[pk] < row["joined_on"]
        reason, code = (_("Admitted again"), "again") if again else (_("Admitted for the first time"), "first")
        yield _difference(
            ListChange.ADMITTED, row, "", tiers[row["tier"]], row["joined_on"],
            reason=reason, reason_code=code, remarks=row["remarks"],
        )  # fmt: skip


def _ended(before: Listed, after: Listed, tiers: Mapping[int, str], later: Day) -> Iterator[ListDifference]:
    gone = [pk for pk in before if pk not in after]
    ends = Membership.objects.filter(member__in=gone, ended_on__lte=later).order_by("ended_on")
    last = {end.member_id: end for end in ends}
    for pk in gone:
        row, end = before[pk], last[pk]
        label = str(EndReason(end.end_reason).label) if end.end_reason else ""
        yield _difference(
            ListChange.ENDED, row, tiers[row["tier"]], "", end.ended_on,
            reason=label, reason_code=end.end_reason, remarks=end.remarks,
        )  # fmt: skip


def _changed_tier(
    before: Listed, after: Listed, tiers: Sequence[Mapping[int, str]], earlier: Day
) -> Iterator[ListDifference]:
    for pk, row in after.items():
        old = before.get(pk)
        if old is None or old["tier"] == row["tier"]:
            continue
        back = row["joined_on"] > earlier
        reason, code = (_("Left meanwhile and came back"), "back") if back else (_("Change of tier"), "tier_change")
        yield _difference(
            ListChange.TIER, row, tiers[0][old["tier"]], tiers[1][row["tier"]], row["admitted_on"],
            reason=reason, reason_code=code, remarks=row["remarks"],
        )  # fmt: skip


def _renamed(before: Listed, after: Listed, earlier: Day, later: Day) -> Iterator[ListDifference]:
    renamed = [
        pk for pk, row in after.items() if pk in before and any(before[pk][name] != row[name] for name in FIELDS)
    ]
    former = Name.objects.filter(
        organization__in=[after[pk]["organization"] for pk in renamed],
        kind=Name.Kind.FORMER,
        valid_to__gt=earlier,
        valid_to__lte=later,
    )
    ends = {name.organization_id: name.valid_to for name in former.order_by("valid_to")}
    for pk in renamed:
        row, old = after[pk], before[pk]
        # Where the name in the language of the reader is the same, the other one has changed.
        same = _label(row) == _label(old)
        changed = next(name for name in FIELDS if old[name] != row[name])
        pair = (old[changed], row[changed]) if same else (_label(old), _label(row))
        yield _difference(ListChange.NAME, row, pair[0], pair[1], ends.get(row["organization"]))


class ComparisonFile(Table):
    """The differences as a file, one row for each."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.title = comparison.title
        self.columns = (
            file_column(pgettext_lazy("column", "Change"), 12, "change"),
            file_column(pgettext_lazy("column", "Member number"), 12, "member_no"),
            file_column(pgettext_lazy("column", "Registry number"), 14, "registry_no"),
            file_column(pgettext_lazy("column", "Organization name"), 38, "name"),
            file_column(pgettext_lazy("column", "Before"), 20, "before"),
            file_column(pgettext_lazy("column", "After"), 20, "after"),
            file_column(pgettext_lazy("column", "Day of the change"), 12, "on"),
            file_column(pgettext_lazy("column", "Reason"), 16, "reason"),
            file_column(pgettext_lazy("column", "Remarks"), 24, "remarks"),
        )

    def row(self, one: ListDifference) -> list[object]:
        change = capfirst(str(one.change.label))
        return [
            *(change, one.member_no, one.registry_no, one.name, one.before, one.after),
            *(one.on, one.reason, one.remarks),
        ]

    def cells(self) -> Iterator[Sequence[object]]:
        yield from map(self.row, self.comparison.differences)
