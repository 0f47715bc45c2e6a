"""Imports of files about one child table of organizations only: annual figures or qualifications.

Organizations are matched as in every import and never created; a row creates or changes one child record. Child tables
that a file of organizations fills besides the organizations themselves are in `nested`.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.fields import column_of
from registry.database.permission_names import permission
from registry.imports.matching.duplicates import hold_possible_duplicates
from registry.imports.matching.matches import KEYS, match_organizations
from registry.imports.matching.remarked_rows import look_up_without_remarks
from registry.imports.pipeline.columns import FileColumn, file_columns, join_identifiers, key_columns
from registry.imports.pipeline.records import RecordImport
from registry.imports.reading.tables import Sheet
from registry.organizations.columns.template_help import NAMES
from registry.spreadsheet import parse_line

_NAME_EN = FileColumn("name_en", ["英文名称", "English name", "单位英文名称"], parse_line, group=NAMES)
FILE_ONLY = (_NAME_EN, *key_columns(NAMES))
"""Columns of files that no list shows: they identify the organization."""


@dataclass
class PartImport(RecordImport):
    """One run of an import into one child table of organizations."""

    required: ClassVar[str]
    """The field that a row must have a value for."""
    required_message: ClassVar[Promise]
    second_message: ClassVar[Promise]
    """The message for two rows about one record."""

    def __post_init__(self) -> None:
        own = [
            replace(column, permission=column.permission or permission("view", self.model))
            if column.name not in (*KEYS, self.required)
            else column
            for column in file_columns(self.model, self.shown)
        ]
        self.columns = [*own, *FILE_ONLY]

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        join_identifiers(values)

    @abstractmethod
    def records(self) -> str:
        """Return a query for the rows to be recorded, with the columns of `import_target`."""

    def find_records(self) -> None:
        look_up_without_remarks(self)
        match_organizations(self)
        if self.suggest:
            hold_possible_duplicates(self)
        self.refuse_unknown_organizations()
        wanting = f"SELECT n, NULL FROM import_row WHERE {self.required} IS NULL AND n <> ALL (%s) ORDER BY n"
        self.refuse_all(wanting, self.required, self.required_message, [sorted(self.bad)])
        if self.allows(permission("view", self.model)):
            self.make_table("import_target", self.records())
        else:
            self.make_table("import_target")
            self.refuse_all("SELECT n, NULL FROM import_row ORDER BY n", (), _("Your account may not see such data."))

    def check(self) -> None:
        unique = next(rule for rule in self.model._meta.constraints if isinstance(rule, models.UniqueConstraint))
        columns = [column_of(self.model._meta.get_field(name)) for name in unique.fields]
        self.refuse_rows_of_one_record(columns, self.required, self.second_message)
