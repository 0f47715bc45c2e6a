"""Keeps columns that not everybody may see, such as telephone numbers, from being read with another meaning."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import zip_longest

from registry.database.permission_names import permission
from registry.imports.pipeline.columns import FileColumn, labels_of
from registry.imports.recognising.headers import Recogniser
from registry.imports.recognising.layout import IGNORED
from registry.organizations.columns.parts import FIGURES
from registry.organizations.columns.subqueries import PEOPLE
from registry.organizations.models.confidential import AnnualFigures


class Confidential:
    """Tells by its label which permission a column needs, even if somebody gives the column another meaning."""

    def __init__(
        self,
        columns: Sequence[FileColumn],
        recognise: Recogniser,
        corrections: Mapping[str, str],
        allows: Callable[[str], bool],
    ) -> None:
        """Take the recogniser of all columns, `corrections` (`label_key()` of a label -> name of a column, or IGNORED)
        and the account's permissions.
        """
        self._recognise = recognise
        self._permissions = {column.name: column.permission for column in columns}
        self._allows = allows
        self._corrections = corrections

    def permission(self, key: str) -> str:
        """Return the permission for seeing the column with this label or `label_key()`; empty if everybody may see it.

        A column that somebody has declared confidential stays confidential for people who may not see it.
        """
        name = self._recognise(key)
        recognised = self._permissions[name] if name else _elsewhere().get(_people_and_figures()(key) or "", "")
        corrected = self._permissions.get(self._corrections.get(key, IGNORED), "")
        return recognised or (corrected if not self._allows(corrected) else "")

    def may_mean(self, key: str, name: str) -> bool:
        """Return whether a column may be read as the named one.

        A confidential one needs a name with the same permission.
        """
        needed = self.permission(key)
        return not needed or name == IGNORED or self._permissions.get(name) == needed

    def followed(self) -> dict[str, str]:
        """Return the corrections that are followed."""
        return {key: name for key, name in self._corrections.items() if self.may_mean(key, name)}

    def refused(self) -> dict[str, str]:
        """Return the corrections of known columns that are not followed."""
        known = self._permissions
        return {key: name for key, name in self._corrections.items() if name in known and not self.may_mean(key, name)}

    def places(self, *headers: Sequence[str]) -> dict[int, str]:
        """Return the permission for seeing each confidential column, by its index, as any of the headers shows it."""
        found = {}
        for index, labels in enumerate(zip_longest(*headers, fillvalue="")):
            needed = next(filter(None, map(self.permission, filter(None, labels))), "")
            if needed:
                found[index] = needed
        return found


@cache
def _elsewhere() -> dict[str, str]:
    """Return the permissions of confidential columns in all lists of organizations and figures, by name."""
    figures = permission("view", AnnualFigures)
    return {column.name: column.permission for column in PEOPLE} | {column.name: figures for column in FIGURES}


@cache
def _people_and_figures() -> Recogniser:
    return Recogniser({column.name: labels_of(column) for column in (*PEOPLE, *FIGURES)})
