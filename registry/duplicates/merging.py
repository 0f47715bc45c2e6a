"""Merges one record into another in one transaction, and shows before what would happen."""

import datetime
import hashlib
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.duplicates import fields, references
from registry.duplicates.models import Merger
from registry.duplicates.pairs import Choice, Chosen, Looked, RecordPair
from registry.duplicates.rights import lacking, require_judging
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.values.validators import uscc_check_character_ok

UNDO_DAYS = 30
"""For so many days a merger can be undone."""


@dataclass(frozen=True)
class Preview:
    """The effects of a merger: the fields that differ, the parts that move, and the reasons against it."""

    pair: RecordPair
    fields: list[tuple[tuple[str, ...], Choice]] = field(default_factory=list)
    names: list[Choice] = field(default_factory=list)
    parts: list[Looked] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """Why the two cannot be merged as they are."""
    lacking: list[str] = field(default_factory=list)
    """Why this account does not merge them."""
    warnings: list[str] = field(default_factory=list)
    """Facts that should make a person look twice, and have to be confirmed."""

    @cached_property
    def seen(self) -> str:
        """Return a digest of everything that belongs to the two records: what the person has seen."""
        return _digest(self.pair)

    @property
    def possible(self) -> bool:
        return not self.refusals and not self.lacking


def preview(pair: RecordPair) -> Preview:
    """Say what merging would do. It writes nothing."""
    shown = Preview(pair, list(fields.differing(pair)), [choice for _name, choice in fields.name_choices(pair)])
    shown.refusals.extend(_refusals(pair))
    shown.lacking.extend(lacking(pair))
    shown.warnings.extend(_warnings(pair))
    for part in references.parts():
        looked = part.look(pair)
        shown.refusals.extend(looked.refusals)
        if looked.says:
            shown.parts.append(looked)
    for name in references.undeclared(pair):
        told = _("It has rows in a table of which nobody has said how it moves: %(table)s. Tell your administrator.")
        shown.refusals.append(told % {"table": name})
    return shown


def _refusals(pair: RecordPair) -> list[str]:
    told = []
    if pair.kept.pk == pair.merged.pk:
        told.append(_("A record cannot be merged into itself."))
    for record in (pair.merged, pair.kept):
        if record.registration_status == RegistrationStatus.MERGED:
            said = _("%(name)s (%(number)s) was merged into another record already.")
            told.append(said % {"name": record, "number": record.registry_no})
    return told


def _warnings(pair: RecordPair) -> list[str]:
    kept, merged = pair.kept, pair.merged
    told = []
    if kept.uscc and merged.uscc and kept.uscc != merged.uscc:
        sound = [code for code in (kept.uscc, merged.uscc) if uscc_check_character_ok(code)]
        told.append(
            _("Both have a USCC, and the two differ, with check characters that are right: these look like two bodies.")
            if len(sound) == 2
            else _("Both have a USCC, and the two differ: the one that is not chosen stays with the merged record.")
        )
    if kept.kind != merged.kind:
        told.append(_("They are of different kinds: %(one)s and %(other)s.") % _kinds(pair))
    if merged.published and not kept.published:
        told.append(
            _(
                "The merged record is published and the one that stays is not: the public sees neither, unless you "
                "choose the published state of the merged one."
            )
        )
    return told


def _kinds(pair: RecordPair) -> dict[str, str]:
    return {"one": pair.kept.get_kind_display(), "other": pair.merged.get_kind_display()}


def _digest(pair: RecordPair) -> str:
    """Digest the two records and all rows that refer to them."""
    digest = hashlib.sha256(f"{pair.kept.pk}:{pair.merged.pk}".encode())
    sets: list[models.QuerySet[models.Model]] = [Organization._base_manager.filter(pk__in=pair.ids)]
    for part in references.parts():
        sets += [model._base_manager.filter(**{f"{key}__in": pair.ids}) for model, key in part.keys]
        sets += part.rows(pair)
    for rows in sets:
        digest.update(f"{rows.model._meta.label}\n".encode())
        names = [one.attname for one in rows.model._meta.local_concrete_fields if one.name != "updated_at"]
        for row in rows.order_by("pk").values_list(*names):
            digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()[:32]


def merge(pair: RecordPair, chosen: Chosen, *, seen: str, confirmed: bool = False) -> Merger:
    """Merge as the preview said; `seen` is its digest, so that nothing happens that nobody has looked at.

    Raises ValidationError, Conflict where the records have changed since, and PermissionDenied.
    """
    said: dict[str, Any] = {"operation": "merge", "two_persons": None}
    if pair.user is not None:
        require_judging(pair.user, pair.kept, pair.merged)
        said["user"] = pair.user.pk
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(**said) as context:
        pair = _locked(pair)
        before = preview(pair)
        if before.seen != seen:
            told = _(
                "One of the two has changed since you opened this page, so nothing was merged: look at it once more."
            )
            raise Conflict(told, code="conflict")
        if before.lacking:
            raise PermissionDenied(" ".join(before.lacking))
        if before.refusals:
            raise ValidationError(before.refusals)
        if before.warnings and not confirmed:
            raise ValidationError(_("Confirm first what is told in red."))
        _carry_out(pair, chosen)
        return Merger.objects.create(  # type: ignore[misc]
            merged=pair.merged, kept=pair.kept, history_context=context.id, merged_by=pair.user
        )


def _locked(pair: RecordPair) -> RecordPair:
    rows = Organization.objects.select_for_update(of=("self",)).filter(pk__in=pair.ids).order_by("pk")
    records = {record.pk: record for record in rows.select_related("township", "zone", "verified_by")}
    if len(records) != 2:
        raise Conflict(_("One of the two records does not exist any more."), code="conflict")
    locked = RecordPair(records[pair.kept.pk], records[pair.merged.pk], pair.user)
    if pair.user is not None:
        require_judging(pair.user, locked.kept, locked.merged)
    return locked


def _carry_out(pair: RecordPair, chosen: Chosen) -> None:
    for part in references.parts():
        part.move(pair, chosen)
    pair.kept.refresh_from_db(fields=["successor"])
    was = fields.names_of(pair.kept)
    changed = fields.put(pair, chosen)
    merged = pair.merged
    gone = {"registration_status": RegistrationStatus.MERGED, "successor": pair.kept}
    if "uscc" in changed and merged.uscc:
        gone |= {"uscc": None, "uscc_override_reason": ""}
    Organization.objects.filter(pk=merged.pk).update(**gone)
    if changed:
        names = [one.name for one in Organization._meta.concrete_fields]
        pair.kept.full_clean(exclude=[name for name in names if name not in changed])
        pair.kept.save(update_fields=[*changed, *(["pinyin"] if "name_zh" in changed else [])])
    fields.keep_names(pair, was, chosen)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def undoable_until(merger: Merger) -> datetime.datetime:
    return merger.merged_at + datetime.timedelta(days=UNDO_DAYS)


def is_undoable(merger: Merger) -> bool:
    return merger.undone_at is None and timezone.now() < undoable_until(merger)
