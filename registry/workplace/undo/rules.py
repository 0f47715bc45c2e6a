"""A person may take back their own operations of the last 24 hours that were done on a page of the staff."""

import datetime

from pghistory.models import Context

from registry.values.people import Account
from registry.workplace.undo.ways import OPERATIONS

HOURS = 24


def may_undo(context: Context, user: Account, now: datetime.datetime) -> bool:
    said = context.metadata or {}
    if said.get("user") != user.pk or said.get("operation") in OPERATIONS or said.get("token"):
        return False
    by_page = str(said.get("url", "")).startswith("/admin/")
    return by_page and context.created_at > now - datetime.timedelta(hours=HOURS)
