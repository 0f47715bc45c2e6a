"""A person may take back their own operations of the last 24 hours that were done on a page of the staff."""

import datetime

from pghistory.models import Context

from registry.values.people import Account

HOURS = 24
_OTHERWISE = (
    *("import", "undo_import", "change_council", "undo_change_council", "correct_decision"),
    *("merge", "undo_merge", "withdraw", "judge_pair", "proposal", "review"),
)
"""Operations that are taken back on pages of their own, or decided anew."""


def may_undo(context: Context, user: Account, now: datetime.datetime) -> bool:
    said = context.metadata or {}
    if said.get("user") != user.pk or said.get("operation") in _OTHERWISE or said.get("token"):
        return False
    by_page = str(said.get("url", "")).startswith("/admin/")
    return by_page and context.created_at > now - datetime.timedelta(hours=HOURS)
