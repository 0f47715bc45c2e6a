"""Declares which records hold attachments, and who may open them. Nobody opens any others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.http import HttpRequest

from registry.attachments.models import Attachment
from registry.disclosure.models import Receipt


def _everything(user: User) -> Q:
    return Q()


def _nothing(request: HttpRequest, record: object, receipt: Receipt) -> None:
    pass


@dataclass(frozen=True)
class Holder:
    """A table whose records hold attachments."""

    model: type[models.Model]
    field: str
    """The foreign key, or the field of several, that leads to attachments."""
    permissions: tuple[str, ...]
    """All that an account needs to open them."""
    visible: Callable[[User], Q] = _everything
    """The condition on the records that the account sees at all."""
    opened: Callable[[HttpRequest, Any, Receipt], None] = _nothing
    """Called before the content is sent, for a log of who saw personal data."""
    personal: bool = False
    """Whether the files hold personal data in full."""

    def record(self, attachment: Attachment, user: User) -> models.Model | None:
        """Return the record by which the account may open the attachment."""
        if not user.has_perms(self.permissions):
            return None
        held = Q(**{self.field: attachment.pk})
        return self.model._default_manager.filter(held, self.visible(user)).first()

    def attached(self, record: models.Model) -> models.QuerySet[Attachment]:
        """Return the attachments that the record holds, the first one first."""
        held = self.model._default_manager.filter(pk=record.pk).exclude(**{self.field: None})
        return Attachment.objects.filter(pk__in=held.values(self.field)).select_related("added_by").order_by("pk")

    def opens(self, user: User, record: models.Model) -> bool:
        """Return whether the account may open what this record holds."""
        seen = self.model._default_manager.filter(self.visible(user), pk=record.pk)
        return user.has_perms(self.permissions) and seen.exists()


_holders: list[Holder] = []


def declare(holder: Holder) -> None:
    """Let the records of a table hold attachments; called by the app's `ready()`."""
    _holders.append(holder)


def holder_of(model: type[models.Model]) -> Holder:
    """Return the declaration of a table whose records hold attachments."""
    return next(holder for holder in _holders if holder.model is model)


def find(attachment: Attachment, user: User) -> tuple[Holder, models.Model] | None:
    """Return by which record the account may open the attachment; None if it may not."""
    for holder in _holders:
        if record := holder.record(attachment, user):
            return holder, record
    return None


def may_open(user: User, holder_of: type[models.Model]) -> bool:
    """Return whether the account may open what records of the table hold, if it sees the record."""
    return any(holder.model is holder_of and user.has_perms(holder.permissions) for holder in _holders)
