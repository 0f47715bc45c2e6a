"""Finds the members that rows of seats and of office holders are about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from alliance.council.imports.council import CouncilImport
from alliance.members.imports.queries import BY_MEMBER_NUMBER, LOCK
from alliance.models import Alliance, Group
from registry.columns import Column, RenderContext, text_column
from registry.imports.matching.duplicates import hold_possible_duplicates
from registry.imports.matching.matches import KEYS, match_organizations
from registry.imports.matching.remarked_rows import look_up_without_remarks
from registry.imports.pipeline.columns import FileColumn, join_identifiers, key_columns
from registry.imports.reading.tables import Sheet
from registry.organizations.columns.labels import USCC
from registry.organizations.columns.template_help import NAMES, USCC_KEY
from registry.organizations.parsers import uscc_parser
from registry.spreadsheet import Vocabulary

_BY_NUMBER_ALONE = """
UPDATE import_row r SET registry_no = o.registry_no
FROM alliance_member mb JOIN registry_organization o ON o.id = mb.organization_id
WHERE mb.alliance_id = %s AND mb.member_no = r.member_no
  AND coalesce(r.registry_no, r.uscc, r.name_zh, r.name_en) IS NULL AND r.identifiers IS NULL
"""
_MEMBERS = """
UPDATE import_row r SET member = mb.id FROM import_match m
JOIN alliance_member mb ON mb.organization_id = m.id AND mb.alliance_id = %s WHERE m.n = r.n
"""
_SAID = "coalesce(r.registry_no, r.uscc, r.name_zh, r.name_en, r.identifiers[1])"
_NO_SUCH_NUMBER = f"""
SELECT r.n, r.member_no FROM import_row r
WHERE r.member IS NULL AND r.member_no IS NOT NULL AND {_SAID} IS NULL AND r.n <> ALL (%s) ORDER BY r.n
"""
_UNKNOWN = f"""
SELECT r.n, {_SAID} FROM import_row r JOIN import_match m ON m.n = r.n
WHERE m.id IS NULL AND {_SAID} IS NOT NULL AND r.n <> ALL (%s) ORDER BY r.n
"""
_NO_MEMBER = """
SELECT r.n, coalesce(nullif(o.name_zh, ''), o.name_en) FROM import_row r JOIN import_match m ON m.n = r.n
JOIN registry_organization o ON o.id = m.id WHERE r.member IS NULL AND r.n <> ALL (%s) ORDER BY r.n
"""
_OTHER_NUMBER = """
SELECT r.n, mb.member_no FROM import_row r JOIN alliance_member mb ON mb.id = r.member
WHERE r.member_no <> mb.member_no AND r.n <> ALL (%s) ORDER BY r.n
"""

MEMBER_KEYS = ("member_no", *KEYS)
_REFUSED = (
    (_NO_SUCH_NUMBER, "member_no", _("No member of the alliance has the number “%(value)s”.")),
    (
        _UNKNOWN,
        ("name_zh", "name_en", *MEMBER_KEYS),
        _("The registry has no such organization. Import or enter it first."),
    ),
    (_NO_MEMBER, ("name_zh", "name_en", *MEMBER_KEYS), _("“%(value)s” has never been a member of this alliance.")),
    (_OTHER_NUMBER, "member_no", _("The organization of this row has the member number “%(value)s”.")),
)
"""Queries for rows that name no member -> their columns and the message."""


class CouncilRenderContext(RenderContext):
    """Shows the groups and members of an alliance by name."""

    def __init__(self, alliance: Alliance) -> None:
        super().__init__()
        self.alliance = alliance

    @cached_property
    def group_names(self) -> dict[int | None, str]:
        return dict(self.alliance.groups.values_list("pk", "name_zh"))

    @cached_property
    def member_names(self) -> dict[int | None, str]:
        return {member.pk: str(member.organization) for member in self.alliance.members.select_related("organization")}


def _group(pk: int | None, context: CouncilRenderContext) -> str:
    return context.group_names.get(pk, "")


def _member(pk: int | None, context: CouncilRenderContext) -> str:
    return context.member_names.get(pk, "")


def by_keys(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns of a list as the import has them: group and member by their keys, written as their names."""
    own = (replace(column, write=_group) if column.name == "group" else column for column in columns)
    return (*own, text_column("member", _("member"), write=_member))


@dataclass
class OfMembers(CouncilImport):
    """An import whose rows may name a member of the alliance: by its number, or as any list names an organization."""

    more_staged: ClassVar[dict[str, str]] = {"member": "bigint"}
    shown_as: ClassVar[Mapping[str, str]] = {"member": "name_zh"}

    def vocabularies(self) -> dict[str, Vocabulary[object]]:
        return {"group": Vocabulary(_("group of an alliance"), self._groups)}

    def _groups(self) -> Iterator[tuple[int, Iterable[str]]]:
        for group in Group.objects.filter(alliance=self.alliance):
            yield group.pk, [group.name_zh, group.name_en]

    @classmethod
    def file_only(cls) -> list[FileColumn]:
        uscc = FileColumn(
            "uscc", ["统一社会信用代码", "USCC", *USCC.split("、")], uscc_parser(), hint=USCC_KEY, group=NAMES
        )
        return [*super().file_only(), uscc, *key_columns(NAMES)]

    def prepare(self) -> None:
        super().prepare()
        self.present.add("member")  # which the other columns name

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        super().finish_row(values, sheet)
        join_identifiers(values)

    def label(self, n: int, name: str) -> str:
        """Return the label of a column; of the member, of the first column that names it."""
        names = MEMBER_KEYS if name == "member" else (name,)
        return next(filter(None, (super(OfMembers, self).label(n, one) for one in names)), "")

    def find_members(self) -> None:
        for statement in (_BY_NUMBER_ALONE, BY_MEMBER_NUMBER):
            self.execute(statement, [self.alliance.pk])
        look_up_without_remarks(self)
        match_organizations(self)
        if self.suggest:
            hold_possible_duplicates(self)
        if self.applying:  # as operations on memberships do: whoever else would write waits, or is waited for
            self.execute(LOCK)
        self.execute(_MEMBERS, [self.alliance.pk])
        for query, names, message in _REFUSED:
            self.refuse_all(query, names, message, [sorted(self.bad)])

    def render_context(self) -> RenderContext:
        return CouncilRenderContext(self.alliance)
