"""Imports qualifications: a row is one grading that one organization was granted once."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.permission_names import permission
from registry.imports.pipeline.comparing import clean_line
from registry.imports.tables.child_tables import PartImport
from registry.organizations.columns.parts import QUALIFICATION_COLUMNS
from registry.organizations.models.details import Qualification

# What a row leaves blank fits everything; what a record has without a date and a batch may be what the row dates.
_CANDIDATES = f"""
SELECT r.n, x.id,
       x.granted_on IS NOT DISTINCT FROM r.granted_on AND x.level = coalesce(r.level, '')
       AND {clean_line("x.batch")} = coalesce(r.batch, ''),
       (r.granted_on IS NULL OR x.granted_on = r.granted_on) AND (r.level IS NULL OR x.level = r.level)
       AND (r.batch IS NULL OR {clean_line("x.batch")} = r.batch),
       x.granted_on IS NULL AND x.batch = '' AND (r.level IS NULL OR x.level IN ('', r.level))
FROM import_row r JOIN import_match m ON m.n = r.n
JOIN registry_qualification x ON x.organization_id = m.id AND x.grading_id = r.grading
"""
# An undated record takes the dates of one row: the first that nothing else answers to.
_UNDATED = """
UPDATE import_target t SET id = u.id, is_new = false FROM (
    SELECT DISTINCT ON (n) n, id FROM (
        SELECT DISTINCT ON (c.id) c.id, c.n FROM import_candidate c JOIN import_target q ON q.n = c.n
        WHERE c.undated AND q.is_new AND c.id NOT IN (SELECT id FROM import_target WHERE id IS NOT NULL)
        ORDER BY c.id, c.n
    ) first ORDER BY n, id
) u WHERE u.n = t.n
"""
_SEVERAL = """
SELECT n, NULL FROM import_candidate GROUP BY n
HAVING count(*) FILTER (WHERE fits) > 1 AND NOT bool_or(exact) ORDER BY n
"""
# A grading that is granted at one level only needs not name it.
_LEVEL = """
UPDATE import_row r SET level = d.levels[1] FROM import_target t, registry_grading d
WHERE t.n = r.n AND t.is_new AND r.level IS NULL AND d.id = r.grading AND cardinality(d.levels) = 1
"""


@dataclass
class QualificationImport(PartImport):
    """Adds and changes qualifications, never removes them."""

    TABLE: ClassVar[str] = "qualifications"

    model = Qualification
    shown = QUALIFICATION_COLUMNS
    required = "grading"
    required_message = _("The row does not say which qualification it is about.")
    second_message = _("Row %(rows)s is about the same qualification: keep one of them, or give the day or the batch.")

    def prepare(self) -> None:
        self.present.add("level")  # which may follow from the grading

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names) or (None if "grading" in names else _("qualification"))

    def records(self) -> str:
        self.make_table("import_candidate", _CANDIDATES)
        return """
            SELECT r.n, m.id, coalesce(c.exact, CASE WHEN c.fitting = 1 THEN c.fits END),
                   c.exact IS NULL AND coalesce(c.fitting, 0) = 0
            FROM import_row r JOIN import_match m ON m.n = r.n
            LEFT JOIN (
                SELECT n, min(id) FILTER (WHERE exact) AS exact, min(id) FILTER (WHERE fits) AS fits,
                       count(*) FILTER (WHERE fits) AS fitting
                FROM import_candidate GROUP BY n
            ) c ON c.n = r.n
            WHERE m.id IS NOT NULL AND r.grading IS NOT NULL
        """

    def compare(self) -> None:
        if self.allows(permission("view", self.model)):
            self._settle()
        super().compare()

    def _settle(self) -> None:
        """Give undated records the file's dates, and gradings their only level; refuse rows that fit several
        records.
        """
        self.execute(_UNDATED)
        self.execute(_LEVEL)
        message = _("The organization has this qualification several times: give the day (发证日期) or the batch.")
        self.refuse_all(_SEVERAL, "grading", message)
