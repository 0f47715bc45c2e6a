"""Child tables that a file of organizations or of a round fills: identifiers, qualifications, contacts; and their base.

Each class makes a temporary table of the rows to be written (`temporary_tables`), by set-based SQL. Files about such a
child table only have an import of their own (`child_tables`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.columns import Column, RenderContext
from registry.imports.options import StoredValues
from registry.imports.pipeline.comparing import MASK, clean_line, unprotected
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.matching.decisions import SINGLE_SCHEMES
from registry.organizations.models.confidential import Contact
from registry.organizations.models.details import Scheme
from registry.organizations.models.organizations import Organization


class ChildTable(ABC):
    """One child table that a file of organizations fills."""

    columns: ClassVar[tuple[str, ...]]
    """The columns of the file for this table."""
    table: ClassVar[str]
    """The temporary table of the rows to be written."""
    FIND: ClassVar[str]
    """A query for the rows of the temporary table."""
    INSERT: ClassVar[str]
    """The statement that writes these rows."""
    VALUE: ClassVar[str]
    """SQL for one value of a row `x` of the temporary table, in the form that `shown` takes a list of."""
    several: ClassVar[bool] = True
    """Whether `shown` needs the stored values of the first column."""
    has_permissions: ClassVar[bool] = False
    """Whether `permissions` says who may write the table; if not, everybody who may change the organization may."""

    def __init__(self, run: Import) -> None:
        self.run = run
        self.is_new = "t.is_new" if run.describes_organizations else "false"
        """SQL for whether the organization of a row `t` of `import_target` is new."""

    @property
    def present(self) -> bool:
        return not self.run.present.isdisjoint(self.columns)

    def examine(self) -> None:
        """Make the temporary table, and refuse rows that break a rule."""
        self.run.make_table(self.table, self.FIND)

    def apply(self) -> None:
        """Write the rows of the temporary table."""
        self.run.execute(self.INSERT)

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        """Yield permissions, each with a query for the rows that need it and the message if it is missing."""
        return iter(())

    def count(self) -> int:
        """Return how many rows change stored child records."""
        rows = f"SELECT count(DISTINCT w.n) FROM {self.table} w JOIN import_target t ON t.n = w.n"
        return self.run.value(f"{rows} WHERE NOT {self.is_new}")

    def written_values(self) -> str:
        """Return a query for the rows to be written: row, whether its record is new, organization, and the input of
        `shown`.
        """
        return f"""
            SELECT x.n, {self.is_new}, x.organization_id, array_agg({self.VALUE})
            FROM {self.table} x JOIN import_target t ON t.n = x.n
            GROUP BY x.n, t.is_new, x.organization_id ORDER BY x.n
        """

    def changes(
        self, columns: Mapping[str, Column], context: RenderContext
    ) -> Iterator[tuple[int, bool, int | None, str, object, object]]:
        """Yield the changes: row, whether its record is new, organization, name of a column, stored value, new
        value.
        """
        rows = list(self.run.query(self.written_values()))
        stored: dict[int, Any] = {}
        if self.several:
            known = [organization for _n, is_new, organization, *_rest in rows if not is_new]
            expression = columns[self.columns[0]].selected(context)
            stored = dict(Organization.objects.filter(pk__in=known).order_by().values_list("pk", expression))
        for n, is_new, organization, *row in rows:
            for name, before, after in self.shown(stored.get(organization) or [], row, context):
                yield n, is_new, organization, name, before, after

    @abstractmethod
    def shown(
        self, stored: object, row: Sequence[object], context: RenderContext
    ) -> Iterator[tuple[str, object, object]]:
        """Yield names of columns with the stored and the new value, as the columns take them."""


class Identifiers(ChildTable):
    """The identifiers: the import adds those that the record lacks; of some schemes an organization has only one."""

    columns = ("identifiers",)
    table = "import_identified"
    VALUE = "ARRAY[x.scheme, x.value]"
    FIND = """
        SELECT t.n, t.organization_id, given.scheme, given.value
        FROM import_row r JOIN import_target t ON t.n = r.n
        CROSS JOIN LATERAL (
            SELECT split_part(text, ':', 1) AS scheme, substr(text, strpos(text, ':') + 1) AS value
            FROM unnest(r.identifiers) AS text
        ) given
        WHERE r.identifiers IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM registry_identifier i WHERE i.scheme = given.scheme AND i.value = given.value
        )
    """
    INSERT = """
        INSERT INTO registry_identifier (organization_id, scheme, value)
        SELECT organization_id, scheme, value FROM import_identified ORDER BY n
    """
    _SEVERAL = """
        SELECT n, scheme, string_agg(DISTINCT value, ';') FROM import_given WHERE scheme = ANY (%s)
        GROUP BY n, scheme HAVING count(DISTINCT replace(value, '-', '')) > 1 ORDER BY n
    """

    def examine(self) -> None:
        super().examine()
        for n, scheme, values in list(self.run.query(self._SEVERAL, [list(SINGLE_SCHEMES)])):
            message = _("An organization has only one %(scheme)s; this row names several.")
            columns = ("identifiers", f"identifier_{scheme}")
            self.run.refuse(n, columns, values, Message(message, {"scheme": Scheme(scheme).label}))

    def shown(self, stored: Any, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        added = [{"scheme": scheme, "value": value} for scheme, value in row[0]]
        yield "identifiers", stored, sorted([*stored, *added], key=lambda one: (one["scheme"], one["value"]))


class Qualifications(ChildTable):
    """The qualifications: the import adds a grading that the record lacks, without dates.

    A grading with only one level gets that level.
    """

    columns = ("qualifications",)
    table = "import_qualified"
    VALUE = "x.grading"
    FIND = """
        SELECT t.n, t.organization_id, given.grading
        FROM import_row r JOIN import_target t ON t.n = r.n
        CROSS JOIN LATERAL unnest(r.qualifications) AS given (grading)
        WHERE r.qualifications IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM registry_qualification q
            WHERE q.organization_id = t.organization_id AND q.grading_id = given.grading
        )
    """
    INSERT = """
        INSERT INTO registry_qualification (organization_id, grading_id, level, issuer, batch, certificate_no)
        SELECT i.organization_id, i.grading, CASE WHEN cardinality(d.levels) = 1 THEN d.levels[1] ELSE '' END,
               '', '', ''
        FROM import_qualified i JOIN registry_grading d ON d.id = i.grading ORDER BY i.n
    """

    def shown(self, stored: Any, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        # In the order of the column: those without a date come first.
        added = [{"grading": grading} for grading in row[0]]
        undated = [one for one in stored if one["granted_on"] is None]
        dated = [one for one in stored if one["granted_on"] is not None]
        yield "qualifications", stored, [*undated, *added, *dated]


class Contacts(ChildTable):
    """The legal representative and the liaison.

    A value with hidden characters replaces only an empty or hidden value.
    """

    columns = ("legal_representative", "contact_name", "contact_title", "contact_phone", "contact_email")
    table = "import_contact"
    several = False
    has_permissions = True
    INSERT = """
        INSERT INTO registry_contact (organization_id, role, name, title, phone, email, purpose, source)
        SELECT organization_id, role, name, title, phone, email, '', ''
        FROM import_contact WHERE contact IS NULL ORDER BY n, role
    """

    # Role -> column of the contact -> column of the file.
    _ROLES: ClassVar[dict[str, dict[str, str]]] = {
        "legal_representative": {"name": "legal_representative"},
        "liaison": {
            "name": "contact_name",
            "title": "contact_title",
            "phone": "contact_phone",
            "email": "contact_email",
        },
    }

    def examine(self) -> None:
        self.run.make_table(self.table)
        for role, columns in self._ROLES.items():
            if self.run.present.isdisjoint(columns.values()):
                continue
            values = {
                column: self._value(column, columns.get(column)) for column in ("name", "title", "phone", "email")
            }
            stored = {column: f"coalesce(c.{column}, '')" for column in values}
            kept = self.run.choices.stored == StoredValues.KEEP_VERIFIED
            owner = "LEFT JOIN registry_organization o ON o.id = t.organization_id" if kept else ""
            self.run.execute(
                f"""
                INSERT INTO import_contact
                SELECT r.n, t.organization_id, c.id, c.xmin, '{role}', {", ".join(values.values())}
                FROM import_row r JOIN import_target t ON t.n = r.n
                LEFT JOIN registry_contact c ON c.organization_id = t.organization_id AND c.role = '{role}'
                {owner}
                WHERE {" OR ".join(f"{value} <> {stored[column]}" for column, value in values.items())}
                """
            )
        rule = next(rule for rule in Contact._meta.constraints if rule.name == "contact_says_something")
        silent = "SELECT n, title FROM import_contact WHERE name = '' AND phone = '' AND email = '' ORDER BY n"
        for n, title in list(self.run.query(silent)):
            self.run.refuse(n, self.columns, title, Message(rule.violation_error_message or ""))

    def _value(self, column: str, source: str | None) -> str:
        """Return SQL for the new value; the stored value stays if the file has the same value or less of it."""
        stored = f"coalesce(c.{column}, '')"
        if source is None:
            return stored
        read_back = clean_line(stored) if column in ("name", "title") else f"normalize({clean_line(stored)}, NFKC)"
        free = unprotected(f"{stored} = ''", self.run.choices.stored)
        return f"""
            CASE WHEN NOT (true{free}) THEN {stored}
                 WHEN r.{source} IS NOT NULL AND r.{source} <> {stored} AND r.{source} <> {read_back} THEN r.{source}
                 WHEN r.{source}_masked IS NOT NULL AND ({stored} = '' OR {stored} ~ {MASK}) THEN r.{source}_masked
                 ELSE {stored} END
        """

    def apply(self) -> None:
        self.run.overwrite(
            """
            UPDATE registry_contact c SET name = i.name, title = i.title, phone = i.phone, email = i.email
            FROM import_contact i WHERE c.id = i.contact AND c.xmin = i.seen
            """,
            "SELECT count(*) FROM import_contact WHERE contact IS NOT NULL",
        )
        super().apply()

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        contacts = "SELECT n FROM import_contact WHERE contact IS"
        yield "registry.add_contact", f"{contacts} NULL", _("Your account may not add contacts.")
        yield "registry.change_contact", f"{contacts} NOT NULL", _("Your account may not change contacts.")

    def written_values(self) -> str:
        return f"""
            SELECT i.n, {self.is_new}, i.organization_id, i.role, i.name, i.title, i.phone, i.email,
                   c.name, c.title, c.phone, c.email
            FROM import_contact i JOIN import_target t ON t.n = i.n LEFT JOIN registry_contact c ON c.id = i.contact
            ORDER BY i.n, i.role
        """

    def shown(self, stored: object, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        columns = self._ROLES[row[0]]
        places = {"name": 1, "title": 2, "phone": 3, "email": 4}
        for field, name in columns.items():
            yield name, row[places[field] + 4] or "", row[places[field]]
