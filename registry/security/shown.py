"""Says in words what a security event tells beside its kind."""

import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from registry.accounts.log import permissions_by_records, worded
from registry.accounts.roles import role_labels
from registry.disclosure.models import Disclosure, reason_label
from registry.erasure.models import Ground
from registry.values.punctuation import clauses, labelled, listed

_LABELS = {
    "reason": gettext_noop("reason"),
    "what": gettext_noop("what"),
    "records": gettext_noop("records"),
    "key": gettext_noop("token"),
    "scope": gettext_noop("scope"),
    "days": gettext_noop("days"),
    "label": gettext_noop("label"),
    "from_address": gettext_noop("from the address"),
    "left": gettext_noop("codes left"),
    "codes": gettext_noop("codes"),
    "factor": gettext_noop("second factor"),
    "taken_at": gettext_noop("backup of"),
    "version": gettext_noop("version"),
    "claim": gettext_noop("name there"),
    "erasure": gettext_noop("erasure"),
    "ground": gettext_noop("ground"),
    "given": gettext_noop("roles given"),
    "taken": gettext_noop("roles taken"),
    "granted": gettext_noop("permissions given"),
    "revoked": gettext_noop("permissions taken"),
    "command": gettext_noop("command"),
    "program": gettext_noop("program"),
    "database_role": gettext_noop("role in the database"),
}
_FLAGS = {
    "idle": gettext_noop("after a long time without a click"),
    "ignored": gettext_noop("ignored, log-in was closed"),
    "replaced": gettext_noop("in place of an earlier one"),
    "sign_in": gettext_noop("signed in by another system"),
    "superuser": gettext_noop("as a superuser"),
    "no_superuser": gettext_noop("no superuser any more"),
    "deleted": gettext_noop("row of the account deleted"),
}
"""Details that have no value to show: that they are there says it."""
_VALUES = {
    "app": gettext_noop("code of the app"),
    "recovery": gettext_noop("recovery code"),
    "set up": gettext_noop("set up at this log-in"),
    "wrong": gettext_noop("wrong code"),
}


def told(details: dict[str, Any], change_message: str | None = None) -> str:
    """Return what an event tells: its own details, or what the entry in the log of accounts says."""
    if change_message:
        try:
            return worded(json.loads(change_message))
        except ValueError:  # an entry that Django wrote, before there was this log
            return change_message
    parts = [
        _(_FLAGS[name]) if name in _FLAGS else labelled(_(_LABELS.get(name, name)), _value(name, value))
        for name, value in details.items()
    ]
    return clauses(parts)


def _value(name: str, value: object) -> str:
    if name in ("given", "taken") and isinstance(value, list):
        return role_labels(value)
    if name == "reason":
        return reason_label(str(value))
    if name == "ground":
        return str(dict(Ground.choices).get(str(value), value))
    if name == "what":
        return str(dict(Disclosure.What.choices).get(str(value), value))
    if isinstance(value, list) and name in ("granted", "revoked"):
        value = permissions_by_records(map(str, value))
    if isinstance(value, list):
        return listed(map(str, value))
    return _(_VALUES[value]) if isinstance(value, str) and value in _VALUES else str(value)
