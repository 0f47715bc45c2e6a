"""A person may take back their own operations of the last 24 hours that were done on a page of the staff."""

import datetime

from pghistory.models import Context

from registry.values.people import Account

HOURS = 24
_OTHERWISE = (
    *("import", "undo_import", "change_council", "undo_change_council"),
    *("merge", "undo_merge", "withdraw", "judge_pair", "proposal", "review"),
)
"""Operations that are taken back on pages of their own, or decided anew."""


def is_undoable(context: Context) -> bool:
    """Return whether it is an operation of the kind that its author may take back for a while."""
    said = context.metadata or {}
    by_page = str(said.get("url", "")).startswith("/admin/")
    return by_page and bool(said.get("user")) and not (said.get("operation") in _OTHERWISE or said.get("token"))


def may_undo(context: Context, user: Account, now: datetime.datetime) -> bool:
    own = (context.metadata or {}).get("user") == user.pk
    return own and is_undoable(context) and context.created_at > now - datetime.timedelta(hours=HOURS)
