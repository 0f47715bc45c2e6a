"""Undoes a merger from the history: everything that it wrote goes back, or nothing does."""

from collections.abc import Iterator
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.database.db_errors import integrity_errors_as_conflicts
from registry.duplicates.merging import UNDO_DAYS, is_undoable
from registry.duplicates.models import Merger
from registry.duplicates.rights import may_merge, require_judging
from registry.imports.models import Distinction
from registry.imports.undo.outcome import Reversal, kind_name, words_of
from registry.imports.undo.undo import take_back
from registry.organizations.models.organizations import Organization
from registry.values.people import Account
from registry.values.punctuation import labelled


def undo(pk: int, user: Account | None = None, *, apply: bool = True) -> Reversal:
    """Undo the merger, or with `apply=False` only try; return what goes back.

    Raises ValidationError with the names of what depends on the merger since, and PermissionDenied.
    """
    said: dict[str, Any] = {"operation": "undo_merge", "two_persons": None}
    if user is not None:
        said["user"] = user.pk
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(**said):
        merger = Merger.objects.select_for_update(of=("self",)).select_related("kept", "merged").get(pk=pk)
        _check(merger, user)
        outcome = Reversal()
        take_back(outcome, merger.history_context, also=(Distinction,))
        if stays := list(_stays(outcome, user)):
            raise ValidationError([_("Not undone, because something depends on the merger since:"), *stays])
        outcome.done = apply
        if apply:
            Merger.objects.filter(pk=pk).update(undone_at=Now(), undone_by=user)
        else:
            transaction.set_rollback(True)
    return outcome


def _check(merger: Merger, user: Account | None) -> None:
    if user is not None:
        require_judging(user, merger.kept, merger.merged)
        if not may_merge(user):
            raise PermissionDenied(_("Your account may not merge records, nor undo it."))
    if merger.undone_at:
        raise ValidationError(_("This merger has been undone already."))
    if not is_undoable(merger):
        raise ValidationError(_("A merger can be undone for %(days)d days; this one is older.") % {"days": UNDO_DAYS})
    later = Merger.objects.filter(merged=merger.kept, undone_at=None).select_related("kept").first()
    if later:
        told = _("%(kept)s was merged into %(next)s since: undo that merger first.")
        raise ValidationError(told % {"kept": merger.kept, "next": later.kept})


def _stays(outcome: Reversal, user: Account | None) -> Iterator[str]:
    """Yield what cannot go back, in words."""
    for table in outcome.tables:
        about = Organization.objects.in_bulk({stay.organization for stay in table.stays if stay.organization})
        for stay in table.stays:
            name = about.get(stay.organization or 0, "")
            yield labelled(f"{capfirst(kind_name(table.model))} {name}", words_of(stay, user))
