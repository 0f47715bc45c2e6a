"""Imports organizations with their sectors, former names, identifiers, qualifications and contacts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.columns import RenderContext
from registry.database.permission_names import permission
from registry.database.tracking import FRESH_PLANS
from registry.imports.matching.duplicates import hold_possible_duplicates
from registry.imports.matching.matches import KEYS, leave_names, match_organizations
from registry.imports.matching.reach import refuse_other_townships, tell_township_of_new, township_of_new
from registry.imports.matching.remarked_rows import settle_name_remarks
from registry.imports.matching.second_rows import refuse_second_rows
from registry.imports.pipeline import comparing
from registry.imports.pipeline.columns import FileColumn, file_columns, identifier_columns, join_identifiers
from registry.imports.pipeline.comparing import ReadBack
from registry.imports.pipeline.outcomes import SuggestedSector
from registry.imports.pipeline.records import RecordImport
from registry.imports.pipeline.report import CellMessage, Message
from registry.imports.pipeline.statements import FRESH_STATISTICS
from registry.imports.reading.tables import Sheet
from registry.imports.tables.guesses import (
    TownFinder,
    count_guesses,
    guessed_townships,
    kind_of_label,
    kind_of_title,
    settle_kind,
)
from registry.imports.tables.names import Acronyms, Aliases, FormerNames
from registry.imports.tables.nested import Contacts, Identifiers, Qualifications
from registry.imports.tables.sectors import SectorTags, SuggestedTags, stage_sectors
from registry.organizations.actions import VERIFICATION
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.template_help import CLASSIFICATION, NAMES, PLACE
from registry.organizations.countries import country_of_address
from registry.organizations.models.organizations import Organization
from registry.reference.cache import references
from registry.reference.models import Plan
from registry.spreadsheet import Capital, parse_date, parse_line
from registry.values.pinyin import pinyin_key
from registry.values.punctuation import listed_lazily
from registry.values.validators import CHINESE

# 单位性质 is a kind or category in one list (民营企业, 高校), in the next what the licence says (有限责任公司).
_NATURE = FileColumn(
    "nature",
    ["单位性质", "企业性质", "机构性质", "type", "types", "organization type", "organization types"],
    parse_line,
    stands_for=("kind", "category", "registration_type"),
    group=CLASSIFICATION,
)
# The day of a renaming: until then the record keeps the name that the file replaces, as a former one.
_RENAMED_ON = FileColumn(
    "renamed_on",
    ["更名日期", "名称变更日期", "更名时间", "变更名称日期", "renamed on", "renamed_on", "name changed on"],
    parse_date,
    "date",
    stands_for=("former_names",),
    group=NAMES,
)
# Of 小榄镇虚构路1号 the town is read, and the whole is an address; beside a column of townships it is an address alone.
_TOWNSHIP_AND_ADDRESS = FileColumn(
    "township_and_address",
    [
        *(
            "所在镇街及地址",
            "所在镇街和地址",
            "所在镇街与地址",
            "镇街及地址",
            "镇街和地址",
            "镇街及详细地址",
            "镇街地址",
        ),
        *("所属镇街及地址", "所在镇区及地址", "镇区及地址", "所在镇街及详细地址", "township and address"),
    ],
    parse_line,
    max_length=Organization._meta.get_field("registered_address").max_length,
    stands_for=("township", "registered_address", "business_address"),
    group=PLACE,
)
FILE_ONLY = (_NATURE, _RENAMED_ON, _TOWNSHIP_AND_ADDRESS, *identifier_columns(NAMES))
"""Columns of files that no list shows; their values are stored in other columns."""
_CHINESE_RE = re.compile(f"[{CHINESE}]")
_MERGED = _("Nothing of this row is written: a file does not change a merged record, nor its successor by its name.")
_TELL_KIND = {"kind", "nature", "category", "uscc"}


@dataclass
class OrganizationImport(RecordImport):
    """Creates and changes organizations and their child records."""

    plan: Plan | None = None
    """The plan whose sectors the file names; by default the current one."""
    signed_sectors: bool = field(init=False, default=False)
    """Whether cells say which sectors to add and which to remove."""
    _kinds: dict[tuple[str, int], tuple[str, str]] = field(init=False, default_factory=dict)
    """Name of a sheet -> the kind of its rows, by the label of the names and by the title."""
    _latin: set[tuple[str, int]] = field(init=False, default_factory=set)
    """The sheets whose names are English."""

    TABLE: ClassVar[str] = "organizations"
    more_staged: ClassVar[dict[str, str]] = {
        "capital_text": "text",
        "capital_currency": "text",
        "kind_guess": "text",
        "kind_source": "text",
        "country_guess": "text",
        "town_guess": "bigint",
        "sector_set": "bigint[]",
        "sector_more": "bigint[]",
        "sector_less": "bigint[]",
    }
    describes_organizations = True
    model = Organization
    shown = ORGANIZATION_COLUMNS
    owner = "id"
    defaults: ClassVar[Mapping[str, str]] = {
        "registration_status": "'active'",
        "country": "coalesce(r.country_guess, 'CN')",
        "published": "false",
        "kind": "r.kind_guess",
    }
    filled_in = ("kind", "township", "pinyin", "capital_text", "verified_from", "verified_by")
    checked_before = frozenset({"uscc"})
    # A township that has ended is read as its successor.
    read_back: ClassVar[ReadBack] = {"township": "(SELECT final FROM import_township t WHERE t.id = {})".format}
    verified = "x.verified_on"
    keys = _("registry number, USCC, other identifiers or organization name")
    add_forbidden = _("Your account may not add records.")
    change_forbidden = _("Your account may not change records.")

    def __post_init__(self) -> None:
        known = references()
        self.plan = self.plan or known.current_plan
        self._townships = known.townships
        vocabularies = {"sectors": known.sectors_of(self.plan), "township": self._townships}
        own = file_columns(Organization, ORGANIZATION_COLUMNS, vocabularies)
        self.columns = [*own, *FILE_ONLY]
        self._suggestions = SuggestedTags(self, self.plan)
        tags = SectorTags(self, self.plan)
        self.children = [
            tags,
            self._suggestions,
            FormerNames(self),
            Aliases(self),
            Acronyms(self),
            Identifiers(self),
            Qualifications(self),
            Contacts(self),
        ]

    def prepare(self) -> None:
        if "registered_capital" in self.present:
            self.present.add("capital_currency")
        for sheet in self.report.table.sheets:
            labels = " ".join(column.label for column in sheet.columns if column.name in ("name_zh", "name_en")).lower()
            self._kinds[sheet.key] = kind_of_label(labels), self._kind_of_title(sheet)
            # A list in English has one column for names, and the names in it are English unless they are Chinese.
            if "name_zh" in sheet.names and "name_en" not in sheet.names and not _CHINESE_RE.search(labels):
                self._latin.add(sheet.key)
                self.present.add("name_en")

    def _kind_of_title(self, sheet: Sheet) -> str:
        """Return the kind of organizations in the list, by the rows above the header, or else by the sheet's name."""
        above = range(sheet.first, min(sheet.header_rows, default=sheet.first))
        rows = islice(self.report.table.raw_rows(sheet, above), len(above))
        titles = [" ".join(str(cell) for cell in cells if cell != "") for _n, cells in rows]
        return next(filter(None, map(kind_of_title, [*titles, sheet.name])), "")

    # --- One row

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        if "registered_capital" in values:
            self._finish_capital(values)
        join_identifiers(values)
        settle_kind(values, *self._kinds[sheet.key])
        if sheet.key in self._latin and "name_zh" in values and not _CHINESE_RE.search(values["name_zh"]):
            values["name_en"] = values.pop("name_zh")
        if "township_and_address" in values:
            self._finish_place(values)
        if "country" not in values:
            address = values.get("registered_address") or values.get("business_address")
            values["country_guess"] = country_of_address(address) if address else None
        if "township" not in values and "registered_address" in values:
            values["town_guess"] = self._town_finder.find(values["registered_address"])
        if "sectors" in values and stage_sectors(values):
            self.signed_sectors = True

    @cached_property
    def _town_finder(self) -> TownFinder:
        return TownFinder()

    def _finish_place(self, values: dict[str, Any]) -> None:
        """Set the township by the address, unless it has its own column; use the second address if the first is
        blank.
        """
        text = values["township_and_address"]
        if "township" not in values and (town := self._town_finder.find(text, promised=True)):
            values["township"] = town
        if "registered_address" not in values:
            values["registered_address"] = text
        elif text != values["registered_address"]:
            values.setdefault("business_address", text)

    @staticmethod
    def _finish_capital(values: dict[str, Any]) -> None:
        capital: Capital = values.pop("registered_capital")
        currency = values.get("capital_currency")
        if currency and capital.currency and currency != capital.currency:
            params = {"one": capital.currency, "other": currency}
            message = _("The amount is in %(one)s, but the currency column says %(other)s.")
            raise ValidationError({"registered_capital": ValidationError(message, params=params)})
        values["registered_capital"], values["capital_text"] = capital.amount, capital.text[:100]
        if capital.currency:
            values["capital_currency"] = capital.currency

    # --- The hooks

    def find_records(self) -> None:
        settle_name_remarks(self)
        match_organizations(self)
        if self.led:
            self._leave_merged()
        refuse_second_rows(self)
        if self.suggest:
            hold_possible_duplicates(self)
        new_id = "nextval(pg_get_serial_sequence('registry_organization', 'id'))" if self.applying else "NULL::bigint"
        records = f"SELECT n, coalesce(id, {new_id}) AS id, id IS NULL AS is_new FROM import_match ORDER BY n"
        self.make_table("import_target", f"SELECT n, id, id, is_new FROM ({records}) m")

    def _leave_merged(self) -> None:
        """Write nothing for rows about merged records: the rows would change the record that these were merged into."""
        led = sorted(self.led)
        leave_names(self, led)
        for n in led:
            self.note(n, KEYS, self.given_names.get(n, ""), Message(_MERGED))
        self.execute(
            "UPDATE import_row r SET " + ", ".join(f"{name} = NULL" for name in self.staged) + " WHERE n = ANY (%s)",
            [led],
        )

    def compare(self) -> None:
        """Compare, and treat values that belong together: the capital with its currency and text, address and
        township.
        """
        if "township" in self.present:
            self.make_table("import_township")
            self.copy_rows("import_township", ("id", "final"), self._townships.final.items())
        self.find_changes()
        final = comparing.results(Organization, self.changes, self.defaults)
        if "registered_capital" in self.changes:
            changed = f"({self.changes['registered_capital']} OR {self.changes['capital_currency']})"
            text = final["capital_text"]
            final["capital_text"] = f"CASE WHEN {changed} THEN coalesce(r.capital_text, '') ELSE {text} END"
            final["capital_currency"] = (
                f"CASE WHEN {changed} THEN coalesce(r.capital_currency, nullif(x.capital_currency, ''), 'CNY') "
                f"ELSE coalesce(x.capital_currency, '') END"
            )
        if not self.changes.keys().isdisjoint(VERIFICATION):
            self._sign(final)
        moved = f"t.is_new OR {self.changes.get('registered_address', 'false')}"
        final["township_id"] = f"coalesce({final['township_id']}, CASE WHEN {moved} THEN r.town_guess END)"
        if self.reach is not None and (own := township_of_new(self)):
            final["township_id"] = f"coalesce({final['township_id']}, CASE WHEN t.is_new THEN {own} END)"
        self.make_final({**final, "updated_at": "now()"})

    def _sign(self, final: dict[str, str]) -> None:
        """Note who verifies. From what it was known on another day says nothing of the new one."""
        user = str(self.user.pk) if self.user and self.user.pk else "NULL"
        if verified := " OR ".join(self.changes[name] for name in VERIFICATION if name in self.changes):
            final["verified_by_id"] = f"CASE WHEN {verified} THEN {user} ELSE x.verified_by_id END"
        if "verified_on" in self.changes and "verified_from" not in self.changes:
            final["verified_from"] = (
                f"CASE WHEN {self.changes['verified_on']} THEN '' ELSE {final['verified_from']} END"
            )

    def check(self) -> None:
        self._check_kind()
        if self.reach is not None:
            refuse_other_townships(self, self.reach)
        self._check_masked_names()
        if "township_and_address" in self.present:
            without_town = "township IS NULL AND township_and_address IS NOT NULL"
            for n, text in list(self.query(f"SELECT n, township_and_address FROM import_row WHERE {without_town}")):
                self.note(n, "township_and_address", text, Message(_("There is no township at the beginning.")))
        # Rows about merged records would change them.
        changed = f"SELECT n FROM ({self.changed_rows()}) w WHERE n = ANY (%s)"
        for (n,) in list(self.query(changed, [sorted(self.merged)])) if self.merged else ():
            self.note(n, KEYS, "", Message(_MERGED))

    def _check_kind(self) -> None:
        """Refuse a new record without a kind, unless a cell that could have given the kind was refused already."""
        message = Message(_("A new record needs a kind: add the column 单位类型, or the USCC, which shows the kind."))
        for (n,) in self.query("SELECT n FROM import_final WHERE kind IS NULL ORDER BY n"):
            if self.unread_cells.get(n, set()).isdisjoint(_TELL_KIND):
                self.refuse(n, ("kind", "nature"), "", message)

    def _check_masked_names(self) -> None:
        """Refuse a name with hidden characters, unless the registry has the record under exactly that name."""
        for name in [name for name in ("name_zh", "name_en") if name in self.present]:
            stored = comparing.clean_line(f"o.{name}")
            query = f"""
                SELECT r.n, r.{name}_masked FROM import_row r JOIN import_match m ON m.n = r.n
                LEFT JOIN registry_organization o ON o.id = m.id
                WHERE r.{name}_masked IS NOT NULL AND {stored} IS DISTINCT FROM r.{name}_masked
            """
            self.refuse_all(query, name, _("Characters of the name are hidden: write the full name."))

    def tell(self) -> None:
        if self.reach is not None:
            tell_township_of_new(self)
        self.report.notices.extend(count_guesses(self))
        for name, successor, day in sorted(self._townships.met):
            message = _("%(name)s has been %(successor)s since %(day)s, and is read so.")
            self.report.notices.append(Message(message, {"name": name, "successor": successor, "day": day}))

    def guessed(self) -> Iterator[CellMessage]:
        message = _("The township %(township)s is filled in from this address: please check it.")
        for n, address, township in guessed_townships(self):
            yield self._told(n, ("registered_address",), address, Message(message, {"township": township}))

    def write(self) -> None:
        """Write the rows.

        New organizations get the time of the transaction, so that triggers of child tables skip them.
        """
        self._fill_in_pinyin()
        super().write()
        if self.report.new > FRESH_STATISTICS:
            # What the triggers on tags and names join with has just been filled, and they are planned for few rows.
            self.execute(
                "ANALYZE registry_organization (id, updated_at), registry_organizationchange (organization_id), "
                "registry_searchentry (organization_id)"
            )
            self.execute(FRESH_PLANS)

    def _fill_in_pinyin(self) -> None:
        """Set the pinyin of new Chinese names. A pinyin that was corrected by hand stays as long as the name stays."""
        names = self.query(
            """
            SELECT f.n, f.name_zh FROM import_final f LEFT JOIN registry_organization x ON x.id = f.id
            WHERE f.name_zh <> '' AND f.name_zh IS DISTINCT FROM x.name_zh
            """
        )
        longest = Organization._meta.get_field("pinyin").max_length
        readings = [(n, pinyin_key(name)[:longest]) for n, name in names]
        self.make_table("import_pinyin")
        self.copy_rows("import_pinyin", ("n", "pinyin"), readings)
        self.execute("UPDATE import_final f SET pinyin = p.pinyin FROM import_pinyin p WHERE p.n = f.n")

    # --- What is shown

    def check_columns(self) -> None:
        """Check the columns.

        Verification is left out if the account may not verify; the other columns are still of use.
        """
        super().check_columns()
        named = {*VERIFICATION} & self.present
        if named and not self.allows(permission("verify", Organization)):
            self.present -= named
            for sheet in self.report.table.sheets:
                sheet.columns[:] = [column for column in sheet.columns if column.name not in named]
            message = _(
                "“%(label)s” is not written: your account may not verify organizations. Somebody who may, such as a "
                "reviewer, can import this file again."
            )
            labels = listed_lazily(column.labels[0] for column in self.columns if column.name in named)
            self.report.notices.append(Message(message, {"label": labels}))

    def render_context(self) -> RenderContext:
        return RenderContext(self.plan)

    def suggested(self) -> dict[int, list[SuggestedSector]]:
        return self._suggestions.suggested()
