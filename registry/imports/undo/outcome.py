"""The outcome of undoing an import: which records are reverted, which stay and why, in words for people."""

import datetime
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.database.db_errors import rule_message
from registry.database.permission_names import permission
from registry.imports.models import ImportBatch
from registry.imports.undo.tracked_tables import tracked_table
from registry.organizations.models.organizations import Organization
from registry.values.people import Account
from registry.values.punctuation import listed


class KeptReason(enum.StrEnum):
    """The reason why a record, or some of its values, stays."""

    CHANGED = "changed"
    REFERRED = "referred"
    GONE = "gone"
    UNKNOWN = "unknown"
    RULE = "rule"
    PART = "part"
    """The record belongs to a record that stays."""


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record that is not reverted, or of which some values are not."""

    model: type[models.Model]
    pk: int
    organization: int | None
    """The organization that the record is about."""
    why: KeptReason
    columns: tuple[str, ...] = ()
    """The fields whose values stay."""
    others: tuple[str, ...] = ()
    """Labels `app.model` of the kinds of records that refer to it, or the name of the database rule it would break."""


@dataclass(frozen=True, slots=True)
class RevertedRow:
    """A row that was written, with the columns that go back and the columns that have changed since."""

    pk: int
    action: str
    """`remove`, `update` or `insert`: what reverts it."""
    restored: tuple[str, ...]
    kept: tuple[str, ...]
    why: str
    others: tuple[str, ...]


@dataclass(slots=True)
class TableOutcome:
    """The outcome for one table: the numbers of records that are reverted and that stay."""

    model: type[models.Model]
    removed: int = 0
    changed_back: int = 0
    brought_back: int = 0
    staying: int = 0
    """The number of records that stay in whole or in part, without records that belong to a record that stays."""
    belonging: int = 0
    stays: list[KeptRecord] = field(default_factory=list)
    """The first records that stay."""
    rows: list[RevertedRow] = field(default_factory=list)
    """The first rows, those that go back and those that stay."""

    @property
    def all_staying(self) -> int:
        return self.staying + self.belonging

    @property
    def back(self) -> int:
        return self.removed + self.changed_back + self.brought_back


@dataclass(slots=True)
class Reversal:
    """The outcome of reverting what was written in one history context;

    `done` says whether it was done or only tried.
    """

    tables: list[TableOutcome] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    """Permissions that the account lacks; without them nothing is undone."""
    done: bool = False

    @property
    def back(self) -> int:
        return sum(table.back for table in self.tables)

    @property
    def staying(self) -> int:
        return sum(table.staying for table in self.tables)

    @property
    def belonging(self) -> int:
        return sum(table.belonging for table in self.tables)


@dataclass(slots=True)
class UndoOutcome(Reversal):
    """The outcome of undoing an import."""

    batch: ImportBatch = field(kw_only=True)


def lines_of(outcome: Reversal) -> Iterator[str]:
    """Yield the lines of a report: for each table, for each record that stays, and at last the counts."""
    if outcome.tables:
        yield str(_("- removed, ~ changed back, + restored, = kept"))
    for table in outcome.tables:
        yield f"{kind_name(table.model)}: -{table.removed} ~{table.changed_back} +{table.brought_back} ={table.staying}"
        about = Organization.objects.in_bulk({stay.organization for stay in table.stays if stay.organization})
        own = table.model._default_manager.in_bulk([stay.pk for stay in table.stays if not stay.organization])
        for stay in table.stays:
            organization = about.get(stay.organization or 0)
            number = organization.registry_no if organization else ""
            yield f"  {number} {organization or own.get(stay.pk, stay.pk)}: {words_of(stay)}"
        if table.staying > len(table.stays):
            yield f"  ... {table.staying - len(table.stays)}"
    removed, changed, brought = (
        sum(getattr(table, name) for table in outcome.tables) for name in ("removed", "changed_back", "brought_back")
    )
    yield f"removed {removed}, changed back {changed}, brought back {brought}, staying {outcome.staying}"


def words_of(stay: KeptRecord, user: Account | None = None) -> str:
    """Say why a record stays; an account does not learn about kinds of records that it may not see."""
    names = {field.column: str(field.verbose_name) for field in stay.model._meta.local_concrete_fields}
    columns = listed(names[column] for column in stay.columns)
    return str(_WHY[stay.why] % {"columns": columns, "others": listed(_other_names(stay, user))})


_WHY: dict[KeptReason, Promise] = {
    KeptReason.CHANGED: _("changed since: %(columns)s"),
    KeptReason.REFERRED: _("something refers to it: %(others)s"),
    KeptReason.GONE: pgettext_lazy("record", "removed since"),
    KeptReason.UNKNOWN: _("its history does not hold the earlier values"),
    KeptReason.RULE: _("the earlier values contradict later entries: %(others)s"),
}


def _other_names(stay: KeptRecord, user: Account | None) -> list[str]:
    if stay.why == KeptReason.RULE:
        return [rule_message(name) or str(_("a record is missing to which it belongs")) for name in stay.others]
    models_met = [apps.get_model(label) for label in stay.others]
    return sorted({kind_name(one) if _may_see(one, user) else str(_("other records")) for one in models_met})


def _may_see(model: type[models.Model], user: Account | None) -> bool:
    return user is None or user.has_perm(permission("view", _owner(model)))


def last_events(model: type[models.Model], pks: Sequence[int]) -> dict[int, tuple[datetime.datetime, int | None]]:
    """Return by id when each row was last written, and by which account."""
    trace = tracked_table(model)
    events = trace.events._default_manager.filter(pgh_obj_id__in=pks).order_by("pgh_obj_id", "-pgh_id")
    found = events.distinct("pgh_obj_id").values_list("pgh_obj_id", "pgh_created_at", "pgh_context__metadata")
    return {pk: (moment, (context or {}).get("user")) for pk, moment, context in found}


def kind_name(model: type[models.Model]) -> str:
    """Return the name of the kind of record; a table between two models has the name of the model that owns it."""
    return str(_owner(model)._meta.verbose_name)


def _owner(model: type[models.Model]) -> type[models.Model]:
    return model._meta.auto_created or model  # type: ignore[return-value]
