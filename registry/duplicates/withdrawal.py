"""Takes a fresh entry back 撤回录入: what nothing depends on yet is removed; its number is never given again."""

import datetime
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.database.db_errors import integrity_errors_as_conflicts
from registry.duplicates.references import foreign_keys
from registry.duplicates.rights import may_merge
from registry.history.events import row_events
from registry.imports.models import Distinction, ImportRow
from registry.organizations.models.confidential import Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, SectorTag
from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex, SectorIndex
from registry.organizations.models.organizations import Organization
from registry.organizations.models.public_changes import PublicChange
from registry.organizations.models.reach import reaches
from registry.proposals.models import Proposal
from registry.suggestions.models import DismissedSuggestion
from registry.values.people import Account
from registry.values.punctuation import listed

HOURS = 72
"""For so long somebody may withdraw what they have entered themselves."""
_OWN = {
    (Name, "organization"),
    (Identifier, "organization"),
    (SectorTag, "organization"),
    (Qualification, "organization"),
    (Relation, "organization"),
    (Contact, "organization"),
    (DismissedSuggestion, "organization"),
    (Distinction, "organization"),
}
"""Rows that are entered together with a record and removed with it."""
_FOLLOWS = {
    (ImportRow, "organization"),
    (ImportRow, "same_as"),
    (Proposal, "organization"),
    (PublicChange, "organization"),
    *((index, "organization") for index in (OrganizationIndex, SectorIndex, SearchIndex)),
}
"""Rows that triggers keep, or that lose their reference to the record."""


def obstacles(record: Organization, user: Account) -> list[str]:
    """Say why the account may not withdraw the entry; nothing if it may."""
    told = [*_dependants(record)]
    if record.published or PublicChange.objects.filter(organization_id=record.pk).exists():
        told.append(_("It is published, or was published once."))
    return told or [*_not_the_author(record, user)]


def _dependants(record: Organization) -> list[str]:
    found = []
    for model, key in foreign_keys():
        if (model, key) in _OWN | _FOLLOWS:
            continue
        if model._base_manager.filter(**{key: record.pk}).exists():
            found.append(str(model._meta.verbose_name_plural))
    told = _("Something refers to it: %(names)s.") % {"names": listed(dict.fromkeys(found))}
    return [told] if found else []


def _not_the_author(record: Organization, user: Account) -> list[str]:
    """Say why this is not a fresh entry of the account's own; who may merge records needs to be no author."""
    if may_merge(user):
        return []
    if _author(record) != user.pk:
        return [_("Somebody else has entered it: whoever entered it, or a reviewer, withdraws it.")]
    if not _is_fresh(record):
        return [_("It was entered more than %(hours)d hours ago: a reviewer may withdraw it.") % {"hours": HOURS}]
    events = row_events(Organization, "pgh_obj", record.pk)
    parts = [event for model, key in _OWN for event in row_events(model, f"{key}_id", record.pk)]
    if any(event.context.get("user") not in (user.pk, None) for event in [*events, *parts]):
        return [_("Somebody else has worked on it since: a reviewer may withdraw it.")]
    return []


def may_withdraw(record: Organization, user: Account) -> bool:
    """Return whether the account has the rights at all; `obstacles` looks at the record itself."""
    return bool(user.has_perm("registry.add_organization")) and reaches(user, record)


def _is_fresh(record: Organization) -> bool:
    return timezone.now() - record.created_at <= datetime.timedelta(hours=HOURS)


def is_offered(record: Organization, user: Account) -> bool:
    """Return whether a page offers to withdraw the record: `obstacles` asks more than who entered it, and when."""
    if record.published or not may_withdraw(record, user):
        return False
    return may_merge(user) or (_is_fresh(record) and _author(record) == user.pk)


def _author(record: Organization) -> int | None:
    """Return the id of the account that entered the record, from its first event."""
    events: Any = Organization.pgh_event_model.objects  # type: ignore[attr-defined]
    said = events.filter(pgh_obj=record.pk).order_by("pgh_id").values_list("pgh_context__metadata", flat=True).first()
    return (said or {}).get("user")


def withdraw(pk: int, user: Account) -> str:
    """Remove the entry with what was entered with it; return its number. Raises ValidationError."""
    said = {"operation": "withdraw", "user": user.pk}
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(**said):
        record = Organization.objects.select_for_update(of=("self",)).get(pk=pk)
        if not may_withdraw(record, user):
            raise PermissionDenied(_("Your account may not withdraw this entry."))
        if told := obstacles(record, user):
            raise ValidationError(told)
        number = record.registry_no
        record.delete()
    return number
