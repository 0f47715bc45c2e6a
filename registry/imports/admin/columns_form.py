"""Reads the form that the page of the columns sends back, as a layout."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.imports.pipeline.recognition import NEVER_READ
from registry.imports.recognising.inspection import Inspection
from registry.imports.recognising.layout import IGNORED, Layout

ENCODINGS = (("utf-8", "UTF-8"), ("gb18030", "GB 18030 / GBK"), ("utf-16", "UTF-16"))
OPEN = "?"
"""Replaces the name of a column as long as nobody has said what the column means; the file is not imported before."""
NO_HEADER = "none"
"""Replaces the header rows in the form: no row of the sheet holds labels."""


@dataclass
class Submitted:
    """Turns what the page sent into a layout. The layout holds only corrections, not what was recognised anyway."""

    data: Any
    inspection: Inspection

    def reading(self, before: Layout) -> Layout:
        """Return the layout with the encoding, sheets and header rows that were sent; its other parts stay."""
        sheets, headers = {}, {}
        for number, sheet in enumerate(self.inspection.sheets):
            if f"sheet-{number}" not in self.data:
                continue
            read = self.data.get(f"read-{number}") == "on"
            if read != sheet.read or sheet.name in before.sheets:
                sheets[sheet.name] = read
            chosen = self.data.get(f"header-{number}", "")
            rows = [int(n) for n in chosen.split("-") if n.isdecimal()][:2]
            is_set = rows or chosen == NO_HEADER
            if is_set and (rows != sheet.header_rows or not sheet.read or sheet.name in before.header_rows):
                headers[sheet.name] = rows
        encoding = self.data.get("encoding", before.encoding)
        known = {"", *(code for code, _label in ENCODINGS)}
        return replace(before, encoding=encoding if encoding in known else "", sheets=sheets, header_rows=headers)

    def columns(self, plain: Inspection, before: Layout) -> dict[str, str]:
        """Return the corrected columns: `label_key` of a label -> name of the column that somebody chose.

        Earlier corrections of columns that the account may not see stay. Raises ValidationError.
        """
        recognised = {column.label_key: column.name for column in plain.columns}
        asked = {column.label_key for column in plain.columns if column.stops or column.guess}
        targets = {target.name: target for target in self.inspection.targets}
        chosen: dict[str, str] = {}
        taken: dict[str, str] = {}
        for number, column in enumerate(self.inspection.columns):
            name = self.data.get(f"column-{number}", OPEN if column.stops or column.guess else column.name)
            if name == OPEN:
                continue
            if name not in targets:
                name = IGNORED
            if name and column.permission not in ("", targets[name].permission):
                params = {"label": column.label, "meant": targets[name].label}
                raise ValidationError(NEVER_READ, params=params)
            if column.how == "withheld":
                chosen |= {key: said for key, said in before.columns.items() if key == column.label_key}
                continue
            other = taken.setdefault(name, column.label) if name else column.label
            if other != column.label:
                raise ValidationError(
                    _("“%(one)s” and “%(other)s” cannot both be the same column: ignore one of them."),
                    params={"one": other, "other": column.label},
                )
            ignored = name == IGNORED and column.label_key in asked
            if ignored or name != recognised.get(column.label_key, IGNORED):
                chosen[column.label_key] = name
        return chosen

    def _texts(self, name: str) -> list[str]:
        """Return all values of a form field, without NUL characters, which PostgreSQL cannot store in JSON."""
        return [text.replace("\0", "") for text in self.data.getlist(name)]

    def constants(self) -> dict[str, str]:
        names = self._names()
        given = zip(self._texts("constant-name"), self._texts("constant-value"), strict=False)
        return {name: value.strip() for name, value in given if name in names and value.strip()}

    def _names(self) -> set[str]:
        return {target.name for target in self.inspection.targets}

    def values(self, before: Layout) -> dict[str, dict[str, str]]:
        """Return the meanings of unknown values by column; an earlier meaning stays unless a new one was sent."""
        meanings = {name: dict(said) for name, said in before.values.items()}
        for name, text, meant in zip(
            self._texts("value-column"),
            self._texts("value-text"),
            self._texts("value-meant"),
            strict=False,
        ):
            if meant and name in self._names():
                meanings.setdefault(name, {})[text] = meant
            else:
                meanings.get(name, {}).pop(text, None)
        return {name: said for name, said in meanings.items() if said}
