"""Imports memberships: a row is about one period of an organization in one alliance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.members import rules
from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.members.imports import queries
from alliance.members.imports.choosing import DATES, choose_periods, refuse_past, tell_changes, tell_last_days
from alliance.members.imports.columns import is_named, membership_columns, settle_last_day
from alliance.members.imports.periods import Chooser
from alliance.members.imports.showing import written_memberships
from alliance.members.imports.tiers import Tiers
from alliance.members.imports.unread import unread_columns
from alliance.members.labels import DAY
from alliance.members.operations.direct import BY_APPLICATION, FACTS, NO_FACT, goes_by_application
from alliance.members.operations.seats import check_seats_of
from alliance.models import Alliance, Membership
from registry import spreadsheet
from registry.database.tracking import FRESH_PLANS
from registry.imports.matching.duplicates import hold_possible_duplicates
from registry.imports.matching.matches import KEYS, match_organizations
from registry.imports.matching.remarked_rows import look_up_without_remarks
from registry.imports.options import SectorLists, StoredValues
from registry.imports.pipeline.columns import join_identifiers
from registry.imports.pipeline.outcomes import WrittenRow
from registry.imports.pipeline.records import RecordImport
from registry.imports.pipeline.report import Message
from registry.imports.reading.files import RawFile
from registry.imports.reading.tables import Sheet, SheetColumn, TableFile
from registry.imports.recognising.headers import label_key
from registry.imports.recognising.layout import Layout
from registry.imports.tables.sectors import stage_sectors
from registry.organizations.models.choices import ENDED_STATUSES
from registry.spreadsheet import PLAIN, Cell, Context
from registry.values.validators import fold_name

_WORDS: dict[str, Promise] = {
    "admitted_on": _("start date"),
    "changed_on": _("day from which the new tier holds"),
    "tier": _("tier"),
    "organization": _("registry number, USCC or organization name"),
}
MEMBER_CHANGED = "sectors_changed OR position_changed"
"""The condition that a row changes something of the member itself, not of its membership."""
_COLUMNS: dict[str, str | Sequence[str]] = {"tier": ("tier", "new_tier"), "on": DATES, "organization": KEYS}
"""Parameter of an operation -> the columns of files with the same meaning."""


@dataclass
class MembershipImport(RecordImport):
    """Admissions, changes of tier and ends of one alliance.

    Only organizations that the registry has can be members. `periods.py` decides which period a row is about and
    whether the row may change it. The file's ends are written before its new memberships, so that both sides of a
    change of tier fit.
    """

    slug: str = ""
    create_missing: bool = False
    """Whether to create the alliance and the tiers of the file that the registry does not have."""
    alliance: Alliance | None = field(init=False, default=None)
    _chooser: Chooser = field(init=False)

    TABLE: ClassVar[str] = "memberships"
    more_staged: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["changed_on", "ended_on"], "date"),
        **dict.fromkeys(["tier", "old_tier"], "bigint"),
        "sector_set": "bigint[]",
        "sector_more": "bigint[]",
        "sector_less": "bigint[]",
    }
    model = Membership
    shown = MEMBERSHIP_COLUMNS

    def __post_init__(self) -> None:
        self.alliance = Alliance.objects.filter(slug=self.slug).first()
        if self.alliance is None and not self.create_missing:
            known = " / ".join(Alliance.objects.values_list("slug", flat=True)) or "–"
            message = _("There is no alliance “%(slug)s”. There are: %(known)s. --create-missing creates it.")
            raise ValidationError(message, params={"slug": self.slug, "known": known})
        self._alliance_name = ""
        self._tiers = Tiers(self.alliance, self.create_missing)
        self.columns = membership_columns(self._parse_alliance, self._tiers)

    def missing(self, names: set[str]) -> str | Promise | None:
        if names.isdisjoint(KEYS):
            return _WORDS["organization"]
        if "new_tier" in names and names.isdisjoint({"admitted_on", "changed_on"}):
            return _WORDS["changed_on"]
        if names.isdisjoint(DATES):
            return _WORDS["admitted_on"]
        return _WORDS["tier"] if names.isdisjoint({"tier", "new_tier"}) else None

    def recognise(self, raw: RawFile, layout: Layout | None) -> TableFile:
        """Recognise the file.

        A column labelled only 日期, beside a column of new tiers, is the day from which the tier holds.
        """
        table = super().recognise(raw, layout)
        for sheet in table.sheets:
            if "new_tier" in sheet.names and sheet.names.isdisjoint({"admitted_on", "changed_on"}):
                for column in sheet.untaken():
                    key = label_key(column.label)
                    if key in DAY.split("、") and key not in self.layout.columns:
                        sheet.columns.append(replace(column, name="changed_on"))
                        break
        return table

    def unread(self, table: TableFile, sheet: Sheet) -> Sequence[SheetColumn]:
        return list(unread_columns(table, sheet, self.layout))

    # --- One row

    def _parse_alliance(self, cell: Cell, context: Context = PLAIN) -> str | None:
        """Return an empty text if the row is about the alliance of this import, else the name of the other alliance."""
        text = spreadsheet.parse_line(cell)
        if text is None:
            return None
        if self.alliance:
            return "" if is_named(self.alliance, text) else text
        self._alliance_name = self._alliance_name or text
        return "" if fold_name(text) in map(fold_name, (self.slug, self._alliance_name)) else text

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        join_identifiers(values)
        if "sectors" in values:
            stage_sectors(values)
        new_tier = values.pop("new_tier", None)
        if new_tier is not None:
            if "tier" in values:
                values.setdefault("old_tier", values["tier"])
            values["tier"] = new_tier
            if "changed_on" not in values:
                values["changed_on"] = values.pop("admitted_on", None)
            if values["changed_on"] is None:
                raise ValidationError({"new_tier": _("Say from which day the new tier holds.")})
        settle_last_day(values, "valid_until", "ended_on")

    # --- The hooks

    def find_records(self) -> None:
        look_up_without_remarks(self)
        alliance = [self.alliance.pk if self.alliance else None]
        if "member_no" in self.present:
            self.execute(queries.BY_MEMBER_NUMBER, alliance)
        match_organizations(self)
        if self.suggest:
            hold_possible_duplicates(self)
        if self.applying:  # as the single operations do: whoever else would write waits, or is waited for
            self.execute(queries.LOCK)
        tell_last_days(self)
        self._chooser = choose_periods(self, alliance[0], self._new_tier)
        self.refuse_unknown_organizations()

    def compare(self) -> None:
        alliance = [self.alliance.pk if self.alliance else None]
        if "sectors" in self.present:
            self.execute(queries.SIGNED_SECTORS, alliance)
        fill_blanks = self.choices.stored == StoredValues.FILL_BLANKS
        self.execute(queries.final(fill_blanks, add_sectors=self.choices.lists == SectorLists.ADD), alliance)
        self.execute("ANALYZE import_final")

    def check(self) -> None:
        self._check_rows()
        self._check_beginnings()
        self._check_members()
        refuse_past(self, self._chooser)
        self._check_overlaps()
        tell_changes(self, self._chooser)

    def _check_rows(self) -> None:
        other = _("“%(value)s” is not the alliance of this import.")
        checks: tuple[tuple[str, str | Sequence[str], Promise], ...] = (
            ("SELECT n, alliance FROM import_row WHERE alliance <> '' ORDER BY n", "alliance", other),
            (
                "SELECT n, NULL FROM import_row WHERE coalesce(admitted_on, joined_on, changed_on) IS NULL ORDER BY n",
                DATES,
                _("A membership needs its start date."),
            ),
            (
                "SELECT n, NULL FROM import_final WHERE tier_id IS NULL ORDER BY n",
                ("tier", "new_tier"),
                _("A new membership needs its tier."),
            ),
        )
        for query, names, message in checks:
            self.refuse_all(query, names, message)
        if self.alliance and goes_by_application(self.alliance):
            self.refuse_all(queries.BY_APPLICATION, DATES, BY_APPLICATION, [[*FACTS]])
            self.refuse_all(queries.NO_FACT, DATES, NO_FACT, [[*FACTS], [*ENDED_STATUSES]])
        for n, others in list(self.query(queries.SAME_MEMBERSHIP)):
            rows = self.rows_text([other for other in others if other != n], n)
            message = _("Row %(rows)s is about the same membership: keep one of them.")
            self.refuse(n, DATES, "", Message(message, {"rows": rows}))

    def _check_beginnings(self) -> None:
        for n, *facts in list(self.query(queries.NEW_PERIODS, [self.alliance.pk if self.alliance else None])):
            for refusal in rules.refusals(rules.Beginning(*facts)):
                message = Message(refusal.message, refusal.params)
                if refusal.parameter == "organization":
                    remedy = _("Give the end date of a membership that has ended.")
                    message = Message("%(rule)s %(remedy)s", {"rule": message, "remedy": remedy})
                day = facts[0] if refusal.parameter == "on" else ""
                self.refuse(n, _COLUMNS[refusal.parameter], day, message)

    def _check_members(self) -> None:
        """Refuse rows that give one member several numbers or sectors, or another number than the stored one."""
        self.refuse_all(queries.OTHER_NUMBER, "member_no", rules.NUMBER_KEPT)
        numbers = _("The rows of this organization have different member numbers.")
        self.refuse_all(queries.TWO_NUMBERS, "member_no", numbers)
        self.refuse_all(queries.TWO_SECTORS, "sectors", _("The rows of this organization name different sectors."))
        positions = _("The rows of this organization give it different places.")
        self.refuse_all(queries.TWO_POSITIONS, "position", positions)
        self.refuse_all(queries.TAKEN_NUMBER, "member_no", rules.NUMBER_TAKEN, [self.slug])

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        for permission, condition, message in (
            ("add_membership", "is_new", _("Your account may not add memberships.")),
            ("change_membership", "changed OR closes IS NOT NULL", _("Your account may not change memberships.")),
            ("add_member", "member_id IS NULL", _("Your account may not add members.")),
            (
                "change_member",
                f"member_id IS NOT NULL AND ({MEMBER_CHANGED})",
                _("Your account may not change members."),
            ),
            ("add_tier", "tier_id < 0", _("Your account may not add tiers.")),
            ("add_alliance", str(self.alliance is None), _("Your account may not add alliances.")),
        ):
            yield f"alliance.{permission}", f"SELECT n FROM import_final WHERE {condition}", message

    def _check_overlaps(self) -> None:
        """Refuse rows after which a member would have two memberships at once.

        A refused row is not written, so the rows beside it are checked again without it.
        """
        rule = next(rule for rule in Membership._meta.constraints if rule.name == "membership_no_overlap")
        refused = -1
        while refused != len(self.bad):
            refused = len(self.bad)
            bad = sorted(self.bad)
            self.execute("DELETE FROM import_final WHERE n = ANY(%s)", [bad])
            for n, other in list(self.query(queries.MEETS_REFUSED, [bad, bad])):
                message = _("It meets row %(row)s in a change of tier, and that row is refused.")
                self.refuse(n, DATES, "", Message(message, {"row": self.places[other][1]}))
            for n, start, end in list(self.query(queries.OVERLAPS)):
                if n not in self.bad:
                    period = f"{start:%Y-%m-%d} – {end:%Y-%m-%d}" if end else f"{start:%Y-%m-%d} –"
                    params = {"rule": rule.violation_error_message, "period": period}
                    self.refuse(n, DATES, "", Message("%(rule)s (%(period)s)", params))

    def changed_rows(self, tables: Sequence[str] | None = None) -> str:
        return f"SELECT n FROM import_final WHERE NOT is_new AND (changed OR {MEMBER_CHANGED})"

    def tell(self) -> None:
        if self.alliance is None:
            self.report.notices.append(Message(_("New alliance: %(slug)s."), {"slug": self.slug}))
        for name in self._tiers.names(self._used_tiers()):
            self.report.notices.append(Message(_("New tier: %(name)s."), {"name": name}))

    def _used_tiers(self) -> list[int]:
        """Return the placeholders of tiers that are to be created."""
        return [pk for (pk,) in self.query("SELECT DISTINCT tier_id FROM import_final WHERE tier_id < 0")]

    def write(self) -> None:
        if not self.value(f"SELECT count(*) FROM import_final WHERE is_new OR changed OR {MEMBER_CHANGED}"):
            return
        if self.alliance is None:
            name = self._alliance_name or self.slug
            self.alliance = Alliance.objects.create(slug=self.slug, name_zh=name, name_en=self.slug)
        for placeholder, pk in self._tiers.create(self.alliance, self._used_tiers()):
            self.execute("UPDATE import_final SET tier_id = %s WHERE tier_id = %s", [pk, placeholder])
        alliance = [self.alliance.pk]
        self.execute(queries.NEW_MEMBERS, alliance)
        self.execute(queries.MEMBER_IDS, alliance)
        self.execute(FRESH_PLANS)
        self.execute(queries.CHANGES)
        self.execute(queries.CLOSED)
        self.execute(queries.NEW_MEMBERSHIPS, alliance)
        self.execute(queries.POSITIONS)
        self.execute(queries.SHORTER_SUSPENSIONS)
        check_seats_of([pk for (pk,) in self.query("SELECT DISTINCT member_id FROM import_final")])
        self.execute(queries.GONE_SECTORS)
        self.execute(queries.NEW_SECTORS)

    def written(self) -> Iterator[WrittenRow]:
        return written_memberships(self, self._new_tier)

    def _new_tier(self, placeholder: int) -> str:
        """Return the name of a tier that is to be created."""
        return next(iter(self._tiers.names([placeholder])), "")
