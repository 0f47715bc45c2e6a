"""Import of organizations with their sectors, former names, identifiers, qualifications and contacts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.cells import Capital, Signed, parse_date, parse_line
from registry.imports import comparing, sql
from registry.imports.addresses import TownFinder
from registry.imports.choices import Stored
from registry.imports.columns import file_columns
from registry.imports.duplicates import hold_possible_duplicates
from registry.imports.engine import FileColumn, Import
from registry.imports.former_names import FormerNames
from registry.imports.guess_kind import kind_of_label, kind_of_title, settle_kind
from registry.imports.guesses import guesses
from registry.imports.identifiers import identifier_columns, join_identifiers
from registry.imports.matching import FRESH_STATISTICS, KEYS, leave_names, match_organizations
from registry.imports.outcomes import Suggested, Written
from registry.imports.reading import Sheet
from registry.imports.related import Contacts, Identifiers, Qualifications, Related, SectorTags
from registry.imports.remarked_rows import settle_name_remarks
from registry.imports.report import Message
from registry.imports.second_rows import refuse_second_rows
from registry.imports.showing import written_organizations
from registry.imports.tagging import SuggestedTags
from registry.models import Organization, Plan
from registry.organizations.countries import country_of_address
from registry.pinyin import pinyin_key
from registry.references import references
from registry.rows import ORGANIZATION_COLUMNS
from registry.rows.template_help import CLASSIFICATION, NAMES
from registry.validators import CHINESE

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
_CHINESE_RE = re.compile(f"[{CHINESE}]")
_MERGED = _("Nothing of this row is written: a file does not change a merged record, nor its successor by its name.")
_TELL_KIND = {"kind", "nature", "category", "uscc"}
_STAGED_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = 'pg_temp.import_row'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'n'
"""


@dataclass
class OrganizationImport(Import):
    """Creates and changes organizations; an absent column or a blank cell changes nothing."""

    plan: Plan | None = None
    """Whose sectors the file names; by default those of the current plan."""
    signed_sectors: bool = field(init=False, default=False)
    """Whether cells say which sectors to add and which to take away."""
    _kinds: dict[str, tuple[str, str]] = field(init=False, default_factory=dict)
    """Name of a sheet -> the kind of its rows, by the labels of its names, and by its title."""
    _latin: set[str] = field(init=False, default_factory=set)
    """Sheets whose names are English."""

    TABLE: ClassVar[str] = "organizations"
    LOCK: ClassVar[int] = 0x5A534149
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

    def __post_init__(self) -> None:
        known = references()
        self.plan = self.plan or known.current_plan
        self._towns = TownFinder()
        self._townships = known.townships
        vocabularies = {"sectors": known.sectors_of(self.plan), "township": self._townships}
        own = file_columns(Organization, ORGANIZATION_COLUMNS, vocabularies)
        self._columns = [*own, _NATURE, _RENAMED_ON, *identifier_columns(NAMES)]
        self._suggestions = SuggestedTags(self, self.plan)
        self._parts: list[Related] = [
            SectorTags(self, self.plan),
            self._suggestions,
            FormerNames(self),
            Identifiers(self),
            Qualifications(self),
            Contacts(self),
        ]

    def columns(self) -> Sequence[FileColumn]:
        return self._columns

    def missing(self, names: set[str]) -> str | Promise | None:
        return (
            None if not names.isdisjoint(KEYS) else _("registry number, USCC, other identifiers or organization name")
        )

    def prepare(self) -> None:
        for sheet in self.report.table.sheets:
            labels = " ".join(column.label for column in sheet.columns if column.name in ("name_zh", "name_en")).lower()
            self._kinds[sheet.name] = kind_of_label(labels), self._kind_of_title(sheet)
            # A list in English has one column for names, and the names in it are English unless they are Chinese.
            if "name_zh" in sheet.names and "name_en" not in sheet.names and not _CHINESE_RE.search(labels):
                self._latin.add(sheet.name)
                self.present.add("name_en")

    def _kind_of_title(self, sheet: Sheet) -> str:
        """What the rows above the header say that the list is of, or else the name of the sheet."""
        above = range(1, min(sheet.header_rows, default=1))
        rows = islice(self.report.table.raw_rows(sheet, above), len(above))
        titles = [" ".join(str(cell) for cell in cells if cell != "") for _n, cells in rows]
        return next(filter(None, map(kind_of_title, [*titles, sheet.name])), "")

    # --- One row

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        if "registered_capital" in values:
            self._finish_capital(values)
        join_identifiers(values)
        settle_kind(values, *self._kinds[sheet.name])
        if sheet.name in self._latin and "name_zh" in values and not _CHINESE_RE.search(values["name_zh"]):
            values["name_en"] = values.pop("name_zh")
        if "country" not in values:
            address = values.get("registered_address") or values.get("business_address")
            values["country_guess"] = country_of_address(address) if address else None
        if "township" not in values and "registered_address" in values:
            values["town_guess"] = self._towns.find(values["registered_address"])
        if "sectors" in values:
            self._finish_sectors(values)

    def _finish_sectors(self, values: dict[str, Any]) -> None:
        sectors = values.pop("sectors")
        if isinstance(sectors, Signed):
            self.signed_sectors = True
            values["sector_more"], values["sector_less"] = sql.array(sectors.more), sql.array(sectors.less)
        else:
            values["sectors"], values["sector_set"] = sql.array(sectors), sql.array(sorted(sectors))

    @staticmethod
    def _finish_capital(values: dict[str, Any]) -> None:
        capital: Capital = values.pop("registered_capital")
        given = values.get("capital_currency")
        if given and capital.currency and given != capital.currency:
            params = {"one": capital.currency, "other": given}
            message = _("The amount is in %(one)s, but the currency column says %(other)s.")
            raise ValidationError({"registered_capital": ValidationError(message, params=params)})
        values["registered_capital"], values["capital_text"] = capital.amount, capital.text[:100]
        if capital.currency:
            values["capital_currency"] = capital.currency

    # --- Examining

    def examine(self) -> None:
        self.progress("match", 0, 1)
        settle_name_remarks(self)
        match_organizations(self)
        self._leave_merged()
        refuse_second_rows(self)
        if self.suggest:
            hold_possible_duplicates(self)
        self.progress("match", 1, 1)
        self.progress("check", 0, 1)
        self._find_changes()
        parts = [part for part in self._parts if part.present]
        for part in parts:
            part.examine()
        # New records have a kind and names even where the file does not; the parser has checked the codes.
        self.refuse_broken_rules(Organization, {"kind", "name_zh", *self._changes} - {"uscc"})
        self._check_kind()
        self._check_masked_names()
        self._check_permissions(parts)
        self._written = ["import_final", *(part.table for part in parts)]
        self._keep_merged()
        if self.bad or self.merged:
            for table in self._written:
                self.execute(f"DELETE FROM {table} WHERE n = ANY(%s)", [sorted(self.bad | self.merged)])  # noqa: S608
        self.progress("check", 1, 1)

    def _leave_merged(self) -> None:
        """Write nothing into successors of what rows say of merged records, which is of bodies that are no more."""
        if not self.led:
            return
        led = sorted(self.led)
        leave_names(self, led)
        for n in led:
            self.note(n, KEYS, self.given_names.get(n, ""), Message(_MERGED))
        columns = [name for (name,) in self.query(_STAGED_COLUMNS)]
        blank = ", ".join(f"{name} = NULL" for name in columns)
        self.execute(f"UPDATE import_row SET {blank} WHERE n = ANY (%s)", [led])  # noqa: S608

    def _keep_merged(self) -> None:
        """Note the rows that would change the merged records that they are about."""
        written = f"SELECT n FROM ({self._existing(self._written)}) w WHERE n = ANY (%s)"  # noqa: S608
        for (n,) in list(self.query(written, [sorted(self.merged)])):
            self.note(n, KEYS, "", Message(_MERGED))

    def _find_changes(self) -> None:
        """Make `import_final`: the new and the changed organizations as they will be; and `import_target`."""
        self.execute("CREATE TEMP TABLE import_township (id bigint, final bigint) ON COMMIT DROP")
        for pair in self._townships.final.items():
            self.execute("INSERT INTO import_township VALUES (%s, %s)", pair)
        self._changes = comparing.changes(self.present, self.choices.stored)
        results = comparing.results(self._changes)
        new_id = "nextval(pg_get_serial_sequence('registry_organization', 'id'))" if self.applying else "NULL::bigint"
        self.execute(
            f"""
            CREATE TEMP TABLE import_final ON COMMIT DROP AS
            SELECT r.n, coalesce(o.id, {new_id}) AS id, o.id IS NULL AS is_new, o.xmin AS seen,
                   {", ".join(f"{value} AS {name}" for name, value in results.items())}
            FROM import_row r JOIN import_match m ON m.n = r.n LEFT JOIN registry_organization o ON o.id = m.id
            WHERE o.id IS NULL OR {" OR ".join(self._changes.values()) or "false"}
            ORDER BY r.n
            """  # noqa: S608
        )
        self.execute("ANALYZE import_final (n, id, is_new)")
        self.execute(
            """
            CREATE TEMP TABLE import_target ON COMMIT DROP AS
            SELECT m.n, coalesce(m.id, f.id) AS id, m.id IS NULL AS is_new
            FROM import_match m LEFT JOIN import_final f ON f.n = m.n
            """
        )
        self.execute("ANALYZE import_target")

    def _check_kind(self) -> None:
        """A new record without a kind is refused, unless a cell was refused that might have told it."""
        message = Message(_("A new record needs its kind: add the column 单位类型, or the USCC, which tells it."))
        for (n,) in self.query("SELECT n FROM import_final WHERE kind IS NULL ORDER BY n"):
            if self.unread_cells.get(n, set()).isdisjoint(_TELL_KIND):
                self.refuse(n, ("kind", "nature"), "", message)

    def _check_masked_names(self) -> None:
        """A name with hidden characters is no name, unless the registry has the record under that very name."""
        message = Message(_("Characters of the name are hidden: write the full name."))
        for name in ("name_zh", "name_en"):
            query = f"""
                SELECT r.n, r.{name}_masked FROM import_row r JOIN import_match m ON m.n = r.n
                LEFT JOIN registry_organization o ON o.id = m.id
                WHERE r.{name}_masked IS NOT NULL AND {sql.clean_line(f"o.{name}")} IS DISTINCT FROM r.{name}_masked
            """  # noqa: S608
            for n, value in self.query(query):
                self.refuse(n, name, value, message)

    def _existing(self, tables: Sequence[str]) -> str:
        """A query for the rows of these tables that concern a stored record."""
        return " UNION ".join(
            f"SELECT x.n FROM {table} x JOIN import_target g ON g.n = x.n WHERE NOT g.is_new"  # noqa: S608
            for table in tables
        )

    def _check_permissions(self, parts: list[Related]) -> None:
        if self.user is None:
            return
        records = ["import_final", *(part.table for part in parts if not isinstance(part, Contacts))]
        new = "SELECT n FROM import_target WHERE is_new"
        wanted = [
            ("registry.add_organization", new, _("Your account may not add records.")),
            ("registry.change_organization", self._existing(records), _("Your account may not change records.")),
        ]
        if any(isinstance(part, Contacts) for part in parts):
            contacts = "SELECT n FROM import_contact WHERE contact IS"
            wanted += [
                ("registry.add_contact", f"{contacts} NULL", _("Your account may not add contacts.")),
                ("registry.change_contact", f"{contacts} NOT NULL", _("Your account may not change contacts.")),
            ]
        for permission, query, message in wanted:
            if not self.allows(permission):
                for n in sorted({n for (n,) in self.query(query)}):
                    self.refuse(n, (), "", Message(message))

    def written_parts(self) -> list[Related]:
        """The parts of which something is to be written."""
        return [part for part in self._parts if part.table in self._written]

    def written(self) -> Iterator[Written]:
        touched = {"kind", "township", *self._changes}
        return written_organizations(self, touched)

    def suggested(self) -> dict[int, list[Suggested]]:
        return self._suggestions.suggested()

    # --- Counting

    def count(self) -> None:
        report = self.report
        report.new = self.value("SELECT count(*) FROM import_final WHERE is_new")
        report.changed = self.value(f"SELECT count(*) FROM ({self._existing(self._written)}) changed")  # noqa: S608
        report.unchanged = len(self.places) - report.new - report.changed - len(self.bad)
        if report.changed:
            self._count_cells()
        if self.choices.stored != Stored.OVERWRITE:
            self._count_kept()
        report.notices.extend(guesses(self))
        for name, successor, day in sorted(self._townships.met):
            message = _("%(name)s has been %(successor)s since %(day)s, and is read so.")
            report.notices.append(Message(message, {"name": name, "successor": successor, "day": day}))

    def _count_kept(self) -> None:
        """How many cells say something else than what is stored, and are left aside because of what was chosen."""
        differing = comparing.changes(self.present)
        kept = [f"count(*) FILTER (WHERE {differing[name]} AND NOT {self._changes[name]})" for name in differing]
        count = self.value(
            f"""
            SELECT {" + ".join(kept) or "0"} FROM import_row r JOIN import_match m ON m.n = r.n
            JOIN registry_organization o ON o.id = m.id WHERE r.n <> ALL (%s)
            """,  # noqa: S608
            [sorted(self.bad)],
        )
        if count:
            message = _("Cells that differ from what is stored, which stays as chosen: %(count)d.")
            self.report.notices.append(Message(message, {"count": count}))

    def _count_cells(self) -> None:
        """How many cells of each column change stored records."""
        counts = dict.fromkeys(self._changes, 0)
        if self._changes:
            found = self.query(
                f"""
                SELECT {", ".join(f"count(*) FILTER (WHERE {condition})" for condition in self._changes.values())}
                FROM import_final f JOIN import_row r ON r.n = f.n JOIN registry_organization o ON o.id = f.id
                WHERE NOT f.is_new
                """  # noqa: S608
            )
            counts = dict(zip(self._changes, next(found), strict=True))
        for part in self.written_parts():
            present = (column for column in part.columns if column in self.present and column not in self._changes)
            name = next(present, part.columns[0])
            counts[name] = self.value(f"SELECT count(*) FROM ({self._existing([part.table])}) changed")  # noqa: S608
        labels = {column.name: column.labels[0] for column in self._columns}
        self.report.changed_columns = {
            self.label(0, name) or labels[name]: count for name, count in counts.items() if count
        }

    # --- Writing

    def apply(self) -> None:
        """New organizations have the time of the transaction, so that the triggers of their parts leave them alone."""
        self._stage_pinyin()
        columns = [sql.column_of(field) for field in comparing.written_fields()]
        values = ["coalesce(p.pinyin, f.pinyin)" if column == "pinyin" else f"f.{column}" for column in columns]
        source = "import_final f LEFT JOIN import_pinyin p ON p.n = f.n"
        self.execute(
            f"""
            INSERT INTO registry_organization (id, updated_at, {", ".join(columns)})
            SELECT f.id, now(), {", ".join(values)} FROM {source} WHERE f.is_new ORDER BY f.n
            """  # noqa: S608
        )
        touched = {comparing.stored(name) for name in self._changes} | {"pinyin", "township_id", "capital_text"}
        changes = [f"{column} = {value}" for column, value in zip(columns, values, strict=True) if column in touched]
        self.overwrite(
            f"""
            UPDATE registry_organization o SET {", ".join(changes)} FROM {source}
            WHERE NOT f.is_new AND o.id = f.id AND o.xmin = f.seen
            """,  # noqa: S608
            "SELECT count(*) FROM import_final WHERE NOT is_new",
        )
        if self.report.new > FRESH_STATISTICS:
            # What the triggers on tags and names join with has just been filled, and they are planned for few rows.
            self.execute(
                "ANALYZE registry_organization (id, updated_at), registry_organizationchange (organization_id), "
                "registry_searchentry (organization_id)"
            )
            self.execute(sql.FRESH_PLANS)
        for part in self.written_parts():
            part.apply()

    def _stage_pinyin(self) -> None:
        """Readings of the Chinese names that are new; a reading corrected by hand stays with an unchanged name."""
        self.execute("CREATE TEMP TABLE import_pinyin (n integer, pinyin text) ON COMMIT DROP")
        names = self.query(
            """
            SELECT f.n, f.name_zh FROM import_final f LEFT JOIN registry_organization o ON o.id = f.id
            WHERE f.name_zh <> '' AND f.name_zh IS DISTINCT FROM o.name_zh
            """
        )
        longest = Organization._meta.get_field("pinyin").max_length
        readings = [(n, pinyin_key(name)[:longest]) for n, name in names]
        with connection.cursor() as cursor, cursor.copy("COPY import_pinyin FROM STDIN") as copy:
            for reading in readings:
                copy.write_row(reading)
        self.execute("ANALYZE import_pinyin")
