"""Closes accounts that nobody has used for long: their owners open nothing by them any more, and others might.

They are closed, never deleted; an administrator of accounts opens them again. The last administrator stays.
"""

import datetime

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from registry.accounts.actions import locked
from registry.accounts.log import record
from registry.accounts.rights import administrators, is_last_administrator
from registry.api.access.tokens import ApiToken

WARNED = datetime.timedelta(days=14)
"""How long before it is closed an account is on the list of those that will be."""


def close_unused(limit: datetime.datetime) -> int:
    """Close the open accounts that were not used since the limit."""
    count = 0
    for pk in unused_since(limit).values_list("pk", flat=True):
        account = locked(pk)
        if account.is_active and not is_last_administrator(account):
            account.is_active = False
            account.save(update_fields=["is_active"])
            record(account, account, "unused")
            count += 1
    return count


def unused_since(limit: datetime.datetime) -> QuerySet[User]:
    """Return the open accounts without a log-in, a request by a token or a change by an administrator since then."""
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=Cast(OuterRef("pk"), CharField())
    )
    changed = about.order_by().values("object_id").annotate(last=Max("action_time")).values("last")
    tokens = ApiToken.objects.filter(user=OuterRef("pk")).order_by().values("user")
    used = tokens.annotate(last=Max("last_used_at")).values("last")
    sources = ("last_login", Subquery(changed), Subquery(used))
    last = Greatest("date_joined", *(Coalesce(one, "date_joined") for one in sources))
    return User.objects.filter(is_active=True).alias(used_at=last).filter(used_at__lt=limit)


def closed_soon() -> QuerySet[User]:
    """Return the accounts that will be closed within two weeks, if nobody uses them."""
    days = settings.KEEP_DAYS["unused_accounts"]
    if not days:
        return User.objects.none()
    soon = unused_since(timezone.now() - datetime.timedelta(days=days) + WARNED)
    keepers = administrators()
    return soon.exclude(pk__in=keepers) if len(keepers) == 1 else soon
