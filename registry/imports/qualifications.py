"""Import of qualifications: a row is one grading that one organization was granted once."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from registry.imports.parts import PartImport
from registry.imports.report import Message
from registry.imports.sql import clean_line
from registry.models import Qualification
from registry.rows import QUALIFICATION_COLUMNS

# What a row leaves blank fits everything; what a record has without a date and a batch may be what the row dates.
_CANDIDATES = f"""
CREATE TEMP TABLE import_candidate ON COMMIT DROP AS
SELECT r.n, x.id,
       x.granted_on IS NOT DISTINCT FROM r.granted_on AND x.level = coalesce(r.level, '')
       AND {clean_line("x.batch")} = coalesce(r.batch, '') AS exact,
       (r.granted_on IS NULL OR x.granted_on = r.granted_on) AND (r.level IS NULL OR x.level = r.level)
       AND (r.batch IS NULL OR {clean_line("x.batch")} = r.batch) AS fits,
       x.granted_on IS NULL AND x.batch = '' AND (r.level IS NULL OR x.level IN ('', r.level)) AS undated
FROM import_row r JOIN import_match m ON m.n = r.n
JOIN registry_qualification x ON x.organization_id = m.id AND x.grading_id = r.grading
"""  # noqa: S608 - the expression above
_FOUND = """
CREATE TEMP TABLE import_part ON COMMIT DROP AS
SELECT r.n, m.id AS organization_id, coalesce(c.exact, CASE WHEN c.fitting = 1 THEN c.fits END) AS id,
       c.exact IS NULL AND c.fitting > 1 AS several
FROM import_row r JOIN import_match m ON m.n = r.n
LEFT JOIN (
    SELECT n, min(id) FILTER (WHERE exact) AS exact, min(id) FILTER (WHERE fits) AS fits,
           count(*) FILTER (WHERE fits) AS fitting
    FROM import_candidate GROUP BY n
) c ON c.n = r.n
WHERE m.id IS NOT NULL AND r.grading IS NOT NULL
"""
# An undated record takes the dates of one row: the first that nothing else answers to.
_UNDATED = """
UPDATE import_part p SET id = u.id FROM (
    SELECT DISTINCT ON (n) n, id FROM (
        SELECT DISTINCT ON (c.id) c.id, c.n FROM import_candidate c JOIN import_part q ON q.n = c.n
        WHERE c.undated AND q.id IS NULL AND NOT q.several
          AND c.id NOT IN (SELECT id FROM import_part WHERE id IS NOT NULL)
        ORDER BY c.id, c.n
    ) first ORDER BY n, id
) u WHERE u.n = p.n
"""
# A grading that is granted at one level only needs not name it.
_LEVEL = """
UPDATE import_row r SET level = d.levels[1] FROM import_part p, registry_grading d
WHERE p.n = r.n AND p.id IS NULL AND r.level IS NULL AND d.id = r.grading AND cardinality(d.levels) = 1
"""


@dataclass
class QualificationImport(PartImport):
    """Adds and changes qualifications, never removes them."""

    TABLE: ClassVar[str] = "qualifications"

    model = Qualification
    rows = QUALIFICATION_COLUMNS
    required = "grading"
    required_message = _("The row does not say which qualification it is about.")
    more_staged = PartImport.more_staged | {"level": "text"}
    second_message = _("Row %(rows)s is about the same qualification: keep one of them, or give the day or the batch.")

    def missing(self, names: set[str]) -> Any:
        return super().missing(names) or (None if "grading" in names else _("qualification"))

    def find_records(self) -> None:
        for statement in (_CANDIDATES, _FOUND, "ANALYZE import_candidate, import_part", _UNDATED, _LEVEL):
            self.execute(statement)
        message = _("The organization has this qualification several times: give the day (发证日期) or the batch.")
        for (n,) in list(self.query("SELECT n FROM import_part WHERE several ORDER BY n")):
            self.refuse(n, "grading", "", Message(message))
