"""Empties what the history says of persons who are not entered any more, once the period after their end is over."""

import datetime

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from registry.database.personal import MARK, PersonalData, events_of, personal_tables
from registry.erasure import narrow


def clear_history(limit: datetime.datetime) -> int:
    """Empty the events of persons whose row was deleted, or named somebody else, before the limit."""
    count = 0
    for model, data in personal_tables():
        if events := events_of(model):
            pks = ended(model, events, data, limit).values_list("pk", flat=True)
            count += narrow.redact(events, list(pks), data)
    return count


def ended(model: type[Model], events: type[Model], data: PersonalData, limit: datetime.datetime) -> QuerySet[Model]:
    """Return the events of persons whose time at the row ended before the limit."""
    same = {name: OuterRef(name) for name in data.names}
    here = model._base_manager.filter(pk=OuterRef("pgh_obj_id"), **same)
    after = events._base_manager.filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__gt=OuterRef("pgh_id"), pgh_created_at__lt=limit
    ).filter(Q(pgh_label="delete") | ~Q(**same))
    over = Q(Exists(after)) | Q(pgh_label="delete", pgh_created_at__lt=limit)
    said = Q()
    for name in data.fields:
        said |= ~Q(**{f"{name}__in": ["", MARK]})
    return events._base_manager.filter(over, said).exclude(Exists(here)).order_by("pk")


def clear_ended(model: type[Model], data: PersonalData, field: str, limit: datetime.datetime) -> int:
    """Delete the rows whose period ended before the limit, and empty their history."""
    pks = list(model._base_manager.filter(**{f"{field}__lt": localdate(limit)}).values_list("pk", flat=True))
    model._base_manager.filter(pk__in=pks).delete()
    if events := events_of(model):
        narrow.redact(events, list(events._base_manager.filter(pgh_obj_id__in=pks).values_list("pk", flat=True)), data)
    return len(pks)
