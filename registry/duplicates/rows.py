"""Moves the rows of child tables: a row goes to the record that stays unless that one has such a row already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.database.fields import field_of
from registry.database.permission_names import permission
from registry.duplicates.pairs import (
    KEPT,
    MERGED,
    Choice,
    Chosen,
    Fate,
    ForeignKey,
    Looked,
    Option,
    RecordPair,
    RowFate,
)
from registry.values.punctuation import listed

MOST_NAMED = 12
Row = Any


@dataclass(frozen=True)
class Rows:
    """The rows of one foreign key. `same` are the fields by which two rows say the same of one body.

    A row that has a like stays with the merged record, where it can still be read; blanks of its like are filled.
    """

    model: type[models.Model]
    key: str = "organization"
    same: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    """The fields of a like row that are filled from the other one where they are blank."""
    hidden: bool = False
    """Whether rows are named only to people who may see the table; everybody is shown their number."""

    @property
    def keys(self) -> tuple[ForeignKey, ...]:
        return ((self.model, self.key),)

    def rows(self, pair: RecordPair) -> Iterable[models.QuerySet[models.Model]]:
        return ()

    def of(self, organization: int) -> list[Row]:
        keys = [f.name for f in self.model._meta.local_concrete_fields if isinstance(f, models.ForeignKey)]
        related = [name for name in keys if name not in (self.key, "decided_by", "dismissed_by")]
        return list(
            self.model._default_manager.filter(**{self.key: organization}).select_related(*related).order_by("pk")
        )

    def sameness(self, row: Row) -> tuple[object, ...]:
        return tuple(getattr(row, field_of(self.model, name).attname) for name in self.same)

    def likes(self, pair: RecordPair) -> list[tuple[Row, Row | None]]:
        """Return each row of the merged record with its like of the record that stays."""
        own = {self.sameness(row): row for row in self.of(pair.kept.pk)} if self.same else {}
        return [(row, own.get(self.sameness(row)) if self.same else None) for row in self.of(pair.merged.pk)]

    def stays(self, pair: RecordPair, row: Row) -> str:
        """Say why a row without a like stays; empty if it moves."""
        return ""

    def look(self, pair: RecordPair) -> Looked:
        looked = Looked(capfirst(self.model._meta.verbose_name_plural or ""))
        fates: dict[tuple[Fate, str], list[str]] = {}
        for row, like in self.likes(pair):
            fate, why, text = self.fate(pair, row, like)
            fates.setdefault((fate, why), []).append(text)
        for (fate, why), texts in fates.items():
            looked.lines.append(RowFate(fate, self.named(pair, texts), why))
        return looked

    def fate(self, pair: RecordPair, row: Row, like: Row | None) -> tuple[Fate, str, str]:
        if like is not None:
            filled = listed(self.label(name) for name in self.filled(row, like))
            why = _("The record that stays has it already; filled in there: %(fields)s.") % {"fields": filled}
            return Fate.STAYS, why if filled else _("The record that stays has it already."), self.text(row)
        if why := self.stays(pair, row):
            return Fate.STAYS, why, self.text(row)
        return Fate.MOVES, "", self.text(row)

    def text(self, row: Row) -> str:
        return str(row)

    def label(self, name: str) -> str:
        return str(field_of(self.model, name).verbose_name)

    def sees(self, pair: RecordPair) -> bool:
        return not self.hidden or pair.may(permission("view", self.model))

    def named(self, pair: RecordPair, texts: Sequence[str]) -> str:
        if not self.sees(pair):
            return _("%(count)d rows") % {"count": len(texts)}
        more = len(texts) - MOST_NAMED
        named = listed(texts[:MOST_NAMED])
        return _("%(named)s and %(count)d more") % {"named": named, "count": more} if more > 0 else named

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        for row, like in self.likes(pair):
            if like is not None:
                self.fill(row, like)
            elif not self.stays(pair, row):
                self.give(row, pair)

    def give(self, row: Row, pair: RecordPair, **changed: Any) -> None:
        for name, value in changed.items():
            setattr(row, name, value)
        setattr(row, field_of(self.model, self.key).attname, pair.kept.pk)
        row.save(update_fields=[self.key, *changed])

    def filled(self, row: Row, like: Row) -> list[str]:
        """Return the blanks of the like row that can be filled from the row without breaking a rule."""
        names = [n for n in self.fills if getattr(like, n) in (None, "") and getattr(row, n) not in (None, "")]
        if not names:
            return []
        before = {name: getattr(like, name) for name in names}
        try:
            for name in names:
                setattr(like, name, getattr(row, name))
            like.full_clean()
        except ValidationError:
            return []
        finally:
            for name, value in before.items():
                setattr(like, name, value)
        return names

    def fill(self, row: Row, like: Row) -> None:
        if names := self.filled(row, like):
            for name in names:
                setattr(like, name, getattr(row, name))
            like.save(update_fields=names)


@dataclass(frozen=True)
class ChosenRows(Rows):
    """Rows of which a body has one of each kind: where both records have it with other values, a person chooses.

    The row that is not chosen stays with the merged record; if its own was chosen, the two exchange their values.
    """

    values: tuple[str, ...] = ()
    prefix: str = field(default="")

    def conflicts(self, pair: RecordPair) -> list[tuple[Row, Row, Choice]]:
        found = []
        for row, like in self.likes(pair):
            if like is not None and self.contents(row) != self.contents(like):
                found.append((row, like, self.choice(row, like)))
        return found

    def contents(self, row: Row) -> tuple[object, ...]:
        return tuple(getattr(row, name) for name in self.values)

    def choice(self, row: Row, like: Row) -> Choice:
        more = sum(v not in (None, "") for v in self.contents(row)) > sum(
            v not in (None, "") for v in self.contents(like)
        )
        return Choice(
            f"{self.prefix}-{like.pk}-{row.pk}",
            self.heading(row),
            (Option(KEPT, self.text(like)), Option(MERGED, self.text(row))),
            MERGED if more else KEPT,
            _("says more") if more else "",
        )

    def heading(self, row: Row) -> str:
        return str(row)

    def look(self, pair: RecordPair) -> Looked:
        looked = super().look(pair)
        conflicts = self.conflicts(pair)
        if conflicts and not self.sees(pair):
            told = _(
                "Both records have %(kind)s that differ, and your account may not see them: somebody who may merges."
            )
            looked.refusals.append(told % {"kind": self.model._meta.verbose_name_plural})
        else:
            looked.choices = [choice for _row, _like, choice in conflicts]
        return looked

    def fate(self, pair: RecordPair, row: Row, like: Row | None) -> tuple[Fate, str, str]:
        if like is not None and self.contents(row) != self.contents(like):
            return (
                Fate.STAYS,
                _("Both records have one: choose above; the other one stays readable here."),
                self.text(row),
            )
        return super().fate(pair, row, like)

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        for row, like, choice in self.conflicts(pair):
            if choice.value(chosen) == MERGED:
                mine, other = self.contents(like), self.contents(row)
                for target, values in ((like, other), (row, mine)):
                    for name, value in zip(self.values, values, strict=True):
                        setattr(target, name, value)
                    target.save(update_fields=self.values)
        super().move(pair, chosen)
