"""Treats rows whose names hold remarks (`name_remarks`): holds them back, splits the names, or keeps the names as is.

Works on the staging table `import_row`, before the rows are matched. A name that the registry holds with the same
remarks is kept: somebody has chosen that before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.imports.matching.name_remarks import STARTS_OR_ENDS, PlainName, read_name
from registry.imports.options import NameRemarks
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.organizations.models.choices import RegistrationStatus
from registry.values.punctuation import clauses, listed, listed_lazily

_NAMES = ("name_zh", "name_en")

_OFFER = _(
    "“%(remarks)s” looks like a remark, not like a part of the name. The row could be read as: %(offer)s. Choose on "
    "the page of the import how names with remarks are read (by command: --name-remarks split or keep), or correct "
    "the list."
)
_UNCLEAR = _(
    "“%(remarks)s” looks like a remark, not like a part of the name, and cannot be read: %(why)s. Correct the list, "
    "or choose on the page of the import to keep the name unchanged (by command: --name-remarks keep)."
)
_SPLIT = _("“%(remarks)s” was read as a remark: %(offer)s.")
_OWN_COLUMN = _("“%(names)s” in the remark is not recorded: the column for former names says something else.")
_LOOKED_UP = _("Looked up as “%(name)s”. The remark “%(remarks)s” is not recorded from a list of this kind.")

_NOT_UNDERSTOOD = _("what it says is not understood")
_MERGED = _("a merger needs its successor, which no list names; record the merger at the organization")
_SEVERAL = _("it names several registration statuses")
_CONTRADICTED = _("the column for the registration status says something else")


@dataclass
class _RemarkedRow:
    """One row with remarks in a name."""

    n: int
    former_names: list[str]
    status: str
    """The registration status from its own column; like `former_names`, it does not come from remarks."""
    given: dict[str, str] = field(default_factory=dict)
    """The name of each column of names -> its text with remarks, unchanged."""
    plain: dict[str, PlainName] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns to name in messages.

        A list of English names has the remarks in its only column of names.
        """
        return (*self.plain, *_NAMES)

    @property
    def value(self) -> str:
        return next(iter(self.given.values()))

    @property
    def remarks(self) -> str:
        return " ".join(remark for one in self.plain.values() for remark in one.remarks)

    @property
    def said_former(self) -> list[str]:
        return list(dict.fromkeys(name for one in self.plain.values() for name in one.former_names))

    @property
    def said_status(self) -> str:
        return next((status for one in self.plain.values() for status in one.statuses), "")

    @property
    def obstacle(self) -> Promise | None:
        """Return the reason why the remarks cannot be used; None if they can."""
        statuses = {status for one in self.plain.values() for status in one.statuses}
        if any(one.unread for one in self.plain.values()):
            return _NOT_UNDERSTOOD
        if len(statuses) > 1:
            return _SEVERAL
        if self.status and statuses and self.status not in statuses:
            return _CONTRADICTED
        return _MERGED if RegistrationStatus.MERGED in statuses and not self.status else None

    @property
    def unrecorded(self) -> list[str]:
        """Return the former names in the remarks that are not recorded because the column of former names has
        others.
        """
        return [name for name in self.said_former if self.former_names and name not in self.former_names]


@dataclass
class _Offer:
    """The text that offers a way to read a row with remarks; `str()` gives it in the active language."""

    row: _RemarkedRow

    def __str__(self) -> str:
        row = self.row
        parts: list[object] = [_("name %(name)s") % {"name": " / ".join(one.name for one in row.plain.values())}]
        if row.said_former and not row.former_names:
            parts.append(_("former name %(names)s") % {"names": listed(row.said_former)})
        if row.said_status and not row.status:
            status = RegistrationStatus(row.said_status).label
            parts.append(_("registration status %(status)s") % {"status": status})
        return clauses(map(str, parts))


def settle_name_remarks(run: Import) -> None:
    """Treat names with remarks in a list of organizations as chosen for this import. Refused rows stay refused."""
    rows = list(_remarked_rows(run))
    run.remarked = len(rows)
    chosen = run.choices.name_remarks
    if chosen == NameRemarks.KEEP:
        return
    taken = []
    for row in rows:
        if row.n in run.bad:
            continue
        about = {"remarks": row.remarks, "offer": _Offer(row), "why": row.obstacle}
        if row.obstacle:
            run.hold(row.n, [], Message(_UNCLEAR, about), row.columns, row.value)
        elif chosen == NameRemarks.HOLD:
            run.hold(row.n, [], Message(_OFFER, about), row.columns, row.value)
        else:
            taken.append(row)
            run.note(row.n, row.columns, row.value, Message(_SPLIT, about))
            if row.unrecorded:
                message = Message(_OWN_COLUMN, {"names": listed_lazily(row.unrecorded)})
                run.note(row.n, ("former_names", *row.columns), "", message)
    if taken:
        _take(run, taken)


def look_up_without_remarks(run: Import) -> None:
    """Match by the name without remarks, in lists that create no organizations, if the registry has that name."""
    if run.choices.name_remarks == NameRemarks.KEEP:
        return
    rows = {(row.n, column): row for row in _remarked_rows(run) for column in row.plain}
    if not rows:
        return
    names = [row.plain[column].name for (_n, column), row in rows.items()]
    known = list(run.query(_KNOWN_PLAIN, [*map(list, zip(*rows, strict=True)), names]))
    for column in _NAMES:
        found = [(n, name) for n, given, name in known if given == column]
        new_names = [[n for n, _name in found], [name for _n, name in found]]
        run.execute(_RENAME.format(column=column), new_names)
        for n, name in found:
            row = rows[n, column]
            about = {"name": name, "remarks": " ".join(row.plain[column].remarks)}
            run.note(n, (column, *_NAMES), row.given[column], Message(_LOOKED_UP, about))


_RENAME = """
UPDATE import_row r SET {column} = g.name FROM unnest(%s::integer[], %s::text[]) AS g (n, name) WHERE r.n = g.n
"""
_KNOWN_PLAIN = """
SELECT g.n, g.given, g.name FROM unnest(%s::integer[], %s::text[], %s::text[]) AS g (n, given, name)
CROSS JOIN LATERAL (SELECT registry_fold_name(g.name) COLLATE "C" AS key) k
WHERE EXISTS (SELECT 1 FROM registry_organization o WHERE o.name_zh_key = k.key)
   OR EXISTS (SELECT 1 FROM registry_organization o WHERE o.name_en_key = k.key)
   OR EXISTS (SELECT 1 FROM registry_name x WHERE x.name_key = k.key)
"""
_KNOWN_AS_IT_STANDS = """
SELECT r.n FROM import_row r JOIN registry_organization o ON o.{name}_key = registry_fold_name(r.{name}) COLLATE "C"
WHERE r.n = ANY (%s)
"""


def _remarked_rows(run: Import) -> Iterator[_RemarkedRow]:
    """Yield the rows with remarks in a name, except names that the registry holds with the same remarks."""
    staged = {column.name for column in run.columns}
    columns = [name if name in staged else "NULL" for name in ("former_names", "registration_status")]
    found: dict[int, _RemarkedRow] = {}
    for name in _NAMES:
        query = f"SELECT n, {', '.join(columns)}, {name} FROM import_row WHERE {name} ~ %s ORDER BY n"
        remarked = {}
        for n, former_names, status, given in run.query(query, [STARTS_OR_ENDS]):
            if plain := read_name(given):
                remarked[n] = (former_names or [], status or "", given, plain)
        known = _KNOWN_AS_IT_STANDS.format(name=name)
        for n in {n for (n,) in run.query(known, [list(remarked)])} if remarked else ():
            del remarked[n]
        for n, (former_names, status, given, plain) in remarked.items():
            row = found.setdefault(n, _RemarkedRow(n, former_names, status))
            row.given[name], row.plain[name] = given, plain
    for n in sorted(found):
        yield found[n]


def _take(run: Import, rows: list[_RemarkedRow]) -> None:
    """Stage the name, former names and status from the remarks; a value in a column of the file goes before them."""
    run.make_table("import_plain")
    values = []
    for row in rows:
        names = [row.plain[name].name if name in row.plain else None for name in _NAMES]
        values.append([row.n, *names, row.said_former or None, row.said_status or None])
    run.copy_rows("import_plain", ("n", *_NAMES, "former_names", "registration_status"), values)
    run.execute(
        """
        UPDATE import_row r SET name_zh = coalesce(p.name_zh, r.name_zh), name_en = coalesce(p.name_en, r.name_en),
               former_names = coalesce(r.former_names, p.former_names),
               registration_status = coalesce(r.registration_status, p.registration_status)
        FROM import_plain p WHERE p.n = r.n
        """
    )
    if any(row.said_former for row in rows):
        run.present.add("former_names")
    if any(row.said_status for row in rows):
        run.present.add("registration_status")
